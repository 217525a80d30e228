/*
 * quarantine -- terms that passed, and erasures by rule, that cannot be written
 * down.
 */
#include <stdio.h>
#include <string.h>

#include "base/say.h"
#include "ketend/broker.h"
#include "ketend/quarantine.h"
#include "life/words.h"

/* What was wrong may be mended: a disk, a certificate. */
#define AGAIN_MS (INT64_C(60) * 60 * 1000)

/*
 * A term as inhand knows commands: no partner has such a name, and the 16
 * bytes of the referral stand where lane and number do.
 */
struct alias {
	struct org who;
	uint8_t lane[8];
	uint64_t number;
};

static struct alias
alias_of(const struct view_due *due)
{
	struct alias a = { .number = be64_get(due->referral.b + 8) };

	(void)snprintf(a.who.id, sizeof(a.who.id), "~%u.%u",
	    (unsigned)due->term, (unsigned)due->offer); /* 12 of 31 */
	memcpy(a.lane, due->referral.b, sizeof(a.lane));
	return (a);
}

static bool
is_same(const struct view_due *a, const struct view_due *b)
{
	return (a->at_ms == b->at_ms && a->term == b->term &&
	    a->offer == b->offer && refid_eq(&a->referral, &b->referral));
}

static size_t
find(const struct quarantine *q, const struct view_due *due)
{
	size_t i = 0;

	while (i < q->n && !is_same(&q->row[i].due, due))
		i++;
	return (i);
}

/* An erasure of whole records is of no referral. */
static void
say_which(const struct view_due *due, const char *why)
{
	const struct say_ctx ctx = { .referral =
	    refid_is_none(&due->referral) ? NULL : &due->referral };

	if (due->term == TERM_NONE)
		say(SAY_QUARANTINE, &ctx, "erasure by rule %u: %s",
		    (unsigned)due->offer, why);
	else
		say(SAY_QUARANTINE, &ctx, "term %s: %s",
		    words_term(due->term), why);
}

static void
set_apart(struct broker *b, const struct view_due *due, int64_t again_ms,
    const char *why)
{
	struct quarantine *q = &b->quarantine;
	size_t at = find(q, due);

	if (at == QUARANTINE_MAX) {
		at = q->next;
		q->next = (q->next + 1) % QUARANTINE_MAX;
	} else if (at == q->n)
		q->n++;
	q->row[at].due = *due;
	q->row[at].again_ms = again_ms;
	b->metrics.quarantined = q->n;
	say_which(due, why);
}

bool
quarantine_knows(const struct quarantine *q, const struct view_due *due)
{
	return (find(q, due) < q->n);
}

bool
quarantine_has(struct broker *b, const struct view_due *due)
{
	const struct quarantine *q = &b->quarantine;
	size_t at = find(q, due);
	struct alias a;

	if (at < q->n)
		return (b->turn->now_ms < q->row[at].again_ms);
	a = alias_of(due);
	if (!inhand_is_poison(b->inhand, &a.who, a.lane, a.number))
		return (false);
	set_apart(b, due, INT64_MAX, "the program ended over it twice");
	return (true);
}

void
quarantine_take(struct broker *b, const struct view_due *due)
{
	struct alias a = alias_of(due);

	inhand_take(b->inhand, &a.who, a.lane, a.number);
}

void
quarantine_turn(struct quarantine *q)
{
	q->n_turn = 0;
}

bool
quarantine_may_try(const struct quarantine *q)
{
	return (q->n_turn < QUARANTINE_TURN);
}

void
quarantine_add(struct broker *b, const struct view_due *due, enum err err)
{
	b->quarantine.n_turn++;
	set_apart(b, due, b->turn->now_ms + AGAIN_MS, err_text(err));
}

void
quarantine_done(struct broker *b, const struct view_due *due)
{
	struct quarantine *q = &b->quarantine;
	struct alias a = alias_of(due);
	size_t at = find(q, due);

	inhand_clear(b->inhand);
	inhand_forget(b->inhand, &a.who, a.lane, a.number);
	if (at == q->n)
		return;
	q->row[at] = q->row[--q->n];
	b->metrics.quarantined = q->n;
}

/* Rules are few: their number fits where an offer's does. */
struct view_due
quarantine_erasure(const struct refid *id, uint32_t number)
{
	return ((struct view_due){ .referral = *id, .term = TERM_NONE,
		.offer = (uint16_t)number });
}

void
quarantine_retry(struct broker *b)
{
	struct quarantine *q = &b->quarantine;

	for (size_t i = q->n; i-- > 0;)
		if (q->row[i].due.term == TERM_NONE &&
		    q->row[i].again_ms <= b->turn->now_ms)
			q->row[i] = q->row[--q->n];
	b->metrics.quarantined = q->n;
}

int64_t
quarantine_again(const struct quarantine *q)
{
	int64_t at = INT64_MAX;

	for (size_t i = 0; i < q->n; i++)
		if (q->row[i].due.term != TERM_NONE &&
		    q->row[i].again_ms < at)
			at = q->row[i].again_ms;
	return (at);
}
