/*
 * prescan -- look through the bytes of a message before anything is unpacked.
 *
 * The sums in this file are those of unpack.c: one structure per message, one
 * array per list, one copy per string and bytes field.  t_prescan compares them
 * to the byte.
 */
#include <string.h>

#include "wire/arena.h"
#include "wire/frame.h"
#include "wire/pbwire.h"
#include "wire/prescan.h"

#define KIB ((size_t)1024)

/*
 * 64 KiB is the header frame; a policy for 200 partners was 120 KiB.  Memory:
 * four times the bytes for what comes from outside, more where honest answers
 * are lists of small things.
 */
const struct prescan_limits prescan_statement = {
	.len = 64 * KIB, .depth = 5, .fields = 1024, .repeat = 64,
	.text = 512, .memory = 256 * KIB,
};
const struct prescan_limits prescan_envelope = {
	.len = PRESCAN_POLICY_MAX, .depth = 2, .fields = 32, .repeat = 16,
	.text = 128, .memory = PRESCAN_POLICY_MAX + 8 * KIB,
};
const struct prescan_limits prescan_session = {
	.len = 64 * KIB, .depth = 8, .fields = 1024, .repeat = 64,
	.text = 512, .memory = 256 * KIB, .unknown_ok = true,
};
const struct prescan_limits prescan_answer = {
	.len = 64 * KIB, .depth = 8, .fields = 16384, .repeat = 1024,
	.text = 8 * KIB, .memory = 1024 * KIB, .unknown_ok = true,
};
const struct prescan_limits prescan_content = {
	.len = FRAME_CONTENT_MAX, .depth = 3, .fields = 2048, .repeat = 32,
	.text = 512, .memory = 512 * KIB,
};
const struct prescan_limits prescan_policy = {
	.len = PRESCAN_POLICY_MAX, .depth = 8, .fields = 524288,
	.repeat = 32768, .text = 4 * KIB, .memory = 48 * 1024 * KIB,
};
const struct prescan_limits prescan_stored = {
	.len = 1024 * KIB, .depth = 8, .fields = 32768, .repeat = 8192,
	.text = 8 * KIB, .memory = 4 * 1024 * KIB,
};

/* One walk through one message, with all that lies in it. */
struct walk {
	const struct prescan_limits *limits;
	size_t memory;
	size_t fields;
	enum err err;
	const char *rule;
};

/* One message on the way down. */
struct level {
	const ProtobufCMessageDescriptor *d;
	size_t depth;
	bool has_list;	/* members of one were seen */
	bool has_oneof;
	/* Members seen of each field; a singular one has at most one.  Only as
	 * many as the message has fields are in use. */
	uint16_t seen[PRESCAN_WIDTH_MAX];
};

static bool walk_message(struct walk *w, const ProtobufCMessageDescriptor *d,
    struct slice s, size_t depth);

static bool
refuse(struct walk *w, enum err err, const char *rule)
{
	w->err = err;
	w->rule = rule;
	return (false);
}

static bool
malformed(struct walk *w, const char *rule)
{
	return (refuse(w, ERR_MALFORMED, rule));
}

/* Unpacking will ask the arena for ${n} times ${size} bytes. */
static bool
charge(struct walk *w, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) ||
	    bytes > w->limits->memory ||
	    ARENA_ROUND(bytes) > w->limits->memory - w->memory)
		return (refuse(w, ERR_TOO_BIG,
		    "het bericht zou te veel geheugen kosten"));
	w->memory += ARENA_ROUND(bytes);
	return (true);
}

/* A number of at most 64 bits in as few bytes as it needs. */
static inline bool
take_varint(struct walk *w, struct slice *s, uint64_t *out)
{
	const size_t n = pbwire_varint(s, out);

	if (n == 0)
		return (malformed(w, "een getal houdt niet op"));
	if (n > 1 && s->p[-1] == 0)
		return (malformed(w, "een getal is te lang geschreven"));
	return (true);
}

static bool
has_value(const ProtobufCEnumDescriptor *d, uint64_t v)
{
	size_t low = 0, high = d->n_values;

	/* Our enums are small and not negative. */
	if (v == 0 || v > INT32_MAX)
		return (false);
	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		const int value = d->values[mid].value;

		if (value == (int)v)
			return (true);
		if (value < (int)v)
			low = mid + 1;
		else
			high = mid;
	}
	return (false);
}

