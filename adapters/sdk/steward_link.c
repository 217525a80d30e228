/*
 * steward -- what whoever works for it may do to the connection, whatever the
 * turn is doing.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/say.h"
#include "sdk/rows.h"
#include "sdk/steward.h"
#include "sdk/steward_in.h"
#include "trust/digest.h"

#define BACKOFF_FIRST_MS 100

void
steward_drop_held(struct steward *s)
{
	while (s->first != NULL)
		steward_unhold(s);
	/* An answer that came before the end is an answer. */
	if (s->is_asking)
		return;
	free(s->answer);
	s->answer = NULL;
}

void
steward_unhold(struct steward *s)
{
	struct held *h = s->first;

	if (h == NULL)
		return;
	s->first = h->next;
	if (s->first == NULL)
		s->last = &s->first;
	s->n_held--;
	free(h);
}

int64_t
steward_now(const struct steward *s)
{
	return (handle_broker_now(s->k));
}

void
steward_tell(struct steward *s)
{
	struct spool_txn *txn = NULL;
	struct row row;

	row_init(&row);
	row_u32(&row, s->state == STEWARD_UP);
	row_u64(&row, s->state == STEWARD_UP ? (uint64_t)s->up_since_ms : 0);
	row_text(&row, s->why);
	if (row.bad || spool_begin(s->k->spool, true, &txn) != ERR_OK ||
	    spool_meta_put(txn, "line", row_slice(&row)) != ERR_OK ||
	    (s->is_told &&
		handle_clock(s->k, txn, handle_now() +
		s->told_ahead_ms) != ERR_OK) ||
	    spool_commit(&txn) != ERR_OK)
		say(SAY_SPOOL, NULL, "the state of the line is not written");
	else
		s->is_told = false;
	spool_abort(&txn);
	row_fini(&row);
}

/* Between half and all of ${ms}, so that not everybody comes back at once. */
static int64_t
jitter(int64_t ms)
{
	uint32_t r = 0;

	if (digest_random(&r, sizeof(r)) != ERR_OK)
		r = 0; /* then not */
	return (ms / 2 + (int64_t)(r % (uint64_t)(ms / 2 + 1)));
}

void
steward_hang_up(struct steward *s, int64_t wait_ms, const char *fmt, ...)
{
	va_list ap;

	if (s->state == STEWARD_UP)
		say(SAY_DISCONNECT, NULL, "the connection has ended");
	va_start(ap, fmt);
	(void)vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
	line_close(s->line);
	s->line = NULL;
	s->state = STEWARD_OFF;
	steward_drop_held(s);
	if (wait_ms == 0) {
		s->backoff_ms = s->backoff_ms == 0 ? BACKOFF_FIRST_MS
						   : s->backoff_ms * 2;
		if (s->backoff_ms > s->k->dev.reconnect_max_ms)
			s->backoff_ms = s->k->dev.reconnect_max_ms;
		wait_ms = s->backoff_ms;
	}
	s->due_mono = handle_mono() + jitter(wait_ms);
	steward_tell(s);
}

void
steward_rekeyed(struct steward *s)
{
	(void)keybox_look_again(&s->k->dev.box);
	s->n_fresh = 0;
	s->keys_mono = 0;
}
