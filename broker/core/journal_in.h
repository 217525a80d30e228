#ifndef JOURNAL_IN_H_
#define JOURNAL_IN_H_

#include "core/journal.h"

/*
 * journal_in -- lines with a checksum, shared by journal.c (what was erased)
 * and journal_keys.c (certificates and their ends), and by nothing else.
 */
#define JOURNAL_CHECK 16 /* digits, behind " *" at the end of each line */

/**
 * journal_append(path, text, len):
 * Add the line ${text}, which gets its checksum and its end here and has room
 * for JOURNAL_TAIL bytes more, to the file, on the disk.  With ${len} 0 only
 * make the file.  ERR_IO.
 */
#define JOURNAL_TAIL (JOURNAL_CHECK + 4)
MUST_CHECK enum err journal_append(const char *path, char *text, size_t len);

/**
 * journal_lines(path, each, cookie):
 * Call ${each} with every line that is whole, without its checksum, until it
 * returns an error, which is returned.  ERR_NOT_FOUND, ERR_IO, ERR_NOMEM.
 */
MUST_CHECK enum err journal_lines(const char *path,
    enum err (*each)(void *cookie, char *line), void *cookie);

#endif /* !JOURNAL_IN_H_ */
