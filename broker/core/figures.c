/*
 * figures -- what happened in a month, as counts, and what of it may be
 * published.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/area.h"
#include "base/org.h"
#include "core/figures.h"
#include "wire/pb.h"

#define FAMILY(name) KETEN__V1__REPORT_FAMILY__REPORT_##name

/* One thing that happened, or after merging all of the same. */
struct row {
	char area[AREA_MAX + 1];
	char group[8];
	uint8_t family;
	char key[ORG_MAX + 1];
	char by[ORG_MAX + 1]; /* who said it; "": it does not matter */
	uint32_t hours; /* of a lead time */
	uint32_t times; /* how often it was added */
	uint64_t n;
};

struct figures {
	struct row *rows;
	size_t n, cap;
};

#define FIRST 1024

struct figures *
figures_new(void)
{
	return (calloc(1, sizeof(struct figures)));
}

void
figures_free(struct figures *f)
{
	if (f == NULL)
		return;
	free(f->rows);
	free(f);
}

/* --- numbers ------------------------------------------------------------- */

uint32_t
figures_round(uint64_t n)
{
	n = (n + FIGURES_BASE / 2) / FIGURES_BASE * FIGURES_BASE;
	/* More than there are people in the world, and a multiple of 5. */
	return (n > UINT64_C(4000000000) ? UINT32_C(4000000000)
					 : (uint32_t)n);
}

uint32_t
figures_at_least(uint32_t published)
{
	return (published == 0 ? 0 : published - FIGURES_BASE / 2);
}

bool
figures_is_count(Keten__V1__ReportFamily family)
{
	return (family < FAMILY(TAKEN_MEDIAN));
}

/* --- adding ----------------------------------------------------------------- */

int
figures_order(const struct figures_place *x, const struct figures_place *y)
{
	int d;

	if ((d = strcmp(x->area, y->area)) != 0 ||
	    (d = strcmp(x->group, y->group)) != 0)
		return (d);
	if (x->family != y->family)
		return (x->family < y->family ? -1 : 1);
	return (strcmp(x->key, y->key));
}

static int
by_place(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	const struct figures_place at = { x->area, x->group,
		(Keten__V1__ReportFamily)x->family, x->key };
	const struct figures_place other = { y->area, y->group,
		(Keten__V1__ReportFamily)y->family, y->key };
	const int d = figures_order(&at, &other);
	const int by = strcmp(x->by, y->by);

	if (d != 0 || by != 0)
		return (d != 0 ? d : by);
	return (x->hours < y->hours ? -1 : x->hours > y->hours);
}

/* Bring what is the same together. */
static void
merge(struct figures *f)
{
	size_t n = 0;

	if (f->n == 0)
		return;
	qsort(f->rows, f->n, sizeof(*f->rows), by_place);
	for (size_t i = 1; i < f->n; i++) {
		if (by_place(&f->rows[n], &f->rows[i]) != 0) {
			f->rows[++n] = f->rows[i];
			continue;
		}
		f->rows[n].times += f->rows[i].times;
		f->rows[n].n += f->rows[i].n;
	}
	f->n = n + 1;
}

/* Room for one more; what is merged makes room for others. */
static MUST_CHECK enum err
make_room(struct figures *f)
{
	size_t cap = f->cap == 0 ? FIRST : 2 * f->cap;
	struct row *more;

	if (f->n < f->cap)
		return (ERR_OK);
	merge(f);
	if (f->n <= f->cap / 2 && f->cap > 0)
		return (ERR_OK);
	more = realloc(f->rows, cap * sizeof(*more));
	if (more == NULL)
		return (ERR_NOMEM);
	f->rows = more;
	f->cap = cap;
	return (ERR_OK);
}

static bool
put_text(const char *text, char *out, size_t cap)
{
	if (strlen(text) >= cap)
		return (false);
	memset(out, 0, cap);
	memcpy(out, text, strlen(text));
	return (true);
}

static MUST_CHECK enum err
add(struct figures *f, const struct figures_at *at,
    Keten__V1__ReportFamily family, const char *key, const char *by,
    uint64_t n, uint32_t hours)
{
	struct row *r;

	if (make_room(f) != ERR_OK)
		return (ERR_NOMEM);
	r = &f->rows[f->n];
	memset(r, 0, sizeof(*r));
	if (!area_coarse(at->area, r->area) ||
	    !put_text(at->group, r->group, sizeof(r->group)) ||
	    !put_text(key, r->key, sizeof(r->key)) ||
	    !put_text(by, r->by, sizeof(r->by)))
		return (ERR_CORRUPT);
	r->family = (uint8_t)family;
	r->hours = hours;
	r->times = 1;
	r->n = n;
	f->n++;
	return (ERR_OK);
}

enum err
figures_add(struct figures *f, const struct figures_at *at,
    Keten__V1__ReportFamily family, const char *key, uint64_t n)
{
	return (add(f, at, family, key, "", n, 0));
}

