/*
 * consistency -- is an older checkpoint the beginning of the log as it is, and
 * the proof of that for who has neither.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/commands.h"
#include "audit/findings.h"
#include "audit/logsource.h"
#include "core/request.h"
#include "base/file.h"
#include "trust/digest.h"

struct joining {
	const struct args *a;
	struct root root_of; /* whom we believe */
	struct logsource from;
	uint64_t old;
	bool has_root; /* the old one came as a checkpoint */
	uint8_t root[32];
};

/* The older checkpoint: a size, or a file with a signed note. */
static MUST_CHECK enum err
read_old(struct joining *j, enum verdict *v)
{
	const char *text = j->a->targets[0];
	struct note note;
	struct note_checkpoint is;
	uint8_t *data;
	size_t len;
	enum err err;

	if (args_number(text, &j->old))
		return (ERR_OK);
	err = file_read(text, NOTE_MAX, &data, &len);
	if (err != ERR_OK) {
		(void)fprintf(stderr, "keten-audit: %s is geen aantal records "
				      "en geen bestand\n", text);
		return (err);
	}
	err = note_parse(slice_of(data, len), &note);
	if (err == ERR_OK) {
		is = note.checkpoint;
		j->old = is.size;
		memcpy(j->root, is.root, 32);
		j->has_root = true;
	} else {
		*v = VERDICT_MALFORMED;
	}
	if (err == ERR_OK && j->a->root.has_log &&
	    root_note_check(&j->root_of, slice_of(data, len), &is) != ERR_OK)
		*v = VERDICT_SIGNATURE;
	free(data);
	return (ERR_OK);
}

/* Does the log still begin with the old tree, and is its newest signed? */
static enum verdict
judge(struct joining *j)
{
	const struct checkpoint *p = &j->from.point;
	struct note_checkpoint is;
	uint8_t root[32];

	if (j->root_of.has_log && root_note_check(&j->root_of,
		slice_of(p->note, p->len), &is) != ERR_OK)
		return (VERDICT_SIGNATURE);
	if (j->old > p->size)
		return (VERDICT_MISSING);
	if (tlog_root(p->size, &j->from.tree, root) != ERR_OK ||
	    !digest_eq(root, p->root))
		return (VERDICT_FORK);
	if (j->has_root && (tlog_root(j->old, &j->from.tree, root) != ERR_OK ||
		!digest_eq(root, j->root)))
		return (VERDICT_FORK);
	return (VERDICT_WITNESSED);
}

static MUST_CHECK enum err
write_proof(struct joining *j)
{
	const struct checkpoint *p = &j->from.point;
	struct request r = { .old = j->old,
		.note = slice_of(p->note, p->len) };
	char text[REQUEST_MAX];
	size_t len;
	enum err err = ERR_OK;

	if (j->old > 0)
		err = tlog_consistency(j->old, p->size, &j->from.tree,
		    r.proof, &r.n);
	if (err == ERR_OK)
		err = request_make(&r, text, &len);
	if (err == ERR_OK && j->a->out != NULL)
		err = file_write(j->a->out, text, len, 0644);
	else if (err == ERR_OK)
		err = command_put(j->a, "size", p->size, text, len);
	return (err);
}

int
command_consistency(const struct args *a)
{
	struct joining j = { .a = a };
	enum verdict v = VERDICT_WITNESSED;
	enum err err;

	err = logsource_open(a, &j.from);
	command_follow(a, j.from.txn, &j.root_of);
	if (err == ERR_OK)
		err = read_old(&j, &v);
	if (err == ERR_OK && v == VERDICT_WITNESSED)
		v = judge(&j);
	if (err == ERR_OK && v == VERDICT_WITNESSED)
		err = write_proof(&j);
	if (err == ERR_OK)
		(void)fprintf(stderr, v == VERDICT_WITNESSED
			? "Het logboek van %" PRIu64 " records is het begin "
			  "van dat van %" PRIu64 ".\n"
			: "Het controlepunt over %" PRIu64 " records en dat "
			  "over %" PRIu64 " passen niet bij elkaar.\n",
		    j.old, j.from.point.size);
	if (err == ERR_OK && v != VERDICT_WITNESSED)
		(void)fprintf(stderr, "Oordeel %d: %s.\n", (int)v,
		    verdict_text(v));
	logsource_close(&j.from);
	return (err == ERR_OK ? (int)v : (int)VERDICT_USAGE);
}
