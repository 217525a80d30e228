#ifndef FLAWS_IMPL_H_
#define FLAWS_IMPL_H_

#include "policy/flaws.h"
#include "policy/route_impl.h"

/*
 * flaws_impl -- what the files of flaws share.  Nobody else includes this.
 */
struct finder {
	const struct policy *p;
	const Keten__V1__Policy *doc;
	const struct flaws *to;
	struct lookup *seen; /* names that were there before, by kind */
	size_t n;
};

/**
 * flaws_add(f, path, fmt, ...):
 * Report one flaw at ${path}.
 */
void flaws_add(struct finder *f, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * flaws_path(buf, fmt, ...):
 * Write a path into ${buf}; return it.
 */
#define FLAWS_PATH 160
const char *flaws_path(char buf[FLAWS_PATH], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * flaws_unknown(f, path, what, word, words, n):
 * Report that ${word} is not one of ${n} ${words}, and which was meant.
 */
void flaws_unknown(struct finder *f, const char *path, const char *what,
    const char *word, const char *const *words, size_t n);

/**
 * flaws_seen(f, space, name, i, first):
 * Tell whether ${name} of the kind ${space} was asked about before, and put
 * into ${first} as which; the first time it is remembered as ${i}.
 */
bool flaws_seen(struct finder *f, char space, const char *name, size_t i,
    size_t *first);

/**
 * flaws_partner(f, path, id), flaws_pattern(f, path, pattern),
 * flaws_area(f, path, area), flaws_party(f, path, party):
 * Report at ${path} what is not in the document, with what was meant.
 */
void flaws_partner(struct finder *f, const char *path, const char *id);
void flaws_pattern(struct finder *f, const char *path, const char *pattern);
void flaws_area(struct finder *f, const char *path, const char *area);
void flaws_party(struct finder *f, const char *path,
    const Keten__V1__PolicyParty *party);

/**
 * flaws_hours(f, path, hours), flaws_term(f, path, term):
 * Report opening hours that never open or overlap, and terms that are none.
 * NULL is fine.
 */
void flaws_hours(struct finder *f, const char *path,
    const Keten__V1__PolicyHours *hours);
void flaws_term(struct finder *f, const char *path,
    const Keten__V1__PolicyTerm *term);

/**
 * flaws_skip(f, path, skip):
 * Report spans that are none.  NULL is fine.
 */
void flaws_skip(struct finder *f, const char *path,
    const Keten__V1__PolicySkip *skip);

/**
 * flaws_conflicts(f):
 * Look for covenants that contradict each other or themselves, and for places
 * with two regisseurs.
 */
void flaws_conflicts(struct finder *f);

/**
 * flaws_people(f), flaws_things(f), flaws_covenants(f), flaws_routes(f):
 * Look for the flaws of partners, networks and regisseurs; of codes, areas,
 * words, terms and the rest; of covenants; of routes.
 */
void flaws_people(struct finder *f);
void flaws_things(struct finder *f);
void flaws_covenants(struct finder *f);
void flaws_routes(struct finder *f);

/**
 * flaws_is_span(s):
 * Tell whether ${s} is a length of time, or absent.
 */
bool flaws_is_span(const Keten__V1__PolicySpan *s);

#endif /* !FLAWS_IMPL_H_ */
