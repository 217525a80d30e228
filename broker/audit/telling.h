#ifndef TELLING_H_
#define TELLING_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"
#include "core/record.h"
#include "keten/v1/keys.pb-c.h"
#include "keten/v1/statement.pb-c.h"
#include "life/calendar.h"
#include "wire/arena.h"
#include "wire/envelope.h"

/*
 * telling -- one record in words: who did what, when, to which referral.
 *
 * What exports, access reports, cases and samples say about a record they say
 * through here, so that they say the same.  Everything comes from the bytes
 * that the leaf commits to, nothing from the broker's tables.
 */
#define TELLING_WHAT 400

struct telling {
	uint64_t index;
	int64_t time_ms; /* the broker's clock */
	enum leaf_kind kind;
	uint8_t leaf_hash[32];
	const Keten__V1__Facts *facts;
	const Keten__V1__RouteFacts *route; /* NULL: none */
	bool has_envelope;
	struct envelope env;
	const Keten__V1__Statement *st;	   /* NULL: not a statement */
	const Keten__V1__Ack *ack;	   /* NULL: not an ACK */
	const Keten__V1__KeyStatement *ks; /* NULL: not a certificate */
	struct refid referral;		   /* it is about; none: all zeros */
	const Keten__V1__Change *change;   /* to that one; or NULL */
	const char *partner;		   /* "": the broker itself */
	const char *device;
	const char *actor;  /* the function or staff number it gave; or "" */
	int64_t made_ms;    /* the sender's clock; 0: none */
	const char *event;  /* "SUBMIT", "ACK", "KEY", ... */
	const char *reason; /* a code, or "" */
	const char *refused; /* the error's name, or "" */
	char what[TELLING_WHAT]; /* in Dutch */
};

/**
 * telling_of(rec, a, t):
 * Say what stands in ${rec} in ${t}, which lives in ${a}.  ERR_CORRUPT if its
 * facts cannot be read, ERR_NOMEM.  Whether the leaf commits to it is
 * record_check()'s business.
 */
MUST_CHECK enum err telling_of(const struct record *rec, struct arena *a,
    struct telling *t);

/**
 * telling_access(f, out):
 * Say in ${out} who was shown what (telling_access.c).
 */
void telling_access(const Keten__V1__AccessFacts *f, char out[TELLING_WHAT]);

/**
 * telling_change(t, id):
 * Return what ${t} changes of the referral ${id}, or NULL.
 */
const Keten__V1__Change *telling_change(const struct telling *t,
    const struct refid *id);

/**
 * telling_kind_nl(kind):
 * Return what records of ${kind} are: "een stap", "de klok".  Constant text.
 */
const char *telling_kind_nl(enum leaf_kind kind);

/**
 * telling_role_nl(role):
 * Return what the receiver of a delivery was: "bron", "kandidaat".  Constant
 * text.
 */
const char *telling_role_nl(Keten__V1__DeliveryRole role);

#define TELLING_ISO 25

/**
 * telling_iso(time_ms, out):
 * Write "2026-04-28T10:00:00.000Z" to ${out}; return it.
 */
const char *telling_iso(int64_t time_ms, char out[TELLING_ISO]);

#endif /* !TELLING_H_ */
