/*
 * tidings -- what arrived, in a sentence, and the list of it in the spool.
 */
#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "life/apply.h"
#include "life/calendar.h"
#include "life/words.h"
#include "sdk/rows.h"
#include "sdk/tidings.h"

enum { ROW_VERSION = 1 };

/* ---- the sentence --------------------------------------------------------- */

static void
copy(char *out, size_t cap, const char *text)
{
	(void)snprintf(out, cap, "%s", text);
}

/* What people call the partner ${id}. */
static const char *
name_of(const struct keten *k, const char *id)
{
	struct org o = org_of(id);
	const Keten__V1__PolicyPartner *p =
	    k->policy == NULL ? NULL : policy_partner(k->policy, &o);

	return (p == NULL || p->name[0] == '\0' ? id : p->name);
}

/* The last step that somebody, or the clock, took. */
static enum keten_step
last_step(const struct witnessed *w, const Keten__V1__Change *c)
{
	enum keten_step step = KETEN_CHANGED;

	if (w->kind == LEAF_ERASE)
		return (KETEN_ERASED);
	if (w->kind == LEAF_REWRAP)
		return (KETEN_CONTENT);
	if (w->facts->retain != NULL)
		return (w->facts->retain->lifted ? KETEN_UNRETAIN
						  : KETEN_RETAIN);
	for (size_t i = 0; c != NULL && i < c->n_steps; i++) {
		enum event ev = (enum event)c->steps[i]->event;

		if (ev >= EV_SUBMIT && ev <= EV_REOPEN)
			step = (enum keten_step)ev;
		else if (step == KETEN_CHANGED && (ev == EV_OPENABLE ||
			     ev == EV_NOTE_OPENABLE || ev == EV_UNREADABLE))
			step = KETEN_CONTENT;
	}
	return (step);
}

static bool
has_step(const Keten__V1__Change *c, enum event ev)
{
	for (size_t i = 0; c != NULL && i < c->n_steps; i++)
		if ((enum event)c->steps[i]->event == ev)
			return (true);
	return (false);
}

/* Was our offer made in this record? */
static bool
is_new_offer(const Keten__V1__Change *c, uint32_t offer)
{
	for (size_t i = 0; offer != 0 && c != NULL && i < c->n_offers; i++)
		if (c->offers[i]->number == offer &&
		    c->offers[i]->commit.len > 0)
			return (true);
	return (false);
}

static int64_t
offer_until(const struct referral *r, uint32_t number)
{
	const struct offer *o = referral_offer(r, (uint16_t)number);

	if (o == NULL)
		return (0);
	if (o->own_term)
		return (o->clock.running ? o->clock.at_ms : 0);
	if (o->rung == RUNG_HANDOVER)
		return (r->clocks[TERM_HANDOVER].at_ms);
	return (r->clocks[TERM_OFFER].running ? r->clocks[TERM_OFFER].at_ms
					      : 0);
}

static void
say_offer(const struct dossier *c, uint32_t offer, const char *what,
    struct keten_news *n)
{
	int64_t until = offer_until(&c->r, offer);
	char when[CAL_TEXT];

	if (until == 0)
		(void)snprintf(n->text, sizeof(n->text),
		    "Nieuw aanbod: %s, gebied %s, %s.", what, c->r.area,
		    words_urgency_nl(c->r.urgency));
	else
		(void)snprintf(n->text, sizeof(n->text),
		    "Nieuw aanbod: %s, gebied %s, %s; antwoord tot %s.", what,
		    c->r.area, words_urgency_nl(c->r.urgency),
		    cal_text(until, when));
}

/* Of the terms that a record moved, the first to pass; 0: it moved none. */
static int64_t
moved_until(const Keten__V1__Change *ch, enum term *term)
{
	int64_t until = 0;

	for (size_t i = 0; ch != NULL && i < ch->n_terms; i++) {
		const Keten__V1__TermChange *t = ch->terms[i];

		if (t->state != APPLY_TERM_RUNNING || t->term >= TERM__MAX ||
		    (until != 0 && t->at_ms >= until))
			continue;
		until = t->at_ms;
		*term = (enum term)t->term;
	}
	return (until);
}

/* The broker stood still: until when there is time now. */
static void
say_shift(const struct dossier *c, const Keten__V1__Change *ch,
    const Keten__V1__TickFacts *gap, uint32_t offer, const char *what,
    struct keten_news *n)
{
	enum term term = TERM_OFFER;
	int64_t until = offer != 0 ? offer_until(&c->r, offer)
				   : moved_until(ch, &term);
	char from[CAL_TEXT], to[CAL_TEXT], when[CAL_TEXT];
	int len = snprintf(n->text, sizeof(n->text), "De makelaar stond stil "
	    "van %s tot %s; termijnen zijn opgeschoven. %s, gebied %s.",
	    cal_text(gap->from_ms, from), cal_text(gap->until_ms, to), what,
	    c->r.area);

