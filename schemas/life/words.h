#ifndef WORDS_H_
#define WORDS_H_

#include <stdbool.h>
#include <stdint.h>

#include "life/calendar.h"

/*
 * words -- the enums of a referral's life and their texts, from tbl/words.h.
 *
 * The numbers are those of the wire.  0 is never a word: of a state it means
 * "does not exist yet", of anything else "none".
 */
enum state {
	ST_NONE = 0,
#define STATE(name, number, live, label, fhir) ST_##name = (number),
#include "tbl/words.h"
	ST__MAX = 14
};

enum event {
	EV_NONE = 0,
#define EVENT(name, number, kind, label) EV_##name = (number),
#include "tbl/words.h"
	EV__MAX = 42
};

enum flag {
#define FLAG(name, bit, label) FLAG_##name = (bit),
#include "tbl/words.h"
};

enum term {
	TERM_NONE = 0,
#define TERM(name, number, ev, overdue, urgent, length, label)                \
	TERM_##name = (number),
#include "tbl/words.h"
	TERM__MAX = 15
};

enum offer_state {
	OFFER_NONE = 0,
#define OFFER(name, number, open, label, fhir) OFFER_##name = (number),
#include "tbl/words.h"
	OFFER__MAX = 8
};

enum role {
#define ROLE(name, bit, letter, label) ROLE_##name = (bit),
#include "tbl/words.h"
};

enum urgency {
	URGENCY_NONE = 0,
#define URGENCY(name, number, label, fhir) URGENCY_##name = (number),
#include "tbl/words.h"
	URGENCY__MAX = 5
};

enum reason {
	REASON_NONE = 0,
#define REASON(name, number, label) REASON_##name = (number),
#include "tbl/words.h"
	REASON__MAX = 5
};

/* What kind of referral it is: SIG- or DST-. */
enum referral_kind { KIND_NONE = 0, KIND_SIGNAL = 1, KIND_SERVICE = 2 };

/* How an event comes about (tbl/words.h). */
enum event_kind {
	EVENT_NONE = 0,
	EVENT_COMMAND,
	EVENT_TIMER,
	EVENT_STEP,
	EVENT_NOTICE
};

/**
 * words_state(s), words_event(e), words_term(t), words_offer(o),
 * words_urgency(u), words_reason(r):
 * Return the English name as code and protocol write it ("OFFERED"), "NONE"
 * for what is not a word.  Constant text.
 */
const char *words_state(enum state s);
const char *words_event(enum event e);
const char *words_term(enum term t);
const char *words_offer(enum offer_state o);
const char *words_urgency(enum urgency u);
const char *words_reason(enum reason r);

/**
 * words_state_nl(s) and the others:
 * Return the Dutch label, "" for what is not a word.  Constant text.
 */
const char *words_state_nl(enum state s);
const char *words_event_nl(enum event e);
const char *words_term_nl(enum term t);
const char *words_offer_nl(enum offer_state o);
const char *words_urgency_nl(enum urgency u);
const char *words_flag_nl(enum flag f);

/**
 * words_event_from(name), words_state_from(name), words_urgency_from(name):
 * Return the word called ${name} (upper case), or the NONE of its kind.
 */
enum event words_event_from(const char *name);
enum state words_state_from(const char *name);
enum urgency words_urgency_from(const char *name);

/**
 * words_state_fhir(s):
 * Return the FHIR R4 Task.status of a state; "" if it is none.  Constant text.
 */
const char *words_state_fhir(enum state s);

/**
 * words_is_live(s), words_is_open(o):
 * Tell whether a referral in state ${s} has a holder who is responsible now;
 * whether an offer in state ${o} can still be accepted.
 */
bool words_is_live(enum state s);
bool words_is_open(enum offer_state o);

/**
 * words_event_kind(e):
 * Return how ${e} comes about.
 */
enum event_kind words_event_kind(enum event e);

/**
 * words_term_event(t), words_term_urgent(t):
 * Return the event that ${t} causes when it has passed; tell whether
 * RAISE_URGENCY shortens it.
 */
enum event words_term_event(enum term t);
bool words_term_urgent(enum term t);

#endif /* !WORDS_H_ */
