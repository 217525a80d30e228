/*
 * quorum -- how much of the log enough witnesses have seen.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/quorum.h"
#include "trust/note.h"

#define LOOK_BACK 1000 /* checkpoints */

void
quorum_init(struct quorum *q, const struct root *root)
{
	memset(q, 0, sizeof(*q));
	q->root = root;
}

uint32_t
quorum_mask(const struct quorum *q, struct slice note)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < q->root->n_witnesses; i++) {
		uint64_t time_s;

		if (note_check_cosignature(note, &q->root->witnesses[i],
			&time_s) == ERR_OK)
			mask |= UINT32_C(1) << i;
	}
	return (mask);
}

bool
quorum_has_signed(const struct root *root, struct slice note)
{
	struct quorum q;
	uint32_t mask;
	size_t n = 0;

	quorum_init(&q, root);
	for (mask = quorum_mask(&q, note); mask != 0; mask &= mask - 1)
		n++;
	return (n > 0 && n >= root->quorum);
}

void
quorum_add(struct quorum *q, uint32_t mask, uint64_t size)
{
	for (size_t i = 0; i < ROOT_WITNESSES_MAX; i++) {
		if (((mask >> i) & 1) == 0)
			continue;
		q->n++;
		if (size > q->newest[i])
			q->newest[i] = size;
	}
}

uint64_t
quorum_size(const struct quorum *q)
{
	uint64_t best = 0;

	/* The largest size that enough of them reached. */
	for (size_t i = 0; i < ROOT_WITNESSES_MAX; i++) {
		size_t n = 0;

		for (size_t k = 0; k < ROOT_WITNESSES_MAX; k++)
			if (q->newest[k] >= q->newest[i])
				n++;
		if (q->root->quorum > 0 && n >= q->root->quorum &&
		    q->newest[i] > best)
			best = q->newest[i];
	}
	return (best);
}

size_t
quorum_witnesses(const struct quorum *q)
{
	size_t n = 0;

	for (size_t i = 0; i < ROOT_WITNESSES_MAX; i++)
		if (q->newest[i] > 0)
			n++;
	return (n);
}

enum verdict
quorum_verdict(const struct root *root, uint64_t witnessed, bool erased,
    enum verdict worst)
{
	enum verdict best = VERDICT_UNWITNESSED;

	if (worst != VERDICT_WITNESSED)
		return (worst);
	if (root->n_witnesses > 0)
		best = witnessed > 0 ? VERDICT_WITNESSED : VERDICT_WITNESSES;
	return (erased ? verdict_worse(best, VERDICT_ERASURES) : best);
}

static int
is_visible(const struct dirent *d)
{
	return (d->d_name[0] != '.');
}

enum err
quorum_point(const struct root *root, struct txn *txn, uint64_t index,
    struct checkpoint *point)
{
	struct checkpoint *c;
	enum err err = ERR_OK;

	if (root->n_witnesses == 0)
		return (ERR_OK);
	if ((c = malloc(sizeof(*c))) == NULL)
		return (ERR_NOMEM);
	*c = *point;
	for (size_t i = 0; err == ERR_OK && i < LOOK_BACK && c->size > index;
	     i++) {
		if (quorum_has_signed(root, slice_of(c->note, c->len))) {
			*point = *c;
			break;
		}
		err = checkpoint_before(txn, c->size, c);
	}
	free(c);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
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
		struct stat st;

		(void)snprintf(path, sizeof(path), "%s/%s", dir,
		    names[i]->d_name);
		/* What others put there besides may be a pipe. */
		if (err == ERR_OK && stat(path, &st) == 0 &&
		    S_ISREG(st.st_mode))
			err = each(cookie, path);
		free(names[i]);
	}
	free(names);
	return (err);
}
