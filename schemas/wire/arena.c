/*
 * arena -- all the memory one message needs, from one fixed block.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/arena.h"

static void *
pb_alloc(void *cookie, size_t len)
{
	return (arena_alloc(cookie, len));
}

/* Nothing is freed on its own. */
static void
pb_free(void *cookie, void *p)
{
	(void)cookie;
	(void)p;
}

/**
 * arena_new(cap):
 * Return a new arena of ${cap} bytes, or NULL if out of memory.
 */
struct arena *
arena_new(size_t cap)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return (NULL);
	a->cap = cap & ~(size_t)(ARENA_ALIGN - 1);
	a->block = malloc(a->cap > 0 ? a->cap : 1);
	if (a->block == NULL) {
		free(a);
		return (NULL);
	}
	a->pb.alloc = pb_alloc;
	a->pb.free = pb_free;
	a->pb.allocator_data = a;
	ARENA_CLOSE(a->block, a->cap);
	return (a);
}

/* Is this the allocation, or one after it, that a test wants to fail? */
static bool
is_failing(struct arena *a)
{
	if (a->fail_in > 0 && --a->fail_in == 0)
		a->failing = true;
	return (a->failing);
}

/**
 * arena_alloc(a, len):
 * Return ${len} bytes of ${a}, aligned and not cleared, or NULL.
 */
void *
arena_alloc(struct arena *a, size_t len)
{
	uint8_t *p;

	/* ${cap} is a multiple of the alignment, so rounding cannot pass it. */
	if (is_failing(a) || len > a->cap - a->used)
		return (NULL);

	p = a->block + a->used;
	a->used += ARENA_ROUND(len);
	ARENA_OPEN(p, len);
	return (p);
}

/**
 * arena_zero(a, n, size):
 * Return room for ${n} members of ${size} bytes, all zero, or NULL.
 */
void *
arena_zero(struct arena *a, size_t n, size_t size)
{
	void *p;

	if (size > 0 && n > SIZE_MAX / size)
		return (NULL);
	p = arena_alloc(a, n * size);
	if (p != NULL)
		memset(p, 0, n * size);
	return (p);
}

/**
 * arena_copy(a, s, out):
 * Copy the bytes of ${s} into ${a} and point ${out} at them; 0 or -1.
 */
int
arena_copy(struct arena *a, struct slice s, struct slice *out)
{
	uint8_t *p = arena_alloc(a, s.len);

	if (p == NULL)
		return (-1);
	if (s.len > 0)
		memcpy(p, s.p, s.len);
	*out = slice_of(p, s.len);
	return (0);
}

/**
 * arena_text(a, s):
 * Return the bytes of ${s} as a C string in ${a}, or NULL.
 */
char *
arena_text(struct arena *a, struct slice s)
{
	char *p;

	if (s.len == SIZE_MAX || (p = arena_alloc(a, s.len + 1)) == NULL)
		return (NULL);
	if (s.len > 0)
		memcpy(p, s.p, s.len);
	p[s.len] = '\0';
	return (p);
}

/**
 * arena_protobuf(a):
 * Return an allocator to give to protobuf-c.
 */
ProtobufCAllocator *
arena_protobuf(struct arena *a)
{
	return (&a->pb);
}

/**
 * arena_used(a), arena_left(a), arena_high(a):
 * Return the bytes handed out; still to be had; handed out at most.
 */
size_t
arena_used(const struct arena *a)
{
	return (a->used);
}

size_t
arena_left(const struct arena *a)
{
	return (a->cap - a->used);
}

size_t
arena_high(const struct arena *a)
{
	return (a->used > a->high ? a->used : a->high);
}

/* Several times as fast as OPENSSL_cleanse(), and it counts here. */
static void
wipe(uint8_t *p, size_t len)
{
	ARENA_OPEN(p, len);
	explicit_bzero(p, len);
	ARENA_CLOSE(p, len);
}

/* Take back ${len} bytes from ${from} on. */
static void
take_back(struct arena *a, size_t from, size_t len)
{
	uint8_t *p = a->block + from;

	if (!a->late) {
		wipe(p, len);
		return;
	}
	if (from + len > a->high)
		a->high = from + len;
#ifdef ARENA_FILL
	ARENA_OPEN(p, len);
	memset(p, ARENA_FILL, len);
#endif
	ARENA_CLOSE(p, len);
}

/**
 * arena_wipe_late(a):
 * Wipe what is taken back only in the end.
 */
void
arena_wipe_late(struct arena *a)
{
	a->late = true;
}

/**
 * arena_rewind(a, mark):
 * Take back everything handed out since arena_used() was ${mark}.
 */
void
arena_rewind(struct arena *a, size_t mark)
{
	if (mark >= a->used)
		return;
	if (a->used > a->high)
		a->high = a->used;
	take_back(a, mark, a->used - mark);
	a->used = mark;
}

/**
 * arena_drop(a, opened):
 * Wipe the first ${opened} bytes of the room and hand out none.
 */
void
arena_drop(struct arena *a, size_t opened)
{
	take_back(a, a->used, opened);
}

/**
 * arena_reset(a):
 * Take everything back.
 */
void
arena_reset(struct arena *a)
{
	arena_rewind(a, 0);
}

/**
 * arena_fail_at(a, n):
 * For tests: let the ${n}-th allocation and all after it fail; 0 ends that.
 */
void
arena_fail_at(struct arena *a, size_t n)
{
	a->fail_in = n;
	a->failing = false;
}

/**
 * arena_free(a):
 * Wipe and free ${a}.
 */
void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	arena_reset(a);
	if (a->late)
		wipe(a->block, a->high);
	ARENA_OPEN(a->block, a->cap);
	free(a->block);
	free(a);
}
