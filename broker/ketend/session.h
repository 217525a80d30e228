#ifndef SESSION_H_
#define SESSION_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"
#include "wire/frame.h"
#include "wire/statement.h"

/*
 * session -- the connections there are, and who is reachable.
 *
 * A session is one connection of one device, known by libzmq's routing id and
 * named by the User-Id that the gate gave it.  It may do nothing before its
 * HELLO, which makes it the one consumer of a mailbox; the newest HELLO wins.
 * ROUTER does not say when a connection ends: a session ends when sending to
 * it fails, when it says BYE, when the gate no longer knows its device, or
 * when it is one too many.
 *
 * Nothing here is durable and nothing here sends.
 */
#define SESSION_PER_USER 4 /* connections of one device; the oldest goes */

/* Why a connection ends; the names travel in BYE. */
enum session_end {
	SESSION_GONE,	  /* it went by itself */
	SESSION_REPLACED, /* a newer HELLO for its mailbox */
	SESSION_MANY,	  /* one connection too many of this device */
	SESSION_REVOKED,  /* its key is no longer valid */
	SESSION_REKEYED,  /* its device has a newer certificate */
	SESSION_DRAIN,	  /* the broker stops */
	SESSION_DONE,	  /* it said BYE */
	SESSION_END__MAX
};

struct session {
	uint8_t route[FRAME_ROUTE_LEN];
	char user[FRAME_USER_MAX]; /* "partner/device" */
	struct org partner;
	char device[ORG_MAX + 1];
	int fd;
	uint64_t certificate; /* record of the key that counted when it came */
	uint64_t order;	 /* rises with each connection */
	bool is_open;	 /* HELLO was taken */
	bool wants_notices;
	struct org mailbox;
	uint8_t lane[STATEMENT_LANE];
	uint64_t credit; /* deliveries it takes */
	uint64_t sent;	 /* newest delivery queued to it */
	uint64_t last;	 /* newest delivery there is for its mailbox */
	bool is_ready;	 /* it may have deliveries to be sent; see below */
	struct session *next_ready;
	int64_t heard_ms; /* monotonic */
	int64_t asked_ms; /* monotonic, of the last PING */
	uint64_t asked;	 /* number of that PING */
};

struct sessions;

/**
 * sessions_new():
 * Return an empty table, or NULL.  The caller must call sessions_free().
 */
struct sessions *sessions_new(void);

/**
 * sessions_find(t, route):
 * Return the session of that connection, or NULL.  Valid until sessions_end().
 */
struct session *sessions_find(const struct sessions *t,
    const uint8_t route[FRAME_ROUTE_LEN]);

/**
 * sessions_add(t, f, mono_ms, s):
 * A message ${f} came on a connection that is not known yet: make its session
 * ${s}.  ERR_MALFORMED if its User-Id is not "partner/device", ERR_NOMEM.
 */
MUST_CHECK enum err sessions_add(struct sessions *t, const struct frame *f,
    int64_t mono_ms, struct session **s);

/**
 * sessions_surplus(t, user):
 * Return the oldest connection of ${user} if there are more than
 * SESSION_PER_USER, else NULL.
 */
struct session *sessions_surplus(const struct sessions *t, const char *user);

/**
 * sessions_open(t, s, mailbox, now_ms, older):
 * ${s} said HELLO and consumes ${mailbox} of its partner from now on (NULL: it
 * reads none); whoever did so before, or was the same device that reads none,
 * is stored in ${older} (NULL: nobody), for the caller to end.  ERR_NOMEM.
 */
MUST_CHECK enum err sessions_open(struct sessions *t, struct session *s,
    const char *mailbox, int64_t now_ms, struct session **older);

/**
 * sessions_leave(t, s, now_ms):
 * ${s} consumes its mailbox no longer; the connection stays, and has to say
 * HELLO again.
 */
void sessions_leave(struct sessions *t, struct session *s, int64_t now_ms);

/**
 * sessions_consumer(t, partner, mailbox):
 * Return the session that consumes that mailbox, or NULL.
 */
struct session *sessions_consumer(const struct sessions *t,
    const struct org *partner, const char *mailbox);

/**
 * sessions_any(t, partner):
 * Return an open session of ${partner}, the newest one, or NULL.
 */
struct session *sessions_any(const struct sessions *t,
    const struct org *partner);

/**
 * sessions_since(t, partner):
 * Return since when (ms of the calendar) ${partner} has no open session; 0 if
 * it has one.  Of one that was never seen: since the broker started.
 */
int64_t sessions_since(const struct sessions *t, const struct org *partner);

/**
 * sessions_started(t, now_ms):
 * Say when the broker started, for sessions_since().
 */
void sessions_started(struct sessions *t, int64_t now_ms);

/**
 * sessions_end(t, s, now_ms):
 * Forget ${s} and free it.
 */
void sessions_end(struct sessions *t, struct session *s, int64_t now_ms);

/**
 * sessions_ready(t, s), sessions_take_ready(t), sessions_has_ready(t):
 * Put ${s} in the row of those that may be sent deliveries, once; take the
 * first one out (NULL: nobody); tell whether there is one.
 */
void sessions_ready(struct sessions *t, struct session *s);
struct session *sessions_take_ready(struct sessions *t);
bool sessions_has_ready(const struct sessions *t);

/**
 * sessions_next(t, at):
 * Walk: return a session and move ${*at}; NULL at the end.  Start with 0;
 * ending the one just returned is fine, adding is not.
 */
struct session *sessions_next(const struct sessions *t, size_t *at);

/**
 * sessions_count(t), sessions_partners(t):
 * Return how many connections there are; how many partners are reachable.
 */
size_t sessions_count(const struct sessions *t);
size_t sessions_partners(const struct sessions *t);

/**
 * sessions_end_name(why):
 * Return ${why} as it travels in BYE.  Constant text.
 */
const char *sessions_end_name(enum session_end why);

/**
 * sessions_free(t):
 * Free ${t} with all its sessions.  sessions_free(NULL) does nothing.
 */
void sessions_free(struct sessions *t);

#endif /* !SESSION_H_ */
