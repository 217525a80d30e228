/*
 * decide_erase -- what may be erased, what has to stay, and who confirmed.
 */
#include <string.h>

#include "core/decide_work.h"
#include "policy/erasure.h"
#include "wire/pb.h"

/* B, R, H, custodian, and whoever else there was. */
#define NAMES_MAX (REFERRAL_PARTIES_MAX + 4)

/* ---- who had any of it -------------------------------------------------------- */

static size_t
add_name(struct org *list, size_t n, const struct org *o)
{
	for (size_t i = 0; i < n; i++)
		if (org_eq(&list[i], o))
			return (n);
	if (org_is_none(o))
		return (n);
	list[n] = *o;
	return (n + 1);
}

static size_t
names_of(const struct referral *r, struct org list[NAMES_MAX])
{
	size_t n = 0;

	n = add_name(list, n, &r->b);
	n = add_name(list, n, &r->h);
	n = add_name(list, n, &r->r);
	n = add_name(list, n, &r->custodian);
	for (size_t i = 0; i < r->n_parties; i++)
		n = add_name(list, n, &r->parties[i]);
	return (n);
}

static Keten__V1__DeliveryRole
role_of(const struct referral *r, const struct org *who)
{
	if (org_eq(who, &r->b))
		return (KETEN__V1__DELIVERY_ROLE__ORIGINATOR);
	if (org_eq(who, &r->h))
		return (KETEN__V1__DELIVERY_ROLE__HOLDER);
	if (org_eq(who, &r->r))
		return (KETEN__V1__DELIVERY_ROLE__REGISSEUR);
	if (org_eq(who, &r->custodian))
		return (KETEN__V1__DELIVERY_ROLE__CUSTODIAN);
	return (KETEN__V1__DELIVERY_ROLE__FORMER);
}

static bool
is_near(const struct referral *r, const struct org *who)
{
	return (org_eq(who, &r->b) || org_eq(who, &r->h) ||
	    org_eq(who, &r->r));
}

static MUST_CHECK enum err
tell(struct work *w, const struct org *who, bool statement)
{
	const struct referral *r = &w->ref->before;
	struct work_sent s = { .who = *who, .about = r->id,
		.role = role_of(r, who) };

	if (is_near(r, who))
		s.with |= DECIDE_WITH_ROUTE;
	if (statement && w->st != NULL)
		s.with |= DECIDE_WITH_STATEMENT;
	return (work_send(w, &s));
}

/*
 * Everybody who may have a copy, whoever asked included: what is in a spool
 * goes when the delivery comes, and only then.  Each sees who signed for it.
 */
static MUST_CHECK enum err
tell_all(struct work *w)
{
	struct org list[NAMES_MAX];
	size_t n = names_of(&w->ref->before, list);
	enum err err = ERR_OK;

	for (size_t i = 0; i < n && err == ERR_OK; i++)
		err = tell(w, &list[i], true);
	return (err);
}

/* ---- erasing content -------------------------------------------------------------- */

/* The records whose content goes. */
static MUST_CHECK enum err
put_ranges(struct work *w, Keten__V1__EraseFacts *f)
{
	const struct decide_view *v = w->in->view;
	struct arena *a = w->in->arena;
	struct decide_range *list =
	    arena_alloc(a, DECIDE_RANGES_MAX * sizeof(*list));
	Keten__V1__EraseRange *rows;
	size_t n;

	if (list == NULL)
		return (ERR_NOMEM);
	n = v->content(v->cookie, &w->ref->before.id,
	    (size_t)f->page * DECIDE_RANGES_MAX, list, DECIDE_RANGES_MAX);
	rows = arena_alloc(a, (n + 1) * sizeof(*rows));
	f->ranges = arena_alloc(a, (n + 1) * sizeof(*f->ranges));
	if (rows == NULL || f->ranges == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < n; i++) {
		keten__v1__erase_range__init(&rows[i]);
		rows[i].first = list[i].first;
		rows[i].count = list[i].count;
		f->ranges[f->n_ranges++] = &rows[i];
	}
	return (ERR_OK);
}

/* The record of it; nobody is told yet. */
static MUST_CHECK enum err
put_erase(struct work *w, uint32_t number, const char *rule, uint64_t because,
    uint32_t page)
{
	Keten__V1__EraseFacts *f = arena_alloc(w->in->arena, sizeof(*f));
	struct change *ch = &w->ref->ch;

	if (f == NULL)
		return (ERR_NOMEM);
	keten__v1__erase_facts__init(f);
	f->level = 1;
	f->number = number;
	f->rule = pb_string(rule);
	f->because = because;
	f->page = page;
	w->d->facts->kind = KETEN__V1__RECORD_KIND__RECORD_ERASE;
	w->d->facts->erase = f;
	w->d->referral = w->ref->before.id;
	referral_copy(&ch->after, &w->ref->before);
	ch->after.erased = true;
	ch->after.changed_ms = w->in->now_ms;
	if (put_ranges(w, f) != ERR_OK || work_sender(w) != ERR_OK ||
	    work_change(w, w->ref, true) != ERR_OK)
		return (ERR_NOMEM);
	return (ERR_OK);
}

