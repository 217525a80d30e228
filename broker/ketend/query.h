#ifndef QUERY_H_
#define QUERY_H_

#include "base/err.h"
#include "keten/v1/session.pb-c.h"

struct broker;
struct referral;
struct session;

/*
 * query -- questions of partners, answered from what is committed.
 *
 * A question changes nothing and is not logged: what is asked is the asker's
 * own referrals, the policy, the keys and the tree, which are every partner's.
 * Certificates and reports come as queries too, but write records, and are
 * judged with the statements (certify.h, reports.h).
 */

/**
 * query_answer(b, s, q):
 * Answer ${q} of ${s}, or refuse it, with its id.  Reads through turn.txn.  An
 * error means that the store cannot be read; ${s} may be gone afterwards.
 */
MUST_CHECK enum err query_answer(struct broker *b, struct session *s,
    const Keten__V1__Query *q);

/* --- between query.c, query_work.c and query_route.c --------------------------- */

/* One question, being answered. */
struct query {
	struct broker *b;
	struct session *s;
	const Keten__V1__Query *q;
	Keten__V1__FromBroker msg;
	Keten__V1__Answer answer; /* its body is what a handler fills in */
	struct slice content;
	enum err no; /* or: refuse it */
	const char *rule;
	const char *call;
};

/* An answer has to fit a header frame; lists stop here and go on later. */
#define QUERY_ROOM ((size_t)48 * 1024)

/**
 * query_no(q, err, rule):
 * Refuse the question; return ERR_OK, for handlers to return.
 */
enum err query_no(struct query *q, enum err err, const char *rule);

/**
 * query_source(q, r, index, to):
 * Point ${to} at record ${index} of ${r}, if the asker may see it: B, H and R,
 * and who was told of it or made it.
 */
MUST_CHECK enum err query_source(struct query *q, const struct referral *r,
    uint64_t index, Keten__V1__Record **to);

/**
 * query_referral(q), query_open_work(q), query_resync(q), query_resolve(q),
 * query_catalogue(q):
 * Handlers: about referrals (query_work.c), routes (query_route.c) and the
 * catalogue (query_supply.c).
 */
MUST_CHECK enum err query_referral(struct query *q);
MUST_CHECK enum err query_open_work(struct query *q);
MUST_CHECK enum err query_resync(struct query *q);
MUST_CHECK enum err query_resolve(struct query *q);
MUST_CHECK enum err query_catalogue(struct query *q);

#endif /* !QUERY_H_ */