enum err
figures_add_said(struct figures *f, const struct figures_at *at,
    Keten__V1__ReportFamily family, const char *key, const char *by,
    uint64_t n)
{
	return (add(f, at, family, key, by, n, 0));
}

enum err
figures_lead(struct figures *f, const struct figures_at *at, uint32_t taken,
    uint32_t done)
{
	enum err err = add(f, at, FAMILY(TAKEN_MEDIAN), "", "", 1, taken);

	return (err != ERR_OK ? err :
	    add(f, at, FAMILY(DONE_MEDIAN), "", "", 1, done));
}

/* --- publishing ----------------------------------------------------------------- */

struct publishing {
	struct arena *a;
	Keten__V1__ReportFacts *to;
	Keten__V1__ReportCell *cells;
	size_t cap;
};

static MUST_CHECK enum err
put_cell(struct publishing *p, const struct row *r,
    Keten__V1__ReportFamily family, uint32_t n)
{
	Keten__V1__ReportCell *c = &p->cells[p->to->n_cells];
	char *area = arena_alloc(p->a, sizeof(r->area));
	char *group = arena_alloc(p->a, sizeof(r->group));
	char *key = arena_alloc(p->a, strlen(r->key) + 1);

	if (p->to->n_cells == p->cap)
		return (ERR_TOO_BIG);
	if (area == NULL || group == NULL || key == NULL)
		return (ERR_NOMEM);
	memcpy(area, r->area, sizeof(r->area));
	memcpy(group, r->group, sizeof(r->group));
	memcpy(key, r->key, strlen(r->key) + 1);
	keten__v1__report_cell__init(c);
	c->area = area;
	c->group = group;
	c->family = family;
	c->key = key;
	c->n = n;
	p->to->cells[p->to->n_cells++] = c;
	return (ERR_OK);
}

static bool
is_lead(const struct row *r)
{
	return (!figures_is_count((Keten__V1__ReportFamily)r->family));
}

static bool
is_same_place(const struct row *a, const struct row *b)
{
	return (strcmp(a->area, b->area) == 0 &&
	    strcmp(a->group, b->group) == 0);
}

/* What may be known of it: units say something of who asked for them. */
static uint32_t
shown(const struct row *r)
{
	if (r->family == FAMILY(UNITS) && r->times < FIGURES_LEAST)
		return (0);
	return (figures_round(r->n));
}

/*
 * How many were completed there, as far as what is published proves it.  Only
 * of that may depend whether lead times are shown.
 */
static uint64_t
proven(const struct row *rows, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n && is_same_place(&rows[i], rows); i++)
		if (rows[i].family == FAMILY(OUTCOME) &&
		    strcmp(rows[i].key, FIGURES_KNOWN) != 0)
			sum += figures_at_least(figures_round(rows[i].n));
	return (sum);
}

/* The hours of the ${nth} of these rows, which rise. */
static uint32_t
nth_hours(const struct row *rows, uint64_t nth)
{
	uint64_t seen = 0;

	for (;; rows++) {
		seen += rows->times;
		if (seen >= nth)
			return (rows->hours);
	}
}

/* Median and 90th percentile of the ${n} rows of one family at one place. */
static MUST_CHECK enum err
put_lead(struct publishing *p, const struct row *rows, size_t n)
{
	Keten__V1__ReportFamily family =
	    (Keten__V1__ReportFamily)rows->family;
	uint64_t total = 0;
	enum err err;

	for (size_t i = 0; i < n; i++)
		total += rows[i].times;
	if (total < FIGURES_LEAST) /* proven otherwise, but no guess */
		return (ERR_OK);
	err = put_cell(p, rows, family, nth_hours(rows, (total + 1) / 2));
	if (err != ERR_OK)
		return (err);
	return (put_cell(p, rows,
	    family == FAMILY(TAKEN_MEDIAN) ? FAMILY(TAKEN_P90)
					   : FAMILY(DONE_P90),
	    nth_hours(rows, (9 * total + 9) / 10)));
}

/* One cell: what is shown of all ${n} rows that say who said it.  Each is
 * rounded before they are added up. */
static MUST_CHECK enum err
put_count(struct publishing *p, const struct row *rows, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += shown(&rows[i]);
	return (sum == 0 ? ERR_OK : put_cell(p, rows,
	    (Keten__V1__ReportFamily)rows->family, figures_round(sum)));
}

static bool
is_same_cell(const struct row *a, const struct row *b)
{
	return (a->family == b->family && strcmp(a->key, b->key) == 0);
}

