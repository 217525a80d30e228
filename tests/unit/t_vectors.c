/*
 * The language-neutral vectors in tests/vectors, read by this side.  They are
 * made by the Python of tests/interop, which was written from PROTOCOL.md.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/area.h"
#include "life/apply.h"
#include "life/calendar.h"
#include "trust/digest.h"
#include "trust/leaf.h"
#include "trust/note.h"
#include "trust/seal.h"
#include "trust/tlog.h"
#include "wire/envelope.h"
#include "wire/statement.h"

/* --- reading them ------------------------------------------------------------ */

#define BYTES_MAX 4096

struct bytes {
	uint8_t b[BYTES_MAX];
	struct slice s;
};

static json_t *
load(const char *name)
{
	char path[64];
	json_error_t err;
	json_t *j;

	(void)snprintf(path, sizeof(path), "tests/vectors/%s", name);
	j = json_load_file(path, JSON_REJECT_DUPLICATES, &err);
	if (j == NULL)
		fail_msg("%s: %s", path, err.text);
	return (j);
}

static const json_t *
list(const json_t *j, const char *name)
{
	const json_t *l = json_object_get(j, name);

	assert_true(json_is_array(l) && json_array_size(l) > 0);
	return (l);
}

static const char *
text(const json_t *j, const char *name)
{
	const char *s = json_string_value(json_object_get(j, name));

	assert_non_null(s);
	return (s);
}

static uint64_t
number(const json_t *j, const char *name)
{
	const json_t *n = json_object_get(j, name);

	assert_true(json_is_integer(n) && json_integer_value(n) >= 0);
	return ((uint64_t)json_integer_value(n));
}

static bool
truth(const json_t *j, const char *name)
{
	const json_t *b = json_object_get(j, name);

	assert_true(json_is_boolean(b));
	return (json_is_true(b));
}

static void
from_hex(const char *hex, struct bytes *out)
{
	size_t len = strlen(hex) / 2;

	assert_true(len <= BYTES_MAX && hex_decode(hex, out->b, len));
	out->s = slice_of(out->b, len);
}

static void
bytes(const json_t *j, const char *name, struct bytes *out)
{
	from_hex(text(j, name), out);
}

static void
is_hex(const json_t *j, const char *name, const uint8_t *is, size_t len)
{
	struct bytes want;

	bytes(j, name, &want);
	assert_int_equal(want.s.len, len);
	assert_memory_equal(want.b, is, len);
}

/* The hashes of a path; how many. */
static size_t
hashes(const json_t *j, const char *name, uint8_t path[TLOG_PATH_MAX][32])
{
	const json_t *l = json_object_get(j, name);
	struct bytes one;
	size_t n = json_array_size(l);

	assert_true(json_is_array(l) && n <= TLOG_PATH_MAX);
	for (size_t i = 0; i < n; i++) {
		from_hex(json_string_value(json_array_get(l, i)), &one);
		assert_int_equal(one.s.len, 32);
		memcpy(path[i], one.b, 32);
	}
	return (n);
}

#define EACH(row, j, name, i)                                                  \
	for (size_t i = 0; i < json_array_size(list(j, name)) &&               \
	    (row = json_array_get(list(j, name), i)) != NULL; i++)

/* --- signatures ----------------------------------------------------------------- */

static void
test_single_signatures_are_the_same_to_the_byte(void **state)
{
	json_t *j = load("signed.json");
	const json_t *row;

	(void)state;
	EACH(row, j, "single", i) {
		struct bytes seed, body, pae, sig, public;
		char type[SIGN_TYPE_MAX];
		uint8_t made[SIGN_SIG], id[SIGN_KEY_ID], hash[32], want[32];
		struct signer *s;
		struct slice t;

		bytes(row, "seed", &seed);
		bytes(row, "body", &body);
		bytes(row, "pae", &pae);
		bytes(row, "signature", &sig);
		bytes(row, "public", &public);
		t = slice_of(type, sign_type(text(row, "kind"), type));
		s = sign_new(seed.b);
		assert_non_null(s);
		assert_memory_equal(sign_public(s), public.b, SIGN_PUB);
		sign_key_id(public.b, id);
		is_hex(row, "key_id", id, sizeof(id));
		sign_pae_hash(t, body.s, hash);
		digest_of(pae.b, pae.s.len, want);
		assert_memory_equal(hash, want, 32);
		assert_int_equal(sign_make(s, t, body.s, made), ERR_OK);
		assert_memory_equal(made, sig.b, sizeof(made));
		assert_int_equal(sign_check(t, body.s, sig.s, public.s),
		    ERR_OK);
		sign_free(s);
	}
	json_decref(j);
}

