/*
 * t_audit_tiles -- the log as a folder of tiles: what is in it, that the
 * auditor believes it only as far as it is right, and that it goes on over more
 * than one tile.
 */
#include <sys/stat.h>

#include "help/auditor.h"

#include "base/bytes.h"
#include "base/file.h"
#include "core/checkpoint.h"
#include "trust/digest.h"
#include "trust/leaf.h"
#include "trust/note.h"
#include "trust/tlog.h"

#define DIR "tiles"

static void
export_to(struct auditor *a, const char *dir)
{
	char command[200];

	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
	(void)snprintf(command, sizeof(command), "export --format tiles %s",
	    dir);
	auditor_expect(a, a->c->dir, command, 0);
}

static int
verify(struct auditor *a, const char *more)
{
	char command[1500];

	(void)snprintf(command, sizeof(command),
	    "verify --tiles " DIR " --vkey '%s' %s", a->c->vkey, more);
	return (auditor_bare(a, command));
}

/* Flip a bit of a file in the folder; the old byte comes back. */
static uint8_t
flip(const char *name, long at, uint8_t bit)
{
	char path[200];
	FILE *f;
	int was;

	(void)snprintf(path, sizeof(path), DIR "/%s", name);
	f = fopen(path, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	was = getc(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(putc(was ^ bit, f), was ^ bit);
	assert_int_equal(fclose(f), 0);
	return ((uint8_t)was);
}

/* --- what is in it ------------------------------------------------------------ */

static void
test_names_sizes_and_hashes_are_those_of_the_specification(void **state)
{
	struct auditor *a = *state;
	uint8_t *entries, *hashes, *note, hash[32];
	size_t n, m, k, at = 0, size = (size_t)a->c->point.size;
	char path[200];

	export_to(a, DIR);
	(void)snprintf(path, sizeof(path), DIR "/tile/entries/000.p/%zu",
	    size);
	assert_int_equal(file_read(path, 1 << 20, &entries, &n), ERR_OK);
	(void)snprintf(path, sizeof(path), DIR "/tile/0/000.p/%zu", size);
	assert_int_equal(file_read(path, 1 << 20, &hashes, &m), ERR_OK);
	assert_int_equal(m, size * 32);
	for (size_t i = 0; i < size; i++) {
		size_t len = be16_get(entries + at);

		assert_true(len >= LEAF_LEN);
		assert_memory_equal(entries + at + 2, "KTN1", 4);
		digest_leaf(slice_of(entries + at + 2, len), hash);
		assert_memory_equal(hash, hashes + i * 32, 32);
		at += 2 + len;
	}
	assert_int_equal(at, n);
	assert_int_equal(file_read(DIR "/checkpoint", NOTE_MAX, &note, &k),
	    ERR_OK);
	assert_int_equal(k, a->c->point.len);
	assert_memory_equal(note, a->c->point.note, k);
	free(entries);
	free(hashes);
	free(note);
}

static void
test_nobody_is_named_in_it(void **state)
{
	struct auditor *a = *state;

	export_to(a, DIR);
	assert_int_not_equal(system("grep -rqE 'lwdb|welzijn|thuiszorg|SIG-' "
	    DIR), 0);
}

/* --- believing it --------------------------------------------------------------- */

static void
test_a_whole_export_is_verified(void **state)
{
	struct auditor *a = *state;
	char hex[65];

	export_to(a, DIR);
	assert_int_equal(verify(a, "--json"), 10);
	hex_encode(a->c->point.root, 32, hex);
	assert_non_null(strstr(a->out, hex));
	assert_non_null(strstr(a->out, "\"findings\":0"));
}

static void
test_any_changed_bit_is_found_at_its_place(void **state)
{
	struct auditor *a = *state;
	char name[60], want[40];

	export_to(a, DIR);
	for (unsigned int i = 0; i < a->c->point.size; i += 9) {
		(void)snprintf(name, sizeof(name), "tile/0/000.p/%llu",
		    (unsigned long long)a->c->point.size);
		(void)snprintf(want, sizeof(want), "\"index\":%u,", i);
		(void)flip(name, 32 * (long)i + 5, 1);
		assert_int_equal(verify(a, "--json"), 21);
		assert_non_null(strstr(a->out, want));
		assert_non_null(strstr(a->out, "\"findings\":1"));
		(void)flip(name, 32 * (long)i + 5, 1);

		(void)snprintf(name, sizeof(name),
		    "tile/entries/000.p/%llu",
		    (unsigned long long)a->c->point.size);
		(void)flip(name, 50 * (long)i + 30, 4);
		assert_int_equal(verify(a, "--json"), 21);
		assert_non_null(strstr(a->out, want));
		(void)flip(name, 50 * (long)i + 30, 4);
	}
	assert_int_equal(verify(a, ""), 10);
	(void)flip(name, 0, 1); /* the length of an entry */
	assert_int_equal(verify(a, ""), 27);
}

static void
test_a_missing_tile_and_a_wrong_checkpoint_are_found(void **state)
{
	struct auditor *a = *state;
	char path[100];
	long at;

	export_to(a, DIR);
	(void)flip("checkpoint", 30, 1);
	assert_true(verify(a, "") >= 20);
	export_to(a, DIR);
	at = (long)a->c->point.len - 40;
	(void)flip("checkpoint", at, (uint8_t)(a->c->point.note[at] == 'A'
	    ? 'A' ^ 'B' : a->c->point.note[at] ^ 'A'));
	assert_int_equal(verify(a, ""), 20);
	export_to(a, DIR);
	(void)snprintf(path, sizeof(path), DIR "/tile/entries/000.p/%llu",
	    (unsigned long long)a->c->point.size);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(verify(a, ""), 23);
	assert_int_equal(system("rm -r " DIR), 0);
	assert_int_equal(verify(a, ""), 2);
}

/* Leaves and hashes of another history, under the signed checkpoint of this. */
static void
test_two_swapped_leaves_are_another_tree(void **state)
{
	struct auditor *a = *state;
	char path[100];
	uint8_t *data, swap[50];
	size_t len;

	export_to(a, DIR);
	for (int i = 0; i < 2; i++) {
		size_t one = i == 0 ? 50 : 32;

		(void)snprintf(path, sizeof(path), DIR "/tile/%s/000.p/%llu",
		    i == 0 ? "entries" : "0",
		    (unsigned long long)a->c->point.size);
		assert_int_equal(file_read(path, 1 << 20, &data, &len),
		    ERR_OK);
		memcpy(swap, data + 20 * one, one);
		memcpy(data + 20 * one, data + 21 * one, one);
		memcpy(data + 21 * one, swap, one);
		assert_int_equal(file_write(path, data, len, 0644), ERR_OK);
		free(data);
	}
	assert_int_equal(verify(a, ""), 26); /* time too runs back */
	assert_non_null(strstr(a->out, "andere boom"));
}

static void
test_an_older_checkpoint_is_compared_too(void **state)
{
	struct auditor *a = *state;
	struct note_checkpoint c = { .size = 9 };
	char note[NOTE_MAX], more[60];
	struct txn *txn;
	size_t len;

	export_to(a, DIR);
	assert_int_equal(store_read(a->c->st, &txn), ERR_OK);
	struct tlog_reader tree = store_tree(txn);
	assert_int_equal(tlog_root(9, &tree, c.root), ERR_OK);
	store_done(&txn);
	(void)snprintf(c.origin, sizeof(c.origin), CHRONICLE_ORIGIN);
	for (int bad = 0; bad < 2; bad++) {
		assert_int_equal(note_sign(&c, a->c->log, note, sizeof(note),
		    &len), ERR_OK);
		assert_int_equal(file_write("older", note, len,
		    0600), ERR_OK);
		(void)snprintf(more, sizeof(more),
		    "--checkpoint older");
		assert_int_equal(verify(a, more), bad ? 22 : 10);
		c.root[3] ^= 1;
	}
	(void)unlink("older");
}

/* --- more than one tile ------------------------------------------------------------ */

static void
test_a_log_of_many_tiles_is_exported_and_verified(void **state)
{
	struct auditor *a = *state;

	while (a->c->n < 600)
		chronicle_tick(a->c);
	chronicle_publish(a->c);
	export_to(a, DIR);
	assert_int_equal(access(DIR "/tile/0/000", R_OK), 0);
	assert_int_equal(access(DIR "/tile/0/001", R_OK), 0);
	assert_int_equal(access(DIR "/tile/0/002.p/88", R_OK), 0);
	assert_int_equal(access(DIR "/tile/1/000.p/2", R_OK), 0);
	assert_int_equal(verify(a, ""), 10);
	(void)flip("tile/1/000.p/2", 40, 8);
	assert_int_equal(verify(a, ""), 21);
	assert_non_null(strstr(a->out, "record 511: in tegel 1/0 past hash 1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_names_sizes_and_hashes_are_those_of_the_specification),
		cmocka_unit_test(test_nobody_is_named_in_it),
		cmocka_unit_test(test_a_whole_export_is_verified),
		cmocka_unit_test(test_any_changed_bit_is_found_at_its_place),
		cmocka_unit_test(
		    test_a_missing_tile_and_a_wrong_checkpoint_are_found),
		cmocka_unit_test(test_two_swapped_leaves_are_another_tree),
		cmocka_unit_test(test_an_older_checkpoint_is_compared_too),
		cmocka_unit_test(
		    test_a_log_of_many_tiles_is_exported_and_verified),
	};

	return (cmocka_run_group_tests(tests, auditor_setup_apart,
	    auditor_teardown_apart));
}
