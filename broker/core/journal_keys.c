/*
 * journal_keys -- certificates and their ends, kept beside the guard.
 *
 * A line is
 *
 *	keten-key-v1 <envelope in base64> *<checksum>
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "core/journal_in.h"

#define MAGIC "keten-key-v1 "

enum err
journal_keys_path(const char *guard, char path[JOURNAL_PATH])
{
	int n = snprintf(path, JOURNAL_PATH, "%s.keys", guard);

	return (n < 0 || n >= JOURNAL_PATH ? ERR_FULL : ERR_OK);
}

enum err
journal_key_note(const char *path, struct slice envelope)
{
	size_t head = strlen(MAGIC);
	char *line = malloc(head + BASE64_LEN(envelope.len) + JOURNAL_TAIL);
	enum err err;

	if (line == NULL)
		return (ERR_NOMEM);
	memcpy(line, MAGIC, head);
	(void)base64_encode(envelope.p, envelope.len, line + head);
	err = journal_append(path, line, strlen(line));
	free(line);
	return (err);
}

/* --- reading ------------------------------------------------------------ */

struct reading {
	enum err (*each)(void *cookie, struct slice envelope);
	void *cookie;
};

static enum err
take_line(void *cookie, char *line)
{
	const struct reading *r = cookie;
	size_t head = strlen(MAGIC), len = 0, text = strlen(line);
	uint8_t *bytes;
	enum err err = ERR_OK;

	if (strncmp(line, MAGIC, head) != 0)
		return (ERR_OK);
	text -= head;
	bytes = malloc(text / 4 * 3 + 3);
	if (bytes == NULL)
		return (ERR_NOMEM);
	if (base64_decode(line + head, text, bytes, text / 4 * 3 + 3, &len))
		err = r->each(r->cookie, slice_of(bytes, len));
	free(bytes);
	return (err);
}

enum err
journal_keys_each(const char *path,
    enum err (*each)(void *cookie, struct slice envelope), void *cookie)
{
	struct reading r = { each, cookie };

	return (journal_lines(path, take_line, &r));
}

/* --- against a store ---------------------------------------------------- */

/* The envelope of the newest KEY record; empty if there is none. */
static MUST_CHECK enum err
newest_key(struct txn *t, struct slice *envelope)
{
	static const struct slice all;
	struct slice key;
	enum err err = store_before(t, TABLE_KEY, all, &key, envelope);

	if (err != ERR_NOT_FOUND)
		return (err);
	*envelope = slice_of("", 0);
	return (ERR_OK);
}

struct newest {
	struct slice is;
	size_t n;
	bool fits; /* the last line is that one */
	bool has;  /* some line is */
};

static enum err
compare(void *cookie, struct slice envelope)
{
	struct newest *n = cookie;

	n->n++;
	n->fits = slice_eq(n->is, envelope);
	n->has = n->has || n->fits;
	return (ERR_OK);
}

/* All there are, into a new journal. */
static MUST_CHECK enum err
note_all(struct txn *t, const char *path)
{
	struct slice key, envelope;
	char none[JOURNAL_TAIL] = "";
	enum err err = journal_append(path, none, 0);

	if (err == ERR_OK)
		err = store_seek(t, TABLE_KEY, slice_of("", 0), &key,
		    &envelope);
	while (err == ERR_OK) {
		err = journal_key_note(path, envelope);
		if (err == ERR_OK)
			err = store_next(t, TABLE_KEY, &key, &envelope);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

enum err
journal_keys_begin(struct txn *t, const char *path, bool *fits)
{
	struct newest n = { .n = 0 };
	enum err err = newest_key(t, &n.is);

	*fits = true;
	if (err == ERR_OK)
		err = journal_keys_each(path, compare, &n);
	if (err == ERR_NOT_FOUND)
		return (note_all(t, path));
	if (err != ERR_OK)
		return (err);
	*fits = n.n == 0 || n.fits;
	/* A crash came between the log and this. */
	return (n.is.len > 0 && !n.has ? journal_key_note(path, n.is)
				       : ERR_OK);
}
