#ifndef WITNESS_H_
#define WITNESS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/org.h"
#include "keten/v1/facts.pb-c.h"
#include "keten/v1/session.pb-c.h"
#include "keten/v1/statement.pb-c.h"
#include "sdk/certs.h"
#include "trust/leaf.h"
#include "wire/arena.h"
#include "wire/envelope.h"

/*
 * witness -- check what the broker shows against what can be computed.
 *
 * A record is believed when its leaf is that of its salt, envelope hash and
 * facts; a statement when its envelope has that hash and a certified key of
 * the partner signed it.  Everything here is pure; ${what} is a constant Dutch
 * text for the alarm.
 */
struct witnessed {
	uint64_t index;
	int64_t time_ms;
	enum leaf_kind kind;
	uint8_t leaf_hash[32];
	uint8_t envelope_hash[32];
	Keten__V1__Facts *facts;
	Keten__V1__RouteFacts *route; /* NULL: not for us */
};

struct said {
	struct envelope env;
	Keten__V1__Statement *st;
	struct org partner;
	struct org device;
};

/**
 * witness_record(a, r, w, what):
 * Recompute the leaf of ${r} and read its facts into ${w}, valid as long as
 * the memory of ${a}.  ERR_DIGEST if something is not what it says it is,
 * ERR_MALFORMED, ERR_NOMEM.
 */
MUST_CHECK enum err witness_record(struct arena *a,
    const Keten__V1__Record *r, struct witnessed *w, const char **what);

/**
 * witness_erased(r, w):
 * Tell whether ${r} is the place of a record that was erased: its leaf and
 * nothing else.  Then index, time, kind and leaf hash of ${w} are filled in;
 * there are no facts.
 */
bool witness_erased(const Keten__V1__Record *r, struct witnessed *w);

/**
 * witness_statement(a, c, origin, envelope, w, said, what):
 * Check that ${envelope} is the one of the record ${w}, was signed for
 * ${origin} by a certified device, and fits the facts; read it into ${said}.
 * ERR_NOT_FOUND if no certificate with that key is known: ask for those of
 * ${said}->partner, which is filled in, and try again.  With ${c} NULL the
 * envelope is our own, and its signature is not looked at.
 */
MUST_CHECK enum err witness_statement(struct arena *a, const struct certs *c,
    const char *origin, struct slice envelope, const struct witnessed *w,
    struct said *said, const char **what);

/**
 * witness_change(w, id):
 * Return the change to the referral ${id} in ${w}, or NULL.
 */
const Keten__V1__Change *witness_change(const struct witnessed *w,
    const struct refid *id);

/**
 * witness_who(w, id):
 * Return the names in the change to ${id}, or NULL if they are not for us.
 */
const Keten__V1__RouteChange *witness_who(const struct witnessed *w,
    const struct refid *id);

/**
 * witness_offer(w, id, number, self, blind):
 * Check that the commitment to offer ${number} in ${w} is to ${self}.  ERR_OK
 * also if the facts do not hold that commitment; ERR_DIGEST.
 */
MUST_CHECK enum err witness_offer(const struct witnessed *w,
    const struct refid *id, uint32_t number, const struct org *self,
    struct slice blind);

#endif /* !WITNESS_H_ */
