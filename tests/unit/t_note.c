/*
 * Notes, checkpoints, cosignatures and proofs, against a worked example that
 * other people's tools verify.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trust/digest.h"
#include "trust/lines.h"
#include "trust/note.h"
#include "trust/proof.h"
#include "trust/sign.h"
#include "trust/tlog.h"

#define ORIGIN "broker.example/handover/2025"
#define WITNESS "witness.example/w1"
#define COSIGNED 1679315147
#define DASH "\xe2\x80\x94 "

/* Everything the example is made of, made again from its seeds. */
struct world {
	struct signer *log;
	struct signer *witness;
	struct note_key log_key;
	struct note_key witness_key;
	uint8_t leaf[7][32];
	uint8_t stored[16][32];
	struct note_checkpoint c;
	char note[NOTE_MAX];
	size_t len;
};

static enum err
look(void *cookie, const uint64_t *idx, size_t n, uint8_t (*hash)[32])
{
	const struct world *w = cookie;

	for (size_t i = 0; i < n; i++)
		memcpy(hash[i], w->stored[idx[i]], 32);
	return (ERR_OK);
}

static void
keys(struct world *w)
{
	uint8_t seed[32];

	for (int i = 0; i < 32; i++)
		seed[i] = (uint8_t)i;
	w->log = sign_new(seed);
	for (int i = 0; i < 32; i++)
		seed[i] = (uint8_t)(32 + i);
	w->witness = sign_new(seed);
	assert_non_null(w->log);
	assert_non_null(w->witness);
	assert_int_equal(note_key_make(ORIGIN, NOTE_LOG, sign_public(w->log),
			     &w->log_key), ERR_OK);
	assert_int_equal(note_key_make(WITNESS, NOTE_WITNESS,
			     sign_public(w->witness), &w->witness_key),
	    ERR_OK);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct tlog_frontier f;
	uint64_t at = 0;

	assert_non_null(w);
	keys(w);
	tlog_frontier_init(&f);
	for (uint64_t i = 0; i < 7; i++) {
		char text[16];
		uint8_t fresh[TLOG_NEW_MAX][32];
		size_t k;
		int n = snprintf(text, sizeof(text), "record %d", (int)i);

		digest_leaf(slice_of(text, (size_t)n), w->leaf[i]);
		k = tlog_frontier_add(&f, w->leaf[i], fresh);
		memcpy(w->stored[at], fresh, k * 32);
		at += k;
	}
	memcpy(w->c.origin, ORIGIN, sizeof(ORIGIN));
	w->c.size = 7;
	tlog_frontier_root(&f, w->c.root);
	assert_int_equal(note_sign(&w->c, w->log, w->note, sizeof(w->note),
			     &w->len), ERR_OK);
	*state = w;
	return (0);
}

static int
teardown(void **state)
{
	struct world *w = *state;

	sign_free(w->log);
	sign_free(w->witness);
	free(w);
	return (0);
}

/* The whole example file, with a NUL; skips the test where it is not. */
static char *
example(void)
{
	const char *dir = getenv("KETEN_SHARED");
	char path[4096];
	char *text = calloc(1, 8192);
	FILE *f;

	assert_non_null(text);
	(void)snprintf(path, sizeof(path), "%s/vectors/tlog-example.txt",
	    dir != NULL ? dir : "../shared");
	f = fopen(path, "r");
	if (f == NULL) {
		free(text);
		print_message("skipped: %s is not there\n", path);
		skip();
		return (NULL);
	}
	assert_true(fread(text, 1, 8191, f) > 1000);
	(void)fclose(f);
	return (text);
}

/* What follows ${label} and white space on its line of ${text}. */
static const char *
after(const char *text, const char *label, char out[512])
{
	const char *at = strstr(text, label);
	size_t n;

	assert_non_null(at);
	at += strlen(label);
	at += strspn(at, " ");
	n = strcspn(at, "\n");
	assert_true(n < 512);
	memcpy(out, at, n);
	out[n] = '\0';
	return (out);
}

