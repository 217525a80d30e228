/*
 * logsource -- a log's tree and its newest checkpoint.
 */
#include <stdio.h>
#include <string.h>

#include "audit/commands.h"
#include "audit/logsource.h"
#include "trust/note.h"

static MUST_CHECK enum err
open_tiles(const char *dir, struct logsource *s)
{
	struct note note;
	enum err err = tiles_open(dir, &s->tiles);

	if (err != ERR_OK) {
		(void)fprintf(stderr, "keten-audit: %s: %s\n", dir,
		    err_text(err));
		return (err);
	}
	s->tree = tiles_tree(s->tiles);
	s->point.len = tiles_note(s->tiles).len;
	memcpy(s->point.note, tiles_note(s->tiles).p, s->point.len);
	err = note_parse(slice_of(s->point.note, s->point.len), &note);
	if (err == ERR_OK) {
		s->point.size = note.checkpoint.size;
		memcpy(s->point.root, note.checkpoint.root, 32);
	}
	return (err);
}

static MUST_CHECK enum err
open_store(const struct args *a, struct logsource *s)
{
	enum err err = command_open(a, &s->st);

	if (err != ERR_OK)
		return (err);
	err = store_read(s->st, &s->txn);
	if (err == ERR_OK)
		err = checkpoint_newest(s->txn, &s->point);
	if (err == ERR_NOT_FOUND)
		(void)fprintf(stderr, "keten-audit: er is nog geen "
				      "controlepunt gepubliceerd\n");
	if (err == ERR_OK)
		s->tree = store_tree(s->txn);
	return (err);
}

enum err
logsource_open(const struct args *a, struct logsource *s)
{
	memset(s, 0, sizeof(*s));
	if (a->tiles != NULL)
		return (open_tiles(a->tiles, s));
	return (open_store(a, s));
}

void
logsource_close(struct logsource *s)
{
	store_done(&s->txn);
	store_close(s->st);
	tiles_close(s->tiles);
	s->st = NULL;
	s->tiles = NULL;
}
