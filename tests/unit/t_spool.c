/*
 * The spool keeps what it is given, sealed, through crashes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "sdk/orders.h"
#include "sdk/spool.h"
#include "sdk/spool_seal.h"

static const uint8_t key[32] = { 7, 1, 2 };

struct fixture {
	char dir[64];
	struct spool *spool;
	struct arena *a;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/keten-spool-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->a = arena_new(1 << 20);
	assert_int_equal(spool_open(f->dir, 16 << 20, key, &f->spool), ERR_OK);
	*state = f;
	return (0);
}

static int
tear_down(void **state)
{
	static const char *const names[] = { "data.mdb", "lock.mdb",
		"engine.lock", "slots" };
	struct fixture *f = *state;
	char path[128];

	spool_close(f->spool);
	arena_free(f->a);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(f->dir);
	free(f);
	return (0);
}

static void
put(struct fixture *f, enum spool_table table, uint64_t at, const char *text)
{
	struct spool_txn *txn;

	assert_int_equal(spool_begin(f->spool, true, &txn), ERR_OK);
	assert_int_equal(spool_put(txn, table, spool_key_num(at),
	    slice_str(text)), ERR_OK);
	assert_int_equal(spool_commit(&txn), ERR_OK);
}

static enum err
get(struct fixture *f, enum spool_table table, uint64_t at, char *out)
{
	struct spool_txn *txn;
	struct slice v;
	enum err err;

	assert_int_equal(spool_begin(f->spool, false, &txn), ERR_OK);
	err = spool_get(txn, table, spool_key_num(at), f->a, &v);
	if (err == ERR_OK) {
		memcpy(out, v.p, v.len);
		out[v.len] = '\0';
	}
	spool_abort(&txn);
	return (err);
}

static void
reopen(struct fixture *f)
{
	spool_close(f->spool);
	assert_int_equal(spool_open(f->dir, 16 << 20, key, &f->spool), ERR_OK);
}

static void
test_what_is_committed_is_there_after_reopening(void **state)
{
	struct fixture *f = *state;
	struct spool_txn *txn;
	char text[64];

	put(f, SPOOL_ORDER, 3, "drie");
	assert_int_equal(spool_begin(f->spool, true, &txn), ERR_OK);
	assert_int_equal(spool_put(txn, SPOOL_ORDER, spool_key_num(4),
	    slice_str("vier")), ERR_OK);
	spool_abort(&txn);
	reopen(f);
	assert_int_equal(get(f, SPOOL_ORDER, 3, text), ERR_OK);
	assert_string_equal(text, "drie");
	assert_int_equal(get(f, SPOOL_ORDER, 4, text), ERR_NOT_FOUND);
	assert_int_equal(get(f, SPOOL_NEWS, 3, text), ERR_NOT_FOUND);
}

static void
test_another_key_does_not_open_it(void **state)
{
	static const uint8_t other[32] = { 7, 1, 3 };
	struct fixture *f = *state;
	struct spool *spool = NULL;

	spool_close(f->spool);
	assert_int_equal(spool_open(f->dir, 16 << 20, other, &spool),
	    ERR_CRYPTO);
	assert_null(spool);
	assert_int_equal(spool_open(f->dir, 16 << 20, key, &f->spool), ERR_OK);
}

static void
test_nothing_readable_is_in_the_files(void **state)
{
	struct fixture *f = *state;
	char path[128];
	uint8_t *data;
	size_t len;

	put(f, SPOOL_ORDER, 1, "MARKERING-ZWEEP");
	(void)snprintf(path, sizeof(path), "%s/data.mdb", f->dir);
	assert_int_equal(file_read(path, 32 << 20, &data, &len), ERR_OK);
	assert_null(memmem(data, len, "MARKERING", 9));
	/* The search itself works: the names of the tables are not sealed. */
	assert_non_null(memmem(data, len, "referral", 8));
	free(data);
}

