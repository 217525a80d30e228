/*
 * journal -- what was erased, kept beside the guard.
 *
 * A line is
 *
 *	keten-erased-v1 <index> <leaf hash> <rule> <time> <n> <index>:<hash> ...
 *	    *<checksum>
 *
 * with hashes in hexadecimal and as checksum the first 16 digits of SHA-256 of
 * what stands before " *".
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "core/journal_in.h"
#include "core/record.h"
#include "core/vault.h"
#include "trust/digest.h"
#include "trust/leaf.h"

#define MAGIC "keten-erased-v1"
#define CHECK JOURNAL_CHECK

/* One erasure of content is of one referral: a few hundred bytes, seldom
 * more.  As many as can be made in centuries. */
#define FILE_MAX ((size_t)2 << 30)

/* What a line needs besides its records, and for each of them. */
#define HEAD_LEN 200
#define GONE_LEN (1 + 20 + 1 + 64)

enum err
journal_path(const char *guard, char path[JOURNAL_PATH])
{
	int n = snprintf(path, JOURNAL_PATH, "%s.erasures", guard);

	return (n < 0 || n >= JOURNAL_PATH ? ERR_FULL : ERR_OK);
}

static void
checksum(const char *text, size_t len, char out[CHECK + 1])
{
	uint8_t hash[32];

	digest_of(text, len, hash);
	hex_encode(hash, CHECK / 2, out);
}

/* --- writing ------------------------------------------------------------ */

static size_t
add_gone(char *out, const struct journal_gone *g)
{
	char hex[65];

	hex_encode(g->leaf_hash, 32, hex);
	return ((size_t)snprintf(out, GONE_LEN + 1, " %" PRIu64 ":%s", g->index,
	    hex));
}

/* The line of ${row}, which the caller frees. */
static char *
make_line(const struct journal_row *row, size_t *len)
{
	char *text = malloc(HEAD_LEN + row->n * GONE_LEN);
	char hex[65];
	size_t at;

	if (text == NULL)
		return (NULL);
	hex_encode(row->leaf_hash, 32, hex);
	at = (size_t)snprintf(text, HEAD_LEN, MAGIC " %" PRIu64 " %s %" PRIu32 " %" PRId64
	    " %zu", row->index, hex, row->number, row->time_ms, row->n);
	for (size_t i = 0; i < row->n; i++)
		at += add_gone(text + at, &row->gone[i]);
	*len = at;
	return (text);
}

/* A line that was torn stays alone: the next begins on a line of its own. */
static bool
is_torn(int fd)
{
	struct stat sb;
	char last = '\n';

	return (fstat(fd, &sb) == 0 && sb.st_size > 0 &&
	    pread(fd, &last, 1, sb.st_size - 1) == 1 && last != '\n');
}

/* The text ends with its checksum. */
static size_t
finish_line(char *text, size_t len)
{
	char check[CHECK + 1];

	if (len == 0)
		return (0);
	checksum(text, len, check);
	return (len + (size_t)snprintf(text + len, JOURNAL_TAIL, " *%s\n",
	    check));
}

enum err
journal_append(const char *path, char *text, size_t len)
{
	bool is_new = access(path, F_OK) != 0;
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	char dir[JOURNAL_PATH];
	bool ok;

	if (fd == -1)
		return (ERR_IO);
	len = finish_line(text, len);
	ok = (!is_torn(fd) || file_write_all(fd, "\n", 1)) &&
	    file_write_all(fd, text, len) && fdatasync(fd) == 0;
	if (close(fd) != 0 || !ok)
		return (ERR_IO);
	if (!is_new)
		return (ERR_OK);
	/* The name of a new file must outlive a power cut too. */
	if (file_beside(path, ".", dir, sizeof(dir)) != ERR_OK)
		return (ERR_IO);
	return (file_sync_dir(dir));
}

/* --- from the log ------------------------------------------------------- */

static MUST_CHECK enum err
fill_gone(struct txn *t, const struct leaf_erase *body,
    struct journal_row *row)
{
	uint64_t total = 0;
	enum err err = ERR_OK;

