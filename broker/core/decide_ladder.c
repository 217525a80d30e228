/*
 * decide_ladder -- who can be asked now: between route.h and lifecycle.h.
 */
#include <string.h>

#include "core/decide_work.h"
#include "wire/pb.h"

void
work_ask(const struct work *w, const struct referral *r,
    struct route_ask *ask)
{
	memset(ask, 0, sizeof(*ask));
	ask->from = r->b;
	ask->code = r->code;
	ask->area = r->area;
	ask->urgency = (unsigned)r->urgency;
	ask->basis = r->basis;
	ask->discussed = r->discussed;
	ask->first = r->first;
	ask->n_first = r->n_first;
	ask->never = r->never;
	ask->n_never = r->n_never;
	ask->contains = r->contains;
	ask->regisseur = r->r;
	ask->now_ms = w->in->now_ms;
}

/* Whom a ladder asks about, for the view that knows it. */
struct seeing {
	const struct work *w;
	const struct referral *r;
};

/* Who has an offer open keeps the rung it stands on. */
static int64_t
away_since(void *cookie, const struct org *who)
{
	const struct seeing *s = cookie;
	const struct decide_view *v = s->w->in->view;

	for (size_t i = 0; i < s->r->n_offers; i++)
		if (words_is_open(s->r->offers[i].state) &&
		    org_eq(&s->r->offers[i].to, who))
			return (0);
	return (v->unreachable(v->cookie, who));
}

static int64_t
checked_at(void *cookie, const struct org *who, const char *code)
{
	const struct seeing *s = cookie;
	const struct decide_view *v = s->w->in->view;

	for (size_t i = 0; i < s->r->n_offers; i++)
		if (words_is_open(s->r->offers[i].state) &&
		    org_eq(&s->r->offers[i].to, who))
			return (0);
	return (v->checked(v->cookie, who, code));
}

/* Make the ladder; without ${ask}->first if that is what it fails on. */
static void
make_ladder(const struct work *w, struct work_ref *ref, struct route_ask *ask)
{
	ref->ladder_err = route_ladder(w->in->policy, ask, ref->ladder,
	    &ref->ladder_rule);
	if (ref->ladder_err == ERR_OK || ref->is_new || ask->n_first == 0)
		return;
	/* A last holder that cannot be asked any more is no reason to stop. */
	ask->n_first = 0;
	ref->ladder_err = route_ladder(w->in->policy, ask, ref->ladder,
	    &ref->ladder_rule);
}

static bool
is_absent(const Keten__V1__RouteFacts *rf, const struct org *who)
{
	for (size_t i = 0; i < rf->n_absences; i++)
		if (strcmp(rf->absences[i]->partner, who->id) == 0)
			return (true);
	return (false);
}

/*
 * Write down who was left out for being away, so that the same can be decided
 * again: also when nobody is asked, or the command is refused.
 */
static MUST_CHECK enum err
put_absences(struct work *w, const struct ladder *l)
{
	Keten__V1__RouteFacts *rf = w->d->route;
	struct arena *a = w->in->arena;
	Keten__V1__Absence **list;

	if (l->n_skips == 0)
		return (ERR_OK);
	list = arena_alloc(a, (rf->n_absences + l->n_skips) * sizeof(*list));
	if (list == NULL)
		return (ERR_NOMEM);
	if (rf->n_absences > 0)
		memcpy(list, rf->absences, rf->n_absences * sizeof(*list));
	rf->absences = list;
	for (size_t i = 0; i < l->n_skips; i++) {
		const struct route_skip *s = &l->skips[i];
		Keten__V1__Absence *one;

		if (s->why != ROUTE_WHY_UNREACHABLE || is_absent(rf, &s->who))
			continue;
		if ((one = arena_alloc(a, sizeof(*one))) == NULL)
			return (ERR_NOMEM);
		keten__v1__absence__init(one);
		/* The ladder is made anew in its place; the policy stays. */
		one->partner = policy_partner(w->in->policy, &s->who)->id;
		one->since_ms = s->since_ms;
		list[rf->n_absences++] = one;
	}
	return (ERR_OK);
}

enum err
work_ladder(struct work *w, struct work_ref *ref, const struct referral *r,
    const struct org *first)
{
	struct seeing seeing = { w, r };
	struct route_ask ask;

	if (ref->ladder != NULL && ref->ladder_at == r->urgency)
		return (ERR_OK);
	if (ref->ladder == NULL)
		ref->ladder = arena_alloc(w->in->arena, sizeof(*ref->ladder));
	if (ref->ladder == NULL)
		return (ERR_NOMEM);
	work_ask(w, r, &ask);
	if (ref->is_new && work_command(w) != NULL)
		ask.edition = work_command(w)->header->area_year;
	if (first != NULL) {
		ask.first = first;
		ask.n_first = org_is_none(first) ? 0 : 1;
	}
	ask.unreachable = away_since;
	ask.checked = checked_at;
	ask.cookie = &seeing;
	make_ladder(w, ref, &ask);
	ref->ladder_at = r->urgency;
	return (put_absences(w, ref->ladder));
}

/* ---- candidates ---- */

/* The network by which ${who} is on the ladder; none if by its own name. */
static struct org
network_of(const struct policy *p, const Keten__V1__PolicyRung *rung,
    const struct org *who, bool *found)
{
	for (size_t i = 0; i < rung->n_candidates; i++) {
		const Keten__V1__PolicyCandidate *c = rung->candidates[i];
		bool by_name =
		    c->who_case == KETEN__V1__POLICY_CANDIDATE__WHO_PARTNER;
		struct org o;

		if (c->who_case == KETEN__V1__POLICY_CANDIDATE__WHO_KIND)
			continue;
		o = org_of(by_name ? c->partner : c->network);
		if (!policy_network_has(p, &o, who))
			continue;
		*found = true;
		return (org_eq(&o, who) ? org_of(NULL) : o);
	}
	return (org_of(NULL));
}