static void
test_a_value_does_not_open_in_another_place(void **state)
{
	uint8_t sealed[SPOOL_SEALED(4)], out[4];
	struct slice here = slice_str("hier"), there = slice_str("daar");

	(void)state;
	assert_int_equal(spool_seal(key, 3, here, slice_str("vier"), sealed),
	    ERR_OK);
	assert_int_equal(spool_unseal(key, 3, here,
	    slice_of(sealed, sizeof(sealed)), out), ERR_OK);
	assert_memory_equal(out, "vier", 4);
	assert_int_equal(spool_unseal(key, 3, there,
	    slice_of(sealed, sizeof(sealed)), out), ERR_CORRUPT);
	assert_int_equal(spool_unseal(key, 4, here,
	    slice_of(sealed, sizeof(sealed)), out), ERR_CORRUPT);
	for (size_t i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 1;
		assert_int_equal(spool_unseal(key, 3, here,
		    slice_of(sealed, sizeof(sealed)), out), ERR_CORRUPT);
		sealed[i] ^= 1;
	}
}

static void
test_walking_finds_every_row_in_order(void **state)
{
	struct fixture *f = *state;
	struct spool_txn *txn;
	struct spool_key k = { 0 };
	uint64_t seen = 0;

	for (uint64_t i = 1; i <= 5; i++)
		put(f, SPOOL_NEWS, i * 10, "x");
	assert_int_equal(spool_begin(f->spool, false, &txn), ERR_OK);
	while (spool_after(txn, SPOOL_NEWS, &k) == ERR_OK)
		assert_int_equal(spool_key_get_num(&k), ++seen * 10);
	assert_int_equal(seen, 5);
	k = spool_key_num(25);
	assert_int_equal(spool_from(txn, SPOOL_NEWS, &k), ERR_OK);
	assert_int_equal(spool_key_get_num(&k), 30);
	assert_int_equal(spool_from(txn, SPOOL_NEWS, &k), ERR_OK);
	assert_int_equal(spool_key_get_num(&k), 30);
	assert_int_equal(spool_before(txn, SPOOL_NEWS, &k), ERR_OK);
	assert_int_equal(spool_key_get_num(&k), 20);
	k = spool_key_num(99);
	assert_int_equal(spool_before(txn, SPOOL_NEWS, &k), ERR_OK);
	assert_int_equal(spool_key_get_num(&k), 50);
	assert_int_equal(spool_after(txn, SPOOL_NEWS, &k), ERR_NOT_FOUND);
	assert_int_equal(spool_last(txn, SPOOL_NEWS, &k), ERR_OK);
	assert_int_equal(spool_key_get_num(&k), 50);
	k = spool_key_num(10);
	assert_int_equal(spool_before(txn, SPOOL_NEWS, &k), ERR_NOT_FOUND);
	assert_int_equal(spool_count(txn, SPOOL_NEWS), 5);
	spool_abort(&txn);
}

