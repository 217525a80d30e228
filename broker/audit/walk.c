/*
 * walk -- the whole log from its first record, each record in words.
 */
#include <stdlib.h>
#include <string.h>

#include "core/map.h"
#include "audit/progress.h"
#include "audit/recordjson.h"
#include "audit/walk.h"
#include "trust/digest.h"
#include "wire/pb.h"

#define ARENA ((size_t)16 << 20)

struct walk {
	struct txn *txn;
	uint64_t next;
	uint64_t until;
	struct arena *a;
	struct map *abouts;
	struct policy *policy;
	struct progress bar;
};

enum err
walk_new(struct txn *txn, uint64_t until, struct walk **w)
{
	struct walk *made = calloc(1, sizeof(*made));

	if (made == NULL)
		return (ERR_NOMEM);
	made->txn = txn;
	made->until = until < store_size(txn) ? until : store_size(txn);
	made->a = arena_new(ARENA);
	made->abouts = map_new(sizeof(struct refid),
	    sizeof(struct walk_about));
	if (made->a == NULL || made->abouts == NULL) {
		walk_free(made);
		return (ERR_NOMEM);
	}
	progress_start(&made->bar, "records", made->until);
	*w = made;
	return (ERR_OK);
}

void
walk_free(struct walk *w)
{
	if (w == NULL)
		return;
	if (w->abouts != NULL && w->a != NULL)
		progress_stop(&w->bar);
	arena_free(w->a);
	map_free(w->abouts);
	policy_free(w->policy);
	free(w);
}

/* --- what is remembered ---------------------------------------------------- */

static void
keep(char *to, size_t cap, const char *from)
{
	if (from[0] == '\0')
		return;
	memset(to, 0, cap);
	memcpy(to, from, strnlen(from, cap - 1));
}

/* The header of a SUBMIT says all of it, a later one what it changes. */
static void
take_header(struct walk_about *ab, const Keten__V1__FactsHeader *h)
{
	if (h->originator[0] != '\0')
		ab->b = org_of(h->originator);
	if (h->regisseur[0] != '\0')
		ab->r = org_of(h->regisseur);
	keep(ab->code, sizeof(ab->code), h->code);
	keep(ab->area, sizeof(ab->area), h->area);
	keep(ab->basis, sizeof(ab->basis), h->basis);
	if (h->discussed != 0)
		ab->discussed = (uint32_t)h->discussed;
}

static MUST_CHECK enum err
take_change(struct walk *w, const struct telling *t,
    const Keten__V1__Change *c, const Keten__V1__FactsHeader *h)
{
	struct refid id;
	struct walk_about *ab;

	if (pb_refid(c->referral, &id) != ERR_OK)
		return (ERR_OK);
	ab = map_add(w->abouts, &id);
	if (ab == NULL)
		return (ERR_NOMEM);
	if (c->version_before == 0)
		ab->opened = t->index;
	if (h != NULL)
		take_header(ab, h);
	if (c->after != NULL) {
		ab->b = org_of(c->after->originator);
		ab->h = org_of(c->after->holder);
		ab->urgency = (enum urgency)c->after->urgency;
	}
	return (ERR_OK);
}

static MUST_CHECK enum err
take_policy(struct walk *w, const struct telling *t)
{
	struct policy *p = NULL;
	enum err err;

	if (!t->has_envelope || t->env.kind != ENVELOPE_POLICY)
		return (ERR_OK);
	err = policy_read(t->env.body, &p);
	if (err != ERR_OK)
		return (err == ERR_NOMEM ? err : ERR_OK);
	policy_free(w->policy);
	w->policy = p;
	return (ERR_OK);
}

static MUST_CHECK enum err
remember(struct walk *w, const struct telling *t)
{
	const Keten__V1__Facts *f = t->facts;
	enum err err = take_policy(w, t);

	if (err == ERR_OK && f->change != NULL)
		err = take_change(w, t, f->change, f->header);
	for (size_t i = 0; i < f->n_children && err == ERR_OK; i++)
		err = take_change(w, t, f->children[i], NULL);
	return (err);
}

/* --- one record --------------------------------------------------------------- */

/* Nothing but the leaf is left of it. */
static void
only_leaf(struct walk *w, struct walk_step *s, enum err err)
{
	struct slice bytes;
	struct leaf leaf;

	s->verdict = recordjson_verdict(err);
	s->t.index = s->index;
	s->t.partner = s->t.device = s->t.actor = "";
	s->t.reason = s->t.refused = "";
	s->has_leaf = store_leaf(w->txn, s->index, &bytes) == ERR_OK &&
	    leaf_decode(bytes, &leaf) == ERR_OK;
	s->t.event = s->has_leaf ? leaf_kind_name(leaf.kind) : "?";
	if (s->has_leaf) {
		s->t.kind = leaf.kind;
		s->t.time_ms = leaf.time_ms;
		digest_leaf(bytes, s->t.leaf_hash);
	}
}

enum err
walk_next(struct walk *w, struct walk_step *s)
{
	struct record rec;
	enum err err = ERR_OK;

	memset(s, 0, sizeof(*s));
	if (w->next >= w->until)
		return (ERR_NOT_FOUND);
	if (store_is_stale(w->txn))
		err = store_renew(w->txn);
	if (err != ERR_OK)
		return (err);
	arena_reset(w->a);
	s->index = w->next++;
	progress_at(&w->bar, s->index);
	err = record_read(w->txn, s->index, w->a, &rec);
	if (err == ERR_OK)
		err = telling_of(&rec, w->a, &s->t);
	if (err == ERR_STORE || err == ERR_NOMEM || err == ERR_IO)
		return (err);
	if (err != ERR_OK) {
		only_leaf(w, s, err);
		return (ERR_OK);
	}
	s->has = s->has_leaf = true;
	s->verdict = record_check(&rec) == ERR_OK ? VERDICT_WITNESSED
						  : VERDICT_HASH;
	return (remember(w, &s->t));
}

const struct walk_about *
walk_about(const struct walk *w, const struct refid *id)
{
	return (map_find(w->abouts, id));
}

const struct policy *
walk_policy(const struct walk *w)
{
	return (w->policy);
}

const char *
walk_covenant(const struct walk *w, const struct walk_about *about,
    const struct org *to, int64_t time_ms)
{
	const Keten__V1__PolicyCovenant *found;
	const char *rule;
	struct policy_ask ask = { .code = about->code, .area = about->area,
		.basis = about->basis, .discussed = about->discussed,
		.now_ms = time_ms, .from = about->b, .to = *to };

	if (w->policy == NULL || org_is_none(to) || org_is_none(&about->b) ||
	    org_eq(to, &about->b) ||
	    policy_covenant(w->policy, &ask, &found, &rule) != ERR_OK)
		return ("");
	return (found->id);
}

const char *
walk_role(const struct walk_about *about, const char *partner)
{
	struct org who = org_of(partner);

	if (about == NULL || org_is_none(&who))
		return ("");
	return (org_eq(&who, &about->b)	  ? "bron"
		: org_eq(&who, &about->h) ? "houder"
		: org_eq(&who, &about->r) ? "regisseur"
					  : "betrokkene");
}
