/*
 * onewalk -- pre-scan and unpacking in one walk over the bytes.
 *
 * Every function that reads returns where it stopped, or NULL if it does not
 * take what it saw.
 */
#include <string.h>

#include "wire/copy.h"
#include "wire/onewalk.h"
#include "wire/plan.h"

/* What holds for the whole of one message. */
struct walk {
	const struct prescan_limits *limits;
	uint8_t *at;		/* memory is handed out from here */
	uint8_t *end;		/* and neither limit nor arena goes further */
	size_t fields;		/* still to come at most */
	size_t depth;		/* messages still to be entered */
};

/* A number, and where it stopped; by value, so that both stay in registers. */
struct number {
	const uint8_t *s;
	uint64_t n;
};

static const uint8_t *take_message(struct walk *w, const struct plan *p,
    const uint8_t *s, const uint8_t *end, uint8_t *to);

/* --- memory and numbers ----------------------------------------------------- */

/* The sums of prescan.c: rounded up, and NULL if a byte is too many. */
static inline uint8_t *
room(struct walk *w, size_t len)
{
	uint8_t *p = w->at;

	if (ARENA_ROUND(len) > (size_t)(w->end - p))
		return (NULL);
	ARENA_OPEN(p, len);
	w->at = p + ARENA_ROUND(len);
	return (p);
}

static struct number
take_long(const uint8_t *s, const uint8_t *end)
{
	uint64_t v = 0;

	for (unsigned int shift = 0; s < end && shift < 64; shift += 7) {
		const uint8_t b = *s++;

		v |= (uint64_t)(b & 0x7f) << shift;
		if (b & 0x80)
			continue;
		/* Too long for what it is, or too large. */
		if (b == 0 || (shift == 63 && b > 1))
			break;
		return ((struct number){ .s = s, .n = v });
	}
	return ((struct number){ .s = NULL });
}

/* A number in as few bytes as it needs. */
static inline struct number
take_number(const uint8_t *s, const uint8_t *end)
{
	if (s < end && *s < 0x80)
		return ((struct number){ .s = s + 1, .n = *s });
	return (take_long(s, end));
}

/* A length, behind which there are so many bytes. */
static inline struct number
take_length(const uint8_t *s, const uint8_t *end)
{
	struct number len = take_number(s, end);

	if (len.s != NULL && len.n > (size_t)(end - len.s))
		len.s = NULL;
	return (len);
}

/* --- one value ----------------------------------------------------------------- */

/* A number that is stored in four bytes. */
static inline const uint8_t *
store_small(struct number v, bool ok, uint8_t *to)
{
	const uint32_t n = (uint32_t)v.n;

	if (v.s == NULL || !ok)
		return (NULL);
	memcpy(to, &n, 4);
	return (v.s);
}

static inline const uint8_t *
take_scalar(const struct plan_field *f, const uint8_t *s, const uint8_t *end,
    uint8_t *to)
{
	const struct number v = take_number(s, end);

	if (f->type == PLAN_U32)
		return (store_small(v, v.n <= UINT32_MAX, to));
	if (f->type == PLAN_ENUM)
		return (store_small(v, v.n < 64 && (f->values >> v.n & 1) != 0,
		    to));
	if (f->type == PLAN_BOOL)
		return (store_small(v, v.n <= 1, to));
	if (v.s != NULL)
		memcpy(to, &v.n, 8);
	return (v.s);
}

static inline const uint8_t *
take_text(struct walk *w, struct number len, uint8_t *to)
{
	uint8_t *text;

	if (len.s == NULL || len.n > w->limits->text ||
	    (text = room(w, len.n + 1)) == NULL)
		return (NULL);
	/* Looked at where nobody changes it. */
	if (!copy_ascii(text, len.s, len.n) &&
	    !prescan_utf8(slice_of(text, len.n)))
		return (NULL);
	text[len.n] = '\0';
	memcpy(to, &text, sizeof(text));
	return (len.s + len.n);
}

static inline const uint8_t *
take_bytes(struct walk *w, struct number len, uint8_t *to)
{
	ProtobufCBinaryData b = { .len = len.n };

	if (len.s == NULL)
		return (NULL);
	if (len.n > 0) {
		if ((b.data = room(w, len.n)) == NULL)
			return (NULL);
		copy_bytes(b.data, len.s, len.n);
	}
	memcpy(to, &b, sizeof(b));
	return (len.s + len.n);
}

