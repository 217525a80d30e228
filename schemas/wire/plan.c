/*
 * plan -- what packing and unpacking want to know of a message type.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "wire/pbwire.h"
#include "wire/plan.h"
#include "wire/prescan.h"

/* There are some hundred types; a power of two, at most half of it in use. */
#define SLOTS 512

/*
 * The one place that remembers: plans follow from constants of the program, so
 * whoever makes one makes the same.  Readers look without the lock; a slot is
 * filled once, when its plan is whole.
 */
static _Atomic(const struct plan *) slots[SLOTS];
static size_t n_slots;
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

static const struct plan *make(const ProtobufCMessageDescriptor *d,
    size_t depth);

static size_t
slot_of(const ProtobufCMessageDescriptor *d)
{
	const uint64_t n = (uint64_t)(uintptr_t)d >> 4;

	return ((size_t)(n * UINT64_C(0x9e3779b97f4a7c15) >> 55) % SLOTS);
}

static const struct plan *
look_up(const ProtobufCMessageDescriptor *d)
{
	for (size_t i = slot_of(d);; i = (i + 1) % SLOTS) {
		const struct plan *p = atomic_load_explicit(&slots[i],
		    memory_order_acquire);

		if (p == NULL || p->d == d)
			return (p);
	}
}

/* Under the lock. */
static bool
remember(const struct plan *p)
{
	size_t i = slot_of(p->d);

	if (n_slots == SLOTS / 2)
		return (false);
	while (atomic_load_explicit(&slots[i], memory_order_relaxed) != NULL)
		i = (i + 1) % SLOTS;
	atomic_store_explicit(&slots[i], p, memory_order_release);
	n_slots++;
	return (true);
}

/* --- one field ----------------------------------------------------------- */

/* What each type of protobuf is here; those that are not here it is not. */
static bool
take_type(const ProtobufCFieldDescriptor *f, struct plan_field *out)
{
	static const struct {
		ProtobufCType theirs;
		enum plan_type ours;
	} types[] = {
		{ PROTOBUF_C_TYPE_UINT32, PLAN_U32 },
		{ PROTOBUF_C_TYPE_UINT64, PLAN_U64 },
		{ PROTOBUF_C_TYPE_INT64, PLAN_U64 },
		{ PROTOBUF_C_TYPE_BOOL, PLAN_BOOL },
		{ PROTOBUF_C_TYPE_ENUM, PLAN_ENUM },
		{ PROTOBUF_C_TYPE_STRING, PLAN_TEXT },
		{ PROTOBUF_C_TYPE_BYTES, PLAN_BYTES },
		{ PROTOBUF_C_TYPE_MESSAGE, PLAN_MESSAGE },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].theirs == f->type) {
			out->type = types[i].ours;
			return (true);
		}
	return (false);
}

static bool
take_form(const ProtobufCFieldDescriptor *f, struct plan_field *out)
{
	if (f->label == PROTOBUF_C_LABEL_REPEATED)
		out->form = f->flags & PROTOBUF_C_FIELD_FLAG_PACKED
		    ? PLAN_PACKED : PLAN_LIST;
	else if (f->label == PROTOBUF_C_LABEL_NONE)
		out->form = f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF
		    ? PLAN_CHOICE : PLAN_SINGLE;
	else
		return (false);
	return (true);
}

/* The values of an enum as bits; false: one is negative or too large. */
static bool
take_values(const ProtobufCEnumDescriptor *e, uint64_t *out)
{
	uint64_t values = 0;

	for (unsigned int i = 0; i < e->n_values; i++) {
		if (e->values[i].value < 0 || e->values[i].value > 63)
			return (false);
		values |= UINT64_C(1) << e->values[i].value;
	}
	*out = values & ~UINT64_C(1);
	return (true);
}

static void
take_tag(struct plan_field *f, uint32_t id, enum wire_type type)
{
	const uint32_t head = id << 3 |
	    (f->form == PLAN_PACKED ? WIRE_LEN : type);

	f->id = (uint8_t)id;
	f->tag = (uint16_t)(id << 3 | type);
	f->n_head = head < 0x80 ? 1 : 2;
	f->head[0] = (uint8_t)(head < 0x80 ? head : head | 0x80);
	f->head[1] = (uint8_t)(head >> 7);
}