static void
test_the_example_is_made_again_to_the_byte(void **state)
{
	struct world *w = *state;
	char *text = example();
	static const char mark[] = "(time 1679315147)\n";
	const char *begin = strstr(text, mark), *end;
	struct tlog_reader reader = { look, w };
	uint8_t path[TLOG_PATH_MAX][32];
	char note[NOTE_MAX], proof[PROOF_MAX];
	size_t n, len;

	assert_non_null(begin);
	begin += strlen(mark);
	end = strstr(begin, "--- end");
	assert_non_null(end);

	assert_int_equal(note_cosign(slice_of(w->note, w->len), WITNESS,
			     w->witness, COSIGNED, note, sizeof(note), &len),
	    ERR_OK);
	assert_int_equal(tlog_inclusion(5, 7, &reader, path, &n), ERR_OK);
	assert_int_equal(proof_make(5, (const uint8_t(*)[32])path, n,
			     slice_of(NULL, 0), slice_of(note, len), proof,
			     sizeof(proof), &len), ERR_OK);
	assert_int_equal(len, (size_t)(end - begin));
	assert_memory_equal(proof, begin, len);
	free(text);
}

static void
test_keys_and_proofs_of_the_example_are_ours(void **state)
{
	struct world *w = *state;
	char *text = example();
	struct tlog_reader reader = { look, w };
	uint8_t proof[TLOG_PATH_MAX][32], root[32];
	char line[512], vkey[NOTE_VKEY_MAX], b64[64], note[NOTE_MAX];
	struct note_checkpoint c = w->c;
	struct note_key key;
	size_t n, len;

	(void)note_key_format(&w->log_key, vkey);
	assert_string_equal(vkey, after(text, "log vkey", line));
	assert_int_equal(note_key_parse(line, &key), ERR_OK);
	assert_memory_equal(&key, &w->log_key, sizeof(key));
	(void)note_key_format(&w->witness_key, vkey);
	assert_string_equal(vkey, after(text, "witness vkey", line));
	assert_int_equal(note_key_parse(line, &key), ERR_OK);
	assert_int_equal(key.type, NOTE_WITNESS);

	(void)base64_encode(w->leaf[5], 32, b64);
	assert_string_equal(b64, after(text, "leaf hash 5", line));
	assert_int_equal(tlog_root(4, &reader, root), ERR_OK);
	(void)base64_encode(root, 32, b64);
	assert_string_equal(b64, after(text, "root of 4", line));
	assert_int_equal(tlog_consistency(4, 7, &reader, proof, &n), ERR_OK);
	assert_int_equal(n, 1);
	(void)base64_encode(proof[0], 32, b64);
	assert_string_equal(b64, after(text, "consistency 4->7", line));

	c.size = 4;
	memcpy(c.root, root, 32);
	assert_int_equal(note_sign(&c, w->log, note, sizeof(note), &len),
	    ERR_OK);
	assert_non_null(strstr(note, after(text, "signature at 4", line)));
	free(text);
}

static void
test_a_signed_checkpoint_reads_back(void **state)
{
	struct world *w = *state;
	struct note_checkpoint c;

	assert_int_equal(note_check(slice_of(w->note, w->len), &w->log_key,
			     &c), ERR_OK);
	assert_memory_equal(&c, &w->c, sizeof(c));
}

static void
test_a_flipped_bit_anywhere_in_a_note_is_noticed(void **state)
{
	struct world *w = *state;
	struct note_checkpoint c;

	for (size_t i = 0; i < 8 * w->len; i++) {
		w->note[i / 8] = (char)(w->note[i / 8] ^ (1 << (i % 8)));
		assert_int_not_equal(note_check(slice_of(w->note, w->len),
					 &w->log_key, &c), ERR_OK);
		w->note[i / 8] = (char)(w->note[i / 8] ^ (1 << (i % 8)));
	}
	for (size_t len = 0; len < w->len; len++)
		assert_int_not_equal(note_check(slice_of(w->note, len),
					 &w->log_key, &c), ERR_OK);
}

