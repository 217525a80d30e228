/*
 * The vault: a slot encrypts, and erasing it erases.
 */
#include <sys/stat.h>

#include "records_any.h"

/* Decrypt with a reader that was never used, and once more with the same. */
static enum err
unlock(const struct vault *v, uint32_t pair, enum vault_slot slot,
    struct slice aad, struct slice sealed, uint8_t *out)
{
	struct vault_reader *r = vault_reader_new();
	enum err err;

	assert_non_null(r);
	err = vault_decrypt(v, r, pair, slot, aad, sealed, out);
	assert_int_equal(vault_decrypt(v, r, pair, slot, aad, sealed, out),
	    err);
	vault_reader_free(r);
	return (err);
}

static char path[64];

static struct vault *
fresh(void)
{
	struct vault *v;
	int fd;

	strcpy(path, "/tmp/keten-vault-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(vault_open(path, true, &v), ERR_OK);
	assert_int_equal(vault_make(v, 3), ERR_OK);
	return (v);
}

static void
gone(struct vault *v)
{
	vault_close(v);
	(void)unlink(path);
}

#define PLAIN "Mevrouw Jansen, Dorpsstraat 1"
#define LEN (sizeof(PLAIN) - 1)

static void
test_what_goes_in_comes_out(void **state)
{
	struct vault *v = fresh();
	struct slice aad = slice_str("row 1");
	uint8_t sealed[LEN + VAULT_OVERHEAD], out[LEN];

	(void)state;
	assert_int_equal(vault_encrypt(v, 1, VAULT_RECORD, aad,
		slice_str(PLAIN), sealed), ERR_OK);
	assert_null(memmem(sealed, sizeof(sealed), "Jansen", 6));
	assert_int_equal(unlock(v, 1, VAULT_RECORD, aad,
		slice_of(sealed, sizeof(sealed)), out), ERR_OK);
	assert_memory_equal(out, PLAIN, LEN);
	gone(v);
}

static void
test_each_changed_byte_is_seen(void **state)
{
	struct vault *v = fresh();
	struct slice aad = slice_str("row 1");
	uint8_t sealed[LEN + VAULT_OVERHEAD], out[LEN];

	(void)state;
	assert_int_equal(vault_encrypt(v, 0, VAULT_CONTENT, aad,
		slice_str(PLAIN), sealed), ERR_OK);
	for (size_t i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 0x10;
		assert_int_equal(unlock(v, 0, VAULT_CONTENT, aad,
			slice_of(sealed, sizeof(sealed)), out), ERR_CORRUPT);
		sealed[i] ^= 0x10;
	}
	for (size_t len = 0; len < sizeof(sealed); len++)
		assert_int_equal(unlock(v, 0, VAULT_CONTENT, aad,
			slice_of(sealed, len), out), ERR_CORRUPT);
	gone(v);
}

static void
test_another_place_or_slot_does_not_open_it(void **state)
{
	struct vault *v = fresh();
	uint8_t sealed[LEN + VAULT_OVERHEAD], out[LEN];
	struct slice s = slice_of(sealed, sizeof(sealed));

	(void)state;
	assert_int_equal(vault_encrypt(v, 1, VAULT_RECORD, slice_str("a"),
		slice_str(PLAIN), sealed), ERR_OK);
	assert_int_equal(unlock(v, 1, VAULT_RECORD, slice_str("b"), s,
		out), ERR_CORRUPT);
	assert_int_equal(unlock(v, 1, VAULT_CONTENT, slice_str("a"), s,
		out), ERR_CORRUPT);
	assert_int_equal(unlock(v, 2, VAULT_RECORD, slice_str("a"), s,
		out), ERR_CORRUPT);
	assert_int_equal(unlock(v, UINT32_MAX - 1, VAULT_RECORD,
		slice_str("a"), s, out), ERR_CORRUPT);
	gone(v);
}

static void
test_the_same_twice_does_not_look_the_same(void **state)
{
	struct vault *v = fresh();
	uint8_t one[LEN + VAULT_OVERHEAD], two[LEN + VAULT_OVERHEAD];

	(void)state;
	assert_int_equal(vault_encrypt(v, 1, VAULT_RECORD, slice_str("a"),
		slice_str(PLAIN), one), ERR_OK);
	assert_int_equal(vault_encrypt(v, 1, VAULT_RECORD, slice_str("a"),
		slice_str(PLAIN), two), ERR_OK);
	assert_memory_not_equal(one, two, VAULT_NONCE);
	assert_memory_not_equal(one + VAULT_NONCE, two + VAULT_NONCE, LEN);
	gone(v);
}

static void
test_an_erased_slot_opens_nothing_any_more(void **state)
{
	struct vault *v = fresh();
	struct vault *reader;
	uint8_t sealed[LEN + VAULT_OVERHEAD], out[LEN];
	struct slice s = slice_of(sealed, sizeof(sealed));
	bool erased;

	(void)state;
	assert_int_equal(vault_encrypt(v, 1, VAULT_RECORD, slice_str("a"),
		slice_str(PLAIN), sealed), ERR_OK);
	assert_int_equal(vault_open(path, false, &reader), ERR_OK);
	assert_int_equal(vault_erase(reader, 1, VAULT_RECORD), ERR_IO);
	assert_int_equal(vault_erase(v, 1, VAULT_RECORD), ERR_OK);
	assert_int_equal(vault_erase(v, 1, VAULT_RECORD), ERR_OK);
	assert_int_equal(unlock(reader, 1, VAULT_RECORD, slice_str("a"),
		s, out), ERR_CONTENT_GONE);
	assert_int_equal(vault_encrypt(v, 1, VAULT_RECORD, slice_str("a"),
		slice_str(PLAIN), sealed), ERR_CONTENT_GONE);
	assert_int_equal(vault_is_erased(v, 1, VAULT_RECORD, &erased), ERR_OK);
	assert_true(erased);
	assert_int_equal(vault_is_erased(v, 1, VAULT_CONTENT, &erased),
	    ERR_OK);
	assert_false(erased);
	vault_close(reader);
	gone(v);
}

static void
test_slots_stay_when_the_file_grows_or_is_opened_again(void **state)
{
	struct vault *v = fresh();
	uint8_t sealed[LEN + VAULT_OVERHEAD], out[LEN];
	uint32_t pairs;

	(void)state;
	assert_int_equal(vault_encrypt(v, 2, VAULT_RECORD, slice_str("a"),
		slice_str(PLAIN), sealed), ERR_OK);
	pairs = vault_pairs(v);
	assert_int_equal(vault_make(v, pairs + 1), ERR_OK);
	assert_true(vault_pairs(v) > pairs);
	vault_close(v);
	assert_int_equal(vault_open(path, true, &v), ERR_OK);
	assert_int_equal(unlock(v, 2, VAULT_RECORD, slice_str("a"),
		slice_of(sealed, sizeof(sealed)), out), ERR_OK);
	gone(v);
}

static void
test_a_block_that_a_crash_cut_short_is_passed_over(void **state)
{
	struct rig *g = rig_new(1);
	struct vault *v = store_vault(g->st);
	struct view_more more;
	struct record rec;
	uint32_t pairs;
	char file[128];

	(void)state;
	rig_begin(g);
	assert_int_equal(rig_submit(g), ERR_OK);
	rig_commit(g);
	pairs = vault_pairs(v);
	store_close(g->st);
	/* The file grew, but of what was to be in it nothing arrived. */
	(void)snprintf(file, sizeof(file), "%s/vault.keys", g->dir);
	assert_int_equal(truncate(file, 32 * 3), 0);
	assert_int_equal(truncate(file, 32 * (1 + 2 * (off_t)pairs)), 0);
	rig_open(g);
	rig_begin(g);
	assert_int_equal(rig_submit(g), ERR_OK);
	rig_commit(g);
	rig_begin(g);
	assert_int_equal(view_more(g->t, &g->r[1].id, &more), ERR_OK);
	assert_true(more.pair >= pairs);
	assert_int_equal(record_read(g->t, 0, g->a, &rec), ERR_OK);
	assert_int_equal(record_read(g->t, 1, g->a, &rec), ERR_OK);
	rig_free(g);
}

static void
test_another_file_or_one_others_can_read_is_refused(void **state)
{
	struct vault *v = fresh();
	FILE *f;

	(void)state;
	vault_close(v);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(vault_open(path, true, &v), ERR_CONFIG);
	assert_int_equal(chmod(path, 0600), 0);
	f = fopen(path, "r+");
	assert_non_null(f);
	(void)fputs("something else", f);
	(void)fclose(f);
	assert_int_equal(vault_open(path, true, &v), ERR_CORRUPT);
	(void)unlink(path);
	assert_int_equal(vault_open(path, false, &v), ERR_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_goes_in_comes_out),
		cmocka_unit_test(test_each_changed_byte_is_seen),
		cmocka_unit_test(test_another_place_or_slot_does_not_open_it),
		cmocka_unit_test(test_the_same_twice_does_not_look_the_same),
		cmocka_unit_test(test_an_erased_slot_opens_nothing_any_more),
		cmocka_unit_test(
		    test_slots_stay_when_the_file_grows_or_is_opened_again),
		cmocka_unit_test(
		    test_a_block_that_a_crash_cut_short_is_passed_over),
		cmocka_unit_test(
		    test_another_file_or_one_others_can_read_is_refused),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
