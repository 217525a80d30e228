/*
 * rowpage -- one page of rows in the order of their keys.
 */
#include <assert.h>
#include <string.h>

#include "core/rowpage.h"

#define HEAD offsetof(struct rowpage, slot)

/* In front of each row: the length of its value. */
#define ROW_HEAD 2

static uint8_t *
row_at(struct rowpage *p, const struct rowpage_slot *s)
{
	return ((uint8_t *)p + s->at);
}

static const uint8_t *
row_of(const struct rowpage *p, const struct rowpage_slot *s)
{
	return ((const uint8_t *)p + s->at);
}

static const uint8_t *
key_of(const struct rowpage *p, const struct rowpage_slot *s)
{
	return (row_of(p, s) + ROW_HEAD);
}

static size_t
value_len(const struct rowpage *p, const struct rowpage_slot *s)
{
	uint16_t len;

	memcpy(&len, row_of(p, s), sizeof(len));
	return (len);
}

static size_t
row_len(size_t key_len, size_t len)
{
	return (ROW_HEAD + key_len + len);
}

/* Four bytes of ${key} after ${skip}; what is not there counts as zeros. */
static uint32_t
head_of(const uint8_t *key, size_t len, size_t skip)
{
	uint32_t head = 0;

	if (len >= skip + 4) {
		memcpy(&head, key + skip, 4);
		return (__builtin_bswap32(head));
	}
	for (size_t i = skip; i < skip + 4; i++)
		head = head << 8 | (i < len ? key[i] : 0);
	return (head);
}

static size_t
common(const uint8_t *a, const uint8_t *b, size_t max)
{
	size_t n = 0;

	while (n < max && a[n] == b[n])
		n++;
	return (n);
}

void
rowpage_init(struct rowpage *p, unsigned int level)
{
	memset(p, 0, HEAD);
	p->low = ROWPAGE_SIZE;
	p->level = (uint16_t)level;
}

struct slice
rowpage_key(const struct rowpage *p, size_t i)
{
	return (slice_of(key_of(p, &p->slot[i]), p->slot[i].key_len));
}

struct slice
rowpage_value(const struct rowpage *p, size_t i)
{
	const struct rowpage_slot *s = &p->slot[i];

	return (slice_of(key_of(p, s) + s->key_len, value_len(p, s)));
}

/* --- searching ---------------------------------------------------------- */

/* Of two keys with the same head; both have the prefix. */
static int
compare_rest(const struct rowpage *p, const struct rowpage_slot *s,
    struct slice key)
{
	size_t skip = p->prefix;
	size_t n = (s->key_len < key.len ? s->key_len : key.len) - skip;
	int c = n == 0 ? 0 : memcmp(key_of(p, s) + skip, key.p + skip, n);

	return (c != 0 ? c : s->key_len < key.len ? -1 : s->key_len > key.len);
}

size_t
rowpage_find(const struct rowpage *p, struct slice key, bool *exact)
{
	size_t low = 0, high = p->n, skip = p->prefix;
	uint32_t head;
	int c;

	*exact = false;
	if (high == 0)
		return (0);
	c = key.len == 0 || skip == 0 ? 0
	    : memcmp(key.p, key_of(p, &p->slot[0]),
		  key.len < skip ? key.len : skip);
	if (c != 0 || key.len < skip)
		return (c > 0 ? high : 0);
	head = head_of(key.p, key.len, skip);
	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct rowpage_slot *s = &p->slot[mid];

		c = s->head < head ? -1 : s->head > head ? 1
		    : compare_rest(p, s, key);
		if (c == 0) {
			*exact = true;
			return (mid);
		}
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return (low);
}

/* --- room --------------------------------------------------------------- */

size_t
rowpage_used(const struct rowpage *p)
{
	return (p->n * sizeof(struct rowpage_slot) + ROWPAGE_SIZE - p->low -
	    p->wasted);
}

/* Bytes between the slots and the rows. */
static size_t
gap(const struct rowpage *p)
{
	return (p->low - HEAD - p->n * sizeof(struct rowpage_slot));
}

bool
rowpage_has_room(const struct rowpage *p, struct slice key, struct slice value)
{
	return (row_len(key.len, value.len) + sizeof(struct rowpage_slot) <=
	    gap(p) + p->wasted);
}

/* Put the rows together again. */
static void
tidy(struct rowpage *p)
{
	uint8_t rows[ROWPAGE_SIZE];
	size_t low = ROWPAGE_SIZE;

	for (size_t i = 0; i < p->n; i++) {
		struct rowpage_slot *s = &p->slot[i];
		size_t len = row_len(s->key_len, value_len(p, s));

		low -= len;
		memcpy(rows + low, row_of(p, s), len);
		s->at = (uint16_t)low;
	}
	memcpy((uint8_t *)p + low, rows + low, ROWPAGE_SIZE - low);
	p->low = (uint16_t)low;
	p->wasted = 0;
}