	if (until != 0 && len > 0 && (size_t)len < sizeof(n->text))
		(void)snprintf(n->text + len, sizeof(n->text) - (size_t)len,
		    " Nieuwe termijn voor %s: tot %s.", words_term_nl(term),
		    cal_text(until, when));
}

/* What happened to our own offer without us; NULL: nothing. */
static const char *
offer_end(const struct dossier *c, uint32_t offer)
{
	const struct offer *o = referral_offer(&c->r, (uint16_t)offer);

	if (o == NULL || words_is_open(o->state) || o->state == OFFER_TAKEN)
		return (NULL);
	return (words_offer_nl(o->state));
}

/* Is the holder one that takes no part any more? */
static bool
is_left(const struct keten *k, const struct dossier *c, int64_t now_ms)
{
	return (k->policy != NULL && referral_is_live(&c->r) &&
	    policy_has_ended(k->policy, &c->r.h, now_ms));
}

static void
say_step(const struct keten *k, const struct dossier *c,
    const Keten__V1__Change *ch, const char *what, struct keten_news *n)
{
	const char *who = n->by[0] == '\0' ? "De keten" : name_of(k, n->by);
	const char *step = words_event_nl((enum event)n->step);

	if (n->step == KETEN_CONTENT && has_step(ch, EV_UNREADABLE))
		step = "inhoud niet te openen";
	else if (n->step == KETEN_CONTENT)
		step = "inhoud is nu te openen";
	else if (n->step == KETEN_ERASED)
		step = "inhoud is gewist zoals het beleid zegt";
	else if (n->step == KETEN_RETAIN)
		step = "inhoud moet bewaard blijven";
	else if (n->step == KETEN_UNRETAIN)
		step = "inhoud hoeft niet meer bewaard te blijven";
	else if (n->step == KETEN_CHANGED && has_step(ch, EV_SUCCEED))
		step = is_left(k, c, n->time_ms) ? "de houder is gestopt; de "
		    "regisseur neemt over en draagt verder over" :
		    "een partner is gestopt; een ander neemt zijn plaats in";
	else if (n->step == KETEN_CHANGED)
		step = "de verwijzing volgt een andere partij";
	(void)snprintf(n->text, sizeof(n->text),
	    "%s: %s. %s, gebied %s: nu %s, houder %s.", who, step, what,
	    c->r.area, words_state_nl(c->r.state), name_of(k, c->r.h.id));
}

void
tidings_of(const struct keten *k, const struct witnessed *w,
    const struct org *by, const struct dossier *c, uint32_t role,
    uint32_t offer, uint32_t mask, struct keten_news *n)
{
	const Keten__V1__Change *ch = witness_change(w, &c->r.id);
	const char *code = c->exact_code[0] != '\0' ? c->exact_code
						    : c->r.code;
	const char *label = k->policy == NULL
	    ? code
	    : policy_code_label(k->policy, code);
	const char *end;
	char what[160];

	memset(n, 0, sizeof(*n));
	n->index = w->index;
	n->step = last_step(w, ch);
	n->role = (enum keten_role)role;
	(void)refid_text(&c->r.id, n->referral);
	copy(n->by, sizeof(n->by), by->id);
	n->time_ms = w->time_ms;
	n->part_mask = mask;

	(void)snprintf(what, sizeof(what), "%s %s", code,
	    strcmp(label, code) == 0 ? "" : label);
	if (w->kind == LEAF_TICK && w->facts->tick != NULL)
		say_shift(c, ch, w->facts->tick,
		    role == KETEN_CANDIDATE ? offer : 0, what, n);
	else if (is_new_offer(ch, offer))
		say_offer(c, offer, what, n);
	else if (role == KETEN_CANDIDATE &&
	    (end = offer_end(c, offer)) != NULL)
		(void)snprintf(n->text, sizeof(n->text),
		    "Uw aanbod is %s: %s, gebied %s.", end, what, c->r.area);
	else
		say_step(k, c, ch, what, n);
}

/* ---- the list ------------------------------------------------------------- */

static void
write_news(struct row *row, const struct keten_news *n)
{
	struct refid id = { { 0 } };

	(void)refid_parse(n->referral, &id); /* "" stays all zeros */
	row_u32(row, ROW_VERSION);
	row_u64(row, n->index);
	row_u32(row, (uint32_t)n->step);
	row_u32(row, (uint32_t)n->role);
	row_raw(row, id.b, sizeof(id.b));
	row_text(row, n->by);
	row_u64(row, (uint64_t)n->time_ms);
	row_u32(row, n->part_mask);
	row_text(row, n->text);
}

enum err
tidings_put(struct spool_txn *txn, struct keten_news *n)
{
	struct spool_key last = { 0 };
	enum err err = spool_last(txn, SPOOL_NEWS, &last);

	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	n->seq = err == ERR_OK ? spool_key_get_num(&last) + 1 : 1;
	return (tidings_rewrite(txn, n));
}

