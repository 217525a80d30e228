/*
 * pack -- the bytes of a message, in one walk.
 *
 * What is left out and what is not is protobuf-c's: numbers that are 0, texts
 * and bytes that are empty, messages that are NULL; within a oneof a number and
 * bytes are always written, a text unless it is the one that stands for none.
 */
#include <stdint.h>
#include <string.h>

#include "wire/copy.h"
#include "wire/pack.h"
#include "wire/plan.h"

/* A tag and a number of 64 bits take at most so many bytes. */
#define NUMBER_MAX 12

/* The memory is opened in pieces of at least this: AddressSanitizer's marks
 * for a whole arena would cost more than the packing. */
#define PIECE 4096

/* Bytes being written: up to here, may be until there, the arena ends there. */
struct pen {
	uint8_t *at;
	uint8_t *opened;
	uint8_t *end;
};

static bool write_message(struct pen *w, const struct plan *p,
    const ProtobufCMessage *m);

static bool
open_more(struct pen *w, size_t len)
{
	const size_t left = (size_t)(w->end - w->at);
	size_t open = len > PIECE ? len : PIECE;

	if (len > left)
		return (false);
	if (open > left)
		open = left;
	ARENA_OPEN(w->at, open);
	if (w->at + open > w->opened)
		w->opened = w->at + open;
	return (true);
}

/* Is there room for ${len} bytes? */
static inline bool
has_room(struct pen *w, size_t len)
{
	return (len <= (size_t)(w->opened - w->at) || open_more(w, len));
}

/* --- pieces: there is room for them -------------------------------------- */

static inline void
put_head(struct pen *w, const struct plan_field *f)
{
	memcpy(w->at, f->head, sizeof(f->head));
	w->at += f->n_head;
}

static inline void
put_number(struct pen *w, uint64_t n)
{
	uint8_t *at = w->at;

	for (; n >= 0x80; n >>= 7)
		*at++ = (uint8_t)(n | 0x80);
	*at++ = (uint8_t)n;
	w->at = at;
}

static inline uint64_t
number_at(const struct plan_field *f, const uint8_t *from)
{
	uint64_t n;
	uint32_t n32;

	if (f->type == PLAN_U64) {
		memcpy(&n, from, 8);
		return (n);
	}
	memcpy(&n32, from, 4);
	if (f->type == PLAN_BOOL)
		return (n32 != 0);
	/* A negative one, which no enum of ours has, takes ten bytes. */
	return (f->type == PLAN_ENUM ? (uint64_t)(int64_t)(int32_t)n32 : n32);
}

/* --- what has a length ------------------------------------------------------ */

/* The bytes from ${start} on end here: write their length in front of them,
 * where there is one byte for it. */
static bool
end_length(struct pen *w, uint8_t *start)
{
	const size_t len = (size_t)(w->at - start);
	size_t more = 0;

	if (len < 0x80) {
		start[-1] = (uint8_t)len;
		return (true);
	}
	for (size_t n = len; n >= 0x80; n >>= 7)
		more++;
	if (!has_room(w, more))
		return (false);
	memmove(start + more, start, len);
	w->at = start - 1;
	put_number(w, len);
	w->at += len;
	return (true);
}

static inline bool
write_bytes(struct pen *w, const struct plan_field *f, const uint8_t *p,
    size_t len)
{
	if (len > (size_t)(w->end - w->at) || !has_room(w, NUMBER_MAX + len))
		return (false);
	put_head(w, f);
	put_number(w, len);
	copy_bytes(w->at, p, len);
	w->at += len;
	return (true);
}

/* A message that is not there is written, where it must be, as an empty one. */
static bool
write_inner(struct pen *w, const struct plan_field *f,
    const ProtobufCMessage *m)
{
	uint8_t *start;

	if (!has_room(w, NUMBER_MAX))
		return (false);
	put_head(w, f);
	start = ++w->at;
	if (m != NULL && !write_message(w, f->message, m))
		return (false);
	return (end_length(w, start));
}

/* --- a field ------------------------------------------------------------------ */

/* One value, whether it is empty or not. */
static inline __attribute__((always_inline)) bool
write_value(struct pen *w, const struct plan_field *f, const uint8_t *from)
{
	ProtobufCBinaryData b;
	const void *p;

	if (f->type < PLAN_TEXT) {
		if (!has_room(w, NUMBER_MAX))
			return (false);
		put_head(w, f);
		put_number(w, number_at(f, from));
		return (true);
	}
	if (f->type == PLAN_BYTES) {
		memcpy(&b, from, sizeof(b));
		return (write_bytes(w, f, b.data, b.len));
	}
	memcpy(&p, from, sizeof(p));
	if (f->type == PLAN_TEXT)
		return (write_bytes(w, f, p, p == NULL ? 0 : strlen(p)));
	return (write_inner(w, f, p));
}

