#ifndef REFERRAL_H_
#define REFERRAL_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/org.h"
#include "life/words.h"

/*
 * referral -- one signal or one service request, as far as its life is
 * concerned: what is happening (state), who is responsible (holder), who has
 * been asked (offers), and what is being waited for (clocks).
 *
 * It is plain data without pointers: a copy is a copy.  Two people fill it:
 * whoever takes a SUBMIT sets the header, lifecycle.h sets everything else
 * but the instants, which the caller puts in from the calendar.  Start from
 * zeros ("struct referral r = {0}") or referral_clear(), so that equal
 * referrals have equal fields; padding is not compared, nor is what lies
 * beyond the offers and parties that are counted: most referrals have few of
 * the many there is room for, so nobody copies, clears or looks at the rest.
 *
 * Limits are refused, never overrun: offers are those of the current epoch
 * (the list is emptied when the epoch rises), parties those of the whole life.
 */
#define REFERRAL_OFFERS_MAX 32
#define REFERRAL_PARTIES_MAX 64
#define REFERRAL_NEVER_MAX 8
#define REFERRAL_FIRST_MAX 2
#define REFERRAL_CODE 8  /* "SIG-303", "UIT-03" and a NUL */
#define REFERRAL_AREA 12 /* "BU08550101" and a NUL */

/* The rung of an offer made by HAND_OVER, which is on no ladder. */
#define RUNG_HANDOVER 255

/*
 * A term that runs, stands still (frozen), or is off (neither).  The engine
 * sets the two marks; the caller the instants: since_ms is when the term
 * started (RAISE_URGENCY counts from there), at_ms the deadline of a running
 * one, left_ms what a frozen one has left, in milliseconds of whatever the
 * term counts in (working time, or clock time for EMERGENT).
 */
struct clock {
	bool running;
	bool frozen;
	int64_t since_ms;
	int64_t at_ms;
	int64_t left_ms;
};

/*
 * One offer.  number counts from 1 over the referral's whole life and is what
 * a candidate names.  An offer of OFFER_MORE has a clock of its own (own_term);
 * the others of a rung share clocks[TERM_OFFER], that of a handover uses
 * clocks[TERM_HANDOVER].
 */
struct offer {
	uint16_t number;
	struct org to;
	struct org via; /* the network it was reached through, or none */
	uint8_t rung;
	uint32_t epoch;
	enum offer_state state;
	enum reason reason;  /* of EXPIRED */
	bool asked;	     /* has put its one question */
	bool question_open;  /* ... which is not answered yet */
	bool delivered;	     /* something about it was acknowledged */
	bool own_term;	     /* clock below is in use */
	struct clock clock;
};

struct referral {
	/* the header, fixed at SUBMIT (urgency may rise, B may follow) */
	struct refid id;
	struct refid parent; /* none: all zeros */
	enum referral_kind kind;
	struct org b;
	struct org r;
	struct org custodian; /* besides B; or none */
	enum urgency urgency;
	char code[REFERRAL_CODE]; /* the group for protected codes */
	char area[REFERRAL_AREA];
	char basis[REFERRAL_CODE];
	uint8_t discussed;
	uint32_t units;
	uint32_t units_done, units_total; /* of REPORT, set by the caller */
	int64_t end_ms; /* end date of a service request; 0: none */
	struct org first[REFERRAL_FIRST_MAX];
	uint8_t n_first;
	struct org never[REFERRAL_NEVER_MAX];
	uint8_t n_never;
	bool person_part; /* there is one (not so for G-ANO) */
	uint8_t contains; /* what is in it by its signature; set by the caller */

	/* where it stands */
	enum state state;
	enum state before_wait;	    /* before AWAITING_INFO or ON_HOLD */
	enum state before_handover; /* before HANDOVER_OFFERED */
	enum state ended_as;	    /* how it ended, kept through CLOSED */
	struct org h;		    /* holder; after the end, the last one */
	uint32_t version;
	uint32_t epoch;	  /* 1 from SUBMIT on */
	uint32_t flags;	  /* enum flag */
	uint32_t overdue; /* 1 << enum term, what the flag OVERDUE is about */
	struct org giver; /* gave up into this epoch: skipped in it */

