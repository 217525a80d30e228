/*
 * quorum -- which witnesses saw which size of the log.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/quorum.h"
#include "trust/note.h"

enum err
quorum_init(struct quorum *q, const struct root *root)
{
	memset(q, 0, sizeof(*q));
	q->root = root;
	q->seen = map_new(8, sizeof(uint32_t));
	return (q->seen == NULL ? ERR_NOMEM : ERR_OK);
}

void
quorum_fini(struct quorum *q)
{
	map_free(q->seen);
	q->seen = NULL;
}

/* Whose signatures stand under it, a bit each. */
static uint32_t
witnesses_of(const struct root *root, struct slice note)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < root->n_witnesses; i++) {
		uint64_t time_s;

		if (note_check_cosignature(note, &root->witnesses[i],
			&time_s) == ERR_OK)
			mask |= UINT32_C(1) << i;
	}
	return (mask);
}

enum err
quorum_add(struct quorum *q, struct slice note, uint64_t size)
{
	uint32_t mask = witnesses_of(q->root, note), all;
	uint8_t key[8];
	void *seen;
	size_t n;

	if (mask == 0)
		return (ERR_OK);
	be64_put(key, size);
	seen = map_add(q->seen, key);
	if (seen == NULL)
		return (ERR_NOMEM);
	memcpy(&all, seen, sizeof(all));
	q->n += (uint64_t)__builtin_popcount(mask & ~all);
	all |= mask;
	memcpy(seen, &all, sizeof(all));
	n = (size_t)__builtin_popcount(all);
	if (n > q->most)
		q->most = n;
	if (q->root->quorum > 0 && n >= q->root->quorum &&
	    size > q->witnessed)
		q->witnessed = size;
	return (ERR_OK);
}

static int
is_visible(const struct dirent *d)
{
	return (d->d_name[0] != '.');
}

enum err
quorum_files(const char *dir, enum err (*each)(void *cookie, const char *path),
    void *cookie)
{
	struct dirent **names = NULL;
	int n = scandir(dir, &names, is_visible, alphasort);
	enum err err = ERR_OK;

	if (n < 0)
		return (errno == ENOENT ? ERR_NOT_FOUND
			: errno == ENOMEM ? ERR_NOMEM : ERR_IO);
	for (int i = 0; i < n; i++) {
		char path[4096];

		if (err == ERR_OK) {
			(void)snprintf(path, sizeof(path), "%s/%s", dir,
			    names[i]->d_name);
			err = each(cookie, path);
		}
		free(names[i]);
	}
	free(names);
	return (err);
}
