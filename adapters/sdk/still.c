/*
 * still -- does the log move?
 */
#include "sdk/still.h"

#define NAME "still"
#define LEN 24

enum err
still_read(struct spool_txn *txn, struct arena *a, struct still *s)
{
	size_t mark = arena_used(a);
	struct slice v;
	enum err err = spool_meta_get(txn, NAME, a, &v);

	*s = (struct still){ .waits_for = UINT64_MAX };
	if (err == ERR_OK && v.len == LEN) {
		s->waits_for = be64_get(v.p);
		s->since_ms = (int64_t)be64_get(v.p + 8);
		s->top = be64_get(v.p + 16);
	}
	arena_rewind(a, mark);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static MUST_CHECK enum err
write_it(struct spool_txn *txn, const struct still *s)
{
	uint8_t v[LEN];

	be64_put(v, s->waits_for);
	be64_put(v + 8, (uint64_t)s->since_ms);
	be64_put(v + 16, s->top);
	return (spool_meta_put(txn, NAME, slice_of(v, LEN)));
}

enum err
still_saw(struct spool_txn *txn, struct arena *a, uint64_t index,
    uint64_t covered, int64_t now_ms)
{
	struct still s;
	enum err err = still_read(txn, a, &s);

	/* No log is so long; and the last number says that nothing waits. */
	if (index > INT64_MAX)
		index = INT64_MAX;
	if (err != ERR_OK || index <= s.top)
		return (err);
	s.top = index;
	if (s.waits_for == UINT64_MAX && index >= covered) {
		s.waits_for = index;
		s.since_ms = now_ms;
	}
	return (write_it(txn, &s));
}

enum err
still_forget(struct spool_txn *txn)
{
	static const struct still nothing = { .waits_for = UINT64_MAX };

	return (write_it(txn, &nothing));
}

enum err
still_covered(struct spool_txn *txn, struct arena *a, uint64_t covered,
    int64_t now_ms)
{
	struct still s;
	enum err err = still_read(txn, a, &s);

	if (err != ERR_OK || s.waits_for >= covered)
		return (err);
	/* What came after it waits from now on: not longer than it does. */
	s.waits_for = s.top >= covered ? s.top : UINT64_MAX;
	s.since_ms = now_ms;
	return (write_it(txn, &s));
}

bool
still_is_long(const struct still *s, int64_t bound_ms, int64_t now_ms)
{
	return (s->waits_for != UINT64_MAX && now_ms - s->since_ms > bound_ms);
}
