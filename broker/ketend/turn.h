#ifndef TURN_H_
#define TURN_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "core/checkpoint.h"
#include "core/decide.h"
#include "core/keyring.h"
#include "core/record.h"
#include "core/store.h"
#include "ketend/session.h"
#include "ketend/witnesses.h"
#include "keten/v1/session.pb-c.h"
#include "keten/v1/statement.pb-c.h"
#include "wire/arena.h"
#include "wire/content.h"
#include "wire/envelope.h"
#include "wire/frame.h"

/*
 * turn -- everything that belongs to one turn of the broker, and to no other.
 *
 * A turn reads what is there (at most TURN_MESSAGES or TURN_BYTES), decides
 * it, writes it down in one transaction, and then answers.  What the stages
 * leave for each other stands in struct message: each stage fills in its own
 * block and only reads those above it.
 *
 * All memory of a turn comes from five arenas, made at start:
 *   in     the messages, decoded; a message is read only while the largest
 *          one there can be would still fit
 *   ahead  the same for those that are looked at before their turn (ahead.h);
 *          it is `in` then
 *   work   one decision; empty again after each
 *   out    what was recorded, until it is delivered
 *   pack   one message to be sent, or one record read to make it
 */
#define TURN_MESSAGES 1024
#define TURN_BYTES ((size_t)4 * 1024 * 1024)
#define TURN_MADE 2048
#define TURN_MARKS 16384
#define TURN_COSIGNED 16

#define TURN_IN ((size_t)16 * 1024 * 1024)
#define TURN_WORK ((size_t)24 * 1024 * 1024)
#define TURN_OUT ((size_t)16 * 1024 * 1024)
#define TURN_PACK ((size_t)8 * 1024 * 1024)

/* The most that decoding one message can take: the limits of the pre-scans of
 * session, envelope, statement and content, and what is copied beside them. */
#define TURN_MESSAGE_MAX ((size_t)2560 * 1024)
/* A record may take this much of `out`; with less left the turn is full. */
#define TURN_RECORD_MAX ((size_t)512 * 1024)

struct message {
	/* wire: what came, and from whom */
	struct frame frame;
	struct session *session; /* NULL: gone since */
	bool is_known;		 /* the gate lets it in */

	/* ahead: whether decode was before its turn, and the signature */
	bool is_ahead;	 /* in the arena `ahead` */
	bool is_decoded; /* in the arena `in` */
	const struct keyring_device *by; /* with whose key; NULL: not done */
	enum err signed_err;

	/* decode: what it is; err and rule if it is nothing */
	enum err err;
	const char *rule;
	Keten__V1__ToBroker *to;
	struct slice signed_bytes; /* the envelope as received */
	struct envelope envelope;
	Keten__V1__Statement *st;
	Keten__V1__Ack *ack;
	uint8_t body_hash[32];
	struct content content;
	enum err content_err;
	const char *content_rule;

	/* validate: may it be decided; if not, err and rule again */
	const struct keyring_device *key;
	uint64_t expected; /* the number that is free; 0: not known */
	bool is_repeat;
	uint64_t repeat_index;

	/* decide: the record it became */
	bool is_done;	  /* nothing is left to do but to answer */
	bool is_internal; /* its decision could not be written down */
	enum err late;	  /* refused here, without a record */
	const char *late_rule;
	bool is_late_repeat;
	size_t made;	  /* place in turn.made, + 1; 0: no record */
	Keten__V1__ReportAnswer *report; /* the part of one that it gets */
};

/* Somebody who may need wraps because of a record. */
struct wants {
	struct refid referral;
	struct org who;
	bool note_only; /* a candidate */
	bool again; /* for a right that it has already */
	bool poke; /* it got some: go on with what is left */
};

/* What hides the receiver of an offer. */
struct blind {
	struct refid referral;
	uint32_t offer;
	uint8_t b[16];
};

/* A record of this turn. */
struct made {
	struct record_out out;
	struct slice envelope;
	const struct content *content; /* the parts it brought; see fresh.h */
	size_t n_blinds;
	struct blind *blinds;
	bool sees_route; /* the sender may see the route facts */
	enum err err;	 /* of a refusal */
	const char *rule;
	uint32_t current_version;
	const char *call;
	size_t n_wants;
	struct wants *wants;
};

/* A delivery of this turn: that mailbox has one more. */
struct mark {
	struct org partner;
	struct org mailbox;
	uint64_t seq;
};

struct turn {
	int64_t now_ms;	 /* the clock */
	int64_t mono_ms;
	int64_t leaf_ms; /* of the newest leaf; never goes back */
	struct txn *txn;
	struct arena *in;
	struct arena *ahead;
	struct arena *work;
	struct arena *out;
	struct arena *pack;
	size_t n;
	struct message *message; /* TURN_MESSAGES */
	size_t n_made;
	struct made *made; /* TURN_MADE */
	size_t n_marks;
	struct mark *mark; /* TURN_MARKS */
	bool all_told; /* any mailbox may have more, marked or not */
	bool has_checkpoint; /* signed meanwhile, to be written down */
	struct checkpoint checkpoint;
	size_t n_cosigned; /* witnesses' signatures that came meanwhile */
	struct cosigned cosigned[TURN_COSIGNED];
	bool has_written;
	bool has_erased;
	bool keys_changed;
	struct org keys_of; /* whose sealing keys; the empty one: nobody's */
	bool policy_changed;
};

/**
 * turn_new():
 * Return a turn with all its memory, or NULL.  The caller must call
 * turn_free().
 */
struct turn *turn_new(void);

/**
 * turn_reset(t):
 * Get ready for the next turn: forget everything but the time of the newest
 * leaf, and the messages that were read but not done with, which come first in
 * it.  What is decoded ahead stays so.  No transaction may be open.
 */
void turn_reset(struct turn *t);

/**
 * turn_has_left(t):
 * Tell whether there are messages that were read but not done with.
 */
bool turn_has_left(const struct turn *t);

/**
 * turn_undo(t):
 * Forget the records and what each message became, but keep the messages:
 * the transaction was aborted and they are decided again.
 */
void turn_undo(struct turn *t);

/**
 * turn_has_room(t):
 * Tell whether one more record fits.
 */
bool turn_has_room(const struct turn *t);

/**
 * turn_find(t, index):
 * Return the record ${index} if this turn made it, else NULL.
 */
const struct made *turn_find(const struct turn *t, uint64_t index);

/**
 * turn_free(t):
 * Free ${t}.  turn_free(NULL) does nothing.
 */
void turn_free(struct turn *t);

#endif /* !TURN_H_ */