static inline const uint8_t *
take_inner(struct walk *w, const struct plan_field *f, struct number len,
    uint8_t *to)
{
	return (len.s == NULL ? NULL
	    : take_message(w, f->message, len.s, len.s + len.n, to));
}

/* The value of ${f}, behind its tag, into its place. */
static inline __attribute__((always_inline)) const uint8_t *
take_value(struct walk *w, const struct plan_field *f, const uint8_t *s,
    const uint8_t *end, uint8_t *to)
{
	if (f->type < PLAN_TEXT)
		return (take_scalar(f, s, end, to));
	if (f->type == PLAN_TEXT)
		return (take_text(w, take_length(s, end), to));
	if (f->type == PLAN_BYTES)
		return (take_bytes(w, take_length(s, end), to));
	return (take_inner(w, f, take_length(s, end), to));
}

/* --- lists ------------------------------------------------------------------------ */

/* Pass over one value. */
static inline const uint8_t *
pass(const struct plan_field *f, const uint8_t *s, const uint8_t *end)
{
	struct number len;

	if (f->type < PLAN_TEXT)
		return (take_number(s, end).s);
	len = take_length(s, end);
	return (len.s == NULL ? NULL : len.s + len.n);
}

/* Pass over ${tag}, if that is what comes now. */
static inline const uint8_t *
take_tag(uint16_t tag, const uint8_t *s, const uint8_t *end)
{
	if (tag < 0x80)
		return (s < end && s[0] == tag ? s + 1 : NULL);
	return (end - s >= 2 && s[0] == (uint8_t)(tag | 0x80) &&
	    s[1] == tag >> 7 ? s + 2 : NULL);
}

/* How many members of ${f} stand together from here, behind the first tag; 0
 * if there are too many, or one is broken off. */
static size_t
count_run(const struct walk *w, const struct plan_field *f, const uint8_t *s,
    const uint8_t *end)
{
	size_t n = 0;

	do {
		if (n++ == w->limits->repeat ||
		    (s = pass(f, s, end)) == NULL)
			return (0);
	} while ((s = take_tag(f->tag, s, end)) != NULL);
	return (n);
}

/* Room for the ${n} members of ${f}, of which so many have a tag of their
 * own behind the first. */
static uint8_t *
begin_list(struct walk *w, const struct plan_field *f, size_t n, size_t tags,
    uint8_t *m)
{
	uint8_t *list;

	if (n > UINT16_MAX || n > w->limits->repeat || tags > w->fields ||
	    (list = room(w, n * f->member)) == NULL)
		return (NULL);
	w->fields -= tags;
	memcpy(m + f->offset, &list, sizeof(list));
	memcpy(m + f->count, &n, sizeof(n));
	return (list);
}

static const uint8_t *
take_run(struct walk *w, const struct plan_field *f, const uint8_t *s,
    const uint8_t *end, uint8_t *m)
{
	size_t n = count_run(w, f, s, end);
	uint8_t *list = n == 0 ? NULL : begin_list(w, f, n, n - 1, m);

	if (list == NULL)
		return (NULL);
	for (;; list += f->member) {
		s = take_value(w, f, s, end, list);
		if (s == NULL || --n == 0)
			return (s);
		if ((s = take_tag(f->tag, s, end)) == NULL)
			return (NULL);
	}
}

/* A list of numbers in one piece. */
static const uint8_t *
take_packed(struct walk *w, const struct plan_field *f, const uint8_t *s,
    const uint8_t *end, uint8_t *m)
{
	const struct number len = take_length(s, end);
	uint8_t *list;
	size_t n = 0;

	if ((s = len.s) == NULL || len.n == 0)
		return (s);
	end = s + len.n;
	for (size_t i = 0; i < len.n; i++)
		n += s[i] < 0x80;
	if ((list = begin_list(w, f, n, 0, m)) == NULL)
		return (NULL);
	for (; n > 0; n--, list += f->member)
		if ((s = take_scalar(f, s, end, list)) == NULL)
			return (NULL);
	return (s == end ? s : NULL);
}