static void
test_a_checkpoint_has_one_form_only(void **state)
{
	static const char root[] =
	    "ZlCXn2yHiq2F84Dsicnip68Q0qZKqWqJGKp/UHsg+Y4=";
	static const char sig[] = DASH ORIGIN
	    " ZpQx5fsAn6qucA14xcOQoBsgoGF1mJM205g3wKIpiUHtEyLGsMTrIskfoFYItue"
	    "uFsQr4c+cLts6tP9uOfVZVRKvSAw=";
	static const char *const forms[] = {
		ORIGIN "\n7\n%s\n\n%s\n",	 /* the right one */
		ORIGIN "\r\n7\r\n%s\r\n\r\n%s\r\n", /* CRLF */
		ORIGIN "\n07\n%s\n\n%s\n",	 /* leading zero */
		ORIGIN "\n+7\n%s\n\n%s\n",
		ORIGIN "\n-7\n%s\n\n%s\n",
		ORIGIN "\n 7\n%s\n\n%s\n",
		ORIGIN "\n18446744073709551616\n%s\n\n%s\n",
		ORIGIN "\n\n%s\n\n%s\n",
		ORIGIN "\n7\n%.43s\n\n%s\n",	 /* no padding */
		ORIGIN "\n7\n%s=\n\n%s\n",
		ORIGIN "\n7\n%s\nextra\n\n%s\n", /* extension line */
		ORIGIN "\n7\n%s\n%s\n",		 /* no empty line */
		ORIGIN "\n7\n%s\n\n\n%s\n",
		ORIGIN "\n7\n%s\n\n%s",		 /* no last newline */
		ORIGIN "\n7\n%s\n\n%s\n\n",
		ORIGIN "\n7\n%s\n\n%s\ntext\n",
		ORIGIN "\n7\n%s\n\n %s\n",
		"\n7\n%s\n\n%s\n",
		"a b\n7\n%s\n\n%s\n",
		"a+b\n7\n%s\n\n%s\n",
	};
	char text[1024];
	struct note note;

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		int n;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		n = snprintf(text, sizeof(text), forms[i], root, sig);
#pragma GCC diagnostic pop
		if ((note_parse(slice_of(text, (size_t)n), &note) ==
			ERR_OK) != (i == 0))
			print_message("form %zu\n", i);
		assert_int_equal(note_parse(slice_of(text, (size_t)n),
				     &note) == ERR_OK, i == 0);
	}
	/* Stray bits after the padding are another spelling of the root. */
	(void)snprintf(text, sizeof(text), ORIGIN "\n7\n%.42s5=\n\n%s\n",
	    root, sig);
	assert_int_equal(note_parse(slice_str(text), &note), ERR_MALFORMED);
}

static void
test_another_origin_name_or_key_is_refused(void **state)
{
	struct world *w = *state;
	struct note_key other;
	struct note_checkpoint c;
	struct slice note = slice_of(w->note, w->len);

	assert_int_equal(note_key_make("other.example", NOTE_LOG,
			     sign_public(w->log), &other), ERR_OK);
	assert_int_equal(note_check(note, &other, &c), ERR_BAD_ORIGIN);
	assert_int_equal(note_key_make(ORIGIN, NOTE_LOG,
			     sign_public(w->witness), &other), ERR_OK);
	assert_int_equal(note_check(note, &other, &c), ERR_KEY_NOT_VALID);
	/* The same id, but the key behind it is another one. */
	memcpy(other.id, w->log_key.id, 4);
	assert_int_equal(note_check(note, &other, &c), ERR_BAD_SIGNATURE);
	assert_int_equal(note_check(note, &w->witness_key, &c),
	    ERR_KEY_NOT_VALID);
}