static MUST_CHECK enum err
do_erase(struct work *w, uint32_t number, const char *rule, uint64_t because)
{
	enum err err = put_erase(w, number, rule, because, 0);

	return (err != ERR_OK ? err : tell_all(w));
}

static bool
is_retained(const struct work *w)
{
	const struct decide_view *v = w->in->view;

	return (v->retained(v->cookie, &w->ref->before.id, w->in->now_ms));
}

/* May ${who} know that there is such a referral at all? */
static bool
is_known_to(const struct work *w, const struct org *who)
{
	const struct referral *r = &w->ref->before;

	return (!w->ref->is_new &&
	    (referral_roles(r, who) != 0 ||
		erasure_may_ask(w->in->policy, r, who)));
}

static enum err
may_erase(const struct work *w, const char **rule)
{
	const Keten__V1__Erase *e = w->st->erase;
	const struct referral *r = &w->ref->before;

	*rule = "wissen: hele records gaan alleen weg door een bewaarregel";
	if (e->level != 1)
		return (ERR_NOT_ALLOWED);
	*rule = "wissen: de verwijzing loopt nog; rond haar eerst af";
	if (referral_is_live(r))
		return (ERR_WRONG_STATE);
	*rule = "wissen: alleen wie volgens het convenant verantwoordelijk is, "
		"kan dat vragen";
	if (!erasure_may_ask(w->in->policy, r, &w->sender->partner))
		return (ERR_NOT_ALLOWED);
	*rule = "wissen: de inhoud is al gewist";
	if (r->erased)
		return (ERR_CONTENT_GONE);
	*rule = "wissen: iemand heeft gevraagd om te bewaren (geschil of "
		"bezwaar)";
	if (is_retained(w))
		return (ERR_NOT_ALLOWED);
	*rule = "wissen: geef een reden uit het beleid die bij wissen past";
	return (policy_reason_fits(w->in->policy, e->rule, "ERASE")
		? ERR_OK : ERR_BAD_CODE);
}

enum err
work_erase(struct work *w)
{
	const char *rule;
	enum err err;

	if (!is_known_to(w, &w->sender->partner))
		return (work_refuse(w, ERR_UNKNOWN_REFERRAL,
		    "deze verwijzing is er niet, of niet voor u"));
	if ((err = may_erase(w, &rule)) != ERR_OK)
		return (work_refuse(w, err, rule));
	return (do_erase(w, ERASURE_REQUEST, w->st->erase->rule, 0));
}

enum err
decide_erase(const struct decide_in *in, const struct refid *id,
    uint32_t number, uint64_t because, struct decision *d)
{
	struct work *w = work_new(in, NULL, NULL,
	    KETEN__V1__RECORD_KIND__RECORD_ERASE, d);

	if (w == NULL || (w->ref = work_load(w, id)) == NULL)
		return (ERR_NOMEM);
	if (w->ref->is_new || w->ref->before.erased || is_retained(w) ||
	    number == ERASURE_REQUEST ||
	    !erasure_is_due(in->policy, number, &w->ref->before, in->now_ms))
		return (ERR_NOT_FOUND);
	return (do_erase(w, number, erasure_text(in->policy, number),
	    because));
}

enum err
decide_erase_again(const struct decide_in *in, const struct refid *id,
    struct decision *d)
{
	struct work *w = work_new(in, NULL, NULL,
	    KETEN__V1__RECORD_KIND__RECORD_ERASE, d);

	if (w == NULL || (w->ref = work_load(w, id)) == NULL)
		return (ERR_NOMEM);
	if (w->ref->is_new || w->ref->before.erased)
		return (ERR_NOT_FOUND);
	return (put_erase(w, ERASURE_AGAIN,
	    erasure_text(in->policy, ERASURE_AGAIN), 0, 0));
}

enum err
decide_erase_more(const struct decide_in *in, const struct refid *id,
    uint32_t number, uint64_t because, uint32_t page, struct decision *d)
{
	struct work *w = work_new(in, NULL, NULL,
	    KETEN__V1__RECORD_KIND__RECORD_ERASE, d);
	enum err err;

	if (w == NULL || (w->ref = work_load(w, id)) == NULL)
		return (ERR_NOMEM);
	if (w->ref->is_new || !w->ref->before.erased || page == 0)
		return (ERR_NOT_FOUND);
	err = put_erase(w, number, erasure_text(in->policy, number), because,
	    page);
	if (err == ERR_OK && d->facts->erase->n_ranges == 0)
		err = ERR_NOT_FOUND;
	return (err);
}

