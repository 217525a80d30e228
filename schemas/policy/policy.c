/*
 * policy -- the policy document, ready to be asked: making it, and who.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "base/area.h"
#include "policy/flaws.h"
#include "policy/policy_impl.h"
#include "wire/arena.h"
#include "wire/envelope.h"

/* --- finding ------------------------------------------------------------- */

static int
by_id(const void *a, const void *b)
{
	const Keten__V1__PolicyPartner *const *x = a;
	const Keten__V1__PolicyPartner *const *y = b;

	return (strcmp((*x)->id, (*y)->id));
}

static int
by_name(const void *a, const void *b)
{
	const struct code_row *x = a, *y = b;

	return (strcmp(x->name, y->name));
}

int
policy_code_search(const struct policy *p, const char *name)
{
	size_t lo = 0, hi = p->n_codes;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(p->codes[mid].name, name);

		if (c == 0)
			return ((int)mid);
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (-1);
}

/* --- making -------------------------------------------------------------- */

bool
policy_names_successors(const Keten__V1__PolicyPartner *w)
{
	return (w->successor[0] != '\0' || w->n_successors > 0);
}

static enum err
index_partners(struct policy *p)
{
	p->partners = calloc(p->doc->n_partners + 1, sizeof(*p->partners));
	if (p->partners == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < p->doc->n_partners; i++)
		p->partners[i] = p->doc->partners[i];
	p->n_partners = p->doc->n_partners;
	qsort(p->partners, p->n_partners, sizeof(*p->partners), by_id);
	return (ERR_OK);
}

static const Keten__V1__PolicyGroup *
group_row(const struct policy *p, const char *id)
{
	for (size_t i = 0; i < p->doc->n_groups; i++)
		if (strcmp(p->doc->groups[i]->id, id) == 0)
			return (p->doc->groups[i]);
	return (NULL);
}

static enum err
index_codes(struct policy *p)
{
	const Keten__V1__Policy *d = p->doc;

	p->codes = calloc(d->n_codes + d->n_groups + 1, sizeof(*p->codes));
	if (p->codes == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < d->n_codes; i++) {
		struct code_row *r = &p->codes[p->n_codes++];

		r->name = d->codes[i]->code;
		r->code = d->codes[i];
		r->group = group_row(p, d->codes[i]->group);
		r->header = !d->codes[i]->protected_;
	}
	for (size_t i = 0; i < d->n_groups; i++) {
		struct code_row *r = &p->codes[p->n_codes++];

		r->name = d->groups[i]->id;
		r->group = d->groups[i];
		r->header = d->groups[i]->protected_;
	}
	qsort(p->codes, p->n_codes, sizeof(*p->codes), by_name);
	return (ERR_OK);
}

static void
fill_codes(const struct policy *p, const Keten__V1__PolicyCovenant *c,
    uint8_t *set)
{
	for (size_t i = 0; i < p->n_codes; i++) {
		bool in = c->n_codes == 0;

		for (size_t k = 0; k < c->n_codes && !in; k++)
			in = policy_matches_row(&p->codes[i], c->codes[k]);
		if (in && p->codes[i].header)
			set[i / 8] |= (uint8_t)(1u << (i % 8));
	}
}

/* What a refusal says of one that does not count on that day. */
static void
write_days(const Keten__V1__PolicyCovenant *c, struct pact *a)
{
	struct cal_date last = cal_date_of(c->valid_until_ms - 1);
	struct cal_date first = cal_date_of(c->valid_from_ms);

	(void)snprintf(a->ended, sizeof(a->ended),
	    "convenant: %.31s is verlopen op %02d-%02d-%04d, de laatste dag",
	    c->id, last.day, last.month, last.year);
	(void)snprintf(a->early, sizeof(a->early),
	    "convenant: %.31s geldt pas vanaf %02d-%02d-%04d", c->id,
	    first.day, first.month, first.year);
}

static enum err
index_covenants(struct policy *p)
{
	size_t codes = p->n_codes / 8 + 1;
	size_t n = p->doc->n_covenants;
	uint8_t *next;

	p->pacts = calloc(n + 1, sizeof(*p->pacts));
	p->sets = calloc(n + 1, codes);
	if (p->pacts == NULL || p->sets == NULL)
		return (ERR_NOMEM);
	next = p->sets;
	for (size_t i = 0; i < n; i++) {
		const Keten__V1__PolicyCovenant *c = p->doc->covenants[i];
		struct pact *a = &p->pacts[i];

		a->row = c;
		a->codes = next;
		next += codes;
		fill_codes(p, c, a->codes);
		write_days(c, a);
	}
	p->n_pacts = n;
	return (ERR_OK);
}

