/*
 * leaf -- the 48 bytes that stand in the tree for one record.
 */
#include <string.h>

#include "trust/digest.h"
#include "trust/leaf.h"

#define FLAG_CLEAR 1
#define ERASE_HEAD 5
#define ERASE_RANGE 12

static const uint8_t magic[4] = { 'K', 'T', 'N', '1' };

static const char *const names[] = {
	[LEAF_COMMAND] = "COMMAND",
	[LEAF_REFUSED] = "REFUSED",
	[LEAF_CLOCK] = "CLOCK",
	[LEAF_DELIVERED] = "DELIVERED",
	[LEAF_REWRAP] = "REWRAP",
	[LEAF_KEY] = "KEY",
	[LEAF_ERASE] = "ERASE",
	[LEAF_POLICY] = "POLICY",
	[LEAF_TICK] = "TICK",
	[LEAF_ACCESS] = "ACCESS",
	[LEAF_ANCHOR] = "ANCHOR",
};

const char *
leaf_kind_name(enum leaf_kind kind)
{
	if (kind < LEAF_COMMAND || kind > LEAF_ANCHOR)
		return ("?");
	return (names[kind]);
}

/* Tell whether ${leaf} is one that may stand in the tree. */
static bool
is_leaf(const struct leaf *leaf)
{
	if (leaf->kind < LEAF_COMMAND || leaf->kind >= LEAF_ANCHOR ||
	    leaf->time_ms < 0)
		return (false);
	return ((leaf->kind == LEAF_ERASE) == (leaf->clear.len > 0) &&
	    leaf->clear.len <= LEAF_MAX - LEAF_LEN);
}

enum err
leaf_encode(const struct leaf *leaf, uint8_t *out, size_t cap, size_t *len)
{
	size_t need = LEAF_LEN + leaf->clear.len;

	if (!is_leaf(leaf))
		return (ERR_MALFORMED);
	if (need > cap)
		return (ERR_FULL);

	memcpy(out, magic, sizeof(magic));
	out[4] = (uint8_t)leaf->kind;
	out[5] = leaf->clear.len > 0 ? FLAG_CLEAR : 0;
	be16_put(out + 6, (uint16_t)leaf->clear.len);
	be64_put(out + 8, (uint64_t)leaf->time_ms);
	memcpy(out + 16, leaf->record, 32);
	if (leaf->clear.len > 0)
		memcpy(out + LEAF_LEN, leaf->clear.p, leaf->clear.len);
	*len = need;
	return (ERR_OK);
}

enum err
leaf_decode(struct slice bytes, struct leaf *leaf)
{
	const uint8_t *p = bytes.p;
	struct leaf l = { 0 };

	if (bytes.len < LEAF_LEN || memcmp(p, magic, sizeof(magic)) != 0 ||
	    bytes.len != leaf_length(p) || be64_get(p + 8) > INT64_MAX)
		return (ERR_MALFORMED);
	l.kind = (enum leaf_kind)p[4];
	l.time_ms = (int64_t)be64_get(p + 8);
	memcpy(l.record, p + 16, 32);
	l.clear = slice_of(p + LEAF_LEN, bytes.len - LEAF_LEN);
	if (!is_leaf(&l) || p[5] != (l.clear.len > 0 ? FLAG_CLEAR : 0))
		return (ERR_MALFORMED);
	*leaf = l;
	return (ERR_OK);
}

size_t
leaf_length(const uint8_t head[8])
{
	return (LEAF_LEN + (size_t)be16_get(head + 6));
}

/* Ranges rise, do not touch what is not there, and hold something. */
static bool
are_ranges(const struct leaf_range *r, size_t n)
{
	uint64_t next = 0;

	for (size_t i = 0; i < n; i++) {
		if (r[i].count == 0 || r[i].first < next ||
		    r[i].first > UINT64_MAX - r[i].count)
			return (false);
		next = r[i].first + r[i].count;
	}
	return (true);
}

static bool
is_level(uint8_t level)
{
	return (level == 1 || level == 2);
}

enum err
leaf_erase_encode(const struct leaf_erase *erase, uint8_t *out, size_t cap,
    size_t *len)
{
	size_t need = ERASE_HEAD + ERASE_RANGE * erase->n;

	if (erase->n > LEAF_ERASE_MAX || need > cap)
		return (ERR_FULL);
	if (!is_level(erase->level) || !are_ranges(erase->ranges, erase->n))
		return (ERR_MALFORMED);

	out[0] = erase->level;
	be16_put(out + 1, erase->rule);
	be16_put(out + 3, (uint16_t)erase->n);
	for (size_t i = 0; i < erase->n; i++) {
		uint8_t *at = out + ERASE_HEAD + ERASE_RANGE * i;

		be64_put(at, erase->ranges[i].first);
		be32_put(at + 8, erase->ranges[i].count);
	}
	*len = need;
	return (ERR_OK);
}

enum err
leaf_erase_decode(struct slice clear, struct leaf_range *ranges, size_t cap,
    struct leaf_erase *erase)
{
	size_t n;

	if (clear.len < ERASE_HEAD)
		return (ERR_MALFORMED);
	n = be16_get(clear.p + 3);
	if (n > LEAF_ERASE_MAX || clear.len != ERASE_HEAD + ERASE_RANGE * n)
		return (ERR_MALFORMED);
	if (n > cap)
		return (ERR_FULL);

	for (size_t i = 0; i < n; i++) {
		const uint8_t *at = clear.p + ERASE_HEAD + ERASE_RANGE * i;

		ranges[i].first = be64_get(at);
		ranges[i].count = be32_get(at + 8);
	}
	if (!is_level(clear.p[0]) || !are_ranges(ranges, n))
		return (ERR_MALFORMED);
	*erase = (struct leaf_erase){ .level = clear.p[0],
		.rule = be16_get(clear.p + 1), .n = n, .ranges = ranges };
	return (ERR_OK);
}

void
leaf_record(const uint8_t salt[LEAF_SALT], struct slice envelope,
    struct slice facts, struct slice route, uint8_t out[32])
{
	uint8_t e[32], f[32], r[32];

	digest_of(envelope.p, envelope.len, e);
	digest_of(facts.p, facts.len, f);
	digest_of(route.p, route.len, r);
	leaf_record_from(salt, e, f, r, out);
}

void
leaf_record_from(const uint8_t salt[LEAF_SALT], const uint8_t envelope[32],
    const uint8_t facts[32], const uint8_t route[32], uint8_t out[32])
{
	static const char label[] = "keten1/record"; /* its NUL counts too */
	uint8_t both[32];
	const struct slice decided[2] = { { facts, 32 }, { route, 32 } };
	const struct slice record[4] = {
		slice_of(label, sizeof(label)),
		{ salt, LEAF_SALT },
		{ envelope, 32 },
		{ both, 32 },
	};

	digest_slices(decided, 2, both);
	digest_slices(record, 4, out);
}

void
leaf_running(const uint8_t prev[32], uint64_t seq,
    const uint8_t leaf_hash[32], uint8_t out[32])
{
	uint8_t number[8];
	const struct slice part[3] = { { prev, 32 }, { number, 8 },
		{ leaf_hash, 32 } };

	be64_put(number, seq);
	digest_slices(part, 3, out);
}
