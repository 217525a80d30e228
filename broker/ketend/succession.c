/*
 * succession -- partners that ended, and who takes their places.
 */
#include "base/say.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/ledger.h"
#include "ketend/succession.h"

#define PAGE 64

/**
 * succession_look(b):
 * Look through everything from the beginning.
 */
void
succession_look(struct broker *b)
{
	b->succession = (struct succession){ .is_looking = true,
		.looked_ms = b->succession.looked_ms };
}

/**
 * succession_next(b):
 * Return when a partner ends next.
 */
int64_t
succession_next(const struct broker *b)
{
	const Keten__V1__Policy *d = policy_doc(b->policy);
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < d->n_partners; i++) {
		int64_t at = d->partners[i]->ended_ms;

		if (at > b->succession.looked_ms && at < next)
			next = at;
	}
	return (next);
}

/* One referral in which ${old} has, or had, a part; ${did}: a record. */
static enum err
pass_one(struct broker *b, const struct refid *id, const struct org *old,
    bool *did)
{
	const struct ledger_with with = { .sender = NULL };
	struct decide_in in;
	struct decision d;
	enum err err;

	*did = false;
	if ((err = ledger_in(b, &in)) != ERR_OK)
		return (err);
	err = decide_succeed(&in, id, old, &d);
	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	if (err != ERR_OK || (err = ledger_write(b, &d, &with, NULL)) != ERR_OK)
		return (err);
	*did = true;
	b->metrics.successions++;
	b->succession.made++;
	say(SAY_SUCCESSION, &(struct say_ctx){ .referral = id,
	    .partner = old }, "row 38");
	return (eraser_follow(b, &d));
}

/* A page of what ${old} has open; ${more}: there may be another. */
static enum err
look_page(struct broker *b, const struct org *old, size_t *looked,
    size_t *made, bool *more)
{
	struct succession *s = &b->succession;
	struct refid page[PAGE];
	bool did;
	size_t n;
	enum err err;

	err = view_open_work(b->turn->txn, old, s->has_after ? &s->after :
	    NULL, page, PAGE, &n);
	*more = n == PAGE;
	for (size_t i = 0; err == ERR_OK && i < n; i++) {
		if (!turn_has_room(b->turn) || *made == SUCCESSION_MADE) {
			*more = true;
			break;
		}
		err = pass_one(b, &page[i], old, &did);
		s->after = page[i];
		s->has_after = true;
		*looked += 1;
		*made += did;
	}
	return (err);
}

static enum err
look_on(struct broker *b)
{
	const Keten__V1__Policy *d = policy_doc(b->policy);
	struct succession *s = &b->succession;
	size_t looked = 0, made = 0;
	enum err err = ERR_OK;

	while (err == ERR_OK && s->partner < d->n_partners) {
		struct org old = org_of(d->partners[s->partner]->id);
		bool more = false;

		if (looked >= SUCCESSION_LOOK || made == SUCCESSION_MADE ||
		    !turn_has_room(b->turn))
			return (ERR_OK);
		if (policy_has_ended(b->policy, &old, b->turn->now_ms))
			err = look_page(b, &old, &looked, &made, &more);
		if (more)
			continue;
		s->partner++;
		s->has_after = false;
	}
	if (err != ERR_OK)
		return (err);
	s->is_looking = false;
	if (s->made > 0)
		say(SAY_SUCCEEDED, NULL, "%llu referrals",
		    (unsigned long long)s->made);
	return (ERR_OK);
}

/**
 * succession_turn(b):
 * Look on, and write what follows.
 */
enum err
succession_turn(struct broker *b)
{
	/* What changes the policy has a turn for itself. */
	if (b->clock_is_off || b->turn->policy_changed)
		return (ERR_OK);
	if (succession_next(b) <= b->turn->now_ms) {
		/* Who ended is not let in any more, either. */
		b->succession.looked_ms = b->turn->now_ms;
		b->turn->policy_changed = true;
		succession_look(b);
	}
	return (b->succession.is_looking ? look_on(b) : ERR_OK);
}
