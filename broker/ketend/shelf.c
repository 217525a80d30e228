/*
 * shelf -- reports that were given, kept until they were fetched part by part.
 */
#include <stdlib.h>
#include <string.h>

#include "ketend/shelf.h"
#include "trust/digest.h"

struct kept {
	struct org who;
	uint64_t policy_index;
	uint64_t order; /* rises with each */
	char *text;	/* NULL: nothing is kept here */
	size_t len;
	uint8_t sha256[32];
};

struct shelf {
	size_t bytes_max;
	size_t bytes;
	size_t n;
	uint64_t order;
	struct kept kept[SHELF_MAX];
};

struct shelf *
shelf_new(size_t bytes)
{
	struct shelf *s = calloc(1, sizeof(*s));

	if (s != NULL)
		s->bytes_max = bytes;
	return (s);
}

static void
drop(struct shelf *s, struct kept *k)
{
	s->bytes -= k->len;
	s->n--;
	free(k->text);
	memset(k, 0, sizeof(*k));
}

/* The oldest report of ${who}, how many it has, and of how many bytes. */
static struct kept *
oldest_of(struct shelf *s, const struct org *who, size_t *n, size_t *bytes)
{
	struct kept *oldest = NULL;

	*n = *bytes = 0;
	for (size_t i = 0; i < SHELF_MAX; i++) {
		struct kept *k = &s->kept[i];

		if (k->text == NULL || !org_eq(&k->who, who))
			continue;
		++*n;
		*bytes += k->len;
		if (oldest == NULL || k->order < oldest->order)
			oldest = k;
	}
	return (oldest);
}

/* The oldest report of whoever keeps the most bytes. */
static struct kept *
oldest_of_greediest(struct shelf *s)
{
	struct kept *worst = NULL;
	size_t most = 0;

	for (size_t i = 0; i < SHELF_MAX; i++) {
		struct kept *k;
		size_t n, bytes;

		if (s->kept[i].text == NULL)
			continue;
		k = oldest_of(s, &s->kept[i].who, &n, &bytes);
		if (worst == NULL || bytes > most) {
			worst = k;
			most = bytes;
		}
	}
	return (worst);
}

static void
make_room(struct shelf *s, const struct org *who, size_t len)
{
	size_t n, bytes;
	struct kept *own = oldest_of(s, who, &n, &bytes);

	if (n >= SHELF_OF_ONE)
		drop(s, own);
	while (s->n > 0 && (s->n == SHELF_MAX ||
	    s->bytes > s->bytes_max || len > s->bytes_max - s->bytes))
		drop(s, oldest_of_greediest(s));
}

static void
tell(const struct kept *k, struct shelf_report *out)
{
	*out = (struct shelf_report){ .text = k->text, .len = k->len };
	memcpy(out->sha256, k->sha256, sizeof(out->sha256));
}

void
shelf_put(struct shelf *s, const struct org *who, uint64_t policy_index,
    char *text, size_t len, struct shelf_report *out)
{
	struct kept *k = s->kept;

	make_room(s, who, len);
	while (k->text != NULL)
		k++;
	*k = (struct kept){ .who = *who, .policy_index = policy_index,
		.order = ++s->order, .text = text, .len = len };
	digest_of(text, len, k->sha256);
	s->n++;
	s->bytes += len;
	tell(k, out);
}

enum err
shelf_find(const struct shelf *s, const struct org *who,
    uint64_t policy_index, const uint8_t sha256[32], struct shelf_report *out)
{
	for (size_t i = 0; i < SHELF_MAX; i++) {
		const struct kept *k = &s->kept[i];

		if (k->text != NULL && org_eq(&k->who, who) &&
		    k->policy_index == policy_index &&
		    digest_eq(k->sha256, sha256)) {
			tell(k, out);
			return (ERR_OK);
		}
	}
	return (ERR_NOT_FOUND);
}

void
shelf_free(struct shelf *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < SHELF_MAX; i++)
		free(s->kept[i].text);
	free(s);
}