	for (size_t i = 0; i < body->n; i++)
		total += body->ranges[i].count;
	if (total > store_size(t))
		return (ERR_CORRUPT);
	row->gone = calloc((size_t)total + 1, sizeof(*row->gone));
	if (row->gone == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < body->n && err == ERR_OK; i++)
		for (uint32_t k = 0; k < body->ranges[i].count &&
		     err == ERR_OK; k++) {
			struct journal_gone *g = &row->gone[row->n++];

			g->index = body->ranges[i].first + k;
			err = store_leaf_hash(t, g->index, g->leaf_hash);
		}
	return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
}

/* The row of the ERASE record ${index}; ERR_NOT_FOUND: not of content. */
static MUST_CHECK enum err
read_row(struct txn *t, uint64_t index, struct journal_row *row)
{
	struct leaf_range *list = calloc(LEAF_ERASE_MAX, sizeof(*list));
	struct leaf_erase body;
	struct slice bytes;
	struct leaf leaf;
	enum err err = list == NULL ? ERR_NOMEM
				    : store_leaf(t, index, &bytes);

	memset(row, 0, sizeof(*row));
	row->index = index;
	if (err == ERR_OK && (leaf_decode(bytes, &leaf) != ERR_OK ||
				 leaf.kind != LEAF_ERASE ||
				 leaf_erase_decode(leaf.clear, list,
				     LEAF_ERASE_MAX, &body) != ERR_OK))
		err = ERR_CORRUPT;
	if (err == ERR_OK && body.level != 1)
		err = ERR_NOT_FOUND;
	if (err == ERR_OK)
		err = store_leaf_hash(t, index, row->leaf_hash);
	if (err == ERR_OK) {
		row->number = body.rule;
		row->time_ms = leaf.time_ms;
		err = fill_gone(t, &body, row);
	}
	free(list);
	return (err);
}