/* --- writing ------------------------------------------------------------ */

static void
set_heads(struct rowpage *p, size_t prefix)
{
	p->prefix = (uint16_t)prefix;
	for (size_t i = 0; i < p->n; i++) {
		struct rowpage_slot *s = &p->slot[i];

		s->head = head_of(key_of(p, s), s->key_len, prefix);
	}
}

/* The first and the last share what all between them share. */
static void
find_prefix(struct rowpage *p)
{
	struct slice a, b;

	if (p->n == 0)
		return;
	a = rowpage_key(p, 0);
	b = rowpage_key(p, p->n - (size_t)1);
	set_heads(p, common(a.p, b.p, a.len < b.len ? a.len : b.len));
}

/* A key in front of all or behind all may share less than they do. */
static void
fit_prefix(struct rowpage *p, size_t i, struct slice key)
{
	size_t n, max = p->prefix;

	if (p->n == 0) {
		p->prefix = (uint16_t)key.len;
		return;
	}
	if (i > 0 && i < p->n)
		return;
	n = common(key.p, key_of(p, &p->slot[0]),
	    key.len < max ? key.len : max);
	if (n < max)
		set_heads(p, n);
}

void
rowpage_add(struct rowpage *p, size_t i, struct slice key, struct slice value)
{
	size_t len = row_len(key.len, value.len);
	uint16_t n = (uint16_t)value.len;
	struct rowpage_slot *s = &p->slot[i];
	uint8_t *row;

	assert(i <= p->n && rowpage_has_room(p, key, value));
	fit_prefix(p, i, key);
	if (gap(p) < len + sizeof(*s))
		tidy(p);
	memmove(s + 1, s, (p->n - i) * sizeof(*s));
	p->n++;
	p->low = (uint16_t)(p->low - len);
	p->newest = (uint16_t)i;
	s->head = head_of(key.p, key.len, p->prefix);
	s->at = p->low;
	s->key_len = (uint16_t)key.len;
	row = row_at(p, s);
	memcpy(row, &n, sizeof(n));
	if (key.len > 0)
		memcpy(row + ROW_HEAD, key.p, key.len);
	if (value.len > 0)
		memcpy(row + ROW_HEAD + key.len, value.p, value.len);
}

bool
rowpage_change(struct rowpage *p, size_t i, struct slice value)
{
	struct rowpage_slot *s = &p->slot[i];
	size_t had = value_len(p, s);
	uint16_t n = (uint16_t)value.len;
	uint8_t *row = row_at(p, s);

	if (value.len > had)
		return (false);
	p->wasted = (uint16_t)(p->wasted + had - value.len);
	memcpy(row, &n, sizeof(n));
	if (value.len > 0)
		memcpy(row + ROW_HEAD + s->key_len, value.p, value.len);
	return (true);
}

void
rowpage_remove(struct rowpage *p, size_t i)
{
	struct rowpage_slot *s = &p->slot[i];
	size_t len = row_len(s->key_len, value_len(p, s));

	assert(i < p->n);
	p->wasted = (uint16_t)(p->wasted + len);
	memmove(s, s + 1, (p->n - i - 1) * sizeof(*s));
	p->n--;
	if (p->newest > i)
		p->newest--;
}

/* --- two pages ---------------------------------------------------------- */

size_t
rowpage_half(const struct rowpage *p, size_t i, struct slice key,
    struct slice value)
{
	size_t row = row_len(key.len, value.len) + sizeof(struct rowpage_slot);
	size_t half = (rowpage_used(p) + row) / 2, sum = 0;

	for (size_t at = 0; at < p->n; at++) {
		const struct rowpage_slot *s = &p->slot[at];
		size_t len = row_len(s->key_len, value_len(p, s)) + sizeof(*s);

		if (at == i)
			sum += row;
		/* Neither side may be empty. */
		if (at > 0 && sum + len / 2 >= half)
			return (at);
		sum += len;
	}
	return (p->n - (size_t)1);
}

void
rowpage_split(struct rowpage *p, size_t at, struct rowpage *right)
{
	uint16_t n = p->n;

	for (size_t i = at; i < n; i++)
		rowpage_add(right, i - at, rowpage_key(p, i), rowpage_value(p, i));
	for (size_t i = at; i < n; i++) {
		struct rowpage_slot *s = &p->slot[i];

		p->wasted = (uint16_t)(p->wasted +
		    row_len(s->key_len, value_len(p, s)));
	}
	p->n = (uint16_t)at;
	find_prefix(p);
	find_prefix(right);
}

void
rowpage_join(struct rowpage *p, struct rowpage *right)
{
	for (size_t i = 0; i < right->n; i++)
		rowpage_add(p, p->n, rowpage_key(right, i), rowpage_value(right, i));
	right->n = 0;
}
