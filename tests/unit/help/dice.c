/*
 * dice -- policies that nobody thought up.
 */
#include <stdarg.h>

#include "../demo_policy.h"
#include "dice.h"

static const char *const partners[] = { "lwdb-noord", "thuiszorg-t",
	"welzijn-w", "corporatie-c", "mantelzorg-m", "vrijwilligers-v",
	"v-oost", "v-west", "v-zuid", "zorg-z", "gemeente-r", "netwerk-n",
	"gemeente-s", "zorgkantoor-k", NULL };

/* The last two are not in any list. */
static const char *const areas[] = { "GM0855", "WK085501", "WK085502",
	"BU08550101", "BU08550201", "GM0863", "WK086301", "WK0863AB", "GM0999",
	"0855", NULL };

static const char *const codes[] = { "SIG-101", "SIG-102", "SIG-203",
	"SIG-204", "SIG-300", "SIG-301", "SIG-501", "SIG-600", "DST-101",
	"DST-201", "DST-402", "DST-602", "SIG-303", "DST-999", NULL };

#define CANDIDATES 10 /* the first of them, the network among them */
#define KNOWN_AREAS 8

uint32_t
dice_throw(struct dice *d, uint32_t n)
{
	uint64_t z = (d->stream += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return ((uint32_t)((z ^ z >> 31) >> 33) % n);
}

const char *
dice_partner(size_t i)
{
	return (partners[i]);
}

const char *
dice_area(size_t i)
{
	return (areas[i]);
}

const char *
dice_code(size_t i)
{
	return (codes[i]);
}

/* --- pieces of YAML ------------------------------------------------------ */

/* A throw of which one in ${n} says yes. */
static bool
one_in(struct dice *d, uint32_t n)
{
	return (dice_throw(d, n) == 0);
}

static const char *
one_of(struct dice *d, const char *const *list, uint32_t n)
{
	return (list[dice_throw(d, n)]);
}

/* "key: [a, b]" of up to ${most} of ${n} words; perhaps nothing at all. */
static void
put_some(struct dice *d, FILE *f, const char *key, const char *const *list,
    uint32_t n, uint32_t least, uint32_t most)
{
	uint32_t many = least + dice_throw(d, most - least + 1);
	bool used[32] = { false };

	if (many == 0)
		return;
	fprintf(f, "    %s: [", key);
	for (uint32_t i = 0, first = 1; i < many; i++) {
		uint32_t k = dice_throw(d, n);

		if (used[k])
			continue;
		used[k] = true;
		fprintf(f, "%s%s", first ? "" : ", ", list[k]);
		first = 0;
	}
	fprintf(f, "]\n");
}

static void
put_hours(struct dice *d, FILE *f, const char *key)
{
	static const char *const hours[] = { "altijd", "[ma-vr 08:30-17:00]",
		"[ma-zo 07:00-23:00, feestdagen]", "[za-zo 10:00-16:00]",
		"[ma-vr 00:00-06:00]" };

	if (one_in(d, 3))
		fprintf(f, "    %s: %s\n", key, one_of(d, hours, 5));
}

static void
put_terms(struct dice *d, FILE *f)
{
	if (one_in(d, 4))
		fprintf(f, "    terms: [{term: OFFER, normal: %u wh, high: "
		    "%u min}]\n", 1 + dice_throw(d, 30),
		    20 + dice_throw(d, 100));
}

static void
put_skip(struct dice *d, FILE *f)
{
	if (one_in(d, 3))
		fprintf(f, "    skip: {unreachable: %u d, entry: %u d}\n",
		    1 + dice_throw(d, 30), 30 + dice_throw(d, 300));
}

/* --- who ----------------------------------------------------------------- */

static void
put_end(struct dice *d, FILE *f, size_t i)
{
	static const char *const ends[] = { "2026-06-01", "2026-12-01" };
	const char *next = one_of(d, partners, CANDIDATES);

	/* Two that a protected group or the end of a ladder needs stay. */
	if (i >= CANDIDATES || strcmp(partners[i], "welzijn-w") == 0 ||
	    strcmp(partners[i], "vrijwilligers-v") == 0 || !one_in(d, 5))
		return;
	fprintf(f, "    ended: %s\n", one_of(d, ends, 2));
	if (strcmp(next, partners[i]) == 0)
		return;
	if (one_in(d, 2))
		fprintf(f, "    successor: %s\n", next);
	else if (one_in(d, 2))
		fprintf(f, "    successors: [{partner: %s, codes: [%s], "
		    "areas: [GM0855]}]\n", next, one_in(d, 2) ? "SIG" : "DST");
}

static void
put_partner(struct dice *d, FILE *f, size_t i)
{
	static const char *const kinds[] = { "lwdb", "thuiszorg", "welzijn",
		"vrijwilligers", "zorg" };
	const char *id = partners[i], *kind = one_of(d, kinds, 5);
	const char *roles = "submit, candidate";

	if (i >= CANDIDATES)
		roles = "submit, regisseur";
	else if (strcmp(id, "welzijn-w") != 0 && one_in(d, 25))
		roles = one_in(d, 2) ? "submit" : "candidate";
	if (strcmp(id, "vrijwilligers-v") == 0 || strcmp(id, "netwerk-n") == 0)
		kind = "netwerk", roles = "submit, candidate";
	if (strncmp(id, "gemeente", 8) == 0)
		kind = "gemeente";
	if (strcmp(id, "zorgkantoor-k") == 0)
		kind = "zorgkantoor";
	fprintf(f, "  - id: %s\n    name: De %s\n    kind: %s\n"
	    "    identity_key: file:partners/%s.pub\n    roles: [%s]\n"
	    "    phone: 013-%zu\n", id, id, kind, id, roles, i);
	if (i < CANDIDATES && one_in(d, 3))
		put_some(d, f, "areas", areas, KNOWN_AREAS, 1, 3);
	put_hours(d, f, "hours");
	put_end(d, f, i);
}

static void
put_networks(struct dice *d, FILE *f)
{
	static const char *const modes[] = { "first", "one-after-another",
		"coordinator" };
	static const char *const members[] = { "v-oost", "v-west", "v-zuid",
		"zorg-z" };

	fprintf(f, "networks:\n  - id: vrijwilligers-v\n    mode: %s\n",
	    one_of(d, modes, 3));
	put_some(d, f, "members", members, 4, 1, 4);
	fprintf(f, "  - id: netwerk-n\n    mode: %s\n    members: [%s"
	    "mantelzorg-m, lwdb-noord]\n", one_of(d, modes, 3),
	    one_in(d, 2) ? "vrijwilligers-v, " : "");
}

static void
put_regisseurs(struct dice *d, FILE *f)
{
	static const char night[] = "night_phone: 013-1, night_hours: "
				    "[ma-zo 07:00-23:00]";

	fprintf(f, "regisseurs:\n");
	fprintf(f, "  - {partner: gemeente-r, areas: [GM0855], %s}\n", night);
	fprintf(f, "  - {partner: gemeente-s, areas: [GM0863], %s}\n", night);
	if (one_in(d, 2))
		fprintf(f, "  - {partner: zorgkantoor-k, groups: [DST-600%s],"
		    " areas: [%s], %s}\n", one_in(d, 2) ? ", SIG-300" : "",
		    one_in(d, 2) ? "GM0855" : "GM0855, GM0863", night);
	if (one_in(d, 3))
		fprintf(f, "  - {partner: gemeente-s, areas: [%s], %s}\n",
		    one_in(d, 2) ? "WK085502" : "BU08550101", night);
	if (one_in(d, 3))
		fprintf(f, "  - {partner: v-oost, duties: [oversight]}\n");
}

/* --- what and where ------------------------------------------------------ */

static void
put_areas(struct dice *d, FILE *f)
{
	fprintf(f, "areas:\n");
	for (size_t i = 0; i < KNOWN_AREAS; i++) {
		/* Sometimes a list is left at the municipality or district. */
		if (i != 0 && i != 5 && one_in(d, 6))
			continue;
		fprintf(f, "  - {code: %s, label: hier, edition: 2025}\n",
		    areas[i]);
	}
}

static void
party_of(struct dice *d, char out[64])
{
	switch (dice_throw(d, 5)) {
	case 0:
		(void)snprintf(out, 64, "network:%s", one_in(d, 2) ?
			"vrijwilligers-v" : "netwerk-n");
		return;
	case 1:
		(void)snprintf(out, 64, "kind:%s", one_in(d, 2) ? "gemeente" :
								  "netwerk");
		return;
	case 2:
		(void)snprintf(out, 64, "anyone");
		return;
	default:
		(void)snprintf(out, 64, "%s", one_of(d, partners, 14));
	}
}

static void
put_covenant(struct dice *d, FILE *f, size_t n, const char *from,
    const char *to, bool wide)
{
	static const char *const some[] = { "SIG", "DST", "SIG-100", "SIG-200",
		"SIG-300", "DST-101", "SIG-203", "DST-600" };
	static const char *const bases[] = { "G-TOE", "G-PUB", "G-VIT" };
	static const char *const until[] = { "2026-07-31", "2026-11-15",
		"2030-12-31", "2030-12-31", "2034-12-31", "2034-12-31" };

	fprintf(f, "  - id: C-%zu\n    from: %s\n    to: %s\n    controller: "
	    "gemeente-r\n    document: stuk %zu\n    valid_from: 2025-01-01\n"
	    "    valid_until: %s\n", n, from, to, n, one_of(d, until, 6));
	put_some(d, f, "bases", bases, 3, 2, 4);
	if (!wide)
		put_some(d, f, "codes", some, 8, 0, 3);
	if (one_in(d, 3))
		put_some(d, f, "areas", areas, KNOWN_AREAS, 1, 3);
	if (one_in(d, 8))
		fprintf(f, "    discussed: [agrees, objects]\n");
}

static void
put_covenants(struct dice *d, FILE *f)
{
	char from[64], to[64];
	size_t n = 0;

	fprintf(f, "\ncovenants:\n");
	for (size_t i = 0; partners[i] != NULL; i++) {
		party_of(d, from);
		put_covenant(d, f, n++, one_in(d, 2) ? "anyone" : from,
		    partners[i], !one_in(d, 20));
	}
	for (size_t i = dice_throw(d, 8); i > 0; i--) {
		party_of(d, from);
		party_of(d, to);
		put_covenant(d, f, n++, from, to, false);
	}
}

/* --- routes -------------------------------------------------------------- */

static void
put_candidate(struct dice *d, FILE *f)
{
	static const char *const kinds[] = { "lwdb", "thuiszorg", "welzijn",
		"vrijwilligers", "zorg" };

	if (one_in(d, 6))
		fprintf(f, "'kind:%s'", one_of(d, kinds, 5));
	else if (one_in(d, 6))
		fprintf(f, "'network:%s'", one_in(d, 2) ? "vrijwilligers-v" :
							  "netwerk-n");
	else
		fprintf(f, "%s", one_of(d, partners, CANDIDATES));
}

static void
put_rung(struct dice *d, FILE *f)
{
	uint32_t n = 1 + dice_throw(d, 3);

	fprintf(f, "      - candidates: [");
	for (uint32_t i = 0; i < n; i++) {
		put_candidate(d, f);
		fprintf(f, "%s", i + 1 < n ? ", " : "]\n");
	}
	if (one_in(d, 3))
		fprintf(f, "        mode: %s\n", one_in(d, 2) ? "all" :
				"one-after-another");
	if (one_in(d, 4))
		fprintf(f, "        hours: %s\n", one_in(d, 2) ? "altijd" :
				"[ma-zo 20:00-24:00]");
	if (one_in(d, 4))
		fprintf(f, "        offer: {normal: %u wh}\n",
		    1 + dice_throw(d, 20));
}

static void
put_route(struct dice *d, FILE *f, size_t n)
{
	static const char *const some[] = { "SIG", "DST", "SIG-100", "SIG-200",
		"DST-100", "DST-600", "SIG-101", "SIG-203", "DST-101", "'*'" };
	static const char *const urgencies[] = { "low", "normal", "high",
		"emergent" };
	static const char *const custodians[] = { "none", "regisseur",
		"zorg-z" };
	char from[64];

	fprintf(f, "  - id: R-%zu\n", n);
	put_some(d, f, "codes", some, 10, 1, 3);
	if (one_in(d, 2))
		put_some(d, f, "areas", areas, KNOWN_AREAS, 1, 3);
	put_some(d, f, "urgencies", urgencies, 4, 0, 3);
	party_of(d, from);
	if (one_in(d, 3))
		fprintf(f, "    from: %s\n", from);
	if (one_in(d, 3))
		fprintf(f, "    custodian: %s\n", one_of(d, custodians, 3));
	if (one_in(d, 6))
		fprintf(f, "    disclosure_early: ja\n");
	if (one_in(d, 3))
		put_some(d, f, "inform", partners, CANDIDATES, 1, 3);
	put_terms(d, f);
	put_skip(d, f);
	if (one_in(d, 8)) {
		fprintf(f, "    regisseur_direct: ja\n");
		return;
	}
	fprintf(f, "    rungs:\n");
	for (uint32_t i = 1 + dice_throw(d, 3); i > 0; i--)
		put_rung(d, f);
}

static void
put_routes(struct dice *d, FILE *f)
{
	size_t n = 3 + dice_throw(d, 8);

	fprintf(f, "\nroutes:\n");
	fprintf(f, "  - {id: R-P, codes: [SIG-300], rungs: [[welzijn-w]]}\n");
	if (one_in(d, 2))
		fprintf(f, "  - {id: R-Q, codes: [SIG-600], "
			   "regisseur_direct: ja}\n");
	for (size_t i = 0; i < n; i++)
		put_route(d, f, i);
	if (!one_in(d, 4))
		fprintf(f, "  - {id: R-rest, codes: ['*'], "
			   "regisseur_direct: ja}\n");
	fprintf(f, "\n");
}

/* --- the whole ----------------------------------------------------------- */

/* Copy the demonstration from the line ${from} to the line ${to}. */
static void
copy(FILE *f, const char *text, const char *from, const char *to)
{
	const char *a = strstr(text, from), *b = strstr(text, to);

	if (a == NULL || b == NULL || b < a)
		abort(); /* the demonstration has other parts now */
	(void)fwrite(a, 1, (size_t)(b - a), f);
}

static void
put_policy(struct dice *d, FILE *f)
{
	uint8_t *text;
	size_t len;

	if (file_read("config/demo/policy.yaml", 1 << 20, &text, &len) !=
	    ERR_OK)
		abort();
	fprintf(f, "index: 1\norigin: dobbelstenen/1\nintroducer: wij\n"
	    "valid_from: 2025-01-01\n%spartners:\n",
	    one_in(d, 2) ? "skip: {unreachable: 10 d, entry: 90 d}\n" : "");
	for (size_t i = 0; partners[i] != NULL; i++)
		put_partner(d, f, i);
	put_networks(d, f);
	put_regisseurs(d, f);
	put_areas(d, f);
	copy(f, (char *)text, "# --- wat", "# --- convenanten");
	put_covenants(d, f);
	put_routes(d, f);
	copy(f, (char *)text, "# --- termijnen", "alarms:");
	free(text);
}

/* One throw; NULL if it has flaws. */
static struct policy *
throw_one(struct dice *d, const struct demo *demo)
{
	struct policy *p = NULL;
	struct conf *conf = NULL;
	uint8_t *body = NULL;
	size_t len;
	FILE *f = fopen(demo->path, "w");

	if (f == NULL)
		abort();
	put_policy(d, f);
	(void)fclose(f);
	if (source_compile(demo->path, &body, &len, &conf) == ERR_OK &&
	    policy_new(slice_of(body, len), &p) != ERR_OK)
		abort();
	if (p == NULL && getenv("DICE_SAY") != NULL && conf != NULL)
		conf_print_mistakes(conf, stderr);
	conf_close(conf);
	free(body);
	return (p);
}

void
dice_begin(struct dice *d)
{
	static const char *const more[] = { "netwerk-n", "gemeente-s",
		"zorgkantoor-k" };

	d->demo = calloc(1, sizeof(*d->demo));
	if (d->demo == NULL)
		abort();
	demo_begin(d->demo);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		demo_key(d->demo, more[i]);
}

void
dice_end(struct dice *d)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf %s", d->demo->folder);
	if (system(command) != 0)
		abort();
	free(d->demo);
}

struct policy *
dice_policy(struct dice *d, uint64_t seed, size_t *tries)
{
	struct policy *p = NULL;

	d->stream = seed;
	for (size_t i = 0; p == NULL && i < 2000; i++) {
		p = throw_one(d, d->demo);
		if (tries != NULL)
			++*tries;
	}
	if (p == NULL)
		abort(); /* the dice do not fit the rules any more */
	return (p);
}