static bool
take_field(const ProtobufCFieldDescriptor *f, struct plan_field *out,
    size_t depth)
{
	if (f->id == 0 || f->id > PLAN_ID_MAX || f->offset > UINT16_MAX ||
	    f->quantifier_offset > UINT16_MAX || !take_type(f, out) ||
	    !take_form(f, out))
		return (false);
	if (out->type == PLAN_ENUM && !take_values(f->descriptor, &out->values))
		return (false);
	if (out->type == PLAN_MESSAGE &&
	    (out->message = make(f->descriptor, depth + 1)) == NULL)
		return (false);
	out->offset = (uint16_t)f->offset;
	out->count = (uint16_t)f->quantifier_offset;
	out->member = (uint8_t)pbwire_member(f->type);
	if (out->type == PLAN_TEXT)
		out->empty = f->default_value;
	take_tag(out, f->id, pbwire_type(f->type));
	return (true);
}

/* --- a message ------------------------------------------------------------ */

static bool
is_same_choice(const struct plan_field *a, const struct plan_field *b)
{
	return (a->form == PLAN_CHOICE && b->form == PLAN_CHOICE &&
	    a->count == b->count);
}

/* What each field has to do with the others. */
static void
relate(struct plan *p)
{
	for (size_t i = 0; i < p->n_fields; i++) {
		struct plan_field *f = &p->fields[i];
		size_t next = i + 1;

		f->bit = f->bars = UINT64_C(1) << i;
		p->place[f->id] = (uint8_t)(i + 1);
		for (size_t j = 0; j < p->n_fields; j++)
			if (is_same_choice(f, &p->fields[j]))
				f->bars |= UINT64_C(1) << j;
		while (next < p->n_fields &&
		    is_same_choice(f, &p->fields[next]))
			next++;
		f->next = (uint8_t)next;
	}
}

/*
 * Most fields of most messages are empty, and packing should see it at a
 * glance: of a list how many there are, of a oneof which it is, of bytes their
 * length, of all else the value.  Only a text may be empty without being the
 * usual empty one.
 */
static void
look_where(const struct plan *p, struct plan_field *f)
{
	const bool single = f->form == PLAN_SINGLE;
	const bool small = f->form == PLAN_CHOICE ||
	    (single && f->type < PLAN_TEXT && f->type != PLAN_U64);

	f->look = single ? f->offset : f->count;
	f->mask = small ? UINT32_MAX : UINT64_MAX;
	if (small && f->look + sizeof(uint64_t) > p->size) {
		/* At the end of the structure: with what is before it. */
		f->look = (uint16_t)(f->look - sizeof(uint32_t));
		f->mask <<= 32;
	}
	if (single && f->type == PLAN_TEXT)
		f->blank = (uint64_t)(uintptr_t)f->empty;
}

static bool
fill(struct plan *p, const ProtobufCMessageDescriptor *d, size_t depth)
{
	void *image = p->fields + d->n_fields;

	for (unsigned int i = 0; i < d->n_fields; i++)
		if (!take_field(&d->fields[i], &p->fields[i], depth))
			return (false);
	p->d = d;
	p->size = d->sizeof_message;
	p->n_fields = d->n_fields;
	d->message_init(image);
	p->image = image;
	relate(p);
	for (size_t i = 0; i < p->n_fields; i++)
		look_where(p, &p->fields[i]);
	return (true);
}

/* Under the lock: the plan of ${d}, made if need be. */
static const struct plan *
make(const ProtobufCMessageDescriptor *d, size_t depth)
{
	const struct plan *old = look_up(d);
	struct plan *p;

	if (old != NULL)
		return (old);
	/* A message that lies within itself has no end. */
	if (depth > PRESCAN_DEPTH_MAX || d->n_fields > PLAN_FIELDS_MAX ||
	    d->message_init == NULL)
		return (NULL);
	p = calloc(1, sizeof(*p) + d->n_fields * sizeof(p->fields[0]) +
	    d->sizeof_message);
	if (p == NULL)
		return (NULL);
	if (!fill(p, d, depth) || !remember(p)) {
		free(p);
		return (NULL);
	}
	return (p);
}

/**
 * plan_of(d):
 * Return the plan of ${d}, or NULL: then go the general way.
 */
const struct plan *
plan_of(const ProtobufCMessageDescriptor *d)
{
	const struct plan *p = look_up(d);

	if (p != NULL)
		return (p);
	(void)pthread_mutex_lock(&making);
	p = make(d, 1);
	(void)pthread_mutex_unlock(&making);
	return (p);
}