static void
test_batches_check_and_are_refused_when_bent(void **state)
{
	json_t *j = load("signed.json");
	struct arena *a = arena_new(65536);
	const json_t *row, *st;

	(void)state;
	assert_non_null(a);
	EACH(row, j, "batch", i) {
		struct bytes public;

		bytes(row, "public", &public);
		EACH(st, row, "statements", k) {
			struct bytes raw;
			struct envelope env;

			bytes(st, "envelope", &raw);
			assert_int_equal(envelope_parse(a, raw.s, &env, NULL),
			    ERR_OK);
			assert_true(env.is_batch);
			assert_int_equal(env.n, number(row, "n"));
			assert_int_equal(env.at, number(st, "at"));
			is_hex(row, "root", env.root, 32);
			assert_int_equal(envelope_check(&env, public.b),
			    ERR_OK);
			env.body.len--;
			assert_int_equal(envelope_check(&env, public.b),
			    ERR_BAD_SIGNATURE);
			arena_reset(a);
		}
	}
	arena_free(a);
	json_decref(j);
}

/* --- records ---------------------------------------------------------------------- */

static void
test_leaves_and_running_hashes_are_the_same(void **state)
{
	json_t *j = load("records.json");
	const json_t *row;
	uint8_t running[32] = { 0 };

	(void)state;
	EACH(row, j, "records", i) {
		const json_t *run = json_array_get(list(j, "running"), i);
		struct bytes salt, envelope, facts, route, raw;
		uint8_t out[LEAF_LEN], record[32], hash[32];
		struct leaf leaf;
		size_t len;

		bytes(row, "salt", &salt);
		bytes(row, "envelope", &envelope);
		bytes(row, "facts", &facts);
		bytes(row, "route_facts", &route);
		bytes(row, "leaf", &raw);
		leaf_record(salt.b, envelope.s, facts.s, route.s, record);
		is_hex(row, "record_hash", record, 32);
		assert_int_equal(leaf_decode(raw.s, &leaf), ERR_OK);
		assert_int_equal(leaf.kind, number(row, "kind"));
		assert_int_equal(leaf.time_ms, number(row, "time_ms"));
		assert_memory_equal(leaf.record, record, 32);
		assert_int_equal(leaf_encode(&leaf, out, sizeof(out), &len),
		    ERR_OK);
		assert_memory_equal(out, raw.b, len);
		digest_leaf(raw.s, hash);
		is_hex(row, "leaf_hash", hash, 32);
		leaf_running(running, number(run, "seq"), hash, running);
		is_hex(run, "running_hash", running, 32);
	}
	json_decref(j);
}

static void
test_bad_leaves_are_refused_and_an_erasure_is_read(void **state)
{
	json_t *j = load("records.json");
	const json_t *row, *erase = json_object_get(j, "erase");
	struct leaf_range range[4];
	struct leaf_erase e;
	struct bytes raw;
	struct leaf leaf;

	(void)state;
	EACH(row, j, "bad_leaves", i) {
		bytes(row, "leaf", &raw);
		if (leaf_decode(raw.s, &leaf) != ERR_MALFORMED)
			fail_msg("taken: %s", text(row, "why"));
	}
	bytes(erase, "leaf", &raw);
	assert_int_equal(leaf_decode(raw.s, &leaf), ERR_OK);
	assert_int_equal(leaf_erase_decode(leaf.clear, range, 4, &e), ERR_OK);
	assert_int_equal(e.level, number(erase, "level"));
	assert_int_equal(e.rule, number(erase, "rule"));
	assert_true(e.n == 1 && range[0].first == 5 && range[0].count == 3);
	json_decref(j);
}

