/*
 * rows -- how the spool's own rows are written.
 */
#include <stdlib.h>
#include <string.h>

#include "sdk/rows.h"
#include "trust/digest.h"

/* A length that stands for NULL, which is not "". */
#define ROW_NULL UINT32_MAX

void
row_init(struct row *r)
{
	memset(r, 0, sizeof(*r));
}

void
row_fini(struct row *r)
{
	digest_wipe(r->p, r->cap);
	free(r->p);
	row_init(r);
}

/* Make room for ${len} bytes more; the old block is wiped. */
static bool
row_room(struct row *r, size_t len)
{
	size_t cap = r->cap == 0 ? 256 : r->cap;
	uint8_t *p;

	if (r->bad || len <= r->cap - r->len)
		return (!r->bad);
	while (cap - r->len < len)
		cap *= 2;
	p = malloc(cap);
	if (p == NULL) {
		r->bad = true;
		return (false);
	}
	if (r->len > 0)
		memcpy(p, r->p, r->len);
	digest_wipe(r->p, r->cap);
	free(r->p);
	r->p = p;
	r->cap = cap;
	return (true);
}

void
row_raw(struct row *r, const void *p, size_t len)
{
	if (len == 0 || !row_room(r, len))
		return;
	memcpy(r->p + r->len, p, len);
	r->len += len;
}

void
row_u32(struct row *r, uint32_t v)
{
	uint8_t b[4];

	be32_put(b, v);
	row_raw(r, b, sizeof(b));
}

void
row_u64(struct row *r, uint64_t v)
{
	uint8_t b[8];

	be64_put(b, v);
	row_raw(r, b, sizeof(b));
}

void
row_bytes(struct row *r, struct slice s)
{
	row_u32(r, (uint32_t)s.len);
	row_raw(r, s.p, s.len);
}

void
row_text(struct row *r, const char *text)
{
	if (text == NULL)
		row_u32(r, ROW_NULL);
	else
		row_bytes(r, slice_str(text));
}

struct slice
row_slice(const struct row *r)
{
	return (slice_of(r->p, r->len));
}

struct row_reader
row_read(struct slice s)
{
	return ((struct row_reader){ .rest = s });
}

void
row_get_raw(struct row_reader *r, void *out, size_t len)
{
	if (r->bad || r->rest.len < len) {
		r->bad = true;
		memset(out, 0, len);
		return;
	}
	if (len > 0)
		memcpy(out, r->rest.p, len);
	r->rest.p += len;
	r->rest.len -= len;
}

uint32_t
row_get_u32(struct row_reader *r)
{
	uint8_t b[4];

	row_get_raw(r, b, sizeof(b));
	return (be32_get(b));
}

uint64_t
row_get_u64(struct row_reader *r)
{
	uint8_t b[8];

	row_get_raw(r, b, sizeof(b));
	return (be64_get(b));
}

/* Take ${len} bytes off the front. */
static struct slice
row_take(struct row_reader *r, size_t len)
{
	struct slice s = slice_of(NULL, 0);

	if (r->bad || r->rest.len < len) {
		r->bad = true;
		return (s);
	}
	s = slice_of(r->rest.p, len);
	r->rest.p += len;
	r->rest.len -= len;
	return (s);
}

struct slice
row_get_bytes(struct row_reader *r)
{
	uint32_t len = row_get_u32(r);

	if (len == ROW_NULL)
		return (slice_of(NULL, 0));
	return (row_take(r, len));
}

const char *
row_get_text(struct row_reader *r, struct arena *a)
{
	uint32_t len = row_get_u32(r);
	struct slice s;
	const char *text;

	if (len == ROW_NULL)
		return (NULL);
	s = row_take(r, len);
	if (r->bad)
		return (NULL);
	text = arena_text(a, s);
	if (text == NULL)
		r->bad = true;
	return (text);
}

void
row_get_chars(struct row_reader *r, char *out, size_t cap)
{
	struct slice s = row_get_bytes(r);
	size_t n = s.len < cap - 1 ? s.len : cap - 1;

	if (n > 0)
		memcpy(out, s.p, n);
	out[n] = '\0';
}
