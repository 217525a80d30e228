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

static const uint8_t *take_message(struct walk *w, const struct plan *p,
    const uint8_t *s, const uint8_t *end, uint8_t **out);

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

static const uint8_t *
take_long(const uint8_t *s, const uint8_t *end, uint64_t *out)
{
	uint64_t v = 0;

	for (unsigned int shift = 0; s < end && shift < 64; shift += 7) {
		const uint8_t b = *s++;

		v |= (uint64_t)(b & 0x7f) << shift;
		if (b & 0x80)
			continue;
		/* Too long for what it is, or too large. */
		if (b == 0 || (shift == 63 && b > 1))
			return (NULL);
		*out = v;
		return (s);
	}
	return (NULL);
}

/* A number in as few bytes as it needs. */
static inline const uint8_t *
take_number(const uint8_t *s, const uint8_t *end, uint64_t *out)
{
	if (s < end && *s < 0x80) {
		*out = *s;
		return (s + 1);
	}
	return (take_long(s, end, out));
}

/* A length, behind which there are so many bytes. */
static inline const uint8_t *
take_length(const uint8_t *s, const uint8_t *end, size_t *out)
{
	uint64_t n;

	s = take_number(s, end, &n);
	if (s == NULL || n > (size_t)(end - s))
		return (NULL);
	*out = (size_t)n;
	return (s);
}

/* --- one value ----------------------------------------------------------------- */

static const uint8_t *
take_scalar(const struct plan_field *f, const uint8_t *s, const uint8_t *end,
    uint8_t *to)
{
	uint32_t n32;
	uint64_t n;
	bool ok;

	if ((s = take_number(s, end, &n)) == NULL)
		return (NULL);
	if (f->type == PLAN_U64) {
		memcpy(to, &n, 8);
		return (s);
	}
	if (f->type == PLAN_U32)
		ok = n <= UINT32_MAX;
	else if (f->type == PLAN_BOOL)
		ok = n <= 1;
	else
		ok = n < 64 && (f->values >> n & 1) != 0;
	n32 = (uint32_t)n;
	memcpy(to, &n32, 4);
	return (ok ? s : NULL);
}

static const uint8_t *
take_text(struct walk *w, const uint8_t *s, const uint8_t *end, uint8_t *to)
{
	uint8_t *text;
	size_t len;

	s = take_length(s, end, &len);
	if (s == NULL || len > w->limits->text ||
	    (text = room(w, len + 1)) == NULL)
		return (NULL);
	/* Looked at where nobody changes it. */
	if (!copy_ascii(text, s, len) && !prescan_utf8(slice_of(text, len)))
		return (NULL);
	text[len] = '\0';
	memcpy(to, &text, sizeof(text));
	return (s + len);
}

static const uint8_t *
take_bytes(struct walk *w, const uint8_t *s, const uint8_t *end, uint8_t *to)
{
	ProtobufCBinaryData b = { .len = 0 };

	if ((s = take_length(s, end, &b.len)) == NULL)
		return (NULL);
	if (b.len > 0) {
		if ((b.data = room(w, b.len)) == NULL)
			return (NULL);
		copy_bytes(b.data, s, b.len);
	}
	memcpy(to, &b, sizeof(b));
	return (s + b.len);
}

/* The value of ${f}, behind its tag, into its place. */
static const uint8_t *
take_value(struct walk *w, const struct plan_field *f, const uint8_t *s,
    const uint8_t *end, uint8_t *to)
{
	uint8_t *inner;
	size_t len;

	if (f->type < PLAN_TEXT)
		return (take_scalar(f, s, end, to));
	if (f->type == PLAN_TEXT)
		return (take_text(w, s, end, to));
	if (f->type == PLAN_BYTES)
		return (take_bytes(w, s, end, to));
	if ((s = take_length(s, end, &len)) == NULL ||
	    (s = take_message(w, f->message, s, s + len, &inner)) == NULL)
		return (NULL);
	memcpy(to, &inner, sizeof(inner));
	return (s);
}

/* --- lists ------------------------------------------------------------------------ */

/* Pass over one value. */
static inline const uint8_t *
pass(const struct plan_field *f, const uint8_t *s, const uint8_t *end)
{
	uint64_t n;
	size_t len;

	if (f->type < PLAN_TEXT)
		return (take_number(s, end, &n));
	s = take_length(s, end, &len);
	return (s == NULL ? NULL : s + len);
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
	uint8_t *list;
	size_t len, n = 0;

	if ((s = take_length(s, end, &len)) == NULL || len == 0)
		return (s);
	end = s + len;
	for (size_t i = 0; i < len; i++)
		n += s[i] < 0x80;
	if ((list = begin_list(w, f, n, 0, m)) == NULL)
		return (NULL);
	for (; n > 0; n--, list += f->member)
		if ((s = take_scalar(f, s, end, list)) == NULL)
			return (NULL);
	return (s == end ? s : NULL);
}

/* --- a message ---------------------------------------------------------------------- */

/* A field, behind its tag. */
static inline const uint8_t *
take_field(struct walk *w, const struct plan_field *f, uint32_t tag,
    const uint8_t *s, const uint8_t *end, uint8_t *m)
{
	const uint32_t id = f->id;

	if (f->form >= PLAN_LIST) {
		if (tag == f->tag)
			return (take_run(w, f, s, end, m));
		return (f->type < PLAN_TEXT && (tag & 7) == 2
			? take_packed(w, f, s, end, m) : NULL);
	}
	if (tag != f->tag)
		return (NULL);
	if (f->form == PLAN_CHOICE)
		memcpy(m + f->count, &id, sizeof(id));
	return (take_value(w, f, s, end, m + f->offset));
}

static const uint8_t *
take_fields(struct walk *w, const struct plan *p, const uint8_t *s,
    const uint8_t *end, uint8_t *m)
{
	const struct plan_field *f;
	uint64_t seen = 0, tag;

	while (s < end) {
		s = take_number(s, end, &tag);
		if (s == NULL || tag >> 3 > PLAN_ID_MAX ||
		    p->place[tag >> 3] == 0 || w->fields-- == 0)
			return (NULL);
		f = &p->fields[p->place[tag >> 3] - 1];
		if ((seen & f->bars) != 0)
			return (NULL);
		seen |= f->bit;
		s = take_field(w, f, (uint32_t)tag, s, end, m);
		if (s == NULL)
			return (NULL);
	}
	return (s);
}

static const uint8_t *
take_message(struct walk *w, const struct plan *p, const uint8_t *s,
    const uint8_t *end, uint8_t **out)
{
	uint8_t *m;

	if (w->depth == 0 || (m = room(w, p->size)) == NULL)
		return (NULL);
	memcpy(m, p->image, p->size);
	w->depth--;
	s = take_fields(w, p, s, end, m);
	w->depth++;
	*out = m;
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
	uint8_t *start, *m = NULL;
	size_t left;

	if (p == NULL || s.len > limits->len ||
	    (start = arena_room(a, &left)) == NULL)
		return (NULL);
	w.depth = at_most(limits->depth, PRESCAN_DEPTH_MAX);
	w.at = start;
	w.end = start + at_most(left, limits->memory);
	if (take_message(&w, p, from, from + s.len, &m) == NULL) {
		arena_drop(a, (size_t)(w.at - start));
		return (NULL);
	}
	arena_keep(a, (size_t)(w.at - start), (size_t)(w.at - start));
	return ((ProtobufCMessage *)(void *)m);
}