static void
test_cosignatures_are_added_and_checked(void **state)
{
	struct world *w = *state;
	char note[NOTE_MAX], two[NOTE_MAX];
	struct note_checkpoint c;
	struct note parsed;
	uint64_t when = 0;
	size_t len;

	assert_int_equal(note_check_cosignature(slice_of(w->note, w->len),
			     &w->witness_key, &when), ERR_KEY_NOT_VALID);
	assert_int_equal(note_cosign(slice_of(w->note, w->len), WITNESS,
			     w->witness, COSIGNED, note, sizeof(note), &len),
	    ERR_OK);
	assert_int_equal(note_check_cosignature(slice_of(note, len),
			     &w->witness_key, &when), ERR_OK);
	assert_int_equal(when, COSIGNED);
	assert_int_equal(note_check(slice_of(note, len), &w->log_key, &c),
	    ERR_OK);

	/* A second witness, and one whose key nobody here knows. */
	assert_int_equal(note_cosign(slice_of(note, len), "w2", w->log, 5,
			     two, sizeof(two), &len), ERR_OK);
	assert_int_equal(note_parse(slice_of(two, len), &parsed), ERR_OK);
	assert_int_equal(parsed.n_sigs, 3);
	assert_int_equal(note_check_cosignature(slice_of(two, len),
			     &w->witness_key, &when), ERR_OK);
	(void)snprintf(two + len, sizeof(two) - len,
	    DASH "stranger AAAAAEhlbGxv\n");
	assert_int_equal(note_check(slice_str(two), &w->log_key, &c), ERR_OK);
	(void)snprintf(two + len, sizeof(two) - len, DASH "stranger AAA\n");
	assert_int_equal(note_check(slice_str(two), &w->log_key, &c),
	    ERR_MALFORMED);

	/* A changed time is a changed cosignature. */
	assert_int_equal(note_cosign(slice_of(w->note, w->len), WITNESS,
			     w->witness, COSIGNED, note, 200, &len),
	    ERR_FULL);
}

static void
test_a_changed_cosignature_is_noticed(void **state)
{
	struct world *w = *state;
	char note[NOTE_MAX];
	uint64_t when;
	size_t len;

	assert_int_equal(note_cosign(slice_of(w->note, w->len), WITNESS,
			     w->witness, COSIGNED, note, sizeof(note), &len),
	    ERR_OK);
	for (size_t i = 8 * w->len; i < 8 * len; i++) {
		note[i / 8] = (char)(note[i / 8] ^ (1 << (i % 8)));
		assert_int_not_equal(note_check_cosignature(
					 slice_of(note, len),
					 &w->witness_key, &when), ERR_OK);
		note[i / 8] = (char)(note[i / 8] ^ (1 << (i % 8)));
	}
}

static void
test_what_is_not_a_vkey_is_refused(void **state)
{
	struct world *w = *state;
	char good[NOTE_VKEY_MAX], bad[NOTE_VKEY_MAX];
	struct note_key key;
	size_t len = note_key_format(&w->log_key, good);

	for (size_t i = 0; i < 7 * len; i++) {
		memcpy(bad, good, len + 1);
		bad[i / 7] = (char)(bad[i / 7] ^ (1 << (i % 7)));
		/* Its hexadecimal digits may be capitals. */
		if (note_key_parse(bad, &key) == ERR_OK)
			assert_memory_equal(&key, &w->log_key, sizeof(key));
	}
	for (size_t i = 0; i < len; i++) {
		memcpy(bad, good, len + 1);
		bad[i] = '\0';
		assert_int_equal(note_key_parse(bad, &key), ERR_MALFORMED);
	}
	assert_int_equal(note_key_make("a b", NOTE_LOG,
			     sign_public(w->log), &key), ERR_MALFORMED);
	assert_int_equal(note_key_make("", NOTE_LOG, sign_public(w->log),
			     &key), ERR_MALFORMED);
	assert_int_equal(note_key_make("a+b", NOTE_LOG,
			     sign_public(w->log), &key), ERR_MALFORMED);
}

/* A proof of leaf 5 with extra data, and its length. */
static size_t
make_proof(struct world *w, struct slice extra, char *out, size_t cap)
{
	struct tlog_reader reader = { look, w };
	uint8_t path[TLOG_PATH_MAX][32];
	size_t n, len = 0;

	assert_int_equal(tlog_inclusion(5, 7, &reader, path, &n), ERR_OK);
	assert_int_equal(proof_make(5, (const uint8_t(*)[32])path, n, extra,
			     slice_of(w->note, w->len), out, cap, &len),
	    ERR_OK);
	return (len);
}

