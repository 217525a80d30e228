#ifndef FOLDER_H_
#define FOLDER_H_

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * folder -- the drop folder of one partner, and the crash rules.
 *
 *   in/          from Keten; whoever reads a file takes it away
 *   in/tmp/      files on their way to in/
 *   out/tmp/     the partner writes here ...
 *   out/new/     ... and renames to here when the file is whole
 *   out/busy/    claimed, not decided yet
 *   done/        taken; beside each file what became of it
 *   failed/      not taken; beside each file why, name.fout.txt
 *   .keten/      what we must remember (ledger.h)
 *
 * Rule A, incoming: nothing is lost, nothing comes twice.
 *   1. the files of news n are written in in/tmp/ under names that follow from
 *      its place in the log, and synced;
 *   2. ".keten/ready" is replaced by one that says n and those names, synced;
 *   3. each is renamed into in/, in/ and in/tmp/ are synced;
 *   4. n is marked read in the spool.
 * A start or a repeat that finds n in "ready" skips 1 and 2 and renames only
 * what is still in in/tmp/: what is not there any more has been in in/, and
 * may have been taken away.  News at or below n is only marked read.  A crash
 * before 2 leaves files in in/tmp/ that are written again, over the old ones.
 *
 * Rule B, outgoing: nothing is lost, nothing is sent twice, nothing is half
 * taken.
 *   1. out/new/x is renamed to out/busy/<time>-<random>-x, both folders are
 *      synced.  From here on that name is the file's identity;
 *   2. it is read and mapped as a whole; a mistake anywhere moves it to
 *      failed/ and nothing is sent;
 *   3. the list of orders is written to ".keten/plan-<name>", synced;
 *   4. each order goes to the SDK with the key "<name>#<item>": the same key
 *      again gives the same ticket, so going through the list again after a
 *      crash sends nothing twice;
 *   5. when every item is decided: the ledger learns which referral came of
 *      it, the result is written, the file is renamed to done/ or failed/, the
 *      plan is removed.
 * A start finds files in out/busy/ and goes on at 2 or, with a plan, at 4.
 * The same name put in out/new again is another file.
 */
enum place {
	PLACE_IN,
	PLACE_IN_TMP,
	PLACE_OUT_TMP,
	PLACE_OUT_NEW,
	PLACE_OUT_BUSY,
	PLACE_DONE,
	PLACE_FAILED,
	PLACE_KETEN,
	PLACE_KEYS,
	PLACE_REFERRALS,
	PLACE__MAX
};

/* How the name of a plan begins (ledger.h), before that of its file. */
#define FOLDER_PLAN "plan-"

struct folder {
	char root[512];
	int fd[PLACE__MAX]; /* -1: not open */
	int lock;
};

#define FOLDER_NAME_MAX 255

/**
 * folder_open(path, f):
 * Open the drop folder ${path}, make what is missing, and take its lock.
 * What a killed predecessor left half written is removed.  ERR_FULL if another
 * process serves it, ERR_IO.  The caller owns ${f} and gives it to
 * folder_close().
 */
MUST_CHECK enum err folder_open(const char *path, struct folder *f);

/**
 * folder_close(f):
 * Close what is open.
 */
void folder_close(struct folder *f);

/**
 * folder_place(place):
 * Return the name of ${place}, seen from the root: "out/new".
 */
const char *folder_place(enum place place);

/**
 * folder_list(f, place, names, n):
 * List the plain files in ${place}, oldest change first, then by name; names
 * that begin with '.' are left out.  The caller frees ${names} with
 * folder_names_free().  ERR_IO, ERR_NOMEM.
 */
MUST_CHECK enum err folder_list(const struct folder *f, enum place place,
    char ***names, size_t *n);
void folder_names_free(char **names, size_t n);

/**
 * folder_write(f, place, name, data, len):
 * Put a file there, all or nothing, durable.  ERR_IO.
 */
MUST_CHECK enum err folder_write(const struct folder *f, enum place place,
    const char *name, const void *data, size_t len);

/**
 * folder_read(f, place, name, max, data, len):
 * Read a plain file (never through a symbolic link) with a NUL behind it,
 * owned by the caller.  ERR_NOT_FOUND, ERR_FULL (more than ${max}), ERR_IO,
 * ERR_NOMEM.
 */
MUST_CHECK enum err folder_read(const struct folder *f, enum place place,
    const char *name, size_t max, char **data, size_t *len);

/**
 * folder_move(f, from, name, to, as):
 * Rename, never over another file, and sync both folders.  ERR_NOT_FOUND if
 * ${name} is not there, ERR_FULL if ${as} is, ERR_IO.
 */
MUST_CHECK enum err folder_move(const struct folder *f, enum place from,
    const char *name, enum place to, const char *as);

/**
 * folder_has(f, place, name):
 * Tell whether there is something of that name.
 */
bool folder_has(const struct folder *f, enum place place, const char *name);

/**
 * folder_remove(f, place, name):
 * Overwrite a plain file with zeros and remove it; nothing if there is none.
 * ERR_IO.  (The overwriting is best effort: some file systems write elsewhere.)
 */
MUST_CHECK enum err folder_remove(const struct folder *f, enum place place,
    const char *name);

/**
 * folder_count(f, place):
 * Return how many files folder_list() would list there.
 */
size_t folder_count(const struct folder *f, enum place place);

#endif /* !FOLDER_H_ */
