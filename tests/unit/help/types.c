/*
 * types -- every message type of every schema.
 */
#include <string.h>

#include "keten/v1/content.pb-c.h"
#include "keten/v1/facts.pb-c.h"
#include "keten/v1/keys.pb-c.h"
#include "keten/v1/policy.pb-c.h"
#include "keten/v1/session.pb-c.h"
#include "keten/v1/statement.pb-c.h"
#include "types.h"
#include "wire/pbwire.h"

const ProtobufCMessageDescriptor *const types[] = {
#define TYPE(name) &name,
#include "types.def"
#undef TYPE
};
const size_t n_types = sizeof(types) / sizeof(types[0]);

/* xorshift64*: the same numbers everywhere. */
uint64_t
types_next(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (*seed * UINT64_C(2685821657736338717));
}

uint64_t
types_throw(uint64_t *seed, uint64_t n)
{
	return ((types_next(seed) >> 16) % n);
}

/* --- structures ------------------------------------------------------------- */

/* Short, and now and then about where a length takes a byte more. */
static size_t
throw_length(uint64_t *seed)
{
	static const size_t odd[] = { 126, 127, 128, 129, 300, 16380, 16384 };

	return (types_throw(seed, 40) == 0
		? odd[types_throw(seed, sizeof(odd) / sizeof(odd[0]))]
		: (size_t)types_throw(seed, 24));
}

static char *
make_text(const ProtobufCFieldDescriptor *f, struct arena *a, uint64_t *seed)
{
	const size_t len = throw_length(seed);
	char *p = NULL;

	if (types_throw(seed, 8) == 0)
		return (p);
	/* The text that stands for none. */
	if (types_throw(seed, 8) == 0) {
		memcpy(&p, &f->default_value, sizeof(p));
		return (p);
	}
	if ((p = arena_alloc(a, len + 1)) != NULL) {
		memset(p, 'a' + (int)types_throw(seed, 26), len);
		p[len] = '\0';
	}
	return (p);
}

static ProtobufCBinaryData
make_bytes(struct arena *a, uint64_t *seed)
{
	ProtobufCBinaryData b = { .len = throw_length(seed) };

	b.data = arena_alloc(a, b.len);
	if (b.data == NULL)
		b.len = 0;
	for (size_t i = 0; i < b.len; i++)
		b.data[i] = (uint8_t)types_next(seed);
	return (b);
}

static void
make_value(const ProtobufCFieldDescriptor *f, struct arena *a, uint64_t *seed,
    int deep, uint8_t *at)
{
	uint64_t n = types_throw(seed, 3) == 0 ? 0
	    : types_next(seed) >> types_throw(seed, 64);
	ProtobufCBinaryData b;
	void *p = NULL;

	if (f->type == PROTOBUF_C_TYPE_BYTES) {
		b = make_bytes(a, seed);
		memcpy(at, &b, sizeof(b));
	} else if (f->type == PROTOBUF_C_TYPE_STRING) {
		p = make_text(f, a, seed);
		memcpy(at, &p, sizeof(p));
	} else if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
		if (deep > 0 && types_throw(seed, 8) != 0)
			p = types_make(f->descriptor, a, seed, deep - 1);
		memcpy(at, &p, sizeof(p));
	} else
		memcpy(at, &n, pbwire_member(f->type));
}

static bool
is_null(const ProtobufCFieldDescriptor *f, const uint8_t *at)
{
	const void *p;

	if (f->type != PROTOBUF_C_TYPE_MESSAGE &&
	    f->type != PROTOBUF_C_TYPE_STRING)
		return (false);
	memcpy(&p, at, sizeof(p));
	return (p == NULL);
}