static void
test_a_proof_carries_leaf_and_salt_as_extra(void **state)
{
	struct world *w = *state;
	uint8_t extra[1000], back[1000];
	char text[8192];
	struct proof p;
	struct note_checkpoint c;
	uint64_t index;
	size_t len;

	for (size_t n = 0; n <= sizeof(extra); n += 37) {
		size_t got;

		memset(extra, (int)n, sizeof(extra));
		len = make_proof(w, slice_of(extra, n), text, sizeof(text));
		assert_int_equal(proof_check(slice_of(text, len), w->leaf[5],
				     &w->log_key, &index, &c), ERR_OK);
		assert_int_equal(index, 5);
		assert_int_equal(c.size, 7);
		assert_int_equal(proof_parse(slice_of(text, len), &p),
		    ERR_OK);
		assert_true(p.has_extra);
		assert_int_equal(proof_extra(&p, back, sizeof(back), &got),
		    ERR_OK);
		assert_int_equal(got, n);
		assert_memory_equal(back, extra, n);
		if (n > 0)
			assert_int_not_equal(proof_extra(&p, back, n - 1,
						 &got), ERR_OK);
	}
	len = make_proof(w, slice_of(NULL, 0), text, sizeof(text));
	assert_int_equal(proof_parse(slice_of(text, len), &p), ERR_OK);
	assert_false(p.has_extra);
}

static void
test_a_proof_of_another_leaf_or_form_is_refused(void **state)
{
	struct world *w = *state;
	char text[8192], bad[8192];
	struct note_checkpoint c;
	uint64_t index;
	size_t len = make_proof(w, slice_str("x"), text, sizeof(text));
	const char *head;

	assert_int_equal(proof_check(slice_of(text, len), w->leaf[4],
			     &w->log_key, &index, &c), ERR_DIGEST);
	for (size_t i = 0; i < len; i++) {
		assert_int_not_equal(proof_check(slice_of(text, i),
					 w->leaf[5], &w->log_key, &index, &c),
		    ERR_OK);
	}
	/* Each bit but those of the extra data. */
	head = strstr(text, "index ");
	assert_non_null(head);
	for (size_t i = 8 * (size_t)(head - text); i < 8 * len; i++) {
		memcpy(bad, text, len);
		bad[i / 8] = (char)(bad[i / 8] ^ (1 << (i % 8)));
		assert_int_not_equal(proof_check(slice_of(bad, len),
					 w->leaf[5], &w->log_key, &index, &c),
		    ERR_OK);
	}
	assert_int_equal(proof_make(5, NULL, 0, slice_of(NULL, 0),
			     slice_of(w->note, w->len), bad, 100, &len),
	    ERR_FULL);
}

static void
test_lines_are_strict(void **state)
{
	struct slice rest = slice_str("one\ntwo"), line;
	uint64_t v;

	(void)state;
	assert_true(lines_next(&rest, &line));
	assert_true(slice_eq(line, slice_str("one")));
	assert_false(lines_next(&rest, &line));
	assert_true(lines_decimal(slice_str("18446744073709551615"), &v));
	assert_true(v == UINT64_MAX);
	assert_false(lines_decimal(slice_str("18446744073709551616"), &v));
	assert_true(lines_decimal(slice_str("0"), &v));
	assert_false(lines_decimal(slice_str("00"), &v));
	assert_false(lines_decimal(slice_str(""), &v));
	assert_true(lines_is_base64(slice_str("AAAAAA==")));
	assert_false(lines_is_base64(slice_str("AA==AAAA")));
	assert_false(lines_is_base64(slice_str("AAAAA")));
}

int
main(void)
{
#define WITH(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_the_example_is_made_again_to_the_byte),
		WITH(test_keys_and_proofs_of_the_example_are_ours),
		WITH(test_a_signed_checkpoint_reads_back),
		WITH(test_a_flipped_bit_anywhere_in_a_note_is_noticed),
		WITH(test_a_checkpoint_has_one_form_only),
		WITH(test_another_origin_name_or_key_is_refused),
		WITH(test_cosignatures_are_added_and_checked),
		WITH(test_a_changed_cosignature_is_noticed),
		WITH(test_what_is_not_a_vkey_is_refused),
		WITH(test_a_proof_carries_leaf_and_salt_as_extra),
		WITH(test_a_proof_of_another_leaf_or_form_is_refused),
		WITH(test_lines_are_strict),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
