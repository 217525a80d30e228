#ifndef ARENA_H_
#define ARENA_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "base/bytes.h"

/*
 * arena -- all the memory one message needs, from one fixed block.
 *
 * A message is decoded, judged, stored and answered; then the arena is reset.
 * Nothing allocated from it is ever freed on its own, so there is nothing to
 * forget on an error path.  The block does not grow: a message that wants more
 * than ${cap} bytes is refused, however small it looks on the wire.
 *
 * An arena belongs to one thread.  Under AddressSanitizer whatever is not
 * handed out is poisoned.
 */

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define ARENA_CLOSE(p, len) ASAN_POISON_MEMORY_REGION((p), (len))
#define ARENA_OPEN(p, len) ASAN_UNPOISON_MEMORY_REGION((p), (len))
#define ARENA_FILL 0xa5
#else
#define ARENA_CLOSE(p, len) ((void)(p), (void)(len))
#define ARENA_OPEN(p, len) ((void)(p), (void)(len))
#endif

/* For the functions below only; it stands here so that they can be inline. */
struct arena {
	ProtobufCAllocator pb;
	uint8_t *block;
	size_t cap;		/* a multiple of ARENA_ALIGN */
	size_t used;
	size_t high;		/* of before the last rewind */
	bool late;		/* see arena_wipe_late() */
	size_t fail_in;		/* allocations until one fails; 0: never */
	bool failing;
};

/* Every allocation begins at, and is rounded up to, a multiple of this. */
#define ARENA_ALIGN 16
#define ARENA_ROUND(len) \
	(((len) + (ARENA_ALIGN - 1)) & ~(size_t)(ARENA_ALIGN - 1))

/**
 * arena_new(cap):
 * Return a new arena of ${cap} bytes, or NULL if out of memory.  The caller
 * owns it and must call arena_free().
 */
struct arena *arena_new(size_t cap);

/**
 * arena_alloc(a, len):
 * Return ${len} bytes of ${a}, aligned for anything and not cleared, or NULL
 * if they are not there.  Valid until arena_reset(), or arena_rewind() to a
 * mark made before.  ${len} may be 0: then the pointer must not be followed.
 */
void *arena_alloc(struct arena *a, size_t len);

/**
 * arena_zero(a, n, size):
 * Return room for ${n} members of ${size} bytes, all zero, or NULL if it is
 * not there or the product does not fit in a size_t.  Valid as above.
 */
void *arena_zero(struct arena *a, size_t n, size_t size);

/**
 * arena_copy(a, s, out):
 * Copy the bytes of ${s} into ${a} and point ${out} at them.  Return 0, or -1
 * (and ${out} untouched) if they do not fit.  Valid as above.
 */
int arena_copy(struct arena *a, struct slice s, struct slice *out);

/**
 * arena_text(a, s):
 * Return the bytes of ${s} as a C string in ${a}, or NULL if it does not fit.
 * Valid as above.
 */
char *arena_text(struct arena *a, struct slice s);

/**
 * arena_protobuf(a):
 * Return an allocator to give to a generated ..__unpack() function.  It is
 * valid as long as ${a} is.  Do not call ..__free_unpacked().
 */
ProtobufCAllocator *arena_protobuf(struct arena *a);

/**
 * arena_wipe_late(a):
 * From now on let ${a}, which is empty, wipe what is taken back only in
 * arena_free(), all of it at once.  For whoever goes through millions of
 * records, one after the other, in a process that does nothing else.  Under
 * AddressSanitizer what is taken back is filled, so that nobody gets away with
 * believing that it comes back as zeros.
 */
void arena_wipe_late(struct arena *a);

/**
 * arena_used(a), arena_left(a), arena_high(a):
 * Return the bytes handed out now; still to be had; handed out at most at any
 * moment since arena_new().
 */
size_t arena_used(const struct arena *a);
size_t arena_left(const struct arena *a);
size_t arena_high(const struct arena *a);

/**
 * arena_rewind(a, mark):
 * Take back, wiped (but see arena_wipe_late()), everything handed out since
 * arena_used() was ${mark}.
 */
void arena_rewind(struct arena *a, size_t mark);

/**
 * arena_reset(a):
 * Take everything back, as arena_rewind() does.
 */
void arena_reset(struct arena *a);

/**
 * arena_room(a, left):
 * Return where the next allocation will begin, and store in ${left} how many
 * bytes there are; NULL and 0 while a test lets allocations fail.  For whoever
 * does not know beforehand how much he will need: write from there on (opening
 * with ARENA_OPEN() what is written to), allocate nothing meanwhile, and end
 * with arena_keep() or arena_drop().
 */
static inline uint8_t *arena_room(const struct arena *a, size_t *left);

/**
 * arena_keep(a, len, opened), arena_drop(a, opened):
 * Hand out the first ${len} bytes of that room, as arena_alloc() would have, of
 * the ${opened} that were opened; or none, and wipe all that were opened.
 */
static inline void arena_keep(struct arena *a, size_t len, size_t opened);
void arena_drop(struct arena *a, size_t opened);

/**
 * arena_fail_at(a, n):
 * For tests: let the ${n}-th allocation from now (1 is the next one) and all
 * after it fail; 0 ends that.
 */
void arena_fail_at(struct arena *a, size_t n);

/**
 * arena_free(a):
 * Wipe and free ${a}.  arena_free(NULL) does nothing.
 */
void arena_free(struct arena *a);

/* --- what is asked for too often for a call --------------------------------- */

static inline uint8_t *
arena_room(const struct arena *a, size_t *left)
{
	const bool tested = a->fail_in > 0 || a->failing;

	*left = tested ? 0 : a->cap - a->used;
	return (tested ? NULL : a->block + a->used);
}

static inline void
arena_keep(struct arena *a, size_t len, size_t opened)
{
	ARENA_CLOSE(a->block + a->used + len, opened - len);
	a->used += ARENA_ROUND(len);
}

#endif /* !ARENA_H_ */
