#ifndef ROUTE_H_
#define ROUTE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"
#include "life/calendar.h"
#include "policy/policy.h"

/*
 * route -- from code, area and originator to a ladder.  Pure.
 *
 * Broker, SDK and auditor call the same function with the same policy, so the
 * SDK notices a false candidate and the auditor a false skip.
 *
 * Who has been unreachable, or has not looked after its catalogue entry, for
 * longer than the policy says is left out for now.  That is the one thing in a
 * ladder that is not in the policy: the caller knows it, and whoever does not
 * (the SDK) finds a ladder with more on it, never with others.
 *
 * Rungs are numbered as the policy has them, with those that are asked one
 * after another counted one by one, and whoever is skipped counted too: a
 * number means the same rung however often the ladder is made anew.
 *
 * Who took the place of a partner that has ended follows it directly: in a
 * rung, in `first`, as custodian and for information; and is not asked either
 * where that one stands in `never`.
 *
 * Hours: a rung has the opening hours that the route gives it, else working
 * time; terms in working time run in them.  For EMERGENT a rung without hours
 * of its own is open when one of its candidates is (its own hours in the
 * policy, else working time); a closed rung is skipped at once.
 */
#define ROUTE_RUNGS 16
#define ROUTE_CANDIDATES 14 /* on the ladder, besides `first` */
#define ROUTE_FIRST 2       /* most that a submitter may name as `first` */
#define ROUTE_RUNG_MAX (ROUTE_CANDIDATES + ROUTE_FIRST)
#define ROUTE_SKIPS 64

enum route_why {
	ROUTE_WHY_NONE = 0,
#define WHY(name, number, nl) ROUTE_WHY_##name = number,
#include "tbl/whys.h"
#undef WHY
	ROUTE_WHY__MAX
};

/* What is asked.  Everything is borrowed for the call. */
struct route_ask {
	struct org from;  /* who submits, or reopens, or gives up */
	const char *code; /* a header code */
	const char *area;
	uint32_t edition;   /* of the area code; 0: any */
	unsigned urgency;   /* keten.v1.Urgency */
	const char *basis;
	unsigned discussed; /* keten.v1.Discussed */
	const struct org *first;
	size_t n_first;
	const struct org *never;
	size_t n_never;
	const struct org *earlier; /* declined, returned or gave up already */
	size_t n_earlier;
	unsigned contains; /* the person part there is (enum route_content) */
	struct org regisseur; /* fixed at SUBMIT; the empty one: look it up */
	int64_t now_ms;

	/* Since when is a partner unreachable (0: it is not)?  May be NULL. */
	int64_t (*unreachable)(void *cookie, const struct org *who);

	/* When was its catalogue entry for that header code last checked (0: it
	 * has none)?  May be NULL. */
	int64_t (*checked)(void *cookie, const struct org *who,
	    const char *code);
	void *cookie;
};

struct route_rung {
	uint32_t no; /* 0: `first`; else its place in the policy, from 1 */
	uint32_t n;
	struct org candidates[ROUTE_RUNG_MAX];
	int64_t unreachable_ms[ROUTE_RUNG_MAX]; /* since; 0: reachable */
	struct hours hours;    /* in which its term runs */
	struct cal_span offer; /* at the urgency that was asked */
	bool is_open;          /* now */
};

struct route_skip {
	struct org who;
	enum route_why why;
	uint32_t rung; /* its number; 0: none or `first` */
	int64_t since_ms; /* unreachable; last checked.  Of the others 0 */
};

/* The answer.  Copy it as you like: it points only into the policy. */
struct ladder {
	const Keten__V1__PolicyRoute *route; /* NULL: by a direct question */
	uint32_t n_rungs;
	uint32_t n_skips;
	struct org regisseur;
	struct org custodian; /* the empty one: none */
	bool early;           /* candidates get the person part beforehand */
	struct cal_terms terms; /* of this route */
	const char *call;     /* number to call when nobody can take it now */

	/* What is beyond those that are counted is anything. */
	struct route_rung rungs[ROUTE_RUNGS];
	struct route_skip skips[ROUTE_SKIPS];
};

