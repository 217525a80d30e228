#ifndef FILE_H_
#define FILE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * file -- whole files, written so that a crash leaves the old or the new one.
 *
 * This is for keys, configuration and small state.  A file that is replaced is
 * written under another name in the same folder, synced, renamed, and the
 * folder is synced: afterwards it is there even if the power goes.
 */

/**
 * file_read(path, max, data, len):
 * Read all of ${path} into a new block ${data} of ${len} bytes, with a NUL
 * behind them that is not counted.  The caller frees it (and wipes it first,
 * if it is secret).  ERR_NOT_FOUND if there is no such file, ERR_FULL if it
 * has more than ${max} bytes, ERR_IO or ERR_NOMEM.
 */
MUST_CHECK enum err file_read(const char *path, size_t max, uint8_t **data,
    size_t *len);

/**
 * file_read_given(path, max, data, len):
 * The same of a file in a folder where others may put what they like: not
 * through a link, not waiting for a pipe, and nothing but a file.  ERR_MALFORMED
 * if it is something else.
 */
MUST_CHECK enum err file_read_given(const char *path, size_t max,
    uint8_t **data, size_t *len);

/**
 * file_make(path, mode, fd):
 * Make ${path} anew, in place of what has that name (which is only let go of,
 * whatever it is and whoever made it), and store in ${fd} where to write it;
 * the caller closes it.  ERR_IO, with errno.
 */
MUST_CHECK enum err file_make(const char *path, mode_t mode, int *fd);

/**
 * file_write_all(fd, data, len), file_write_at(fd, data, len, at):
 * Write ${len} bytes to ${fd}, where it stands or from ${at} on, however often
 * that is interrupted.  False, with errno, if not all of it was written.
 */
bool file_write_all(int fd, const void *data, size_t len);
bool file_write_at(int fd, const void *data, size_t len, off_t at);

/**
 * file_write(path, data, len, mode):
 * Put ${len} bytes into ${path} with the rights ${mode}, in place of what was
 * there, all or nothing.  ERR_IO if that failed; then the old file is as it
 * was.
 */
MUST_CHECK enum err file_write(const char *path, const void *data, size_t len,
    mode_t mode);

/**
 * file_sync_dir(path), file_sync_name(path):
 * Make the names in the folder ${path} durable; the name ${path} itself, in
 * the folder where it is.  ERR_IO.
 */
MUST_CHECK enum err file_sync_dir(const char *path);
MUST_CHECK enum err file_sync_name(const char *path);

/**
 * file_mkdirs(path, mode):
 * Make the folder ${path} and those above it that are not there yet, with the
 * rights ${mode}.  One that is there already is fine.
 */
MUST_CHECK enum err file_mkdirs(const char *path, mode_t mode);

/**
 * file_lock(path, fd):
 * Open (or make) ${path} and take the one exclusive lock on it; store the
 * descriptor in ${fd}, which the caller closes to let go.  ERR_FULL if another
 * process has it, ERR_IO if it cannot be opened.
 */
MUST_CHECK enum err file_lock(const char *path, int *fd);

/**
 * file_is_private(path):
 * ERR_OK if only its owner can read ${path}; ERR_CONFIG if others can;
 * ERR_NOT_FOUND if it is not there.
 */
MUST_CHECK enum err file_is_private(const char *path);

/**
 * file_beside(base, name, out, cap):
 * Write the path of ${name}, seen from the folder in which the file ${base}
 * lies, into ${out}; an absolute ${name} stays as it is.  ERR_FULL if it does
 * not fit into ${cap} bytes.
 */
MUST_CHECK enum err file_beside(const char *base, const char *name, char *out,
    size_t cap);

#endif /* !FILE_H_ */
