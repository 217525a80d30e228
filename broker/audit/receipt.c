/*
 * receipt -- what one proof proves, without network and without the log; and,
 * if the log is there, whether it still holds what was proved.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "audit/commands.h"
#include "audit/findings.h"
#include "audit/telling.h"
#include "base/file.h"
#include "core/record.h"
#include "life/calendar.h"
#include "trust/digest.h"
#include "trust/proof.h"

#define ARENA ((size_t)16 << 20)
#define LEAF_FILE_MAX ((size_t)1 << 20)

struct receipt {
	const struct args *a;
	uint8_t *bytes; /* the file */
	size_t len;
	struct proof proof;
	struct note_checkpoint point;
	uint8_t extra[PROOF_EXTRA_MAX];
	size_t extra_len;
	bool has_hash;
	uint8_t hash[32]; /* of the leaf */
	bool has_leaf;
	struct leaf leaf;
	bool has_salt;
	uint8_t salt[LEAF_SALT];
	size_t n_witnesses;
	uint64_t witness_s; /* the first time one of them saw it */
	enum verdict verdict;
	char why[300]; /* of the verdict, if it is not a good one */
};

/* --- the leaf --------------------------------------------------------------- */

static void
judge(struct receipt *r, enum verdict v, const char *why)
{
	if (verdict_worse(r->verdict, v) != v || r->verdict == v)
		return;
	r->verdict = v;
	(void)snprintf(r->why, sizeof(r->why), "%s", why);
}

/* Leaf and salt, as Keten puts them beside a proof. */
static void
take_extra(struct receipt *r)
{
	size_t n;

	if (proof_extra(&r->proof, r->extra, sizeof(r->extra),
		&r->extra_len) != ERR_OK || r->extra_len < LEAF_LEN)
		return;
	n = leaf_length(r->extra);
	if (n != r->extra_len && n + LEAF_SALT != r->extra_len)
		return;
	digest_leaf(slice_of(r->extra, n), r->hash);
	r->has_hash = true;
	r->has_leaf = leaf_decode(slice_of(r->extra, n), &r->leaf) == ERR_OK;
	r->has_salt = n + LEAF_SALT == r->extra_len;
	if (r->has_salt)
		memcpy(r->salt, r->extra + n, LEAF_SALT);
}

/* The bytes of any leaf, of whichever log. */
static MUST_CHECK enum err
take_leaf_file(struct receipt *r)
{
	uint8_t *data;
	size_t len;
	enum err err = file_read(r->a->leaf, LEAF_FILE_MAX, &data, &len);

	if (err != ERR_OK) {
		(void)fprintf(stderr, "keten-audit: %s: %s\n", r->a->leaf,
		    err_text(err));
		return (err);
	}
	digest_leaf(slice_of(data, len), r->hash);
	r->has_hash = true;
	r->has_leaf = false;
	free(data);
	return (ERR_OK);
}

static MUST_CHECK enum err
take_leaf_hash(struct receipt *r)
{
	const char *text = r->a->leaf_hash;
	size_t len = 0;

	if (hex_decode(text, r->hash, 32) ||
	    (base64_decode(text, strlen(text), r->hash, 32, &len) &&
		len == 32)) {
		r->has_hash = true;
		r->has_leaf = false;
		return (ERR_OK);
	}
	(void)fprintf(stderr, "keten-audit: --leaf-hash: 64 hexadecimale "
			      "cijfers, of base64\n");
	return (ERR_CONFIG);
}

/* --- without the log ------------------------------------------------------------ */

static void
count_witnesses(struct receipt *r)
{
	const struct root *root = &r->a->root;

	for (size_t i = 0; i < root->n_witnesses; i++) {
		uint64_t s;

		if (note_check_cosignature(r->proof.note, &root->witnesses[i],
			&s) != ERR_OK)
			continue;
		if (r->n_witnesses++ == 0 || s < r->witness_s)
			r->witness_s = s;
	}
}

