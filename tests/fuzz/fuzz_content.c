/*
 * fuzz_content -- a content frame; what is taken must come out the same when
 * it is packed and read again.
 */
#include <assert.h>
#include <string.h>

#include "standalone.h"
#include "wire/content.h"

static void
same(const struct content *x, const struct content *y)
{
	assert(x->n == y->n);
	for (size_t i = 0; i < x->n; i++) {
		const struct content_piece *p = &x->pieces[i];
		const struct content_piece *q = &y->pieces[i];

		assert(p->index == q->index && p->part == q->part &&
		    p->kind == q->kind && p->n_wraps == q->n_wraps);
		assert(slice_eq(p->bytes, q->bytes));
		assert(memcmp(p->sha256, q->sha256, 32) == 0);
		assert(p->n_wraps == 0 || memcmp(p->wraps, q->wraps,
		    p->n_wraps * sizeof(*p->wraps)) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *a;
	struct content first, second;
	const char *rule = NULL;
	struct slice again;
	enum err err;

	if (a == NULL && (a = arena_new((size_t)8 << 20)) == NULL)
		abort();
	err = content_parse(a, slice_of(data, size), &first, &rule);
	assert((err == ERR_OK) == (rule == NULL));
	if (err == ERR_OK) {
		assert(content_pack(a, first.pieces, first.n, &again) ==
		    ERR_OK);
		assert(content_parse(a, again, &second, NULL) == ERR_OK);
		same(&first, &second);
	}
	arena_reset(a);
	return (0);
}
