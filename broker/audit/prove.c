/*
 * prove -- one text that proves that a record is in the log, and checkpoint --
 * what the broker has published, beside the tree as it is.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "audit/commands.h"
#include "audit/findings.h"
#include "audit/quorum.h"
#include "audit/report.h"
#include "base/file.h"
#include "core/checkpoint.h"
#include "core/record.h"
#include "core/view.h"
#include "trust/digest.h"
#include "trust/proof.h"

#define ARENA ((size_t)8 << 20)
#define PAGE 64

struct prove {
	const struct args *a;
	struct root trust;
	struct txn *txn;
	struct arena *arena;
	struct checkpoint point;
	enum verdict worst;
};

/* --- making ------------------------------------------------------------------------------- */

static enum err
complain(struct prove *p, uint64_t index, enum verdict v, const char *text)
{
	(void)fprintf(stderr, "keten-audit: record %" PRIu64 ": %s\n", index,
	    text);
	p->worst = verdict_worse(p->worst, v);
	return (ERR_DIGEST);
}

/* Leaf and salt: with these a receipt's facts can be held against it. */
static MUST_CHECK enum err
make_extra(struct prove *p, const struct record *rec, struct slice *extra)
{
	size_t len = rec->leaf_bytes.len + LEAF_SALT;
	uint8_t *out = arena_alloc(p->arena, len);

	if (out == NULL)
		return (ERR_NOMEM);
	memcpy(out, rec->leaf_bytes.p, rec->leaf_bytes.len);
	memcpy(out + rec->leaf_bytes.len, rec->salt, LEAF_SALT);
	*extra = slice_of(out, len);
	return (ERR_OK);
}

/* Nobody gets a proof that does not prove. */
static MUST_CHECK enum err
check(struct prove *p, const struct record *rec,
    const uint8_t (*path)[32], size_t n)
{
	struct note_checkpoint c;

	if (tlog_check_inclusion(rec->index, p->point.size, rec->leaf_hash,
		path, n, p->point.root) != ERR_OK)
		return (complain(p, rec->index, VERDICT_HASH,
		    "het blad past niet in de boom van het controlepunt"));
	if (p->trust.has_log && root_note_check(&p->trust,
		slice_of(p->point.note, p->point.len), &c) != ERR_OK)
		return (complain(p, rec->index, VERDICT_SIGNATURE,
		    "het controlepunt is niet getekend met de sleutel die u "
		    "opgaf"));
	return (ERR_OK);
}

static MUST_CHECK enum err
make(struct prove *p, uint64_t index, char **text, size_t *len)
{
	struct tlog_reader tree = store_tree(p->txn);
	uint8_t path[TLOG_PATH_MAX][32];
	struct slice extra;
	struct record rec;
	char *out = arena_alloc(p->arena, PROOF_MAX);
	size_t n = 0;
	enum err err = out == NULL ? ERR_NOMEM
				   : record_read(p->txn, index, p->arena, &rec);

	if (err == ERR_OK && record_check(&rec) != ERR_OK)
		return (complain(p, index, VERDICT_HASH,
		    verdict_text(VERDICT_HASH)));
	if (err == ERR_OK)
		err = make_extra(p, &rec, &extra);
	if (err == ERR_OK)
		err = tlog_inclusion(index, p->point.size, &tree, path, &n);
	if (err == ERR_OK)
		err = proof_make(index, (const uint8_t(*)[32])path, n, extra,
		    slice_of(p->point.note, p->point.len), out, PROOF_MAX,
		    len);
	if (err != ERR_OK)
		return (complain(p, index,
		    err == ERR_CONTENT_GONE ? VERDICT_ERASURES
		    : err == ERR_NOT_FOUND  ? VERDICT_MISSING
					    : VERDICT_HASH, err_text(err)));
	*text = out;
	return (check(p, &rec, (const uint8_t(*)[32])path, n));
}

/* --- writing ------------------------------------------------------------------------------- */

/* Write the proof of one record: to a file in --out, or to stdout. */
static MUST_CHECK enum err
write_one(struct prove *p, uint64_t index, bool is_one_of_many)
{
	char path[4096];
	char *text;
	size_t len;
	enum err err;

	if (index >= p->point.size) {
		(void)fprintf(stderr,
		    "keten-audit: record %" PRIu64 " is nog niet gedekt door "
		    "een gepubliceerd controlepunt (dat gaat over %" PRIu64
		    " records)\n", index, p->point.size);
		return (ERR_NOT_FOUND);
	}
	arena_reset(p->arena);
	err = make(p, index, &text, &len);
	if (err != ERR_OK)
		return (err);
	if (p->a->out == NULL)
		return (command_put(p->a, "index", index, text, len));
	if (is_one_of_many)
		(void)snprintf(path, sizeof(path), "%s/%" PRIu64
		    ".tlog-proof", p->a->out, index);
	else
		(void)snprintf(path, sizeof(path), "%s", p->a->out);
	err = file_write(path, text, len, 0644);
	if (err != ERR_OK)
		(void)fprintf(stderr, "keten-audit: %s is niet te "
				      "schrijven\n", path);
	return (err);
}

