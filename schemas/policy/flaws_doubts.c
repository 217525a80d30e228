/*
 * flaws -- doubts: what is allowed, but hardly meant.
 *
 * Of two routes that fit equally well the first in the document counts.  If
 * the other says something else, somebody wrote it for nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/compile_impl.h"
#include "policy/flaws_impl.h"

/* What a route does, without what it is for; as bytes. */
static uint8_t *
pack_deed(const Keten__V1__PolicyRoute *r, size_t *len)
{
	Keten__V1__PolicyRoute deed = *r;
	uint8_t *bytes;

	deed.id = (char *)(uintptr_t)protobuf_c_empty_string;
	deed.n_codes = deed.n_areas = deed.n_from = deed.n_urgencies = 0;
	*len = keten__v1__policy_route__get_packed_size(&deed);
	bytes = malloc(*len + 1);
	if (bytes != NULL)
		(void)keten__v1__policy_route__pack(&deed, bytes);
	return (bytes);
}

static bool
do_the_same(const Keten__V1__PolicyRoute *a, const Keten__V1__PolicyRoute *b)
{
	size_t n, m;
	uint8_t *x = pack_deed(a, &n), *y = pack_deed(b, &m);
	bool same = x != NULL && y != NULL && n == m && memcmp(x, y, n) == 0;

	free(x);
	free(y);
	return (same);
}

/* Once for each pair of routes, at the one that does not count. */
static enum err
look(void *cookie, const struct route_key *key, uint32_t i)
{
	struct finder *f = cookie;
	const struct code_row *row = &f->p->codes[key->code];
	const Keten__V1__PolicyRoute *r = f->doc->routes[i], *first;
	char path[FLAWS_PATH], pair[FLAWS_PATH];
	uint32_t had;

	if (!lookup_get(f->p->routes, key, sizeof(*key), &had) || had == i)
		return (ERR_OK);
	first = f->doc->routes[had];
	if (policy_fit_code(row, first) != policy_fit_code(row, r) ||
	    do_the_same(first, r) || flaws_seen(f, '=', flaws_path(pair,
		"%u %u", (unsigned)had, (unsigned)i), i, NULL))
		return (ERR_OK);
	flaws_add(f, flaws_path(path, "routes[%u]", (unsigned)i),
	    "routes '%s' en '%s' passen even goed op %s maar doen iets anders; "
	    "'%s' staat eerder en geldt.  Geef ze andere codes, gebieden, "
	    "bronnen of urgenties, of haal er een weg", first->id, r->id,
	    row->name, first->id);
	return (ERR_OK);
}

size_t
flaws_doubts(const struct policy *p, const struct flaws *to)
{
	struct finder f = { .p = p, .doc = policy_doc(p), .to = to,
		.seen = lookup_new() };

	for (size_t i = 0; i < f.doc->n_routes; i++)
		/* look() never says stop. */
		(void)!compile_each_key(p, (uint32_t)i, look, &f);
	lookup_free(f.seen);
	return (f.n);
}