enum err
tidings_rewrite(struct spool_txn *txn, const struct keten_news *n)
{
	struct refid id = { { 0 } };
	struct row row;
	uint32_t slot;
	enum err err;

	(void)refid_parse(n->referral, &id); /* "": about none */
	if ((err = spool_slot(txn, &id, &slot)) != ERR_OK)
		return (err);
	row_init(&row);
	write_news(&row, n);
	err = row.bad ? ERR_NOMEM
		      : spool_put_under(txn, SPOOL_NEWS,
			    spool_key_num(n->seq), slot, row_slice(&row));
	row_fini(&row);
	return (err);
}

enum err
tidings_get(struct spool_txn *txn, struct arena *a, uint64_t seq,
    struct keten_news *n)
{
	size_t mark = arena_used(a);
	struct row_reader row;
	struct slice value;
	struct refid id;
	enum err err;

	err = spool_get(txn, SPOOL_NEWS, spool_key_num(seq), a, &value);
	if (err != ERR_OK)
		return (err);
	memset(n, 0, sizeof(*n));
	row = row_read(value);
	if (row_get_u32(&row) != ROW_VERSION)
		return (ERR_CORRUPT);
	n->seq = seq;
	n->index = row_get_u64(&row);
	n->step = row_get_u32(&row);
	n->role = row_get_u32(&row);
	row_get_raw(&row, id.b, sizeof(id.b));
	if (!refid_is_none(&id))
		(void)refid_text(&id, n->referral);
	row_get_chars(&row, n->by, sizeof(n->by));
	n->time_ms = (int64_t)row_get_u64(&row);
	n->part_mask = row_get_u32(&row);
	row_get_chars(&row, n->text, sizeof(n->text));
	arena_rewind(a, mark);
	return (row.bad ? ERR_CORRUPT : ERR_OK);
}

/* ---- alarms --------------------------------------------------------------- */

/* Was this the last alarm already?  Who cannot be trusted says it again. */
static bool
is_same(struct spool_txn *txn, struct arena *a, const char *name,
    const char *text)
{
	size_t mark = arena_used(a);
	struct slice was;
	bool same = spool_meta_get(txn, name, a, &was) == ERR_OK &&
	    slice_eq(was, slice_str(text));

	arena_rewind(a, mark);
	return (same);
}

/* Put it into the news, and remember it as the last of its kind. */
static MUST_CHECK enum err
put_once(struct spool_txn *txn, const char *name, struct keten_news *n)
{
	enum err err = tidings_put(txn, n);

	return (err != ERR_OK ? err : spool_meta_put(txn, name,
	    slice_str(n->text)));
}

static void
alarm_news(const struct refid *id, const char *what, struct keten_news *n)
{
	*n = (struct keten_news){ .step = KETEN_ALARM,
		.time_ms = handle_now() };
	if (id != NULL)
		(void)refid_text(id, n->referral);
	(void)snprintf(n->text, sizeof(n->text),
	    "ALARM: %s. Vertrouw deze verbinding niet en bel beheer.", what);
}

enum err
tidings_alarm_in(struct spool_txn *txn, const struct refid *id,
    const char *what)
{
	struct say_ctx ctx = { .referral = id };
	struct keten_news n;

	alarm_news(id, what, &n);
	say(SAY_FALSE_RECORD, &ctx, "%s", what);
	return (tidings_put(txn, &n));
}

void
tidings_alarm(struct keten *k, const struct refid *id, const char *what)
{
	struct say_ctx ctx = { .referral = id };
	struct spool_txn *txn = NULL;
	struct keten_news n;

	alarm_news(id, what, &n);
	if (spool_begin(k->spool, true, &txn) != ERR_OK)
		return;
	if (!is_same(txn, k->a, "alarm", n.text)) {
		say(SAY_FALSE_RECORD, &ctx, "%s", what);
		if (put_once(txn, "alarm", &n) != ERR_OK ||
		    spool_commit(&txn) != ERR_OK)
			say(SAY_SPOOL, &ctx,
			    "this alarm is in the journal only");
	}
	spool_abort(&txn);
}

/* ---- keys and policy ------------------------------------------------------ */

void
tidings_trust(struct keten *k, const char *text)
{
	struct keten_news n = { .step = KETEN_TRUST,
		.time_ms = handle_now() };
	struct spool_txn *txn = NULL;

	copy(n.text, sizeof(n.text), text);
	if (spool_begin(k->spool, true, &txn) != ERR_OK)
		return;
	if (!is_same(txn, k->a, "trust-said", n.text)) {
		say(SAY_KEY, NULL, "%s", text);
		if (put_once(txn, "trust-said", &n) != ERR_OK ||
		    spool_commit(&txn) != ERR_OK)
			say(SAY_SPOOL, NULL, "this is in the journal only");
	}
	spool_abort(&txn);
}
