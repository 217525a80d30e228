/*
 * decide_load -- begin a decision, look up what it is about, or refuse.
 */
#include <string.h>

#include "core/decide_work.h"
#include "wire/pb.h"

#define PAGE 32

struct work *
work_new(const struct decide_in *in, const Keten__V1__Statement *st,
    const struct decide_sender *sender, Keten__V1__RecordKind kind,
    struct decision *d)
{
	struct work *w = arena_zero(in->arena, 1, sizeof(*w));
	Keten__V1__Facts *f = arena_alloc(in->arena, sizeof(*f));
	Keten__V1__RouteFacts *rf = arena_alloc(in->arena, sizeof(*rf));

	memset(d, 0, sizeof(*d));
	if (w == NULL || f == NULL || rf == NULL)
		return (NULL);
	keten__v1__facts__init(f);
	keten__v1__route_facts__init(rf);
	f->index = in->index;
	f->kind = kind;
	f->time_ms = in->now_ms;
	f->engine = DECIDE_ENGINE;
	f->policy_index = in->policy == NULL ? 0 : policy_index(in->policy);
	d->facts = f;
	d->route = rf;
	w->in = in;
	w->d = d;
	w->st = st;
	w->sender = sender;
	w->tail = &w->more;
	return (w);
}

const Keten__V1__Command *
work_command(const struct work *w)
{
	if (w->st == NULL ||
	    w->st->body_case != KETEN__V1__STATEMENT__BODY_COMMAND)
		return (NULL);
	return (w->st->command);
}

enum err
work_sender(struct work *w)
{
	Keten__V1__Sender *s;

	if (w->st == NULL)
		return (ERR_OK);
	s = arena_alloc(w->in->arena, sizeof(*s));
	if (s == NULL)
		return (ERR_NOMEM);
	keten__v1__sender__init(s);
	s->partner = pb_string(w->sender->partner.id);
	s->device = pb_string(w->sender->device);
	s->lane = w->st->lane;
	s->number = w->st->number;
	s->body_hash = pb_of(w->sender->body_hash, 32);
	w->d->route->sender = s;
	return (ERR_OK);
}

/* What the refused one needs to know to do better. */
static void
put_help(const struct work *w, enum err err, Keten__V1__Refused *no)
{
	if (w->ref == NULL)
		return;
	if (err == ERR_CONFLICT)
		no->current_version = w->ref->before.version;
	if (err == ERR_NOBODY_NOW && w->ref->ladder != NULL &&
	    w->ref->ladder->call != NULL)
		no->call = pb_string(w->ref->ladder->call);
}

enum err
work_refuse(struct work *w, enum err err, const char *rule)
{
	Keten__V1__Facts *f = w->d->facts;
	Keten__V1__Refused *no = arena_alloc(w->in->arena, sizeof(*no));
	uint64_t policy = f->policy_index;
	Keten__V1__Absence **absences = w->d->route->absences;
	size_t n_absences = w->d->route->n_absences;

	if (no == NULL)
		return (ERR_NOMEM);
	keten__v1__refused__init(no);
	no->code = (Keten__V1__ErrorCode)err;
	no->rule = pb_string(rule);
	put_help(w, err, no);

	keten__v1__facts__init(f);
	f->index = w->in->index;
	f->kind = KETEN__V1__RECORD_KIND__RECORD_REFUSED;
	f->time_ms = w->in->now_ms;
	f->engine = DECIDE_ENGINE;
	f->policy_index = policy;
	f->refused = no;
	keten__v1__route_facts__init(w->d->route);
	w->d->route->absences = absences;
	w->d->route->n_absences = n_absences;
	w->d->err = err;
	w->d->rule = rule;
	w->d->wants_wrap = w->d->wants_again = w->d->erase =
	    w->d->alarm = false;

	/* Only the party itself may see that there is such a referral; and one
	 * that never began has no place of its own. */
	if (err == ERR_UNKNOWN_REFERRAL || w->ref == NULL || w->ref->is_new)
		memset(&w->d->referral, 0, sizeof(w->d->referral));
	return (work_sender(w));
}

struct work_ref *
work_load(struct work *w, const struct refid *id)
{
	const struct decide_view *v = w->in->view;
	struct work_ref *ref = arena_alloc(w->in->arena, sizeof(*ref));

	if (ref == NULL)
		return (NULL);
	memset(ref, 0, offsetof(struct work_ref, before));
	memset(&ref->ch, 0, offsetof(struct change, steps));
	if (v->referral(v->cookie, id, &ref->before))
		return (ref);
	referral_clear(&ref->before);
	ref->before.id = *id;
	ref->is_new = true;
	return (ref);
}

/* ---- children ---- */

void
work_each_child(struct work *w, const struct refid *id,
    bool (*one)(struct work *w, const struct refid *child, void *cookie),
    void *cookie)
{
	const struct decide_view *v = w->in->view;
	struct refid page[PAGE], last;
	const struct refid *after = NULL;
	size_t n;

	do {
		n = v->children(v->cookie, id, after, page, PAGE);
		for (size_t i = 0; i < n && i < PAGE; i++)
			if (!one(w, &page[i], cookie))
				return;
		if (n > 0)
			last = page[n - 1];
		after = &last;
	} while (n == PAGE);
}

struct count {
	struct referral *child;
	size_t live;
};

static bool
count_one(struct work *w, const struct refid *id, void *cookie)
{
	const struct decide_view *v = w->in->view;
	struct count *c = cookie;

	if (v->referral(v->cookie, id, c->child) &&
	    referral_is_live(c->child))
		c->live++;
	return (true);
}

enum err
work_live_children(struct work *w, const struct refid *id, size_t *n)
{
	struct arena *a = w->in->arena;
	size_t mark = arena_used(a);
	struct count c = { .live = 0 };

	c.child = arena_alloc(a, sizeof(*c.child));
	if (c.child == NULL)
		return (ERR_NOMEM);
	work_each_child(w, id, count_one, &c);
	arena_rewind(a, mark);
	*n = c.live;
	return (ERR_OK);
}
