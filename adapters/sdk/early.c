/*
 * early -- a term that the broker let pass before its time.
 */
#include "life/words.h"
#include "sdk/early.h"
#include "trust/leaf.h"

/* What is known of the clocks that may be meant. */
struct seen {
	bool some; /* one of them runs */
	bool over; /* one of them has passed */
};

static void
look_at(const struct clock *c, int64_t now_ms, struct seen *seen)
{
	if (!c->running || c->frozen)
		return;
	seen->some = true;
	seen->over = seen->over || c->at_ms <= now_ms;
}

/* Does the record change that clock?  The one that passed stops or begins
 * anew. */
static bool
is_changed(const Keten__V1__Change *c, enum term t)
{
	for (size_t i = 0; i < c->n_terms; i++)
		if (c->terms[i]->term == (uint32_t)t)
			return (true);
	return (false);
}

/* Which of the clocks that end in ${event} does the record name?  If none,
 * it may be any. */
static bool
names_one(const Keten__V1__Change *c, enum event event)
{
	for (int t = 1; t < TERM__MAX; t++)
		if (words_term_event((enum term)t) == event &&
		    is_changed(c, (enum term)t))
			return (true);
	return (false);
}

bool
early_is(const struct referral *before, const struct witnessed *w)
{
	const Keten__V1__Change *c = witness_change(w, &before->id);
	struct seen seen = { false, false };
	enum event event;
	bool is_named;

	if (w->kind != LEAF_CLOCK || c == NULL || c->n_steps == 0 ||
	    c->version_before != before->version)
		return (false);
	event = (enum event)c->steps[0]->event;
	/* Others that end in the same event may be old news here: whoever
	 * oversees does not hear of every step. */
	is_named = names_one(c, event);
	for (int t = 1; t < TERM__MAX; t++)
		if (words_term_event((enum term)t) == event &&
		    (!is_named || is_changed(c, (enum term)t)))
			look_at(&before->clocks[t], w->facts->time_ms, &seen);
	for (size_t i = 0; i < before->n_offers; i++)
		if (event == EV_OFFER_EXPIRED && before->offers[i].own_term)
			look_at(&before->offers[i].clock, w->facts->time_ms,
			    &seen);
	return (seen.some && !seen.over);
}
