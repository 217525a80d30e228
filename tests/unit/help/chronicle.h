#ifndef CHRONICLE_H_
#define CHRONICLE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/checkpoint.h"
#include "core/decide.h"
#include "core/keyring.h"
#include "core/look.h"
#include "core/store.h"
#include "trust/seal.h"
#include "wire/envelope.h"

/*
 * chronicle -- a real little log, for the tests of those who read one.
 *
 * What a broker does, without sockets: partners with certified keys sign
 * statements, decide decides them, the store keeps them, checkpoints are
 * signed.  Nothing here is checked that a broker would check; what goes wrong
 * ends the process.
 */
#define CHRONICLE_WHO 5  /* the cast of chronicle_new() */
#define CHRONICLE_ALL 11 /* everybody who may speak */
#define CHRONICLE_SEALED 3 /* a note; a person part of a signal, a request */
#define CHRONICLE_ORIGIN "keten.voorbeeld.nl/demo"

/* The cast: index into who[]. */
enum chronicle_cast {
	LWDB, WELZIJN, MANTELZORG, THUISZORG, GEMEENTE,
	CORPORATIE, V_OOST, V_WEST, V_ZUID, ZORG_Z, VRIJWILLIGERS
};

struct chronicle_who {
	struct org org;
	struct signer *identity;
	struct signer *sign;
	struct seal_key seal;
	char seal_id[SEAL_KEY_ID];
	uint8_t lane[8];
	uint64_t number;
};

struct chronicle {
	char dir[64];	/* the store */
	char guard[80];
	struct store *st;
	struct txn *t; /* the turn, while one is open */
	struct arena *a;
	struct arena *work;
	struct policy *policy;
	struct signer *introducer;
	struct signer *log;
	struct keyring *keys;
	struct look look;
	struct checkpointer *cp;
	struct checkpoint point; /* newest; size 0: none */
	int64_t now_ms;
	char vkey[NOTE_VKEY_MAX];
	char introducer_hex[65];
	struct chronicle_who who[CHRONICLE_ALL];
	size_t n_who;
	uint64_t n; /* records so far */
	uint64_t per_turn; /* records that are committed together */
	uint64_t in_turn;
	int64_t pace_ms; /* from one record to the next */
	struct seal_made *sealed; /* CHRONICLE_SEALED for each sender, if kept */
	const char *rule; /* of the last refusal, until the next statement */

	/* For lies: change what was decided before it is written down. */
	void (*lie)(Keten__V1__Facts *f, Keten__V1__RouteFacts *rf);
	/* Write it down though it does not follow: the views do not have it. */
	bool lies_anyway;
	bool use_batch; /* sign as one of a batch of three */
	bool bad_content; /* say that the content does not fit */
	bool bad_signature; /* spoil it after signing */
	bool bad_seen_leaf; /* say that another record was seen */
	struct signer *other_signer; /* sign with this key instead */
	/* Change what a partner says before it signs. */
	void (*twist)(Keten__V1__Statement *st);
	/* The signature stays, but of other bytes: the same statement written
	 * in another way, or as another kind. */
	bool is_rewritten;
	bool is_other_kind;
	size_t n_no_keys; /* KEY records that are none */
	bool bad_running; /* acknowledge another running hash */
};

/**
 * chronicle_new():
 * Begin a log in a folder of its own: the demonstration policy, a device and a
 * sealing key for each of the cast.  Free it with chronicle_free(), which
 * leaves the folder.
 */
struct chronicle *chronicle_new(void);
void chronicle_free(struct chronicle *c);

/**
 * chronicle_new_large(dir, per_turn):
 * Begin a log in the new folder ${dir} in which many records will stand:
 * everybody takes part, ${per_turn} records are committed together (end with
 * chronicle_commit()), and each sender seals its texts once: the bytes and what
 * is signed about them are right, but nobody can open them.
 */
struct chronicle *chronicle_new_large(const char *dir, uint64_t per_turn);

/**
 * chronicle_commit(c):
 * Commit what has been written.
 */
void chronicle_commit(struct chronicle *c);

/**
 * chronicle_remove(dir):
 * Remove a folder with a store.
 */
void chronicle_remove(const char *dir);

/**
 * chronicle_copy(dir, to):
 * Copy the store in ${dir} to a new folder, whose name goes to ${to}.
 */
void chronicle_copy(const char *dir, char to[64]);

/**
 * chronicle_submit(c, from, code, id):
 * Let ${from} submit a signal with a note and a person part; its id goes to
 * ${id}.  Return what became of it.
 */
enum err chronicle_submit(struct chronicle *c, enum chronicle_cast from,
    const char *code, struct refid *id);

/**
 * chronicle_submit_as(c, from, code, area, urgency, id):
 * The same for that area, with that urgency.
 */
enum err chronicle_submit_as(struct chronicle *c, enum chronicle_cast from,
    const char *code, const char *area, Keten__V1__Urgency urgency,
    struct refid *id);