static void
make_list(const ProtobufCFieldDescriptor *f, struct arena *a, uint64_t *seed,
    int deep, uint8_t *m)
{
	const size_t size = pbwire_member(f->type);
	size_t n = (size_t)types_throw(seed, types_throw(seed, 30) == 0 &&
	    f->type != PROTOBUF_C_TYPE_MESSAGE ? 300 : 4);
	uint8_t *list;

	/* protobuf-c does not stand NULL in a list. */
	if (f->type == PROTOBUF_C_TYPE_MESSAGE && deep == 0)
		n = 0;
	if ((list = arena_zero(a, n, size)) == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		do
			make_value(f, a, seed, deep, list + i * size);
		while (is_null(f, list + i * size));
	memcpy(m + f->offset, &list, sizeof(list));
	memcpy(m + f->quantifier_offset, &n, sizeof(n));
}

/* Which of the oneof of ${f}, a field of ${d}: mostly one that there is. */
static void
make_choice(const ProtobufCMessageDescriptor *d,
    const ProtobufCFieldDescriptor *f, uint64_t *seed, uint8_t *m)
{
	uint32_t id = types_throw(seed, 4) != 0 ? f->id
	    : (uint32_t)types_throw(seed, d->n_fields + 200);

	if (types_throw(seed, 3) == 0)
		memcpy(m + f->quantifier_offset, &id, sizeof(id));
}

/* A choice shares its place with the others: only the one it is. */
static bool
is_chosen(const ProtobufCFieldDescriptor *f, const uint8_t *m)
{
	uint32_t id;

	memcpy(&id, m + f->quantifier_offset, sizeof(id));
	return (id == f->id);
}

ProtobufCMessage *
types_make(const ProtobufCMessageDescriptor *d, struct arena *a,
    uint64_t *seed, int deep)
{
	uint8_t *m = arena_alloc(a, d->sizeof_message);

	if (m == NULL)
		return (NULL);
	d->message_init((ProtobufCMessage *)(void *)m);
	for (unsigned int i = 0; i < d->n_fields; i++)
		if (d->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
			make_choice(d, &d->fields[i], seed, m);
	for (unsigned int i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];

		if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
			? !is_chosen(f, m) : types_throw(seed, 3) == 0)
			continue;
		if (f->label == PROTOBUF_C_LABEL_REPEATED)
			make_list(f, a, seed, deep, m);
		else
			make_value(f, a, seed, deep, m + f->offset);
	}
	return ((ProtobufCMessage *)(void *)m);
}

/* --- the same? ------------------------------------------------------------------ */

static bool
same_value(const ProtobufCFieldDescriptor *f, const uint8_t *a,
    const uint8_t *b)
{
	ProtobufCBinaryData x, y;
	const void *p, *q;

	if (f->type == PROTOBUF_C_TYPE_BYTES) {
		memcpy(&x, a, sizeof(x));
		memcpy(&y, b, sizeof(y));
		return (x.len == y.len && (x.data == NULL) ==
		    (y.data == NULL) && (x.len == 0 ||
		    memcmp(x.data, y.data, x.len) == 0));
	}
	if (pbwire_type(f->type) != WIRE_LEN)
		return (memcmp(a, b, pbwire_member(f->type)) == 0);
	memcpy(&p, a, sizeof(p));
	memcpy(&q, b, sizeof(q));
	if (p == NULL || q == NULL)
		return (p == q);
	return (f->type == PROTOBUF_C_TYPE_STRING ? strcmp(p, q) == 0
						  : types_same(p, q));
}

static bool
same_list(const ProtobufCFieldDescriptor *f, const uint8_t *a, const uint8_t *b)
{
	const uint8_t *p, *q;
	size_t n, k;

	memcpy(&n, a + f->quantifier_offset, sizeof(n));
	memcpy(&k, b + f->quantifier_offset, sizeof(k));
	memcpy(&p, a + f->offset, sizeof(p));
	memcpy(&q, b + f->offset, sizeof(q));
	if (n != k || (p == NULL) != (q == NULL))
		return (false);
	for (size_t i = 0; i < n; i++)
		if (!same_value(f, p + i * pbwire_member(f->type),
		    q + i * pbwire_member(f->type)))
			return (false);
	return (true);
}

bool
types_same(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
	const uint8_t *x = (const uint8_t *)a, *y = (const uint8_t *)b;
	const ProtobufCMessageDescriptor *d = a->descriptor;

	if (b->descriptor != d || a->n_unknown_fields != 0 ||
	    b->n_unknown_fields != 0)
		return (false);
	for (unsigned int i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];

		if (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
			if (is_chosen(f, x) != is_chosen(f, y))
				return (false);
			if (!is_chosen(f, x))
				continue;
		}
		if (f->label == PROTOBUF_C_LABEL_REPEATED
			? !same_list(f, x, y)
			: !same_value(f, x + f->offset, y + f->offset))
			return (false);
	}
	return (true);
}
