/*
 * vast -- a policy with as many municipalities as one likes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trust/sign.h"
#include "vast.h"

/* Everything lives until the document is packed. */
struct maker {
	Keten__V1__Policy doc;
	size_t towns;
	void **blocks;
	size_t n_blocks;
};

static void *
keep(struct maker *m, size_t len)
{
	void *p = calloc(1, len);

	/* Room for twice as many each time the number is a power of two. */
	if ((m->n_blocks & (m->n_blocks - 1)) == 0)
		m->blocks = realloc(m->blocks,
		    (2 * m->n_blocks + 1) * sizeof(void *));
	if (p == NULL || m->blocks == NULL)
		abort();
	m->blocks[m->n_blocks++] = p;
	return (p);
}

static char *
text(struct maker *m, const char *fmt, size_t a, size_t b)
{
	char *t = keep(m, 32);

	/* The formats are those below. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)snprintf(t, 32, fmt, a, b);
#pragma GCC diagnostic pop
	return (t);
}

static char **
list(struct maker *m, char *one)
{
	char **l = keep(m, sizeof(*l));

	l[0] = one;
	return (l);
}

/* Put the new message ${x} at the end of a list of the document. */
#define ADD(m, x, init, field, room)                                          \
	do {                                                                  \
		init(x);                                                      \
		if ((m)->doc.n_##field == 0)                                  \
			(m)->doc.field = keep((m), (room) * sizeof(x));       \
		(m)->doc.field[(m)->doc.n_##field++] = (x);                   \
	} while (0)

static void
add_key(struct maker *m, Keten__V1__PolicyPartner *w)
{
	uint8_t seed[SIGN_SEED] = { 0 };
	struct signer *s;

	(void)snprintf((char *)seed, sizeof(seed), "%s", w->id);
	if ((s = sign_new(seed)) == NULL)
		abort();
	w->identity_key.data = keep(m, SIGN_PUB);
	w->identity_key.len = SIGN_PUB;
	memcpy(w->identity_key.data, sign_public(s), SIGN_PUB);
	sign_free(s);
}

/* The first of a town is its regisseur; three of the others are of one kind. */
static void
add_partner(struct maker *m, size_t town, size_t i)
{
	static const char *const kinds[VAST_PER_TOWN] = { "gemeente",
		"thuiszorg", "thuiszorg", "thuiszorg", "welzijn", "welzijn",
		"lwdb", "zorg", "corporatie", "vrijwilligers" };
	Keten__V1__PolicyPartner *w = keep(m, sizeof(*w));
	Keten__V1__PolicyRole *roles = keep(m, 2 * sizeof(*roles));

	ADD(m, w, keten__v1__policy_partner__init, partners,
	    m->towns * VAST_PER_TOWN);
	w->id = text(m, "p-%05zu-%zu", town, i);
	w->name = w->id;
	w->kind = (char *)(uintptr_t)kinds[i];
	w->mailboxes = list(m, text(m, "main", 0, 0));
	w->n_mailboxes = 1;
	roles[0] = KETEN__V1__POLICY_ROLE__POLICY_ROLE_SUBMIT;
	roles[1] = i == 0 ? KETEN__V1__POLICY_ROLE__POLICY_ROLE_REGISSEUR :
			    KETEN__V1__POLICY_ROLE__POLICY_ROLE_CANDIDATE;
	w->roles = roles;
	w->n_roles = 2;
	w->areas = list(m, text(m, "GM%04zu", town, 0));
	w->n_areas = 1;
	add_key(m, w);
}

static Keten__V1__PolicyParty **
party(struct maker *m, char *partner)
{
	Keten__V1__PolicyParty **l = keep(m, sizeof(*l));

	l[0] = keep(m, sizeof(**l));
	keten__v1__policy_party__init(l[0]);
	l[0]->who_case = partner == NULL ?
	    KETEN__V1__POLICY_PARTY__WHO_ANYONE :
	    KETEN__V1__POLICY_PARTY__WHO_PARTNER;
	if (partner == NULL)
		l[0]->anyone = true;
	else
		l[0]->partner = partner;
	return (l);
}

static void
add_covenant(struct maker *m, size_t town, size_t i)
{
	Keten__V1__PolicyCovenant *c = keep(m, sizeof(*c));

	ADD(m, c, keten__v1__policy_covenant__init, covenants,
	    m->towns * VAST_PER_TOWN);
	c->id = text(m, "C-%zu-%zu", town, i);
	c->from = party(m, NULL);
	c->to = party(m, text(m, "p-%05zu-%zu", town, i));
	c->n_from = c->n_to = 1;
	c->areas = list(m, text(m, "GM%04zu", town, 0));
	c->bases = list(m, text(m, "G-PUB", 0, 0));
	c->n_areas = c->n_bases = 1;
	c->controller = text(m, "p-%05zu-%zu", town, 0);
	c->document = c->id;
	c->valid_from_ms = 1;
}

static Keten__V1__PolicyRung *
rung(struct maker *m, const char *kind, char *partner)
{
	Keten__V1__PolicyRung *g = keep(m, sizeof(*g));
	Keten__V1__PolicyCandidate *c = keep(m, sizeof(*c));

	keten__v1__policy_rung__init(g);
	keten__v1__policy_candidate__init(c);
	g->candidates = keep(m, sizeof(c));
	g->candidates[g->n_candidates++] = c;
	c->who_case = kind != NULL ? KETEN__V1__POLICY_CANDIDATE__WHO_KIND :
				     KETEN__V1__POLICY_CANDIDATE__WHO_PARTNER;
	if (kind != NULL)
		c->kind = (char *)(uintptr_t)kind;
	else
		c->partner = partner;
	return (g);
}

static void
add_route(struct maker *m, size_t town, size_t i)
{
	Keten__V1__PolicyRoute *r = keep(m, sizeof(*r));

	ADD(m, r, keten__v1__policy_route__init, routes,
	    m->towns * VAST_PER_TOWN);
	r->id = text(m, "R-%zu-%zu", town, i);
	r->codes = list(m, text(m, "SIG-10%zu", i, 0));
	r->areas = list(m, text(m, "GM%04zu", town, 0));
	r->n_codes = r->n_areas = 1;
	r->custodian = KETEN__V1__POLICY_CUSTODIAN__POLICY_CUSTODIAN_REGISSEUR;
	r->rungs = keep(m, 2 * sizeof(*r->rungs));
	r->rungs[r->n_rungs++] = rung(m, "thuiszorg", NULL);
	r->rungs[r->n_rungs++] = rung(m, NULL, text(m, "p-%05zu-%zu", town,
	    7));
}

static void
add_town(struct maker *m, size_t town)
{
	Keten__V1__PolicyRegisseur *r = keep(m, sizeof(*r));
	Keten__V1__PolicyArea *a = keep(m, sizeof(*a));

	ADD(m, r, keten__v1__policy_regisseur__init, regisseurs, m->towns);
	ADD(m, a, keten__v1__policy_area__init, areas, m->towns);
	a->code = text(m, "GM%04zu", town, 0);
	a->label = a->code;
	a->edition = 2025;
	r->partner = text(m, "p-%05zu-%zu", town, 0);
	r->areas = list(m, a->code);
	r->n_areas = 1;
	r->night_phone = text(m, "112", 0, 0);
	r->night_hours = keep(m, sizeof(*r->night_hours));
	keten__v1__policy_hours__init(r->night_hours);
	r->night_hours->open = keep(m, sizeof(void *));
	r->night_hours->open[0] = keep(m, sizeof(Keten__V1__PolicyOpen));
	keten__v1__policy_open__init(r->night_hours->open[0]);
	r->night_hours->open[0]->day = 1;
	r->night_hours->open[0]->to_min = 1440;
	r->night_hours->n_open = 1;
	for (size_t i = 0; i < VAST_PER_TOWN; i++) {
		add_partner(m, town, i);
		add_covenant(m, town, i);
		add_route(m, town, i);
	}
}

static void
add_words(struct maker *m)
{
	const struct {
		Keten__V1__PolicyWord ***list;
		size_t *n;
		const char *code;
	} lists[] = { { &m->doc.declines, &m->doc.n_declines, "AFW-01" },
		{ &m->doc.outcomes, &m->doc.n_outcomes, "UIT-01" },
		{ &m->doc.bases, &m->doc.n_bases, "G-PUB" },
		{ &m->doc.reasons, &m->doc.n_reasons, "RED-99" } };
	Keten__V1__PolicyGroup *g = keep(m, sizeof(*g));

	ADD(m, g, keten__v1__policy_group__init, groups, 1);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		Keten__V1__PolicyWord *w = keep(m, sizeof(*w));

		keten__v1__policy_word__init(w);
		w->code = w->label = (char *)(uintptr_t)lists[i].code;
		*lists[i].list = keep(m, sizeof(w));
		(*lists[i].list)[(*lists[i].n)++] = w;
	}
	g->id = g->label = text(m, "SIG-100", 0, 0);
	g->kind = KETEN__V1__POLICY_CODE_KIND__POLICY_CODE_KIND_SIGNAL;
	for (size_t i = 0; i < VAST_PER_TOWN; i++) {
		Keten__V1__PolicyCode *c = keep(m, sizeof(*c));

		ADD(m, c, keten__v1__policy_code__init, codes, VAST_PER_TOWN);
		c->code = c->label = text(m, "SIG-10%zu", i, 0);
		c->group = g->id;
		c->kind = g->kind;
	}
	/* The group itself is no code that may be given twice. */
	m->doc.codes[0]->code = m->doc.codes[0]->label = text(m, "SIG-110", 0,
	    0);
}

struct policy *
vast_policy(size_t n_routes, bool flawless)
{
	struct maker m = { .towns = n_routes / VAST_PER_TOWN };
	struct policy *p = NULL;
	uint8_t *body;
	size_t len;
	enum err err;

	keten__v1__policy__init(&m.doc);
	m.doc.version = 1;
	m.doc.index = 1;
	m.doc.origin = text(&m, "keten.groot/1", 0, 0);
	m.doc.introducer = m.doc.origin;
	m.doc.valid_from_ms = 1;
	add_words(&m);
	for (size_t i = 0; i < m.towns; i++)
		add_town(&m, i);
	for (size_t i = 0; i < m.doc.n_routes; i += VAST_PER_TOWN)
		m.doc.routes[i]->codes[0] = m.doc.codes[0]->code;
	len = keten__v1__policy__get_packed_size(&m.doc);
	body = malloc(len);
	if (body == NULL)
		abort();
	(void)keten__v1__policy__pack(&m.doc, body); /* fills the len bytes */
	for (size_t i = 0; i < m.n_blocks; i++)
		free(m.blocks[i]);
	free(m.blocks);
	err = flawless ? policy_new(slice_of(body, len), &p) :
			 policy_read(slice_of(body, len), &p);
	free(body);
	if (err != ERR_OK)
		abort();
	return (p);
}

void
vast_ask(struct route_ask *ask)
{
	*ask = (struct route_ask){ .from = org_of("p-00000-6"),
		.code = "SIG-103", .area = "WK000001",
		.urgency = KETEN__V1__URGENCY__NORMAL, .basis = "G-PUB",
		.discussed = KETEN__V1__DISCUSSED__AGREES,
		.now_ms = INT64_C(1776153600000) };
}