enum err
journal_note(struct txn *t, const char *path, uint64_t index)
{
	struct journal_row row;
	char *line = NULL;
	size_t len;
	enum err err = read_row(t, index, &row);

	if (err == ERR_OK && (line = make_line(&row, &len)) == NULL)
		err = ERR_NOMEM;
	if (err == ERR_OK)
		err = journal_append(path, line, len);
	free(line);
	free(row.gone);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

enum err
journal_begin(struct txn *t, const char *path)
{
	char none[JOURNAL_TAIL] = "";
	enum err err = ERR_OK;

	if (access(path, F_OK) == 0)
		return (ERR_OK);
	for (uint64_t i = 0; i < store_size(t) && err == ERR_OK; i++) {
		struct slice bytes;

		err = store_leaf(t, i, &bytes);
		if (err == ERR_OK && bytes.len >= LEAF_LEN &&
		    bytes.p[4] == LEAF_ERASE)
			err = journal_note(t, path, i);
	}
	/* Empty, it says that nothing was erased yet. */
	if (err == ERR_OK && access(path, F_OK) != 0)
		err = journal_append(path, none, 0);
	return (err == ERR_NOT_FOUND ? ERR_CORRUPT : err);
}

/* --- reading ------------------------------------------------------------ */

static bool
read_gone(char **at, struct journal_gone *g)
{
	char *end;

	g->index = strtoull(*at, &end, 10);
	if (end == *at || *end != ':' || strlen(end + 1) < 64)
		return (false);
	*at = end + 1 + 64;
	if (**at == ' ')
		*(*at)++ = '\0';
	else if (**at != '\0')
		return (false);
	return (hex_decode(end + 1, g->leaf_hash, 32));
}

/* Take apart what stands before the checksum; it ends with a NUL. */
static bool
parse(char *text, struct journal_row *row)
{
	char hex[65];
	int used = 0;
	size_t n;

	if (sscanf(text, MAGIC " %" SCNu64 " %64s %" SCNu32 " %" SCNd64
	    " %zu%n", &row->index, hex, &row->number, &row->time_ms, &n,
		&used) != 5 || !hex_decode(hex, row->leaf_hash, 32) ||
	    n > strlen(text) / 66)
		return (false);
	row->gone = calloc(n + 1, sizeof(*row->gone));
	text += used;
	if (*text == ' ')
		text++;
	while (row->gone != NULL && row->n < n &&
	    read_gone(&text, &row->gone[row->n]))
		row->n++;
	return (row->gone != NULL && row->n == n);
}

/* One line without its end: is it whole? */
static bool
is_whole(char *line)
{
	char *star = strrchr(line, '*');
	char check[CHECK + 1];

	if (star == NULL || star - line < 2 || star[-1] != ' ')
		return (false);
	checksum(line, (size_t)(star - 1 - line), check);
	if (strcmp(check, star + 1) != 0)
		return (false);
	star[-1] = '\0';
	return (true);
}

enum err
journal_lines(const char *path, enum err (*each)(void *cookie, char *line),
    void *cookie)
{
	uint8_t *data = NULL;
	char *at, *end;
	size_t len = 0;
	enum err err = file_read(path, FILE_MAX, &data, &len);

	if (err != ERR_OK)
		return (err);
	/* Where the power went a file may hold zeros: a line with them is as
	 * good as torn, and there are others behind it. */
	for (at = (char *)data; err == ERR_OK; at = end) {
		end = memchr(at, '\n', len - (size_t)(at - (char *)data));
		if (end == NULL)
			break; /* torn */
		*end++ = '\0';
		if (is_whole(at))
			err = each(cookie, at);
	}
	free(data);
	return (err);
}

struct reading {
	enum err (*each)(void *cookie, const struct journal_row *row);
	void *cookie;
};

static enum err
take_line(void *cookie, char *line)
{
	const struct reading *r = cookie;
	struct journal_row row = { 0 };
	enum err err = ERR_OK;

	if (parse(line, &row))
		err = r->each(r->cookie, &row);
	free(row.gone);
	return (err);
}

enum err
journal_each(const char *path,
    enum err (*each)(void *cookie, const struct journal_row *row),
    void *cookie)
{
	struct reading r = { each, cookie };

	return (journal_lines(path, take_line, &r));
}

/* --- against a store ---------------------------------------------------- */

bool
journal_has(struct txn *t, const struct journal_gone *g)
{
	uint8_t hash[32];

	return (store_leaf_hash(t, g->index, hash) == ERR_OK &&
	    digest_eq(hash, g->leaf_hash));
}

/* Keep the newest row. */
static enum err
keep_last(void *cookie, const struct journal_row *row)
{
	struct journal_row *last = cookie;

	*last = *row;
	last->gone = NULL;
	last->n = 1;
	return (ERR_OK);
}

enum err
journal_fits(struct txn *t, const char *path, bool *fits)
{
	struct journal_row last = { 0 };
	struct journal_gone g;
	enum err err = journal_each(path, keep_last, &last);

	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	g.index = last.index;
	memcpy(g.leaf_hash, last.leaf_hash, 32);
	*fits = last.n == 0 || journal_has(t, &g);
	return (ERR_OK);
}

struct wiping {
	struct store *st;
	struct txn *t;
	uint64_t n;
};

static MUST_CHECK enum err
wipe_one(struct wiping *w, uint64_t index)
{
	struct vault *v = store_vault(w->st);
	bool done = true;
	uint32_t pair;
	enum err err = record_pair(w->t, index, &pair);

	if (err == ERR_OK && pair != RECORD_NO_PAIR)
		err = vault_is_erased(v, pair, VAULT_CONTENT, &done);
	if (err != ERR_OK || done)
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	w->n++;
	return (vault_erase(v, pair, VAULT_CONTENT));
}

static enum err
wipe_row(void *cookie, const struct journal_row *row)
{
	struct wiping *w = cookie;
	enum err err = ERR_OK;

	for (size_t i = 0; i < row->n && err == ERR_OK; i++)
		if (journal_has(w->t, &row->gone[i]))
			err = wipe_one(w, row->gone[i].index);
	return (err);
}

enum err
journal_wipe(struct store *st, const char *path, uint64_t *n)
{
	struct wiping w = { .st = st };
	enum err err = store_read(st, &w.t);

	if (err == ERR_OK)
		err = journal_each(path, wipe_row, &w);
	store_done(&w.t);
	if (err == ERR_OK)
		*n = w.n;
	return (err);
}
