#include "life/words.h"

#include <stddef.h>
#include <string.h>

struct word {
	const char *name;
	const char *nl;
	const char *fhir;
};

/* Each list is indexed by the number of the word; a gap is all NULL. */
static const struct word states[ST__MAX] = {
#define STATE(name, number, live, label, fhir)                                 \
	[number] = { #name, label, fhir },
#include "tbl/words.h"
};

static const struct word events[EV__MAX] = {
#define EVENT(name, number, kind, label) [number] = { #name, label, NULL },
#include "tbl/words.h"
};

static const struct word terms[TERM__MAX] = {
#define TERM(name, number, ev, overdue, urgent, length, label)                 \
	[number] = { #name, label, NULL },
#include "tbl/words.h"
};

static const struct word offers[OFFER__MAX] = {
#define OFFER(name, number, open, label, fhir)                                 \
	[number] = { #name, label, NULL },
#include "tbl/words.h"
};

static const struct word urgencies[URGENCY__MAX] = {
#define URGENCY(name, number, label, fhir) [number] = { #name, label, NULL },
#include "tbl/words.h"
};

static const struct word reasons[REASON__MAX] = {
#define REASON(name, number, label) [number] = { #name, label, NULL },
#include "tbl/words.h"
};

static const bool state_live[ST__MAX] = {
#define STATE(name, number, live, label, fhir) [number] = (live),
#include "tbl/words.h"
};

static const bool offer_open[OFFER__MAX] = {
#define OFFER(name, number, open, label, fhir) [number] = (open),
#include "tbl/words.h"
};

static const enum event_kind event_kinds[EV__MAX] = {
#define EVENT(name, number, kind, label) [number] = EVENT_##kind,
#include "tbl/words.h"
};

static const struct {
	enum event event;
	bool urgent;
} term_facts[TERM__MAX] = {
#define TERM(name, number, ev, overdue, urgent, length, label)                 \
	[number] = { EV_##ev, urgent },
#include "tbl/words.h"
};

/* What is at ${i} in a list of ${n}; a word of nothing if there is none. */
static const struct word *
word(const struct word *list, size_t n, size_t i)
{
	static const struct word none = { "NONE", "", "" };

	return (i < n && list[i].name != NULL ? &list[i] : &none);
}

#define WORD(list, i) word(list, sizeof(list) / sizeof((list)[0]), (size_t)(i))

const char *
words_state(enum state s)
{
	return (WORD(states, s)->name);
}

const char *
words_event(enum event e)
{
	return (WORD(events, e)->name);
}

const char *
words_term(enum term t)
{
	return (WORD(terms, t)->name);
}

const char *
words_offer(enum offer_state o)
{
	return (WORD(offers, o)->name);
}

const char *
words_urgency(enum urgency u)
{
	return (WORD(urgencies, u)->name);
}

const char *
words_reason(enum reason r)
{
	return (WORD(reasons, r)->name);
}

const char *
words_flag_nl(enum flag f)
{
	static const struct {
		enum flag bit;
		const char *nl;
	} list[] = {
#define FLAG(name, bit, label) { FLAG_##name, label },
#include "tbl/words.h"
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (list[i].bit == f)
			return (list[i].nl);
	return ("");
}

const char *
words_state_nl(enum state s)
{
	return (WORD(states, s)->nl);
}

const char *
words_event_nl(enum event e)
{
	return (WORD(events, e)->nl);
}

const char *
words_term_nl(enum term t)
{
	return (WORD(terms, t)->nl);
}

const char *
words_offer_nl(enum offer_state o)
{
	return (WORD(offers, o)->nl);
}

const char *
words_urgency_nl(enum urgency u)
{
	return (WORD(urgencies, u)->nl);
}

/* The number of the word called ${name} in a list of ${n}; 0 if none is. */
static size_t
number_of(const struct word *list, size_t n, const char *name)
{
	for (size_t i = 1; i < n; i++)
		if (list[i].name != NULL && strcmp(list[i].name, name) == 0)
			return (i);
	return (0);
}

enum event
words_event_from(const char *name)
{
	return ((enum event)number_of(events, EV__MAX, name));
}

enum state
words_state_from(const char *name)
{
	return ((enum state)number_of(states, ST__MAX, name));
}

enum urgency
words_urgency_from(const char *name)
{
	return ((enum urgency)number_of(urgencies, URGENCY__MAX, name));
}

const char *
words_state_fhir(enum state s)
{
	return (WORD(states, s)->fhir);
}

bool
words_is_live(enum state s)
{
	return ((size_t)s < ST__MAX && state_live[s]);
}

bool
words_is_open(enum offer_state o)
{
	return ((size_t)o < OFFER__MAX && offer_open[o]);
}

enum event_kind
words_event_kind(enum event e)
{
	return ((size_t)e < EV__MAX ? event_kinds[e] : EVENT_NONE);
}

enum event
words_term_event(enum term t)
{
	return ((size_t)t < TERM__MAX ? term_facts[t].event : EV_NONE);
}

bool
words_term_urgent(enum term t)
{
	return ((size_t)t < TERM__MAX && term_facts[t].urgent);
}