/**
 * chronicle_say(c, who, id, event, code):
 * Let ${who} give a command about ${id} as it stands now: the version or its
 * offer are filled in.  ${code} is the reason or outcome, or NULL.
 */
enum err chronicle_say(struct chronicle *c, enum chronicle_cast who,
    const struct refid *id, Keten__V1__Event event, const char *code);

/**
 * chronicle_ask(c, who, id, kind, reason, until_ms), chronicle_erased(c, who,
 *     id, index):
 * Let ${who} ask to erase, to retain or no longer to (kinds of envelope);
 * confirm that it erased what record ${index} says.
 */
enum err chronicle_ask(struct chronicle *c, enum chronicle_cast who,
    const struct refid *id, enum envelope_kind kind, const char *reason,
    int64_t until_ms);
enum err chronicle_erased(struct chronicle *c, enum chronicle_cast who,
    const struct refid *id, uint64_t index);

/**
 * chronicle_offers(c, who, service, status), chronicle_missing(c, who, code):
 * Let ${who} say in the catalogue that it offers ${service}; that nobody in
 * WK085501 does.
 */
enum err chronicle_offers(struct chronicle *c, enum chronicle_cast who,
    const char *service, const char *status);
enum err chronicle_missing(struct chronicle *c, enum chronicle_cast who,
    const char *code);

/**
 * chronicle_say_stale(c, who, id, event):
 * The same with a version that is long past.
 */
enum err chronicle_say_stale(struct chronicle *c, enum chronicle_cast who,
    const struct refid *id, Keten__V1__Event event);

/**
 * chronicle_rewrap(c, from, to, id, record):
 * Let ${from} wrap the person part that ${record} brought for ${to}.
 */
enum err chronicle_rewrap(struct chronicle *c, enum chronicle_cast from,
    enum chronicle_cast to, const struct refid *id, uint64_t record);

/**
 * chronicle_rotate(c, who, by):
 * Give the device of ${who} a new signing key; the certificate is signed by
 * ${by}, or by its own identity key if that is NULL.  The old signer is the
 * caller's from then on, returned.
 */
struct signer *chronicle_rotate(struct chronicle *c, enum chronicle_cast who,
    const struct signer *by);

/**
 * chronicle_device(c, who, serial, key, by):
 * Write down a certificate for the device of ${who} with this serial and this
 * signing key, whatever they are; signed by ${by}, or by its own identity key
 * if that is NULL.
 */
void chronicle_device(struct chronicle *c, enum chronicle_cast who,
    uint64_t serial, const uint8_t key[32], const struct signer *by);

/**
 * chronicle_sealing(c, who, by):
 * The same with its sealing key, under the next serial.
 */
void chronicle_sealing(struct chronicle *c, enum chronicle_cast who,
    const struct signer *by);

/**
 * chronicle_revoke(c, who, serial):
 * Let ${who} end that certificate of its device.
 */
void chronicle_revoke(struct chronicle *c, enum chronicle_cast who,
    uint64_t serial);

/**
 * chronicle_ack(c, who):
 * Let ${who} acknowledge all it got.
 */
void chronicle_ack(struct chronicle *c, enum chronicle_cast who);

/**
 * chronicle_referral(c, id, r):
 * Copy how the referral ${id} is now to ${r}.
 */
void chronicle_referral(struct chronicle *c, const struct refid *id,
    struct referral *r);

/**
 * chronicle_is_due(c):
 * Tell whether a term has passed by the clock of ${c}.
 */
bool chronicle_is_due(struct chronicle *c);

/**
 * chronicle_fire(c):
 * Let the next term pass: move the clock there and decide it.
 */
void chronicle_fire(struct chronicle *c);

/**
 * chronicle_policy(c, old, new):
 * Let a policy come into force: the demonstration's, with ${old} made ${new}.
 */
void chronicle_policy(struct chronicle *c, const char *old, const char *new);

/**
 * chronicle_succeed(c, id, old):
 * The place of ${old}, who ended, in the referral ${id} passes.
 */
void chronicle_succeed(struct chronicle *c, const struct refid *id,
    enum chronicle_cast old);

/**
 * chronicle_restart(c, gap_ms):
 * The broker was away for so long.
 */
void chronicle_restart(struct chronicle *c, int64_t gap_ms);

/**
 * chronicle_tick(c):
 * The broker's clock.
 */
void chronicle_tick(struct chronicle *c);

/**
 * chronicle_publish(c):
 * Sign and publish a checkpoint; statements carry it from then on.
 */
void chronicle_publish(struct chronicle *c);

/**
 * chronicle_story(c, last):
 * A little of everything, some sixty records, published at the end.  One
 * referral of it goes to ${last} (may be NULL).
 */
void chronicle_story(struct chronicle *c, struct refid *last);

#endif /* !CHRONICLE_H_ */