static void
make_calendar(struct policy *p)
{
	cal_init(&p->cal);
	for (size_t i = 0; i < p->doc->n_holidays; i++) {
		const Keten__V1__PolicyHoliday *h = p->doc->holidays[i];
		struct cal_date d = { (int)(h->date / 10000),
			(int)(h->date / 100 % 100), (int)(h->date % 100) };

		/* A date that is none is a flaw, and found there. */
		(void)cal_set_holiday(&p->cal, d, !h->workday);
	}
	cal_terms_default(&p->terms);
	for (size_t i = 0; i < p->doc->n_terms; i++)
		policy_apply_term(p->doc->terms[i], &p->terms);
}

enum err
policy_read(struct slice body, struct policy **policy)
{
	struct policy *p = calloc(1, sizeof(*p));
	enum err err = ERR_NOMEM;

	if (p == NULL)
		return (ERR_NOMEM);
	p->len = body.len;
	p->body = malloc(body.len + 1);
	if (p->body == NULL)
		goto out;
	memcpy(p->body, body.p, body.len);
	SHA256(p->body, p->len, p->hash);
	err = ERR_MALFORMED;
	p->doc = keten__v1__policy__unpack(NULL, p->len, p->body);
	if (p->doc == NULL || p->doc->version != 1)
		goto out;
	if ((err = index_partners(p)) != ERR_OK ||
	    (err = index_codes(p)) != ERR_OK ||
	    (err = index_covenants(p)) != ERR_OK ||
	    (err = policy_compile(p)) != ERR_OK)
		goto out;
	make_calendar(p);
	*policy = p;
	p = NULL;

out:
	policy_free(p);
	return (err);
}

enum err
policy_new(struct slice body, struct policy **policy)
{
	static const struct flaws quiet;
	struct policy *p;
	enum err err;

	err = policy_read(body, &p);
	if (err != ERR_OK)
		return (err);
	if (flaws_find(p, &quiet) != 0) {
		policy_free(p);
		return (ERR_CONFIG);
	}
	*policy = p;
	return (ERR_OK);
}

/* A parsed envelope takes a few kB besides a copy of its body. */
#define ENVELOPE_ROOM (64 * 1024)

enum err
policy_open(struct slice envelope, const uint8_t introducer[32],
    struct policy **policy)
{
	struct arena *a;
	struct envelope env;
	enum err err;

	if (envelope.len > SIZE_MAX / 8)
		return (ERR_TOO_BIG);
	a = arena_new(4 * envelope.len + ENVELOPE_ROOM);
	if (a == NULL)
		return (ERR_NOMEM);
	err = envelope_parse(a, envelope, &env, NULL);
	if (err == ERR_OK && env.kind != ENVELOPE_POLICY)
		err = ERR_MALFORMED;
	if (err == ERR_OK && envelope_check(&env, introducer) != ERR_OK)
		err = ERR_BAD_SIGNATURE;
	if (err == ERR_OK)
		err = policy_new(env.body, policy);
	arena_free(a);
	return (err);
}

void
policy_free(struct policy *p)
{
	if (p == NULL)
		return;
	if (p->doc != NULL)
		keten__v1__policy__free_unpacked(p->doc, NULL);
	free(p->partners);
	free(p->codes);
	free(p->pacts);
	free(p->sets);
	policy_decompile(p);
	free(p->body);
	free(p);
}

enum err
policy_check_next(const struct policy *old, const struct policy *next,
    const char **why)
{
	const Keten__V1__Policy *a = old->doc, *b = next->doc;

	if (b->index <= a->index)
		*why = "het volgnummer (index) moet hoger zijn dan van het "
		       "beleid dat nu geldt";
	else if (strcmp(a->origin, b->origin) != 0)
		*why = "de naam van de keten (origin) mag niet veranderen";
	else if (b->valid_from_ms < a->valid_from_ms)
		*why = "het nieuwe beleid gaat eerder in dan het oude";
	else
		*why = NULL;
	for (size_t i = 0; i < old->n_partners && *why == NULL; i++)
		if (policy_partner_no(next, old->partners[i]->id) < 0)
			*why = "een partner is verdwenen; geef hem een "
			       "einddatum (ended) en laat hem staan";
	return (*why == NULL ? ERR_OK : ERR_CONFIG);
}

const Keten__V1__Policy *
policy_doc(const struct policy *p)
{
	return (p->doc);
}

struct slice
policy_body(const struct policy *p)
{
	return (slice_of(p->body, p->len));
}

const uint8_t *
policy_hash(const struct policy *p)
{
	return (p->hash);
}

uint64_t
policy_index(const struct policy *p)
{
	return (p->doc->index);
}

const char *
policy_origin(const struct policy *p)
{
	return (p->doc->origin);
}

const struct calendar *
policy_calendar(const struct policy *p)
{
	return (&p->cal);
}

/* --- who ----------------------------------------------------------------- */

const Keten__V1__PolicyPartner *
policy_partner(const struct policy *p, const struct org *org)
{
	int i = policy_partner_no(p, org->id);

	return (i < 0 ? NULL : p->partners[i]);
}

