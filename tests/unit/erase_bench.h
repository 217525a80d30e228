#ifndef ERASE_BENCH_H_
#define ERASE_BENCH_H_

#include <signal.h>
#include <sys/wait.h>

#include "base/file.h"
#include "help/auditor.h"
#include "help/tamper.h"
#include "help/chronicle_in.h"
#include "core/erase.h"
#include "core/record.h"
#include "core/vault.h"
#include "core/view.h"
#include "policy/erasure.h"

/*
 * erase_bench -- a chronicle (help/chronicle.h) of which something is erased.
 */

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static inline struct chronicle *
chronicle_of(void **state)
{
	struct auditor *a = *state;

	if (a == NULL)
		skip();
	return (a->c);
}

/* The index of the newest ERASE record. */
static inline uint64_t
newest(struct chronicle *c)
{
	return (c->n - 1);
}

static inline void
carry_out(struct chronicle *c)
{
	assert_int_equal(erase_finish(c->st), ERR_OK);
}

/* The content of the referral's SUBMIT. */
static inline enum err
content_of(struct chronicle *c, const struct refid *id)
{
	struct content_piece piece;
	struct view_more more;
	struct txn *t = NULL;
	enum err err;

	arena_reset(c->a);
	assert_int_equal(store_read(c->st, &t), ERR_OK);
	assert_int_equal(view_more(t, id, &more), ERR_OK);
	err = record_content(t, more.opening_index, 0, c->a, &piece);
	store_done(&t);
	return (err);
}

/* Through accept to the end. */
static inline struct refid
ended(struct chronicle *c, const char *outcome)
{
	struct refid id;

	assert_int_equal(chronicle_submit(c, LWDB, "SIG-101", &id), ERR_OK);
	assert_int_equal(chronicle_say(c, WELZIJN, &id,
	    KETEN__V1__EVENT__ACCEPT, NULL), ERR_OK);
	assert_int_equal(chronicle_say(c, WELZIJN, &id,
	    KETEN__V1__EVENT__START, NULL), ERR_OK);
	assert_int_equal(chronicle_say(c, WELZIJN, &id,
	    KETEN__V1__EVENT__COMPLETE, outcome), ERR_OK);
	return (id);
}

/* What the broker does when a rule says so. */
static inline enum err
by_rule(struct chronicle *c, const struct refid *id, uint32_t number)
{
	struct decide_in in;
	struct decision d;
	enum err err;

	chronicle_in(c, &in);
	err = decide_erase(&in, id, number, 0, &d);
	if (err != ERR_OK) {
		store_abort(&c->t);
		return (err);
	}
	chronicle_write(c, &d, slice_of("", 0), NULL);
	return (ERR_OK);
}

static inline void
same_elsewhere(struct chronicle *c, bool scratch)
{
	struct view_difference d;
	struct store_config conf = { .origin = CHRONICLE_ORIGIN,
		.map_size = UINT64_C(1) << 30, .scratch = scratch };
	struct store *made = NULL;
	struct txn *from = NULL, *is = NULL;
	char dir[64] = "/tmp/keten-rebuilt-XXXXXX";

	assert_non_null(mkdtemp(dir));
	conf.path = dir;
	assert_int_equal(store_open(&conf, &made), ERR_OK);
	assert_int_equal(store_read(c->st, &from), ERR_OK);
	assert_int_equal(view_replay(from, made, store_size(from)), ERR_OK);
	assert_int_equal(store_read(made, &is), ERR_OK);
	assert_int_equal(view_compare(from, is, &d), ERR_OK);
	store_done(&is);
	store_done(&from);
	store_close(made);
	chronicle_remove(dir);
}

/* On disk and in memory. */
static inline void
same_after_rebuild(struct chronicle *c)
{
	same_elsewhere(c, false);
	same_elsewhere(c, true);
}

#endif /* !ERASE_BENCH_H_ */