static bool
check_number(struct walk *w, const ProtobufCFieldDescriptor *f, uint64_t v)
{
	bool ok = true;

	/* The other types hold every number of 64 bits. */
	if (f->type == PROTOBUF_C_TYPE_UINT32 ||
	    f->type == PROTOBUF_C_TYPE_SINT32)
		ok = v <= UINT32_MAX;
	else if (f->type == PROTOBUF_C_TYPE_INT32)
		ok = v <= INT32_MAX || v >= (uint64_t)INT64_C(-2147483648);
	else if (f->type == PROTOBUF_C_TYPE_BOOL)
		ok = v <= 1;
	else if (f->type == PROTOBUF_C_TYPE_ENUM)
		ok = has_value(f->descriptor, v);
	if (!ok)
		return (malformed(w, "een getal valt buiten zijn lijst"));
	return (true);
}

/* A field of a message of ours comes by: may it? */
static bool
count_field(struct walk *w, struct level *l, const ProtobufCFieldDescriptor *f,
    size_t n)
{
	const size_t at = (size_t)(f - l->d->fields);

	if (f->label == PROTOBUF_C_LABEL_REPEATED) {
		if (n > w->limits->repeat ||
		    l->seen[at] > w->limits->repeat - n)
			return (malformed(w, "een lijst is te lang"));
	} else if (l->seen[at] > 0)
		return (malformed(w, "een veld staat er twee keer"));

	if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) && l->has_oneof)
		for (size_t i = 0; i < l->d->n_fields; i++)
			if ((l->d->fields[i].flags &
			    PROTOBUF_C_FIELD_FLAG_ONEOF) &&
			    l->d->fields[i].quantifier_offset ==
			    f->quantifier_offset && l->seen[i] > 0)
				return (malformed(w,
				    "twee velden waar er een mag staan"));
	l->has_list |= f->label == PROTOBUF_C_LABEL_REPEATED;
	l->has_oneof |= (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
	l->seen[at] = (uint16_t)(l->seen[at] + n);
	return (true);
}

/* A list of numbers in one piece. */
static bool
walk_packed(struct walk *w, struct level *l, const ProtobufCFieldDescriptor *f,
    struct slice s)
{
	const enum wire_type type = pbwire_type(f->type);
	const size_t size = type == WIRE_64 ? 8 : 4;
	size_t n = 0;
	uint64_t v;

	if (type != WIRE_VARINT) {
		if (s.len % size != 0)
			return (malformed(w, "een lijst is afgebroken"));
		return (count_field(w, l, f, s.len / size));
	}
	for (; s.len > 0; n++)
		if (!take_varint(w, &s, &v) || !check_number(w, f, v))
			return (false);
	return (count_field(w, l, f, n));
}

static bool
walk_string(struct walk *w, struct slice s)
{
	if (s.len > w->limits->text)
		return (malformed(w, "een tekst is te lang"));
	if (!prescan_utf8(s))
		return (malformed(w, "een tekst is geen UTF-8"));
	return (charge(w, s.len + 1, 1));
}

static bool
walk_length(struct walk *w, struct level *l, const ProtobufCFieldDescriptor *f,
    struct slice s)
{
	if (pbwire_type(f->type) != WIRE_LEN) {
		if (f->label != PROTOBUF_C_LABEL_REPEATED)
			return (malformed(w, "een veld heeft een ander type"));
		return (walk_packed(w, l, f, s));
	}
	if (!count_field(w, l, f, 1))
		return (false);
	if (f->type == PROTOBUF_C_TYPE_MESSAGE)
		return (walk_message(w, f->descriptor, s, l->depth + 1));
	if (f->type == PROTOBUF_C_TYPE_STRING)
		return (walk_string(w, s));
	return (s.len == 0 || charge(w, s.len, 1));
}

/* The value of a field we know, or (f is NULL) do not. */
static bool
walk_value(struct walk *w, struct level *l, const ProtobufCFieldDescriptor *f,
    unsigned int type, struct slice *s)
{
	struct slice value;
	uint64_t v = 0;

	if ((type == WIRE_VARINT || type == WIRE_LEN) &&
	    !take_varint(w, s, &v))
		return (false);
	if (type == WIRE_LEN || type == WIRE_64 || type == WIRE_32) {
		const uint64_t want = type == WIRE_64 ? 8 : 4;

		if (!pbwire_take(s, type == WIRE_LEN ? v : want, &value))
			return (malformed(w, "het bericht is afgebroken"));
	} else if (type != WIRE_VARINT)
		return (malformed(w, "een veld heeft een onbekend type"));

	if (f == NULL)
		return (true);
	if (type == WIRE_LEN)
		return (walk_length(w, l, f, value));
	if (type != (unsigned int)pbwire_type(f->type))
		return (malformed(w, "een veld heeft een ander type"));
	return (count_field(w, l, f, 1) &&
	    (type != WIRE_VARINT || check_number(w, f, v)));
}