static void
check(struct receipt *r)
{
	const struct root *root = &r->a->root;
	enum err err = root_note_check(root, r->proof.note, &r->point);

	if (err == ERR_BAD_ORIGIN)
		judge(r, VERDICT_SIGNATURE,
		    "het controlepunt is van een ander logboek");
	else if (err == ERR_KEY_NOT_VALID)
		judge(r, VERDICT_SIGNATURE, "het controlepunt is niet getekend "
		    "met de sleutel die u opgaf");
	else if (err == ERR_BAD_SIGNATURE)
		judge(r, VERDICT_SIGNATURE,
		    "de handtekening onder het controlepunt klopt niet");
	else if (err != ERR_OK)
		judge(r, VERDICT_MALFORMED,
		    "er staat geen geldig controlepunt in");
	if (err != ERR_OK)
		return;
	if (tlog_check_inclusion(r->proof.index, r->point.size, r->hash,
		(const uint8_t(*)[32])r->proof.path, r->proof.n,
		r->point.root) != ERR_OK) {
		judge(r, VERDICT_HASH,
		    "het pad leidt niet van dit blad naar de wortel van het "
		    "controlepunt");
		return;
	}
	count_witnesses(r);
	if (root->n_witnesses == 0)
		judge(r, VERDICT_UNWITNESSED, "");
	else if (r->n_witnesses < root->quorum)
		judge(r, VERDICT_WITNESSES,
		    verdict_text(VERDICT_WITNESSES));
}

/* --- beside the log ---------------------------------------------------------------- */

/* The root of the first ${size} leaves as they stand there now, each hashed
 * again: stored nodes may be damaged too. */
static MUST_CHECK enum err
root_again(struct txn *txn, uint64_t size, uint8_t root[32])
{
	struct tlog_frontier f;
	enum err err = ERR_OK;

	tlog_frontier_init(&f);
	while (f.size < size && err == ERR_OK) {
		struct slice leaf;
		uint8_t hash[32];

		if (store_is_stale(txn))
			err = store_renew(txn);
		if (err == ERR_OK)
			err = store_leaf(txn, f.size, &leaf);
		if (err != ERR_OK)
			break;
		digest_leaf(leaf, hash);
		(void)tlog_frontier_add(&f, hash, NULL);
	}
	tlog_frontier_root(&f, root);
	return (err);
}