const uint8_t *
policy_identity_key(const struct policy *p, const struct org *org)
{
	const Keten__V1__PolicyPartner *w = policy_partner(p, org);

	return (w != NULL && w->identity_key.len == 32 ? w->identity_key.data :
							 NULL);
}

const uint8_t *
policy_former_key(const struct policy *p, const struct org *org, size_t i)
{
	const Keten__V1__PolicyPartner *w = policy_partner(p, org);

	if (w == NULL || i >= w->n_former_identity_keys ||
	    w->former_identity_keys[i].len != 32)
		return (NULL);
	return (w->former_identity_keys[i].data);
}

bool
policy_has_role(const struct policy *p, const struct org *org,
    Keten__V1__PolicyRole role)
{
	const Keten__V1__PolicyPartner *w = policy_partner(p, org);

	for (size_t i = 0; w != NULL && i < w->n_roles; i++)
		if (w->roles[i] == role)
			return (true);
	return (false);
}

static bool
has_ended(const Keten__V1__PolicyPartner *w, int64_t now_ms)
{
	return (w->gone || (w->ended_ms != 0 && now_ms >= w->ended_ms));
}

bool
policy_has_ended(const struct policy *p, const struct org *org,
    int64_t now_ms)
{
	const Keten__V1__PolicyPartner *w = policy_partner(p, org);

	return (w == NULL || has_ended(w, now_ms));
}

static bool
succeeds(const struct policy *p, const Keten__V1__PolicySuccessor *s,
    const struct policy_ask *about)
{
	bool is_code = s->n_codes == 0;

	for (size_t i = 0; i < s->n_codes && !is_code; i++)
		is_code = policy_code_in(p, s->codes[i], about->code);
	return (is_code && policy_area_in(s->areas, s->n_areas, about->area));
}

/* The id of who comes directly after ${w}; "" if nobody does. */
static const char *
next_after(const struct policy *p, const Keten__V1__PolicyPartner *w,
    const struct policy_ask *about, bool *holder)
{
	for (size_t i = 0; i < w->n_successors; i++)
		if (succeeds(p, w->successors[i], about)) {
			*holder = *holder && w->successors[i]->holder;
			return (w->successors[i]->partner);
		}
	*holder = false;
	return (w->successor);
}

struct org
policy_successor(const struct policy *p, const struct org *org,
    const struct policy_ask *about, bool *holder)
{
	int no = policy_partner_no(p, org->id);
	bool holds = true;

	/* A circle is a flaw; without one n steps are enough. */
	for (size_t i = 0; no >= 0 && i <= p->n_partners; i++) {
		const Keten__V1__PolicyPartner *w = p->partners[no];

		if (!has_ended(w, about->now_ms)) {
			if (holder != NULL)
				*holder = holds;
			return (org_of(w->id));
		}
		no = policy_partner_no(p, next_after(p, w, about, &holds));
	}
	return (org_of(NULL));
}

bool
policy_area_in(char *const *areas, size_t n, const char *area)
{
	for (size_t i = 0; i < n; i++)
		if (area_contains(areas[i], area))
			return (true);
	return (n == 0);
}

/* Somebody who works in one district also works in its municipality. */
bool
policy_works_in(const struct policy *p, const struct org *org,
    const char *area)
{
	const Keten__V1__PolicyPartner *w = policy_partner(p, org);

	if (w == NULL)
		return (false);
	if (policy_area_in(w->areas, w->n_areas, area))
		return (true);
	for (size_t i = 0; i < w->n_areas; i++)
		if (area_contains(area, w->areas[i]))
			return (true);
	return (false);
}

bool
policy_has_mailbox(const struct policy *p, const struct org *org,
    const char *mailbox)
{
	const Keten__V1__PolicyPartner *w = policy_partner(p, org);

	for (size_t i = 0; w != NULL && i < w->n_mailboxes; i++)
		if (strcmp(w->mailboxes[i], mailbox) == 0)
			return (true);
	return (false);
}

bool
policy_names(const struct policy *p, const Keten__V1__PolicyParty *party,
    const struct org *org)
{
	const Keten__V1__PolicyPartner *w = policy_partner(p, org);

	return (w != NULL &&
	    party->who_case != KETEN__V1__POLICY_PARTY__WHO_ANYONE &&
	    policy_party_has(p, party, w));
}

bool
policy_is_successor(const struct policy *p, const struct org *org,
    const struct policy_ask *about)
{
	int no = policy_partner_no(p, org->id);

	if (no < 0)
		return (false);
	for (uint32_t i = p->orgs[no].before; i != 0; i = p->links[i].next) {
		struct org old = org_of(p->partners[p->links[i].value]->id);
		struct org next = policy_successor(p, &old, about, NULL);

		if (org_eq(&next, org) && !org_eq(&next, &old))
			return (true);
	}
	return (false);
}
