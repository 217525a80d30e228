#include <stdlib.h>
#include <string.h>

#include "core/pile.h"

enum err
pile_add(struct pile *l, const void *one)
{
	if (l->n == l->cap) {
		size_t cap = l->cap == 0 ? 64 : 2 * l->cap;
		uint8_t *more = realloc(l->p, cap * l->size);

		if (more == NULL)
			return (ERR_NOMEM);
		l->p = more;
		l->cap = cap;
	}
	memcpy(l->p + l->n++ * l->size, one, l->size);
	return (ERR_OK);
}
