#ifndef BACKUP_IN_H_
#define BACKUP_IN_H_

#include <stddef.h>

#include "core/backup.h"

/*
 * backup_in -- shared by backup.c (making) and backup_restore.c (putting
 * back), and by nothing else.
 */
#define BACKUP_PATH 4400
#define BACKUP_FORMAT "keten-backup-v1"

/**
 * backup_path(dir, name, out):
 * Write "${dir}/${name}" to ${out}.  ERR_FULL.
 */
MUST_CHECK enum err backup_path(const char *dir, const char *name,
    char out[BACKUP_PATH]);

/**
 * backup_why(why, err, fmt, ...):
 * Say why and return ${err}.
 */
enum err backup_why(char *why, enum err err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * backup_claim(dir, why):
 * Make the folder ${dir}, or see that it is empty.  ERR_FULL, ERR_IO.
 */
MUST_CHECK enum err backup_claim(const char *dir, char *why);

/**
 * backup_copy(from, to, p, what, sha256, len, why):
 * Copy a file into a new one that only its owner can read, on the disk, with
 * its digest and length.  ERR_NOT_FOUND, ERR_IO.
 */
MUST_CHECK enum err backup_copy(const char *from, const char *to,
    const struct backup_progress *p, const char *what, uint8_t sha256[32],
    uint64_t *len, char *why);

/**
 * backup_tidy(dir):
 * Remove what LMDB and the lock of a store leave beside it.
 */
void backup_tidy(const char *dir);

/**
 * backup_drop(dir):
 * Remove the files of a store from ${dir}, its keys overwritten first.
 */
void backup_drop(const char *dir);

#endif /* !BACKUP_IN_H_ */