/**
 * route_ladder(p, ask, ladder, rule):
 * Find the route and make the ladder.  No rung may be left (then R is next).
 * Refused with ERR_UNKNOWN_PARTNER, ERR_NOT_ALLOWED (the submitter has no
 * such role, or names itself, R or too many as `first`), ERR_BAD_CODE,
 * ERR_BAD_AREA, ERR_NO_ROUTE, ERR_NO_BASIS, ERR_NO_COVENANT (not even with R)
 * or, for EMERGENT, ERR_NOBODY_NOW (then ${ladder}->call is the number to
 * call and the rest of ${ladder} tells who was asked).  ${rule} is then a
 * Dutch text that says which rule.
 */
MUST_CHECK enum err route_ladder(const struct policy *p,
    const struct route_ask *ask, struct ladder *ladder, const char **rule);

/**
 * route_terms(p, ask, terms):
 * Fill ${terms} with those of the route that ${ask} would take; without a
 * route, with those of the policy.
 */
void route_terms(const struct policy *p, const struct route_ask *ask,
    struct cal_terms *terms);

/**
 * route_check_one(p, ask, to, why, rule):
 * Tell whether ${to} may be offered this by ${ask}->from, by name (HAND_OVER,
 * OFFER_MORE, `first`): takes part, is a candidate, works there, covenant,
 * basis, and it may get what the person part contains.  Else ERR_UNKNOWN_PARTNER, ERR_NOT_ALLOWED, ERR_NO_COVENANT or
 * ERR_NO_BASIS, with ${rule} and, if it is not NULL, ${why}.
 */
MUST_CHECK enum err route_check_one(const struct policy *p,
    const struct route_ask *ask, const struct org *to, enum route_why *why,
    const char **rule);

/**
 * route_inform(p, ask, ladder, i, who):
 * Store the ${i}th partner that gets a copy for information: who took its place
 * if it has ended, and the empty one if nobody did.  False after the last.
 * There is none for protected codes.
 */
bool route_inform(const struct policy *p, const struct route_ask *ask,
    const struct ladder *ladder, size_t i, struct org *who);

/* What a person part may contain besides name, address and story. */
enum route_content {
	ROUTE_BSN = 1,      /* citizen service number */
	ROUTE_PHOTO = 2,
	ROUTE_CLINICAL = 4, /* clinical data: conditions, observations */
};

/**
 * route_content(p, ask, to):
 * Return (enum route_content, or-ed) what the covenants allow in a person part
 * that goes the way of ${ask}: only what everybody may get who can come to
 * hold it or open it: all of the ladder, the members of networks on it that
 * coordinate, the regisseur (who is next after the ladder) and the custodian.
 * Where ${to} is not NULL: what that one partner, who is named with
 * HAND_OVER, may get, and its members if it coordinates.  0 if there is no
 * route or no covenant.
 */
unsigned route_content(const struct policy *p, const struct route_ask *ask,
    const struct org *to);

/**
 * route_ladder_content(p, ask, ladder):
 * The same, of a ladder that was made already.
 */
unsigned route_ladder_content(const struct policy *p,
    const struct route_ask *ask, const struct ladder *ladder);

/**
 * route_why_not(p, ask, ladder, who):
 * Return why ${who} is not on ${ladder}; ROUTE_WHY_NONE if it is.
 */
enum route_why route_why_not(const struct policy *p,
    const struct route_ask *ask, const struct ladder *ladder,
    const struct org *who);

/**
 * route_why_name(why), route_why_text(why):
 * Return its name and its Dutch sentence.  Constant.
 */
const char *route_why_name(enum route_why why);
const char *route_why_text(enum route_why why);

/**
 * route_explain(p, ask, ladder, err, rule, buf, cap):
 * Write in Dutch which route was found, who is asked in which order with
 * which term, and why everybody else is not, into ${buf} of ${cap} bytes.
 * ${err} and ${rule} are what route_ladder() gave.  Return the length.  What
 * does not fit is left out by whole lines, and a last line says how many
 * partners are not named; with less than ROUTE_EXPLAIN_LEAST there is no room
 * for that.
 */
#define ROUTE_EXPLAIN_LEAST ((size_t)1024)
size_t route_explain(const struct policy *p, const struct route_ask *ask,
    const struct ladder *ladder, enum err err, const char *rule, char *buf,
    size_t cap);

#endif /* !ROUTE_H_ */
