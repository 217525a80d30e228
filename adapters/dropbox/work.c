#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/bytes.h"
#include "dropbox/work.h"

/* 20 digits, '-', 8 hexadecimal digits, '-'. */
#define PREFIX 30
#define ORIGINAL_MAX 120

enum err
work_name(int64_t now_ms, const char *original, char out[WORK_NAME_MAX])
{
	uint8_t random[4];
	char hex[9], plain[ORIGINAL_MAX + 1];
	size_t n = 0, len = strlen(original);

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return (ERR_CRYPTO);
	hex_encode(random, sizeof(random), hex);
	/* Of a long name the end stays: there is the ending. */
	if (len > ORIGINAL_MAX)
		original += len - ORIGINAL_MAX;
	for (; original[n] != '\0'; n++)
		plain[n] = isalnum((unsigned char)original[n]) ||
		    strchr("-_.", original[n]) != NULL ? original[n] : '_';
	plain[n] = '\0';
	(void)snprintf(out, WORK_NAME_MAX, "%020lld-%s-%s", (long long)now_ms,
	    hex, plain);
	return (ERR_OK);
}

const char *
work_original(const char *name)
{
	if (strlen(name) <= PREFIX || strspn(name, "0123456789") != 20 ||
	    name[20] != '-' || name[29] != '-')
		return ("");
	return (name + PREFIX);
}

enum err
work_plan(struct work *w, struct map_list *list)
{
	struct work_item *items = calloc(list->n == 0 ? 1 : list->n,
	    sizeof(*items));

	if (items == NULL)
		return (ERR_NOMEM);
	map_list_fini(&w->list);
	free(w->items);
	w->items = items;
	w->list = *list;
	memset(list, 0, sizeof(*list));
	return (ERR_OK);
}

bool
work_is_final(const struct work *w)
{
	for (size_t i = 0; i < w->list.n; i++)
		if (w->items[i].state != WORK_FINAL)
			return (false);
	return (w->planned);
}

static bool
same(const char *a, const char *b)
{
	return (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Do two lists of keys, one per line, share one? */
static bool
share(const char *a, const char *b)
{
	while (a != NULL && b != NULL && *a != '\0') {
		size_t n = strcspn(a, "\n");

		for (const char *p = b; n > 0 && *p != '\0';) {
			size_t m = strcspn(p, "\n");

			if (n == m && memcmp(a, p, n) == 0)
				return (true);
			p += m + (p[m] == '\n');
		}
		a += n + (a[n] == '\n');
	}
	return (false);
}

bool
work_clash(const struct work *w, size_t n, const struct map_order *o)
{
	for (size_t i = 0; i < n && i < w->list.n; i++) {
		const struct map_order *other = &w->list.items[i];

		if (w->items[i].state == WORK_FINAL)
			continue;
		if (same(map_get(other, MAP_REFERRAL),
		    map_get(o, MAP_REFERRAL)) ||
		    same(map_get(other, MAP_KEY), map_get(o, MAP_KEY)) ||
		    share(map_get(other, MAP_KEYS), map_get(o, MAP_KEYS)))
			return (true);
	}
	return (false);
}

void
work_fini(struct work *w)
{
	free(w->name);
	map_list_fini(&w->list);
	free(w->items);
	memset(w, 0, sizeof(*w));
}