static bool
walk_field(struct walk *w, struct level *l, struct slice *s)
{
	const ProtobufCFieldDescriptor *f;
	uint64_t tag;

	if (!take_varint(w, s, &tag))
		return (false);
	if (tag > UINT32_MAX || tag >> 3 == 0)
		return (malformed(w, "een veld heeft geen geldig nummer"));
	if (++w->fields > w->limits->fields)
		return (malformed(w, "het bericht heeft te veel velden"));
	f = pbwire_field(l->d, tag >> 3);
	if (!walk_value(w, l, f, (unsigned int)(tag & 7), s))
		return (false);
	if (f == NULL && !w->limits->unknown_ok)
		return (malformed(w, "een veld is onbekend"));
	return (true);
}

static bool
charge_lists(struct walk *w, const struct level *l)
{
	for (size_t i = 0; i < l->d->n_fields; i++)
		if (l->d->fields[i].label == PROTOBUF_C_LABEL_REPEATED &&
		    l->seen[i] > 0 && !charge(w, l->seen[i],
		    pbwire_member(l->d->fields[i].type)))
			return (false);
	return (true);
}

static bool
walk_message(struct walk *w, const ProtobufCMessageDescriptor *d,
    struct slice s, size_t depth)
{
	struct level l;

	if (depth > w->limits->depth || depth > PRESCAN_DEPTH_MAX)
		return (malformed(w, "het bericht is te diep"));
	if (d->n_fields > PRESCAN_WIDTH_MAX)
		return (malformed(w, "het bericht is te breed"));
	if (!charge(w, 1, d->sizeof_message))
		return (false);
	l.d = d;
	l.depth = depth;
	l.has_list = l.has_oneof = false;
	memset(l.seen, 0, d->n_fields * sizeof(l.seen[0]));
	while (s.len > 0)
		if (!walk_field(w, &l, &s))
			return (false);
	return (!l.has_list || charge_lists(w, &l));
}

/**
 * prescan_message(d, s, limits, found, rule):
 * Look through ${s} as a message of type ${d}.
 */
enum err
prescan_message(const ProtobufCMessageDescriptor *d, struct slice s,
    const struct prescan_limits *limits, struct prescan *found,
    const char **rule)
{
	struct walk w = { .limits = limits };

	if (s.len > limits->len)
		(void)refuse(&w, ERR_TOO_BIG, "het bericht is te lang");
	else if (walk_message(&w, d, s, 1)) {
		found->memory = w.memory;
		found->fields = w.fields;
		return (ERR_OK);
	}
	if (rule != NULL)
		*rule = w.rule;
	return (w.err);
}

/*
 * How many bytes follow the first byte ${b} of a character, and the range of
 * the first that follows (Unicode, table 3-7); -1 if it begins none.
 */
static int
utf8_tail(uint8_t b, uint8_t *low, uint8_t *high)
{
	*low = 0x80;
	*high = 0xbf;
	if (b < 0x80)
		return (b == 0 ? -1 : 0);
	if (b < 0xc2 || b > 0xf4)
		return (-1);
	if (b == 0xe0)
		*low = 0xa0;
	else if (b == 0xed)
		*high = 0x9f;
	else if (b == 0xf0)
		*low = 0x90;
	else if (b == 0xf4)
		*high = 0x8f;
	return (b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3);
}

/**
 * prescan_utf8(s):
 * Tell whether ${s} is well-formed UTF-8 without NUL.
 */
bool
prescan_utf8(struct slice s)
{
	size_t i = 0;

	while (i < s.len) {
		uint8_t low, high;
		int n;

		/* Most of it is names and codes. */
		if (s.p[i] - 1u < 0x7f) {
			i++;
			continue;
		}
		n = utf8_tail(s.p[i++], &low, &high);

		if (n < 0 || (size_t)n > s.len - i)
			return (false);
		for (; n > 0; n--, low = 0x80, high = 0xbf) {
			if (s.p[i] < low || s.p[i] > high)
				return (false);
			i++;
		}
	}
	return (true);
}
