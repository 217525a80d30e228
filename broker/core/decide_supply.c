/*
 * decide_supply -- the catalogue: what partners say of their own services, what
 * they looked for in vain, and declines for want of room.
 */
#include <string.h>

#include "base/area.h"
#include "core/decide_work.h"
#include "policy/supply.h"
#include "wire/pb.h"

/* Clocks of partners differ; that of one that is days ahead is wrong. */
#define AHEAD_MS INT64_C(86400000)

/* Is ${code} a service, and not one that nobody may be seen to ask for? */
static bool
is_service(const struct policy *p, const char *code)
{
	const Keten__V1__PolicyCode *c = policy_code(p, code);

	return (c != NULL && c->protected_ == 0 &&
	    c->kind == KETEN__V1__POLICY_CODE_KIND__POLICY_CODE_KIND_SERVICE);
}

/* Does some area of the policy lie in ${area}, or the other way round? */
static bool
is_area_here(const struct policy *p, const char *area)
{
	const Keten__V1__Policy *d = policy_doc(p);

	for (size_t i = 0; i < d->n_areas; i++)
		if (area_contains(area, d->areas[i]->code) ||
		    area_contains(d->areas[i]->code, area))
			return (true);
	return (false);
}

/* What is wrong with an entry, or NULL. */
static const char *
entry_flaw(const struct work *w, const Keten__V1__CatalogueEntry *e)
{
	const struct policy *p = w->in->policy;
	const int64_t latest_ms = w->in->now_ms + AHEAD_MS;

	for (size_t i = 0; i < e->n_areas; i++)
		if (!is_area_here(p, e->areas[i]))
			return ("sociale kaart: een gebied hoort niet bij "
				"deze keten");
	for (size_t i = 0; i < e->n_bases; i++)
		if (policy_word(p, POLICY_BASES, e->bases[i]) == NULL)
			return ("sociale kaart: een grondslag staat niet in "
				"het beleid");
	if (strcmp(e->status, SUPPLY_WITHDRAWN) != 0 && e->checked_ms == 0)
		return ("sociale kaart: wanneer nagekeken ontbreekt");
	if (e->checked_ms > latest_ms || e->capacity_ms > latest_ms)
		return ("sociale kaart: een datum ligt in de toekomst");
	return (NULL);
}

enum err
work_catalogue(struct work *w)
{
	Keten__V1__CatalogueEntry *e = w->st->catalogue;
	Keten__V1__CatalogueFacts *f = arena_alloc(w->in->arena, sizeof(*f));
	const char *flaw;

	if (f == NULL)
		return (ERR_NOMEM);
	if (!is_service(w->in->policy, e->service))
		return (work_refuse(w, ERR_BAD_CODE,
		    "sociale kaart: deze dienst staat niet in het beleid"));
	flaw = entry_flaw(w, e);
	if (flaw != NULL)
		return (work_refuse(w, ERR_NOT_ALLOWED, flaw));
	keten__v1__catalogue_facts__init(f);
	f->partner = pb_string(w->sender->partner.id);
	f->entry = e;
	w->d->facts->catalogue = f;
	return (work_sender(w));
}

enum err
work_missing(struct work *w)
{
	const Keten__V1__Missing *m = w->st->missing;
	Keten__V1__MissingFacts *f = arena_alloc(w->in->arena, sizeof(*f));
	const char *rule = "ontbreekt: deze dienst staat niet in het beleid";
	enum err err = ERR_BAD_CODE;

	if (f == NULL)
		return (ERR_NOMEM);
	if (is_service(w->in->policy, m->code))
		err = policy_check_area(w->in->policy, m->code, m->area,
		    m->area_year, &rule);
	if (err == ERR_OK && area_kind(m->area) == AREA_BU) {
		err = ERR_BAD_AREA;
		rule = "ontbreekt: een wijk of een gemeente, geen buurt";
	}
	if (err != ERR_OK)
		return (work_refuse(w, err, rule));
	keten__v1__missing_facts__init(f);
	f->partner = pb_string(w->sender->partner.id);
	f->code = m->code;
	f->area = m->area;
	w->d->facts->missing = f;
	return (work_sender(w));
}

/* Is the command a decline whose reason the policy marks as want of room? */
static bool
is_for_room(const struct work *w)
{
	const Keten__V1__Command *c = work_command(w);
	const Keten__V1__PolicyWord *word;

	if (c == NULL || ((enum event)c->event != EV_DECLINE &&
			     (enum event)c->event != EV_RETURN))
		return (false);
	word = policy_word(w->in->policy, POLICY_DECLINES, c->reason);
	return (word != NULL && word->capacity != 0);
}

enum err
work_shortage(struct work *w)
{
	const struct referral *r = &w->ref->before;
	Keten__V1__Shortage *s;
	char *area;

	if (!is_for_room(w) || !is_service(w->in->policy, r->code))
		return (ERR_OK);
	s = arena_zero(w->in->arena, 1, sizeof(*s));
	area = arena_zero(w->in->arena, 1, AREA_MAX + 1);
	if (s == NULL || area == NULL)
		return (ERR_NOMEM);
	/* Everybody can read it: in which neighbourhood somebody waits for
	 * help is not for them. */
	if (!area_coarse(r->area, area))
		return (ERR_CORRUPT);
	keten__v1__shortage__init(s);
	s->partner = pb_string(w->sender->partner.id);
	s->service = pb_string(r->code);
	s->area = area;
	s->reason = work_command(w)->reason;
	s->until_ms = supply_shown_until(w->in->policy, w->in->now_ms);
	w->d->route->shortage = s;
	return (ERR_OK);
}