/* One value that is not the usual empty one. */
static inline bool
write_single(struct pen *w, const struct plan_field *f, const uint8_t *from)
{
	const char *text;

	if (f->type == PLAN_TEXT) {
		memcpy(&text, from, sizeof(text));
		if (text == NULL || *text == '\0')
			return (true);
	}
	return (write_value(w, f, from));
}

/* The one of a oneof that is there; ${f} is the first of them in a row. */
static __attribute__((noinline)) bool
write_choice(struct pen *w, const struct plan *p, const struct plan_field *f,
    const uint8_t *m)
{
	const struct plan_field *one;
	const void *value;
	uint32_t id;

	memcpy(&id, m + f->count, sizeof(id));
	if (id > PLAN_ID_MAX || p->place[id] == 0)
		return (true);
	one = &p->fields[p->place[id] - 1];
	if (one < f || one >= &p->fields[f->next])
		return (true);
	memcpy(&value, m + one->offset, sizeof(value));
	if ((one->type == PLAN_TEXT || one->type == PLAN_MESSAGE) &&
	    (value == NULL || value == one->empty))
		return (true);
	return (write_value(w, one, m + one->offset));
}

static __attribute__((noinline)) bool
write_list(struct pen *w, const struct plan_field *f, const uint8_t *m)
{
	const uint8_t *list;
	size_t n;

	memcpy(&n, m + f->count, sizeof(n));
	memcpy(&list, m + f->offset, sizeof(list));
	for (; n > 0; n--, list += f->member)
		if (!write_value(w, f, list))
			return (false);
	return (true);
}

static __attribute__((noinline)) bool
write_packed(struct pen *w, const struct plan_field *f, const uint8_t *m)
{
	const uint8_t *list;
	uint8_t *start;
	size_t n;

	memcpy(&n, m + f->count, sizeof(n));
	memcpy(&list, m + f->offset, sizeof(list));
	if (n == 0)
		return (true);
	if (!has_room(w, NUMBER_MAX))
		return (false);
	put_head(w, f);
	start = ++w->at;
	for (; n > 0; n--, list += f->member) {
		if (!has_room(w, NUMBER_MAX))
			return (false);
		put_number(w, number_at(f, list));
	}
	return (end_length(w, start));
}

/* --- a message ---------------------------------------------------------------- */

static inline bool
write_field(struct pen *w, const struct plan *p, const struct plan_field *f,
    const uint8_t *m)
{
	if (f->form == PLAN_SINGLE)
		return (write_single(w, f, m + f->offset));
	if (f->form == PLAN_LIST)
		return (write_list(w, f, m));
	if (f->form == PLAN_CHOICE)
		return (write_choice(w, p, f, m));
	return (write_packed(w, f, m));
}

static bool
write_message(struct pen *w, const struct plan *p, const ProtobufCMessage *msg)
{
	const uint8_t *m = (const uint8_t *)msg;
	const struct plan_field *f;

	if (msg->descriptor != p->d || msg->n_unknown_fields != 0)
		return (false);
	for (size_t i = 0; i < p->n_fields; i = f->next) {
		uint64_t n;

		f = &p->fields[i];
		memcpy(&n, m + f->look, sizeof(n));
		if ((n & f->mask) != f->blank && !write_field(w, p, f, m))
			return (false);
	}
	return (true);
}

/**
 * pack_message(a, head, msg, out):
 * Write ${msg} behind a copy of ${head} and point ${out} at the whole.
 */
bool
pack_message(struct arena *a, struct slice head, const ProtobufCMessage *msg,
    struct slice *out)
{
	const struct plan *p = plan_of(msg->descriptor);
	struct pen w;
	size_t left;
	uint8_t *start = arena_room(a, &left);

	if (p == NULL || start == NULL)
		return (false);
	w = (struct pen){ .at = start, .opened = start, .end = start + left };
	if (!has_room(&w, head.len))
		return (false);
	copy_bytes(w.at, head.p, head.len);
	w.at += head.len;
	if (!write_message(&w, p, msg)) {
		arena_drop(a, (size_t)(w.opened - start));
		return (false);
	}
	arena_keep(a, (size_t)(w.at - start), (size_t)(w.opened - start));
	*out = slice_of(start, (size_t)(w.at - start));
	return (true);
}
