#ifndef STORE_MEMORY_IN_H_
#define STORE_MEMORY_IN_H_

#include "core/rowpage.h"
#include "core/store_memory.h"

/*
 * store_memory_in -- the inside of store_memory, shared by store_memory.c (the
 * tables) and store_memory_file.c (where their pages are), and by nothing else.
 */

/* Pages have numbers from 1; 0 is none. */
struct tree {
	uint32_t root;	 /* 0: the table is empty */
	uint32_t recent; /* the lowest page that was used last */
	uint64_t count;
	/* Where store_memory_next() goes on. */
	uint32_t at;
	uint16_t i;
	bool has_changed; /* since then */
};

struct store_memory {
	uint8_t *base;
	uint64_t max;
	uint64_t plain; /* so many bytes at the beginning are no file's */
	uint64_t size; /* that can be used: of those and the file */
	uint32_t pages; /* that were ever used, with number 0 */
	uint32_t unused; /* the first of those that are not; linked by next */
	int fd;
	struct tree tree[TABLE__MAX + 1];
};

/**
 * store_memory_grow(m):
 * Take more of the disk.  ERR_FULL, ERR_IO.
 */
MUST_CHECK enum err store_memory_grow(struct store_memory *m);

#endif /* !STORE_MEMORY_IN_H_ */