static void
test_commitments_key_ids_and_aads_are_the_same(void **state)
{
	json_t *j = load("records.json");
	const json_t *row;

	(void)state;
	EACH(row, j, "offers", i) {
		struct org to = org_of(text(row, "partner"));
		struct bytes blind;
		uint8_t commit[32];

		bytes(row, "blind", &blind);
		apply_commit(blind.b, &to, commit);
		is_hex(row, "commit", commit, 32);
	}
	EACH(row, j, "sealing_keys", i) {
		struct seal_public key;
		char id[SEAL_KEY_ID];
		struct bytes x, y;

		bytes(row, "x", &x);
		bytes(row, "y", &y);
		memcpy(key.x, x.b, 32);
		memcpy(key.y, y.b, 32);
		seal_key_id(&key, id);
		assert_string_equal(id, text(row, "key_id"));
	}
	EACH(row, j, "aads", i) {
		struct org from = org_of(text(row, "from"));
		struct bytes id, nonce;
		struct refid referral;
		char aad[SEAL_AAD_MAX];
		size_t len;

		bytes(row, "referral", &id);
		bytes(row, "nonce", &nonce);
		assert_true(refid_from(id.b, id.s.len, &referral));
		assert_int_equal(seal_aad(text(row, "origin"), &from,
		    &referral, text(row, "part"), nonce.b, aad, &len), ERR_OK);
		assert_string_equal(aad, text(row, "aad"));
	}
	json_decref(j);
}

/* --- the tree ------------------------------------------------------------------------ */

struct tree {
	uint8_t leaf[8][32];
	uint8_t root[9][32];
};

static void
read_tree(const json_t *j, struct tree *t)
{
	struct tlog_frontier f;
	const json_t *leaves = list(j, "leaves"), *roots = list(j, "roots");
	struct bytes raw;

	tlog_frontier_init(&f);
	for (size_t n = 0; n <= 8; n++) {
		from_hex(json_string_value(json_array_get(roots, n)), &raw);
		memcpy(t->root[n], raw.b, 32);
		if (n < 8) {
			from_hex(json_string_value(json_array_get(leaves, n)),
			    &raw);
			digest_leaf(raw.s, t->leaf[n]);
		}
	}
	for (size_t n = 1; n <= 8; n++) {
		uint8_t root[32];

		(void)tlog_frontier_add(&f, t->leaf[n - 1], NULL);
		tlog_frontier_root(&f, root);
		assert_memory_equal(root, t->root[n], 32);
	}
}

static void
test_inclusion_and_consistency_proofs_lead_to_the_roots(void **state)
{
	json_t *j = load("tree.json");
	uint8_t path[TLOG_PATH_MAX][32];
	const json_t *row;
	struct tree t;

	(void)state;
	read_tree(j, &t);
	EACH(row, j, "inclusion", i) {
		uint64_t index = number(row, "index");
		uint64_t size = number(row, "size");
		size_t n = hashes(row, "path", path);

		assert_int_equal(tlog_check_inclusion(index, size,
		    t.leaf[index], (const uint8_t(*)[32])path, n,
		    t.root[size]), ERR_OK);
		assert_int_equal(tlog_check_inclusion(index, size,
		    t.leaf[index], (const uint8_t(*)[32])path, n + 1,
		    t.root[size]), ERR_DIGEST);
	}
	EACH(row, j, "consistency", i) {
		uint64_t from = number(row, "from"), to = number(row, "to");
		size_t n = hashes(row, "proof", path);

		assert_int_equal(tlog_check_consistency(from, to,
		    t.root[from], t.root[to], (const uint8_t(*)[32])path, n),
		    ERR_OK);
		assert_int_equal(tlog_check_consistency(from, to,
		    t.root[from], t.root[to], (const uint8_t(*)[32])path,
		    n + 1), ERR_DIGEST);
	}
	json_decref(j);
}