/* All rows of one area and group. */
static MUST_CHECK enum err
put_place(struct publishing *p, const struct row *rows, size_t n)
{
	bool has_lead = proven(rows, n) >= FIGURES_LEAST;
	size_t i = 0, k;
	enum err err = ERR_OK;

	for (; i < n && !is_lead(&rows[i]) && err == ERR_OK; i = k) {
		for (k = i; k < n && is_same_cell(&rows[k], &rows[i]); k++)
			continue;
		err = put_count(p, &rows[i], k - i);
	}
	for (; i < n && has_lead && err == ERR_OK; i = k) {
		for (k = i; k < n && rows[k].family == rows[i].family; k++)
			continue;
		err = put_lead(p, &rows[i], k - i);
	}
	return (err);
}

static MUST_CHECK enum err
put_cells(struct publishing *p, const struct figures *f)
{
	size_t from = 0, to;
	enum err err = ERR_OK;

	p->cap = f->n < FIGURES_MAX ? f->n + 4 : FIGURES_MAX;
	p->cells = arena_alloc(p->a, p->cap * sizeof(*p->cells));
	p->to->cells = arena_alloc(p->a, p->cap * sizeof(*p->to->cells));
	if (p->cells == NULL || p->to->cells == NULL)
		return (ERR_NOMEM);
	for (; from < f->n && err == ERR_OK; from = to) {
		for (to = from; to < f->n &&
		     is_same_place(&f->rows[from], &f->rows[to]); to++)
			continue;
		err = put_place(p, &f->rows[from], to - from);
	}
	return (err);
}

/* --- words ------------------------------------------------------------------------ */

static int
by_code(const void *a, const void *b)
{
	return (strcmp(*(const char *const *)a, *(const char *const *)b));
}

static const char *
area_label(const struct policy *p, const char *code)
{
	const Keten__V1__Policy *doc = policy_doc(p);

	for (size_t i = 0; i < doc->n_areas; i++)
		if (strcmp(doc->areas[i]->code, code) == 0)
			return (doc->areas[i]->label);
	return ("");
}

static void
put_word(const struct policy *p, const char *code, Keten__V1__ReportWord *w)
{
	const struct org who = org_of(code);
	const Keten__V1__PolicyPartner *partner = policy_partner(p, &who);
	const Keten__V1__PolicyGroup *group = policy_group(p, code);
	const Keten__V1__PolicyWord *word = NULL;
	const char *label = area_is_valid(code) ? area_label(p, code) : "";

	for (int i = 0; word == NULL && i < POLICY_LIST__MAX; i++)
		word = policy_word(p, (enum policy_list)i, code);
	if (word != NULL)
		label = word->label;
	else if (group != NULL)
		label = group->label;
	else if (partner != NULL)
		label = partner->name;
	else if (label[0] == '\0' && policy_code(p, code) != NULL)
		label = policy_code_label(p, code);
	keten__v1__report_word__init(w);
	w->code = pb_string(code);
	w->label = pb_string(label);
	w->gap = word != NULL && word->gap;
}

/* Labels of all that the cells name, in order. */
static MUST_CHECK enum err
put_words(struct publishing *p, const struct policy *policy)
{
	Keten__V1__ReportFacts *to = p->to;
	const char **codes = malloc((3 * to->n_cells + 1) * sizeof(*codes));
	Keten__V1__ReportWord *words;
	struct slice label;
	size_t n = 0, same = 0;

	if (codes == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < to->n_cells; i++) {
		codes[n++] = to->cells[i]->area;
		codes[n++] = to->cells[i]->group;
		if (to->cells[i]->key[0] != '\0')
			codes[n++] = to->cells[i]->key;
	}
	qsort(codes, n, sizeof(*codes), by_code);
	for (size_t i = 0; i < n; i++)
		if (same == 0 || strcmp(codes[same - 1], codes[i]) != 0)
			codes[same++] = codes[i];
	words = arena_alloc(p->a, (same + 1) * sizeof(*words));
	to->words = arena_alloc(p->a, (same + 1) * sizeof(*to->words));
	for (size_t i = 0; words != NULL && to->words != NULL && i < same;
	     i++) {
		put_word(policy, codes[i], &words[i]);
		/* The policy may be gone before the report is. */
		if (arena_copy(p->a, slice_of(words[i].label,
		    strlen(words[i].label) + 1), &label) != 0)
			break;
		words[i].label = pb_string((const char *)label.p);
		to->words[to->n_words++] = &words[i];
	}
	free(codes);
	return (to->n_words == same ? ERR_OK : ERR_NOMEM);
}

enum err
figures_publish(struct figures *f, const struct policy *policy,
    struct arena *a, Keten__V1__ReportFacts **report)
{
	struct publishing p = { .a = a,
		.to = arena_zero(a, 1, sizeof(*p.to)) };
	enum err err;

	if (p.to == NULL)
		return (ERR_NOMEM);
	keten__v1__report_facts__init(p.to);
	merge(f);
	err = put_cells(&p, f);
	if (err == ERR_OK)
		err = put_words(&p, policy);
	if (err != ERR_OK)
		return (err);
	p.to->policy_index = policy_index(policy);
	*report = p.to;
	return (ERR_OK);
}
