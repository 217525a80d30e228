/*
 * proof -- a receipt for ever: one text that proves that a record is in the
 * log.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "trust/lines.h"
#include "trust/proof.h"

#define FIRST_LINE "c2sp.org/tlog-proof@v1\n"

/* A text in the making: once it is full, it stays full. */
struct text {
	char *p;
	size_t cap;
	size_t len;
	bool full;
};

/* Add ${n} characters, and keep room for a NUL. */
static void
put(struct text *t, const void *p, size_t n)
{
	if (t->full || n >= t->cap - t->len) {
		t->full = true;
		return;
	}
	memcpy(t->p + t->len, p, n);
	t->len += n;
	t->p[t->len] = '\0';
}

/* Add base64, in pieces that need no padding before the last. */
static void
put_base64(struct text *t, struct slice s)
{
	char buf[BASE64_LEN(300)];

	for (size_t i = 0; i < s.len; i += 300) {
		size_t left = s.len - i, n = left < 300 ? left : 300;

		put(t, buf, base64_encode(s.p + i, n, buf));
	}
	put(t, "\n", 1);
}

enum err
proof_make(uint64_t index, const uint8_t (*path)[32], size_t n,
    struct slice extra, struct slice note, char *out, size_t cap, size_t *len)
{
	struct text t = { .p = out, .cap = cap };
	char line[32];

	if (cap == 0)
		return (ERR_FULL);
	put(&t, FIRST_LINE, strlen(FIRST_LINE));
	if (extra.p != NULL) {
		put(&t, "extra ", 6);
		put_base64(&t, extra);
	}
	put(&t, line, (size_t)snprintf(line, sizeof(line),
	    "index %" PRIu64 "\n", index));
	for (size_t i = 0; i < n; i++)
		put_base64(&t, slice_of(path[i], 32));
	put(&t, "\n", 1);
	put(&t, note.p, note.len);
	if (t.full)
		return (ERR_FULL);
	*len = t.len;
	return (ERR_OK);
}

/* If ${line} begins with ${word}, take that away. */
static bool
strip(struct slice *line, const char *word)
{
	size_t n = strlen(word);

	if (line->len < n || memcmp(line->p, word, n) != 0)
		return (false);
	*line = slice_of(line->p + n, line->len - n);
	return (true);
}

/* Read the lines before the path. */
static bool
head(struct slice *rest, struct proof *proof)
{
	struct slice line;

	if (!lines_next(rest, &line) ||
	    !slice_eq(line, slice_of(FIRST_LINE, strlen(FIRST_LINE) - 1)) ||
	    !lines_next(rest, &line))
		return (false);
	if (strip(&line, "extra ")) {
		proof->has_extra = true;
		proof->extra64 = line;
		if (!lines_is_base64(line) || !lines_next(rest, &line))
			return (false);
	}
	return (strip(&line, "index ") && lines_decimal(line, &proof->index));
}

/* Read the path and the empty line that ends it. */
static bool
path(struct slice *rest, struct proof *proof)
{
	struct slice line;
	size_t len;

	while (lines_next(rest, &line)) {
		if (line.len == 0)
			return (true);
		if (proof->n == TLOG_PATH_MAX ||
		    !base64_decode((const char *)line.p, line.len,
			proof->path[proof->n], 32, &len) ||
		    len != 32)
			return (false);
		proof->n++;
	}
	return (false);
}

enum err
proof_parse(struct slice bytes, struct proof *proof)
{
	struct proof p = { 0 };
	struct slice rest = bytes;
	struct note note;

	if (bytes.len > PROOF_MAX || !head(&rest, &p) || !path(&rest, &p))
		return (ERR_MALFORMED);
	p.note = rest;
	if (note_parse(p.note, &note) != ERR_OK)
		return (ERR_MALFORMED);
	*proof = p;
	return (ERR_OK);
}

enum err
proof_extra(const struct proof *proof, uint8_t *out, size_t cap, size_t *len)
{
	const struct slice t = proof->extra64;
	size_t n = 0;

	if (proof->has_extra) {
		if (t.len / 4 * 3 > cap + 2)
			return (ERR_FULL);
		if (!base64_decode((const char *)t.p, t.len, out, cap, &n))
			return (ERR_MALFORMED);
	}
	*len = n;
	return (ERR_OK);
}

enum err
proof_check(struct slice bytes, const uint8_t leaf_hash[32],
    const struct note_key *log, uint64_t *index, struct note_checkpoint *c)
{
	struct proof p;
	struct note_checkpoint found;
	enum err err = proof_parse(bytes, &p);

	if (err == ERR_OK)
		err = note_check(p.note, log, &found);
	if (err == ERR_OK)
		err = tlog_check_inclusion(p.index, found.size, leaf_hash,
		    (const uint8_t(*)[32])p.path, p.n, found.root);
	if (err != ERR_OK)
		return (err);
	*index = p.index;
	*c = found;
	return (ERR_OK);
}