static struct org
via_of(const struct policy *p, const struct ladder *l, const struct org *who)
{
	struct org via = org_of(NULL);
	bool found = false;

	for (size_t i = 0; !found && i < l->route->n_rungs; i++)
		via = network_of(p, l->route->rungs[i], who, &found);
	return (via);
}

void
work_candidates(const struct work *w, const struct work_ref *ref,
    struct candidates *out)
{
	const struct ladder *l = ref->ladder;

	out->n = 0;
	if (l == NULL || ref->ladder_err != ERR_OK)
		return;
	for (size_t i = 0; i < l->n_rungs; i++) {
		const struct route_rung *g = &l->rungs[i];

		for (size_t k = 0; k < g->n && out->n < CANDIDATES_MAX; k++) {
			struct candidate *c = &out->c[out->n++];

			c->to = g->candidates[k];
			c->via = g->no == 0 ? org_of(NULL)
			    : via_of(w->in->policy, l, &c->to);
			c->rung = (uint8_t)g->no;
		}
	}
}

/* ---- what the route facts say of it ---- */

static MUST_CHECK enum err
put_skips(struct work *w, const struct ladder *l)
{
	Keten__V1__RouteFacts *rf = w->d->route;
	Keten__V1__Skip *s;

	if (rf->n_skips != 0 || l->n_skips == 0)
		return (ERR_OK);
	s = arena_alloc(w->in->arena, l->n_skips * sizeof(*s));
	rf->skips = arena_alloc(w->in->arena, l->n_skips * sizeof(s));
	if (s == NULL || rf->skips == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < l->n_skips; i++) {
		keten__v1__skip__init(&s[i]);
		s[i].rung = l->skips[i].rung;
		s[i].partner = pb_string(l->skips[i].who.id);
		s[i].reason = pb_string(route_why_name(l->skips[i].why));
		rf->skips[rf->n_skips++] = &s[i];
	}
	return (ERR_OK);
}

static bool
is_listed(char *const *names, size_t n, const struct org *who)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], who->id) == 0)
			return (true);
	return (false);
}

/* Of whom an offer was made to, who is not connected? */
static MUST_CHECK enum err
put_unreachable(struct work *w, const struct change *ch)
{
	const struct decide_view *v = w->in->view;
	Keten__V1__RouteFacts *rf = w->d->route;
	char **names = arena_alloc(w->in->arena,
	    (rf->n_unreachable + ch->n_offers) * sizeof(*names));

	if (names == NULL)
		return (ERR_NOMEM);
	if (rf->n_unreachable > 0)
		memcpy(names, rf->unreachable,
		    rf->n_unreachable * sizeof(*names));
	rf->unreachable = names;
	for (size_t i = 0; i < ch->n_offers; i++) {
		const struct offer_change *o = &ch->offers[i];

		if (o->was == OFFER_NONE &&
		    !is_listed(names, rf->n_unreachable, &o->to) &&
		    v->unreachable(v->cookie, &o->to) != 0)
			names[rf->n_unreachable++] = pb_string(o->to.id);
	}
	return (ERR_OK);
}

enum err
work_route(struct work *w, const struct work_ref *ref)
{
	const struct change *ch = &ref->ch;
	bool climbed = false;

	for (size_t i = 0; i < ch->n_steps; i++)
		if (ch->steps[i].event == EV_OFFER ||
		    ch->steps[i].event == EV_ESCALATE)
			climbed = true;
	if (climbed && ref == w->ref && ref->ladder != NULL &&
	    put_skips(w, ref->ladder) != ERR_OK)
		return (ERR_NOMEM);
	return (ch->n_offers == 0 ? ERR_OK : put_unreachable(w, ch));
}

/* ---- what the view knows ---- */

/* Has any mailbox of the candidate acknowledged its offer? */
static bool
is_delivered(const struct work *w, const struct refid *id,
    const struct offer *o)
{
	const struct decide_view *v = w->in->view;
	const Keten__V1__PolicyPartner *p =
	    policy_partner(w->in->policy, &o->to);

	for (size_t i = 0; p != NULL && i < p->n_mailboxes; i++)
		if (!v->undelivered(v->cookie, &o->to, p->mailboxes[i], id,
			o->number))
			return (true);
	return (false);
}

void
work_delivered(const struct work *w, struct referral *r)
{
	for (size_t i = 0; i < r->n_offers; i++)
		if (words_is_open(r->offers[i].state))
			r->offers[i].delivered =
			    is_delivered(w, &r->id, &r->offers[i]);
}

bool
work_can_open(const struct work *w, const struct referral *r,
    const struct org *who)
{
	const struct decide_view *v = w->in->view;
	struct decide_piece pieces[DECIDE_PIECES_MAX], last;
	size_t n = 0;

	if (!r->person_part || org_is_none(who))
		return (!r->person_part);
	do {
		n = v->pieces(v->cookie, &r->id, n == 0 ? NULL : &last,
		    pieces, DECIDE_PIECES_MAX);
		for (size_t i = 0; i < n; i++)
			if (pieces[i].kind == KETEN__V1__PART_KIND__PERSON &&
			    !v->has_wrap(v->cookie, pieces[i].index,
				pieces[i].part, who))
				return (false);
		if (n > 0)
			last = pieces[n - 1];
	} while (n == DECIDE_PIECES_MAX);
	return (true);
}