static void
test_one_process_leads_until_it_dies(void **state)
{
	struct fixture *f = *state;
	int up[2], down[2], status;
	char byte;
	pid_t child;

	assert_int_equal(pipe(up), 0);
	assert_int_equal(pipe(down), 0);
	spool_close(f->spool);
	f->spool = NULL;
	if ((child = fork()) == 0) {
		struct spool *s;

		if (spool_open(f->dir, 16 << 20, key, &s) != ERR_OK ||
		    !spool_lead(s) || write(up[1], "l", 1) != 1)
			_exit(1);
		(void)!read(down[0], &byte, 1);
		_exit(0);	/* without closing anything */
	}
	assert_int_equal(read(up[0], &byte, 1), 1);
	assert_int_equal(spool_open(f->dir, 16 << 20, key, &f->spool), ERR_OK);
	assert_false(spool_lead(f->spool));
	assert_true(spool_has_leader(f->spool));
	assert_int_equal(write(down[1], "x", 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_false(spool_has_leader(f->spool));
	assert_true(spool_lead(f->spool));
	assert_true(spool_lead(f->spool));
	for (int i = 0; i < 4; i++)
		(void)close(i < 2 ? up[i] : down[i - 2]);
}

static void
test_a_wake_reaches_the_leader(void **state)
{
	struct fixture *f = *state;
	char byte;

	assert_true(spool_lead(f->spool));
	assert_true(spool_wake_fd(f->spool) >= 0);
	assert_int_equal(read(spool_wake_fd(f->spool), &byte, 1), -1);
	spool_wake(f->spool);
	assert_int_equal(read(spool_wake_fd(f->spool), &byte, 1), 1);
	spool_wake(f->spool);
	spool_wake_clear(f->spool);
	assert_int_equal(read(spool_wake_fd(f->spool), &byte, 1), -1);
}

/* ---- orders ---------------------------------------------------------------- */

static uint64_t
add(struct fixture *f, const char *source, const char *note)
{
	const char *const never[] = { "welzijn-w", "corporatie-c", NULL };
	struct keten_order o = { .step = KETEN_SUBMIT, .code = "SIG-101",
		.area = "WK085501", .source = source, .note = note,
		.never = never, .end_ms = 12, .urgency = KETEN_HIGH };
	struct refid id = { { 1 } };
	uint64_t ticket = 0;

	assert_int_equal(orders_add(f->spool, f->a, &o, "TEAM-1", &id, 99,
	    &ticket), ERR_OK);
	return (ticket);
}

static void
test_the_same_source_is_one_order_also_after_reopening(void **state)
{
	struct fixture *f = *state;
	uint64_t one = add(f, "in/Zweep.json", "een");

	assert_int_equal(add(f, "in/Zweep.json", "anders"), one);
	assert_int_not_equal(add(f, "in/Jansen.json", "een"), one);
	assert_int_not_equal(add(f, NULL, "een"), add(f, NULL, "een"));
	reopen(f);
	assert_int_equal(add(f, "in/Zweep.json", "weer anders"), one);
}

static void
test_an_order_reads_back_as_it_was_written(void **state)
{
	struct fixture *f = *state;
	uint64_t ticket = add(f, NULL, "toelichting");
	struct keten_outcome out;
	struct spool_txn *txn;
	struct order o;

	assert_int_equal(spool_begin(f->spool, false, &txn), ERR_OK);
	assert_int_equal(orders_get(txn, f->a, ticket, &o), ERR_OK);
	spool_abort(&txn);
	assert_int_equal(o.status, KETEN_WAITING);
	assert_string_equal(o.want.note, "toelichting");
	assert_string_equal(o.want.actor, "TEAM-1");
	assert_null(o.want.person);
	assert_null(o.want.first);
	assert_string_equal(o.want.never[1], "corporatie-c");
	assert_null(o.want.never[2]);
	assert_int_equal(o.want.end_ms, 12);
	assert_int_equal(o.want.urgency, KETEN_HIGH);
	orders_tell(&o, &out);
	assert_string_equal(out.code, "");
	assert_int_equal(out.step, KETEN_SUBMIT);
}

static void
test_an_order_that_is_over_is_not_open_and_holds_no_text(void **state)
{
	struct fixture *f = *state;
	uint64_t first = add(f, NULL, "een"), ticket = 0;
	struct keten_outcome out;
	struct spool_txn *txn;
	struct order o;

	add(f, NULL, "twee");
	assert_int_equal(spool_begin(f->spool, true, &txn), ERR_OK);
	assert_int_equal(orders_next(txn, &ticket), ERR_OK);
	assert_int_equal(ticket, first);
	assert_int_equal(orders_get(txn, f->a, first, &o), ERR_OK);
	orders_no(&o, KETEN_FAILED, ERR_NO_ROUTE, "route R-1");
	assert_int_equal(orders_put(txn, &o), ERR_OK);
	ticket = 0;
	assert_int_equal(orders_next(txn, &ticket), ERR_OK);
	assert_int_not_equal(ticket, first);
	assert_int_equal(orders_next(txn, &ticket), ERR_NOT_FOUND);
	assert_int_equal(orders_get(txn, f->a, first, &o), ERR_OK);
	assert_null(o.want.note);
	orders_tell(&o, &out);
	assert_string_equal(out.code, "NO_ROUTE");
	assert_string_equal(out.rule, "route R-1");
	assert_true(out.text[0] != '\0' && out.todo[0] != '\0');
	assert_int_equal(spool_commit(&txn), ERR_OK);
}

/* How often do these bytes stand in a file of the spool? */
static size_t
count_in(const struct fixture *f, const char *name, const uint8_t *p,
    size_t len)
{
	char path[128];
	uint8_t *bytes;
	size_t size, n = 0;

	(void)snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	assert_int_equal(file_read(path, 64 << 20, &bytes, &size), ERR_OK);
	for (size_t i = 0; i + len <= size; i++)
		if (memcmp(bytes + i, p, len) == 0)
			n++;
	free(bytes);
	return (n);
}

static void
read_slot(const struct fixture *f, uint32_t slot, uint8_t out[32])
{
	char path[128];
	uint8_t *bytes;
	size_t size;

	(void)snprintf(path, sizeof(path), "%s/slots", f->dir);
	assert_int_equal(file_read(path, 1 << 20, &bytes, &size), ERR_OK);
	assert_true(size >= (slot + 1) * (size_t)32);
	memcpy(out, bytes + slot * (size_t)32, 32);
	free(bytes);
}

static void
test_what_stood_under_a_wiped_slot_opens_no_more(void **state)
{
	static const struct refid id = { { 1, 2, 3 } }, other = { { 4 } };
	static const uint8_t zero[32];
	struct fixture *f = *state;
	struct spool_key at = { 0 };
	struct spool_txn *txn;
	struct slice v;
	uint32_t slot, same, one;
	uint8_t key_bytes[32];

	assert_int_equal(spool_begin(f->spool, true, &txn), ERR_OK);
	assert_int_equal(spool_slot(txn, &id, &slot), ERR_OK);
	assert_int_equal(spool_slot(txn, &id, &same), ERR_OK);
	assert_int_equal(spool_slot(txn, &other, &one), ERR_OK);
	assert_int_equal(slot, same);
	assert_int_not_equal(slot, one);
	assert_int_equal(spool_put_under(txn, SPOOL_ORDER, spool_key_num(7),
	    slot, slice_str("over haar")), ERR_OK);
	assert_int_equal(spool_put_under(txn, SPOOL_ORDER, spool_key_num(8),
	    one, slice_str("over hem")), ERR_OK);
	assert_int_equal(spool_after_under(txn, SPOOL_ORDER, slot, &at),
	    ERR_OK);
	assert_int_equal(spool_key_get_num(&at), 7);
	assert_int_equal(spool_after_under(txn, SPOOL_ORDER, slot, &at),
	    ERR_NOT_FOUND);
	assert_int_equal(spool_commit(&txn), ERR_OK);
	read_slot(f, slot, key_bytes);
	assert_memory_not_equal(key_bytes, zero, 32);
	assert_int_equal(count_in(f, "slots", key_bytes, 32), 1);

	/* Not closed: nothing is wiped by mistake. */
	assert_int_equal(spool_slot_wipe(f->spool, &id), ERR_OK);
	assert_int_equal(count_in(f, "slots", key_bytes, 32), 1);
	assert_int_equal(spool_begin(f->spool, true, &txn), ERR_OK);
	assert_int_equal(spool_slot_close(txn, &id, &same), ERR_OK);
	assert_int_equal(same, slot);
	assert_int_equal(spool_commit(&txn), ERR_OK);
	assert_int_equal(spool_slot_wipe(f->spool, &id), ERR_OK);
	assert_int_equal(spool_slot_wipe(f->spool, &id), ERR_OK);
	reopen(f);

	assert_int_equal(count_in(f, "slots", key_bytes, 32), 0);
	assert_int_equal(count_in(f, "data.mdb", key_bytes, 32), 0);
	assert_int_equal(spool_begin(f->spool, true, &txn), ERR_OK);
	assert_int_equal(spool_get(txn, SPOOL_ORDER, spool_key_num(7), f->a,
	    &v), ERR_CONTENT_GONE);
	assert_int_equal(spool_get(txn, SPOOL_ORDER, spool_key_num(8), f->a,
	    &v), ERR_OK);
	assert_int_equal(spool_slot(txn, &id, &same), ERR_OK);
	assert_int_equal(same, 0);
	spool_abort(&txn);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_committed_is_there_after_reopening),
		TEST(test_another_key_does_not_open_it),
		TEST(test_nothing_readable_is_in_the_files),
		cmocka_unit_test(test_a_value_does_not_open_in_another_place),
		TEST(test_walking_finds_every_row_in_order),
		TEST(test_one_process_leads_until_it_dies),
		TEST(test_a_wake_reaches_the_leader),
		TEST(test_the_same_source_is_one_order_also_after_reopening),
		TEST(test_an_order_reads_back_as_it_was_written),
		TEST(test_an_order_that_is_over_is_not_open_and_holds_no_text),
		TEST(test_what_stood_under_a_wiped_slot_opens_no_more),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
