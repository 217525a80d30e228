#ifndef WALK_H_
#define WALK_H_

#include <stdbool.h>
#include <stdint.h>

#include "audit/findings.h"
#include "audit/telling.h"
#include "base/err.h"
#include "core/store.h"
#include "life/words.h"
#include "policy/policy.h"

/*
 * walk -- the whole log from its first record, each record in words, with what
 * was said before about its referral and the policy of that moment.
 *
 * The broker's tables are not asked: a referral's code and legal basis come
 * from the record that submitted it.  Each record is compared with its leaf;
 * whether the tree is right and who may sign is for verify.
 */
#define WALK_CODE 17
#define WALK_AREA 12

/* What is known of a referral that passed by. */
struct walk_about {
	struct org b;
	struct org r;
	struct org h; /* after the newest record of it */
	char code[WALK_CODE];
	char area[WALK_AREA];
	char basis[WALK_CODE];
	enum urgency urgency;
	uint32_t discussed; /* keten.v1.Discussed */
	uint64_t opened;    /* its SUBMIT */
};

/* One record. */
struct walk_step {
	uint64_t index;
	enum verdict verdict; /* of this record: WITNESSED is good */
	bool has; /* false: it cannot be read; ${t} has kind and time at most */
	bool has_leaf;
	struct telling t; /* until the next walk_next() */
};

struct walk;

/**
 * walk_new(txn, until, w):
 * Begin before the first record; end before ${until}.  ${txn} is renewed when
 * it is stale.  The caller frees ${w} with walk_free().  ERR_NOMEM.
 */
MUST_CHECK enum err walk_new(struct txn *txn, uint64_t until,
    struct walk **w);

/**
 * walk_free(w):
 * Free ${w}.  walk_free(NULL) does nothing.
 */
void walk_free(struct walk *w);

/**
 * walk_next(w, s):
 * Store the next record in ${s}.  ERR_NOT_FOUND after the last; ERR_STORE,
 * ERR_NOMEM, ERR_IO.
 */
MUST_CHECK enum err walk_next(struct walk *w, struct walk_step *s);

/**
 * walk_about(w, id):
 * Return what is known of the referral ${id}, that of the last step included,
 * or NULL.  Valid until the next walk_next().
 */
const struct walk_about *walk_about(const struct walk *w,
    const struct refid *id);

/**
 * walk_policy(w):
 * Return the policy document of the last POLICY record that passed by (its
 * signature is not looked at), or NULL.
 */
const struct policy *walk_policy(const struct walk *w);

/**
 * walk_covenant(w, about, to, time_ms):
 * Return the id of the covenant under which a referral like ${about} may go
 * from its originator to ${to}; "" if there is none, or it goes nowhere.
 */
const char *walk_covenant(const struct walk *w,
    const struct walk_about *about, const struct org *to, int64_t time_ms);

/**
 * walk_role(about, partner):
 * Return what ${partner} is to the referral ${about} now: "bron", "houder",
 * "regisseur" or "betrokkene"; "" if either is NULL or empty.  Constant text.
 */
const char *walk_role(const struct walk_about *about,
    const char *partner);

#endif /* !WALK_H_ */