static __attribute__((noinline)) const uint8_t *
take_list(struct walk *w, const struct plan_field *f, uint32_t tag,
    const uint8_t *s, const uint8_t *end, uint8_t *m)
{
	if (tag == f->tag)
		return (take_run(w, f, s, end, m));
	return (f->type < PLAN_TEXT && (tag & 7) == 2
		? take_packed(w, f, s, end, m) : NULL);
}

/* --- a message ---------------------------------------------------------------------- */

/* A tag of one or two bytes; others are of fields that plans do not know. */
static inline struct number
take_any_tag(const uint8_t *s, const uint8_t *end)
{
	uint32_t tag = *s++;

	if (tag >= 0x80) {
		if (s == end || *s == 0 || *s >= 0x80)
			return ((struct number){ .s = NULL });
		tag = (tag & 0x7f) | (uint32_t)*s++ << 7;
	}
	return ((struct number){ .s = s, .n = tag });
}

/* A field, behind its tag. */
static inline const uint8_t *
take_field(struct walk *w, const struct plan_field *f, uint32_t tag,
    const uint8_t *s, const uint8_t *end, uint8_t *m)
{
	const uint32_t id = f->id;

	if (f->form >= PLAN_LIST)
		return (take_list(w, f, tag, s, end, m));
	if (tag != f->tag)
		return (NULL);
	if (f->form == PLAN_CHOICE)
		memcpy(m + f->count, &id, sizeof(id));
	return (take_value(w, f, s, end, m + f->offset));
}

static inline const uint8_t *
take_fields(struct walk *w, const struct plan *p, const uint8_t *s,
    const uint8_t *end, uint8_t *m)
{
	uint64_t seen = 0;

	while (s < end) {
		const struct number tag = take_any_tag(s, end);
		const struct plan_field *f;
		uint8_t place;

		if (tag.s == NULL || tag.n >> 3 > PLAN_ID_MAX ||
		    (place = p->place[tag.n >> 3]) == 0 || w->fields-- == 0)
			return (NULL);
		f = &p->fields[place - 1];
		if ((seen & f->bars) != 0)
			return (NULL);
		seen |= f->bit;
		s = take_field(w, f, (uint32_t)tag.n, tag.s, end, m);
		if (s == NULL)
			return (NULL);
	}
	return (s);
}

/* A message, and its address into ${to}. */
static const uint8_t *
take_message(struct walk *w, const struct plan *p, const uint8_t *s,
    const uint8_t *end, uint8_t *to)
{
	uint8_t *m;

	if (w->depth == 0 || (m = room(w, p->size)) == NULL)
		return (NULL);
	memcpy(to, &m, sizeof(m));
	memcpy(m, p->image, p->size);
	w->depth--;
	s = take_fields(w, p, s, end, m);
	w->depth++;
	return (s);
}

static size_t
at_most(size_t n, size_t most)
{
	return (n < most ? n : most);
}

/**
 * onewalk_unpack(a, d, s, limits):
 * Return the message of type ${d} that is in ${s}, made in ${a}, or NULL.
 */
ProtobufCMessage *
onewalk_unpack(struct arena *a, const ProtobufCMessageDescriptor *d,
    struct slice s, const struct prescan_limits *limits)
{
	static const uint8_t none[1];
	const uint8_t *from = s.len > 0 ? s.p : none;
	const struct plan *p = plan_of(d);
	struct walk w = { .limits = limits, .fields = limits->fields };
	ProtobufCMessage *m = NULL;
	uint8_t *start;
	size_t left;

	if (p == NULL || s.len > limits->len ||
	    (start = arena_room(a, &left)) == NULL)
		return (NULL);
	w.depth = at_most(limits->depth, PRESCAN_DEPTH_MAX);
	w.at = start;
	w.end = start + at_most(left, limits->memory);
	if (take_message(&w, p, from, from + s.len,
	    (uint8_t *)&m) == NULL) {
		arena_drop(a, (size_t)(w.at - start));
		return (NULL);
	}
	arena_keep(a, (size_t)(w.at - start), (size_t)(w.at - start));
	return (m);
}