static void
test_the_checkpoint_is_taken_and_bent_ones_are_refused(void **state)
{
	json_t *j = load("tree.json");
	const json_t *row, *good = json_object_get(j, "checkpoint");
	struct note_checkpoint c;
	struct note_key log;

	(void)state;
	assert_int_equal(note_key_parse(text(good, "vkey"), &log), ERR_OK);
	assert_int_equal(note_check(slice_str(text(good, "note")), &log, &c),
	    ERR_OK);
	assert_int_equal(c.size, number(good, "size"));
	is_hex(good, "root", c.root, 32);
	EACH(row, j, "bad_notes", i)
		if (note_check(slice_str(text(row, "note")), &log, &c) ==
		    ERR_OK)
			fail_msg("taken: %s", text(row, "why"));
	json_decref(j);
}

/* --- statements ------------------------------------------------------------------------ */

static enum envelope_kind
kind_from(const char *name)
{
	char type[SIGN_TYPE_MAX];
	size_t len = sign_type(name, type);

	return (envelope_kind_of(slice_of(type, len)));
}

static void
test_statements_are_read_as_strictly(void **state)
{
	json_t *j = load("statements.json");
	struct arena *a = arena_new((size_t)512 * 1024);
	const json_t *row;

	(void)state;
	assert_non_null(a);
	EACH(row, j, "statements", i) {
		Keten__V1__Statement *st;
		const char *rule = "";
		struct bytes body;
		enum err err;

		bytes(row, "body", &body);
		err = statement_parse(a, kind_from(text(row, "kind")), body.s,
		    &st, &rule);
		if ((err == ERR_OK) != truth(row, "well_made"))
			fail_msg("%s: %s (%s)", text(row, "what"),
			    err_name(err), rule);
		arena_reset(a);
	}
	arena_free(a);
	json_decref(j);
}

/* --- areas and time ----------------------------------------------------------------------- */

static void
test_areas_are_the_same(void **state)
{
	json_t *j = load("areas.json");
	const json_t *row;

	(void)state;
	EACH(row, j, "codes", i)
		assert_int_equal(area_is_valid(text(row, "code")),
		    truth(row, "valid"));
	EACH(row, j, "contains", i)
		assert_int_equal(area_contains(text(row, "outer"),
		    text(row, "inner")), truth(row, "contains"));
	json_decref(j);
}

static enum cal_unit
unit_from(const char *name)
{
	if (strcmp(name, "work") == 0)
		return (CAL_WORK);
	return (strcmp(name, "clock") == 0 ? CAL_CLOCK : CAL_CALENDAR);
}

static void
test_deadlines_and_holidays_are_the_same(void **state)
{
	json_t *j = load("calendar.json");
	struct calendar cal;
	const json_t *row;

	(void)state;
	cal_init(&cal);
	EACH(row, j, "deadlines", i) {
		const struct cal_span span = {
			unit_from(text(row, "unit")),
			(uint32_t)number(row, "n") };
		int64_t at = cal_deadline(&cal, NULL,
		    (int64_t)number(row, "start_ms"), span);

		if (at != (int64_t)number(row, "deadline_ms"))
			fail_msg("%s + %u is not %s", text(row, "start"),
			    span.n, text(row, "deadline"));
	}
	EACH(row, j, "holidays", i) {
		struct cal_date day;

		assert_true(cal_date_read(json_string_value(row), &day));
		assert_true(cal_is_holiday(&cal, day));
	}
	json_decref(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_single_signatures_are_the_same_to_the_byte),
		cmocka_unit_test(test_batches_check_and_are_refused_when_bent),
		cmocka_unit_test(test_leaves_and_running_hashes_are_the_same),
		cmocka_unit_test(
		    test_bad_leaves_are_refused_and_an_erasure_is_read),
		cmocka_unit_test(
		    test_commitments_key_ids_and_aads_are_the_same),
		cmocka_unit_test(
		    test_inclusion_and_consistency_proofs_lead_to_the_roots),
		cmocka_unit_test(
		    test_the_checkpoint_is_taken_and_bent_ones_are_refused),
		cmocka_unit_test(test_statements_are_read_as_strictly),
		cmocka_unit_test(test_areas_are_the_same),
		cmocka_unit_test(test_deadlines_and_holidays_are_the_same),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
