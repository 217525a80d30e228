/*
 * findings -- what an audit found, and the exit code that follows from it.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/findings.h"

#define KEPT_MAX 10000

/* From the best to the worst. */
static const struct row {
	enum verdict verdict;
	const char *name;
	const char *text;
} rows[] = {
	{ VERDICT_WITNESSED, "WITNESSED",
	    "alles klopt, en genoeg getuigen zagen hetzelfde logboek" },
	{ VERDICT_UNWITNESSED, "UNWITNESSED",
	    "alles klopt; geen getuige heeft het logboek gezien" },
	{ VERDICT_ERASURES, "ERASURES",
	    "alles klopt; een deel is volgens het logboek zelf gewist" },
	{ VERDICT_USAGE, "USAGE",
	    "verkeerd gebruik, of een bestand was niet te lezen" },
	{ VERDICT_SIGNATURE, "SIGNATURE", "een handtekening klopt niet" },
	{ VERDICT_HASH, "HASH",
	    "opgeslagen bytes zijn niet wat er is vastgelegd" },
	{ VERDICT_FORK, "FORK",
	    "er is een andere geschiedenis getoond of ondertekend" },
	{ VERDICT_MISSING, "MISSING",
	    "er ontbreekt iets waarvan geen wissing in het logboek staat" },
	{ VERDICT_KEY, "KEY", "een sleutel was op dat moment niet geldig" },
	{ VERDICT_WITNESSES, "WITNESSES", "te weinig getuigen" },
	{ VERDICT_GAP, "GAP",
	    "er zit een gat in een reeks nummers of in een brievenbus" },
	{ VERDICT_MALFORMED, "MALFORMED",
	    "er staat iets in dat geen geldig record is" },
	{ VERDICT_DECIDED, "DECIDED",
	    "de makelaar heeft anders beslist dan de regels zeggen" },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static size_t
rank(enum verdict v)
{
	size_t i = 0;

	while (i < N_ROWS - 1 && rows[i].verdict != v)
		i++;
	return (i);
}

const char *
verdict_name(enum verdict v)
{
	return (rows[rank(v)].name);
}

const char *
verdict_text(enum verdict v)
{
	return (rows[rank(v)].text);
}

int
verdict_nth(size_t i, enum verdict *v)
{
	if (i >= N_ROWS)
		return (-1);
	*v = rows[i].verdict;
	return (0);
}

enum verdict
verdict_worse(enum verdict a, enum verdict b)
{
	return (rank(a) < rank(b) ? b : a);
}

/* --- the list ----------------------------------------------------------------- */

struct findings {
	pthread_mutex_t lock;
	uint64_t total;
	size_t n;
	size_t cap;
	bool is_sorted;
	enum verdict worst;
	uint64_t first;
	struct finding *list;
};

struct findings *
findings_new(void)
{
	struct findings *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return (NULL);
	if (pthread_mutex_init(&f->lock, NULL) != 0) {
		free(f);
		return (NULL);
	}
	f->first = FINDING_NOWHERE;
	f->worst = VERDICT_WITNESSED;
	return (f);
}

void
findings_free(struct findings *f)
{
	if (f == NULL)
		return;
	pthread_mutex_destroy(&f->lock);
	free(f->list);
	free(f);
}

/* Room for one more; false if there is none: then it is only counted. */
static bool
has_room(struct findings *f)
{
	struct finding *more;
	size_t cap = f->cap == 0 ? 64 : f->cap * 2;

	if (f->n < f->cap)
		return (true);
	if (f->cap >= KEPT_MAX)
		return (false);
	more = realloc(f->list, cap * sizeof(*more));
	if (more == NULL)
		return (false);
	f->list = more;
	f->cap = cap;
	return (true);
}

static void keep(struct findings *f, const struct finding *one,
    const char *fmt, va_list ap) __attribute__((format(printf, 3, 0)));

/* Under the lock. */
static void
keep(struct findings *f, const struct finding *one, const char *fmt,
    va_list ap)
{
	struct finding *at;

	if (!has_room(f))
		return;
	at = &f->list[f->n++];
	*at = *one;
	(void)vsnprintf(at->text, sizeof(at->text), fmt, ap);
	f->is_sorted = false;
}

void
findings_add(struct findings *f, enum verdict verdict, uint64_t index,
    const char *fmt, ...)
{
	const struct finding one = { .verdict = verdict, .index = index };
	va_list ap;

	pthread_mutex_lock(&f->lock);
	f->total++;
	f->worst = verdict_worse(f->worst, verdict);
	if (index < f->first)
		f->first = index;
	va_start(ap, fmt);
	keep(f, &one, fmt, ap);
	va_end(ap);
	pthread_mutex_unlock(&f->lock);
}

void
findings_note(struct findings *f, uint64_t index, const char *fmt, ...)
{
	const struct finding one = { .is_note = true, .index = index };
	va_list ap;

	pthread_mutex_lock(&f->lock);
	va_start(ap, fmt);
	keep(f, &one, fmt, ap);
	va_end(ap);
	pthread_mutex_unlock(&f->lock);
}

uint64_t
findings_total(const struct findings *f)
{
	return (f->total);
}

size_t
findings_kept(const struct findings *f)
{
	return (f->n);
}

static int
by_index(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->index != y->index)
		return (x->index < y->index ? -1 : 1);
	return ((int)x->verdict - (int)y->verdict);
}

const struct finding *
findings_nth(struct findings *f, size_t i)
{
	if (!f->is_sorted && f->n > 0)
		qsort(f->list, f->n, sizeof(f->list[0]), by_index);
	f->is_sorted = true;
	return (&f->list[i]);
}

enum verdict
findings_worst(const struct findings *f)
{
	return (f->worst);
}

uint64_t
findings_first(const struct findings *f)
{
	return (f->first);
}