	/* who has been asked */
	uint8_t next_rung;   /* lowest rung of this epoch not yet tried */
	bool rung_asked;     /* a question was put in the open rung */
	bool rung_frozen;    /* ... and its clocks stand still for it */
	bool holder_asked;   /* B waits for an answer of H (row 14) */
	bool openable;	     /* H can open the person part, or needs not */
	bool unreadable;     /* H said it cannot (3.4): RETURN is free */
	bool erases;	     /* it ended so that its content goes at once */
	bool erased;	     /* the content is gone; both set by the caller */
	uint16_t last_offer; /* highest offer number given out */
	uint16_t n_offers;   /* of `offers` below */
	uint16_t n_parties;  /* of `parties` */

	/* what is being waited for; TERM_MORE lives in its offer */
	struct clock clocks[TERM__MAX];

	/* remembered instants, set by the caller; nothing fires at them */
	int64_t submitted_ms;
	int64_t accepted_ms;	/* holder's ACCEPT: the RETURN window, and */
	int64_t completed_ms;	/* the REOPEN window; RESTART moves both */
	int64_t ended_ms;	/* when it ended; 0 while it is live */
	int64_t changed_ms;	/* time of the newest record about it */
	int64_t pause_limit_ms; /* this holder may pause till here; 0: open */

	char outcome[REFERRAL_CODE];
	char reason[REFERRAL_CODE];

	/* These are last, so that what is in use lies together. */
	struct offer offers[REFERRAL_OFFERS_MAX];

	/* whoever has or had an offer, a former holder, a former B */
	struct org parties[REFERRAL_PARTIES_MAX];
};

/* Of a referral this is there whatever is in it; offers and parties follow. */
#define REFERRAL_FIXED offsetof(struct referral, offers)

/**
 * referral_clear(r), referral_copy(to, from):
 * Make ${r} one of which nothing is known; make ${to}, which may hold
 * anything, the same as ${from}, which is another.  Neither touches the room
 * for offers and parties that are not there.
 */
void referral_clear(struct referral *r);
void referral_copy(struct referral *to, const struct referral *from);

/**
 * referral_is_live(r):
 * Tell whether ${r} is in a live state.
 */
bool referral_is_live(const struct referral *r);

/**
 * referral_base(r):
 * Return the state under waiting and handover: ACCEPTED or IN_PROGRESS for the
 * five states of somebody at work, else the state itself.
 */
enum state referral_base(const struct referral *r);

/**
 * referral_roles(r, who):
 * Return who ${who} is to ${r}: a set of enum role, 0 if a stranger.  ROLE_K
 * means that it has an open offer; ROLE_PARTY is set for everybody who may
 * know of ${r}.
 */
uint32_t referral_roles(const struct referral *r, const struct org *who);

/**
 * referral_offer(r, number), referral_open_offer(r, who):
 * Return the offer ${number}, or the open offer to ${who}; NULL if there is
 * none.  Valid as long as ${r} is.
 */
const struct offer *referral_offer(const struct referral *r, uint16_t number);
const struct offer *referral_open_offer(const struct referral *r,
    const struct org *who);

/**
 * referral_n_open(r):
 * Return the number of open offers.
 */
size_t referral_n_open(const struct referral *r);

/**
 * referral_clock(r, term, offer):
 * Return the clock of ${term}, for TERM_MORE that of the offer numbered
 * ${offer}; NULL if there is none.  Valid as long as ${r} is.
 */
struct clock *referral_clock(struct referral *r, enum term term,
    uint16_t offer);

/**
 * referral_fhir(r):
 * Return the FHIR Task.status of ${r} as a whole: that of the state before for
 * a handover, that of its end for CLOSED.  Constant text.
 */
const char *referral_fhir(const struct referral *r);

#endif /* !REFERRAL_H_ */