static MUST_CHECK enum err
compare_tree(struct receipt *r, struct txn *txn)
{
	struct tlog_reader tree = store_tree(txn);
	uint8_t root[32];
	enum err err = tlog_root(r->point.size, &tree, root);

	if (err == ERR_OK && digest_eq(root, r->point.root))
		return (ERR_OK);
	err = root_again(txn, r->point.size, root);
	if (err == ERR_OK && digest_eq(root, r->point.root))
		judge(r, VERDICT_HASH, "de bladen zijn zoals ze waren, maar "
		    "er is een knoop van de boom in de opslag veranderd");
	else if (err == ERR_OK)
		judge(r, VERDICT_FORK, "het logboek is niet meer het logboek "
		    "dat toen ondertekend is");
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* What stands behind the leaf: the record, and the sealed parts it brought. */
static MUST_CHECK enum err
compare_record(struct receipt *r, struct txn *txn, struct arena *a)
{
	struct record rec;
	Keten__V1__Facts *f = NULL;
	enum err err = record_read(txn, r->proof.index, a, &rec);

	if (err == ERR_OK && (record_check(&rec) != ERR_OK ||
		(r->has_salt && memcmp(rec.salt, r->salt, LEAF_SALT) != 0)))
		err = ERR_CORRUPT;
	if (err == ERR_OK)
		err = record_facts(&rec, a, &f, NULL);
	for (uint32_t i = 0; err == ERR_OK && i < f->n_parts; i++) {
		struct content_piece piece;
		uint8_t *sha = f->parts[i]->sha256.data;

		err = record_content(txn, r->proof.index, i, a, &piece);
		if (err == ERR_OK && (f->parts[i]->sha256.len != 32 ||
			memcmp(sha, piece.sha256, 32) != 0))
			err = ERR_CORRUPT;
	}
	if (err == ERR_CORRUPT)
		judge(r, VERDICT_HASH, "wat er bij dit record in de opslag "
		    "staat, is niet meer wat het blad heeft vastgelegd");
	else if (err == ERR_NOT_FOUND)
		judge(r, VERDICT_MISSING, "het record of een deel ervan "
		    "staat niet meer in de opslag");
	else if (err == ERR_CONTENT_GONE)
		judge(r, VERDICT_ERASURES, "de inhoud is gewist; of dat mocht "
		    "zegt keten-audit verify");
	else
		return (err);
	return (ERR_OK);
}

static MUST_CHECK enum err
compare(struct receipt *r, struct txn *txn, struct arena *a)
{
	struct slice leaf;
	uint8_t hash[32];
	enum err err = store_leaf(txn, r->proof.index, &leaf);

	if (err == ERR_NOT_FOUND || store_size(txn) < r->point.size) {
		judge(r, VERDICT_MISSING, "het logboek is korter dan toen dit "
		    "bewijs gemaakt werd");
		return (ERR_OK);
	}
	if (err != ERR_OK)
		return (err);
	digest_leaf(leaf, hash);
	if (!digest_eq(hash, r->hash)) {
		judge(r, VERDICT_HASH, "in de opslag staat op deze plaats nu "
		    "een ander blad dan dit bewijs laat zien");
		return (ERR_OK);
	}
	err = compare_record(r, txn, a);
	return (err == ERR_OK ? compare_tree(r, txn) : err);
}

static MUST_CHECK enum err
compare_store(struct receipt *r)
{
	struct store *st = NULL;
	struct txn *txn = NULL;
	struct arena *a = arena_new(ARENA);
	enum err err = a == NULL ? ERR_NOMEM : command_open(r->a, &st);

	if (err == ERR_OK)
		err = store_read(st, &txn);
	if (err == ERR_OK)
		err = compare(r, txn, a);
	store_done(&txn);
	arena_free(a);
	store_close(st);
	return (err);
}

static bool
is_good(enum verdict v)
{
	return (v == VERDICT_WITNESSED || v == VERDICT_UNWITNESSED ||
	    v == VERDICT_ERASURES);
}

/* Who did not look says nothing about what stands there: that comes last. */
static MUST_CHECK enum err
compare_unless_bad(struct receipt *r)
{
	bool lacks = r->verdict == VERDICT_WITNESSES;
	enum err err;

	if (!lacks && !is_good(r->verdict))
		return (ERR_OK);
	if (lacks)
		r->verdict = VERDICT_UNWITNESSED;
	err = compare_store(r);
	if (lacks && is_good(r->verdict))
		judge(r, VERDICT_WITNESSES, verdict_text(VERDICT_WITNESSES));
	return (err);
}

/* --- telling -------------------------------------------------------------------------- */

static void
print_proof(const struct receipt *r)
{
	char hex[65], when[CAL_TEXT];

	(void)printf("Bewijs     %s\n", r->a->targets[0]);
	if (!r->has_hash)
		return; /* it could not be read */
	(void)printf("Record     %" PRIu64 "\n", r->proof.index);
	if (r->has_leaf) {
		(void)printf("Soort      %s: %s\n",
		    leaf_kind_name(r->leaf.kind),
		    telling_kind_nl(r->leaf.kind));
		(void)printf("Tijd       %s\n",
		    cal_text(r->leaf.time_ms, when));
	}
	hex_encode(r->hash, 32, hex);
	(void)printf("Blad       %s\n", hex);
	if (r->point.origin[0] == '\0')
		return;
	hex_encode(r->point.root, 32, hex);
	(void)printf("Logboek    %s\n", r->point.origin);
	(void)printf("Boom       %" PRIu64 " records, wortel %s\n",
	    r->point.size, hex);
	if (r->a->root.n_witnesses > 0)
		(void)printf("Getuigen   %zu van de %zu die u noemde; nodig "
			     "zijn er %zu\n", r->n_witnesses,
		    r->a->root.n_witnesses, r->a->root.quorum);
	if (r->n_witnesses > 0)
		(void)printf("           de eerste op %s\n",
		    cal_text((int64_t)r->witness_s * 1000, when));
}

static void
print_meaning(const struct receipt *r)
{
	if (!r->has_hash) {
		(void)printf("\n%s.\n", r->why);
	} else if (!is_good(r->verdict)) {
		(void)printf("\nrecord %" PRIu64 ": %s.\n", r->proof.index,
		    r->why);
	} else {
		(void)printf("\nDit bewijst dat dit blad record %" PRIu64
			     " van het logboek is, zoals de makelaar het\n"
			     "ondertekend heeft.\n", r->proof.index);
		if (r->has_salt)
			(void)printf("Wie verklaring en feiten heeft, kan met "
				     "het zout erin nagaan dat het die\n"
				     "zijn.\n");
		if (r->why[0] != '\0')
			(void)printf("%s.\n", r->why);
		if (r->a->store != NULL && r->verdict != VERDICT_ERASURES)
			(void)printf("In de opslag staat nog steeds precies "
				     "dit.\n");
	}
	(void)printf("\nOordeel %d: %s.\n", (int)r->verdict,
	    r->verdict == VERDICT_UNWITNESSED
		? "het bewijs klopt; u noemde geen getuigen"
		: r->verdict == VERDICT_WITNESSED
		? "het bewijs klopt, en genoeg getuigen zagen dit logboek"
		: verdict_text(r->verdict));
}

static void
print_json(const struct receipt *r)
{
	char hex[65], when[TELLING_ISO];
	json_t *o = json_pack("{s:I,s:s,s:i,s:s,s:s}", "index",
	    (json_int_t)r->proof.index, "file", r->a->targets[0], "code",
	    (int)r->verdict, "name", verdict_name(r->verdict), "why", r->why);
	char *text;

	if (r->has_leaf) {
		(void)json_object_set_new(o, "kind",
		    json_string(leaf_kind_name(r->leaf.kind)));
		(void)json_object_set_new(o, "time",
		    json_string(telling_iso(r->leaf.time_ms, when)));
	}
	hex_encode(r->hash, 32, hex);
	(void)json_object_set_new(o, "leaf_hash", json_string(hex));
	if (r->point.origin[0] != '\0') {
		hex_encode(r->point.root, 32, hex);
		(void)json_object_set_new(o, "origin",
		    json_string(r->point.origin));
		(void)json_object_set_new(o, "size",
		    json_integer((json_int_t)r->point.size));
		(void)json_object_set_new(o, "root", json_string(hex));
	}
	(void)json_object_set_new(o, "witnesses",
	    json_integer((json_int_t)r->n_witnesses));
	text = json_dumps(o, JSON_COMPACT);
	(void)printf("%s\n", text == NULL ? "{}" : text);
	free(text);
	json_decref(o);
}

/* --- all of it -------------------------------------------------------------------------- */

static MUST_CHECK enum err
read_leaf(struct receipt *r)
{
	take_extra(r);
	if (r->a->leaf != NULL)
		return (take_leaf_file(r));
	if (r->a->leaf_hash != NULL)
		return (take_leaf_hash(r));
	if (r->has_hash)
		return (ERR_OK);
	(void)fprintf(stderr,
	    "keten-audit: dit bewijs noemt zijn blad niet.  Geef de bytes "
	    "ervan met --leaf BESTAND\nof de hash met --leaf-hash.\n");
	return (ERR_CONFIG);
}

static MUST_CHECK enum err
run(struct receipt *r)
{
	enum err err = ERR_OK;

	r->verdict = VERDICT_WITNESSED;
	if (proof_parse(slice_of(r->bytes, r->len), &r->proof) != ERR_OK) {
		judge(r, VERDICT_MALFORMED,
		    "dit is geen geldig bewijs (c2sp.org/tlog-proof@v1)");
		return (ERR_OK);
	}
	err = read_leaf(r);
	if (err != ERR_OK)
		return (err);
	check(r);
	if (r->a->store != NULL)
		err = compare_unless_bad(r);
	return (err);
}

int
command_receipt(const struct args *a)
{
	struct receipt *r;
	int code = (int)VERDICT_USAGE;
	enum err err;

	if (a->n_targets != 1 || !a->root.has_log) {
		(void)fprintf(stderr, "keten-audit: noem een bewijs, en de "
				      "sleutel van het logboek met --vkey of "
				      "--trust\n");
		return (code);
	}
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return (command_trouble(ERR_NOMEM));
	r->a = a;
	err = file_read(a->targets[0], PROOF_MAX, &r->bytes, &r->len);
	if (err != ERR_OK) {
		(void)fprintf(stderr, "keten-audit: %s: %s\n", a->targets[0],
		    err_text(err));
	} else if ((err = run(r)) == ERR_OK) {
		if (a->json) {
			print_json(r);
		} else {
			print_proof(r);
			print_meaning(r);
		}
		code = (int)r->verdict;
	}
	free(r->bytes);
	free(r);
	return (code);
}