/* Every record of a referral's trail that is covered, each in its own file. */
static MUST_CHECK enum err
write_trail(struct prove *p, const struct refid *id)
{
	struct view_trail page[PAGE];
	uint64_t from = 0;
	size_t n = 0;
	enum err err = file_mkdirs(p->a->out, 0755);

	if (err != ERR_OK)
		(void)fprintf(stderr, "keten-audit: %s is niet te maken\n",
		    p->a->out);
	do {
		if (err == ERR_OK)
			err = view_trail(p->txn, id, from, page, PAGE, &n);
		for (size_t i = 0; i < n && err == ERR_OK; i++) {
			err = write_one(p, page[i].index, true);
			from = page[i].index + 1;
		}
	} while (err == ERR_OK && n == PAGE);
	return (err);
}

static enum err
prove_one(struct prove *p, const char *text)
{
	struct refid id;
	uint64_t index;
	enum err err = command_find(p->txn, text, &index, &id);

	if (err != ERR_OK)
		return (err);
	err = checkpoint_newest(p->txn, &p->point);
	if (err != ERR_OK) {
		(void)fprintf(stderr, "keten-audit: er is nog geen "
				      "controlepunt gepubliceerd\n");
		return (err);
	}
	err = quorum_point(&p->trust, p->txn, index, &p->point);
	if (err != ERR_OK)
		return (err);
	if (!refid_is_none(&id) && p->a->out != NULL)
		return (write_trail(p, &id));
	return (write_one(p, index, false));
}

int
command_prove(const struct args *a)
{
	struct prove *p;
	struct store *st = NULL;
	enum err err = ERR_CONFIG;
	int code = (int)VERDICT_USAGE;

	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return (command_trouble(ERR_NOMEM));
	p->a = a;
	p->arena = arena_new(ARENA);
	if (p->arena != NULL && command_open(a, &st) == ERR_OK)
		err = store_read(st, &p->txn);
	command_follow(a, p->txn, &p->trust);
	if (err == ERR_OK)
		err = prove_one(p, a->targets[0]);
	if (err == ERR_OK || p->worst != VERDICT_WITNESSED)
		code = (int)p->worst;
	store_done(&p->txn);
	arena_free(p->arena);
	store_close(st);
	free(p);
	return (code);
}

/* --- checkpoint ------------------------------------------------------------------------------------ */

/* What a person reads, or --json. */
static void
print_point(const struct args *a, const struct checkpoint *c, uint64_t size,
    const uint8_t root[32], enum verdict v)
{
	char hex[65], grouped[96];
	char *text;
	json_t *o;

	hex_encode(root, 32, hex);
	if (a->json) {
		o = json_pack("{s:s,s:I,s:I,s:s,s:i}", "note", c->note,
		    "published", (json_int_t)c->size, "size",
		    (json_int_t)size, "root", hex, "code", (int)v);
		text = json_dumps(o, JSON_COMPACT);
		(void)printf("%s\n", text == NULL ? "{}" : text);
		free(text);
		json_decref(o);
		return;
	}
	report_group(root, 32, grouped);
	(void)printf("%s", c->note);
	(void)fprintf(stderr,
	    "Het logboek heeft nu %" PRIu64 " records; de wortel daarvan is\n"
	    "  %.39s\n  %s\n%s.\n", size, grouped, grouped + 40,
	    v == VERDICT_WITNESSED && !a->root.has_log
		? "De handtekening is niet nagekeken: u gaf geen --vkey"
		: v == VERDICT_WITNESSED ? "Het controlepunt klopt"
					 : verdict_text(v));
}

/* Is the newest checkpoint signed, and of this tree? */
static enum verdict
judge(const struct args *a, struct txn *txn, const struct checkpoint *c)
{
	struct tlog_reader tree = store_tree(txn);
	struct note_checkpoint is;
	struct root trust;
	uint8_t root[32];

	command_follow(a, txn, &trust);
	if (trust.has_log &&
	    root_note_check(&trust, slice_of(c->note, c->len), &is) != ERR_OK)
		return (VERDICT_SIGNATURE);
	if (c->size > store_size(txn))
		return (VERDICT_MISSING);
	if (tlog_root(c->size, &tree, root) != ERR_OK ||
	    !digest_eq(root, c->root))
		return (VERDICT_FORK);
	return (VERDICT_WITNESSED);
}

static int
show_point(const struct args *a, struct txn *txn)
{
	struct tlog_reader tree = store_tree(txn);
	struct checkpoint c;
	uint8_t root[32];
	enum verdict v;

	if (tlog_root(store_size(txn), &tree, root) != ERR_OK)
		return (command_trouble(ERR_CORRUPT));
	if (checkpoint_newest(txn, &c) != ERR_OK) {
		(void)fprintf(stderr, "keten-audit: er is nog geen "
				      "controlepunt gepubliceerd\n");
		return ((int)VERDICT_USAGE);
	}
	v = judge(a, txn, &c);
	print_point(a, &c, store_size(txn), root, v);
	return ((int)v);
}

int
command_checkpoint(const struct args *a)
{
	struct store *st = NULL;
	struct txn *txn = NULL;
	int code = (int)VERDICT_USAGE;

	if (command_open(a, &st) != ERR_OK)
		return (code);
	if (store_read(st, &txn) == ERR_OK)
		code = show_point(a, txn);
	store_done(&txn);
	store_close(st);
	return (code);
}
