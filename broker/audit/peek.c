/*
 * peek -- the little of a record's facts that deciding it again begins with.
 */
#include <string.h>

#include "audit/peek.h"
#include "wire/pbwire.h"

/* Fields by number, of facts.proto; t_peek compares them with it. */
enum {
	FACTS_ENGINE = 4,
	ROUTE_CHANGES = 2,
	ROUTE_UNREACHABLE = 7,
	ROUTE_ABSENCES = 9,
	CHANGE_OFFERS = 2,
};

struct field {
	uint64_t id;
	uint64_t n;	/* of a number */
	struct slice s; /* of bytes */
};

/* Take one field from ${s}; false: these are no fields. */
static bool
take(struct slice *s, struct field *f)
{
	uint64_t tag;

	if (pbwire_varint(s, &tag) == 0)
		return (false);
	f->id = tag >> 3;
	f->n = 0;
	switch (tag & 7) {
	case WIRE_VARINT:
		return (pbwire_varint(s, &f->n) > 0);
	case WIRE_LEN:
		return (pbwire_varint(s, &f->n) > 0 &&
		    pbwire_take(s, f->n, &f->s));
	case WIRE_64:
		return (pbwire_take(s, 8, &f->s));
	case WIRE_32:
		return (pbwire_take(s, 4, &f->s));
	default:
		return (false);
	}
}

/* Look no further than the engine: the fields are in order. */
static bool
peek_facts(struct slice s, struct peek *p)
{
	struct field f;

	while (s.len > 0) {
		if (!take(&s, &f))
			return (false);
		if (f.id == FACTS_ENGINE)
			p->engine = (uint32_t)f.n;
		if (f.id >= FACTS_ENGINE)
			break;
	}
	return (true);
}

static bool
peek_change(struct slice s, struct peek *p)
{
	struct field f;

	while (s.len > 0) {
		if (!take(&s, &f))
			return (false);
		p->has_offers |= f.id == CHANGE_OFFERS;
	}
	return (true);
}

static bool
peek_route(struct slice s, struct peek *p)
{
	struct field f;

	while (s.len > 0) {
		if (!take(&s, &f))
			return (false);
		if (f.id == ROUTE_CHANGES) {
			p->changes++;
			if (!peek_change(f.s, p))
				return (false);
		}
		p->has_absences |= f.id == ROUTE_UNREACHABLE ||
		    f.id == ROUTE_ABSENCES;
	}
	return (true);
}

bool
peek_at(struct slice facts, struct slice route, struct peek *p)
{
	*p = (struct peek){ .engine = 0 };
	return (peek_facts(facts, p) && peek_route(route, p));
}