enum err
decide_erase_log(const struct decide_in *in, const struct decide_log *log,
    struct decision *d)
{
	struct work *w = work_new(in, NULL, NULL,
	    KETEN__V1__RECORD_KIND__RECORD_ERASE, d);
	Keten__V1__EraseFacts *f = arena_alloc(in->arena, sizeof(*f));

	if (w == NULL || f == NULL)
		return (ERR_NOMEM);
	keten__v1__erase_facts__init(f);
	f->level = 2;
	f->number = log->number;
	f->rule = pb_string(erasure_text(in->policy, log->number));
	f->ranges = log->ranges;
	f->n_ranges = log->n_ranges;
	f->carry = log->carry;
	d->facts->erase = f;
	return (ERR_OK);
}

/* ---- what has to stay ----------------------------------------------------------------- */

static enum err
may_retain(const struct work *w, const char *reason, int64_t until_ms,
    const char *event, const char **rule)
{
	const struct referral *r = &w->ref->before;
	const struct org *who = &w->sender->partner;

	*rule = "bewaren: alleen bron, houder, regisseur of wie volgens het "
		"convenant verantwoordelijk is";
	if (!is_near(r, who) && !erasure_may_ask(w->in->policy, r, who))
		return (ERR_NOT_ALLOWED);
	*rule = "bewaren: de inhoud is al gewist";
	if (r->erased)
		return (ERR_CONTENT_GONE);
	*rule = "bewaren: de datum ligt na nu";
	if (until_ms != 0 && until_ms <= w->in->now_ms)
		return (ERR_NOT_ALLOWED);
	*rule = "bewaren: geef een reden uit het beleid die daarbij past";
	return (policy_reason_fits(w->in->policy, reason, event)
		? ERR_OK : ERR_BAD_CODE);
}

static MUST_CHECK enum err
retain(struct work *w, const char *reason, int64_t until_ms, bool lifted)
{
	const struct referral *r = &w->ref->before;
	const struct org *near[] = { &r->b, &r->h, &r->r };
	Keten__V1__RetainFacts *f = arena_alloc(w->in->arena, sizeof(*f));

	if (f == NULL)
		return (ERR_NOMEM);
	keten__v1__retain_facts__init(f);
	f->reason = pb_string(reason);
	f->until_ms = until_ms;
	f->lifted = lifted;
	w->d->facts->retain = f;
	if (work_sender(w) != ERR_OK)
		return (ERR_NOMEM);
	for (size_t i = 0; i < 3; i++)
		if (!org_eq(near[i], &w->sender->partner) &&
		    !org_is_none(near[i]) && tell(w, near[i], true) != ERR_OK)
			return (ERR_NOMEM);
	return (ERR_OK);
}

enum err
work_retain(struct work *w)
{
	bool lifted =
	    w->st->body_case == KETEN__V1__STATEMENT__BODY_UNRETAIN;
	const char *reason = lifted ? w->st->unretain->reason
				    : w->st->retain->reason;
	int64_t until_ms = lifted ? 0 : w->st->retain->until_ms;
	const char *rule;
	enum err err;

	if (!is_known_to(w, &w->sender->partner))
		return (work_refuse(w, ERR_UNKNOWN_REFERRAL,
		    "deze verwijzing is er niet, of niet voor u"));
	err = may_retain(w, reason, until_ms, lifted ? "UNRETAIN" : "RETAIN",
	    &rule);
	if (err != ERR_OK)
		return (work_refuse(w, err, rule));
	return (retain(w, reason, until_ms, lifted));
}

/* ---- who confirmed ---------------------------------------------------------------------- */

/* The mailbox whose confirmation is awaited; NULL: none. */
static const char *
awaited(const struct work *w, uint64_t index, const char *mailbox)
{
	const struct decide_view *v = w->in->view;
	const struct org *who = &w->sender->partner;
	const Keten__V1__PolicyPartner *p =
	    policy_partner(w->in->policy, who);

	if (mailbox[0] != '\0')
		return (v->awaited(v->cookie, index, who, mailbox) ? mailbox
								    : NULL);
	for (size_t i = 0; p != NULL && i < p->n_mailboxes; i++)
		if (v->awaited(v->cookie, index, who, p->mailboxes[i]))
			return (p->mailboxes[i]);
	return (NULL);
}

enum err
work_erased(struct work *w)
{
	const Keten__V1__Erased *e = w->st->erased;
	const char *mailbox = awaited(w, e->index, e->mailbox);
	Keten__V1__ErasedFacts *f = arena_alloc(w->in->arena, sizeof(*f));

	if (f == NULL)
		return (ERR_NOMEM);
	if (mailbox == NULL)
		return (work_refuse(w, ERR_NOT_ALLOWED,
		    "gewist: hierop wordt van u geen bevestiging verwacht"));
	keten__v1__erased_facts__init(f);
	f->index = e->index;
	f->mailbox = pb_string(mailbox);
	w->d->facts->erased = f;
	return (work_sender(w));
}
