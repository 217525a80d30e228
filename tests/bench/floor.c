/*
 * floor -- the least that auditing a log can cost: its hashes and signatures.
 *
 *	floor STORE [--signatures N]
 *
 * Reads the log once to see what there is to hash, then does nothing but as
 * many SHA-256 over as many bytes (leaf, envelope, facts, route facts, what
 * binds them, and two nodes of the tree for each record), from memory, and
 * after that as many Ed25519 verifications (libsodium, one signature at a time)
 * over statements of that size.  One thread; one line of JSON with processor
 * seconds comes out.  With --signatures fewer are timed and the time is scaled:
 * each costs the same.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/record.h"
#include "core/store.h"
#include "trust/digest.h"
#include "trust/sign.h"
#include "wire/arena.h"

struct sizes {
	uint32_t envelope, facts, route;
};

static struct {
	struct sizes *of;
	size_t n, cap;
	uint64_t bytes, hashes, signed_records;
	uint8_t *text; /* as long as the longest of them */
	size_t text_len;
} g;

static void
must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "floor: %s\n", what);
		exit(1);
	}
}

static double
cpu_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

/* --- what there is ----------------------------------------------------------- */

static void
add(const struct record *rec)
{
	struct sizes *s;

	if (g.n == g.cap) {
		g.cap = g.cap == 0 ? 65536 : 2 * g.cap;
		g.of = realloc(g.of, g.cap * sizeof(*g.of));
		must(g.of != NULL, "memory");
	}
	s = &g.of[g.n++];
	s->envelope = (uint32_t)rec->envelope.len;
	s->facts = (uint32_t)rec->facts.len;
	s->route = (uint32_t)rec->route.len;
	g.signed_records += s->envelope > 0;
	if (s->envelope > g.text_len)
		g.text_len = s->envelope;
	if (s->facts > g.text_len)
		g.text_len = s->facts;
	if (s->route > g.text_len)
		g.text_len = s->route;
}

static void
look(const char *path)
{
	struct store_config c = { .path = path, .read_only = true };
	struct arena *a = arena_new((size_t)32 << 20);
	struct store *st = NULL;
	struct txn *t = NULL;
	struct record rec;

	must(a != NULL, "memory");
	must(store_open(&c, &st) == ERR_OK, "no log there");
	must(store_read(st, &t) == ERR_OK, "cannot read");
	for (uint64_t i = 0; i < store_size(t); i++) {
		arena_reset(a);
		if (record_read(t, i, a, &rec) == ERR_OK)
			add(&rec);
	}
	store_done(&t);
	store_close(st);
	arena_free(a);
	g.text = malloc(g.text_len + 1);
	must(g.text != NULL, "memory");
	memset(g.text, 'x', g.text_len + 1);
}

/* --- the least ---------------------------------------------------------------- */

static void
hash(size_t len, uint8_t out[32])
{
	digest_of(g.text, len, out);
	g.bytes += len;
	g.hashes++;
}

/* leaf; envelope; facts, route, both; what stands in the leaf; two nodes. */
static double
time_hashes(void)
{
	double began = cpu_s();
	uint8_t out[32];

	for (size_t i = 0; i < g.n; i++) {
		hash(49, out);
		hash(g.of[i].envelope, out);
		hash(g.of[i].facts, out);
		hash(g.of[i].route, out);
		hash(64, out);
		hash(111, out);
		hash(65, out);
		hash(65, out);
	}
	return (cpu_s() - began);
}

/* The median statement; what is hashed in it hardly counts. */
static int
by_envelope(const void *a, const void *b)
{
	const struct sizes *x = a, *y = b;

	return ((x->envelope > y->envelope) - (x->envelope < y->envelope));
}

static double
time_signatures(uint64_t n)
{
	static const uint8_t seed[SIGN_SEED] = { 1 };
	const struct slice type = slice_str("application/vnd.keten.command."
	    "v1+protobuf");
	struct signer *s = sign_new(seed);
	struct slice body;
	uint8_t sig[SIGN_SIG];
	double began;

	qsort(g.of, g.n, sizeof(*g.of), by_envelope);
	body = slice_of(g.text, g.of[g.n - g.signed_records / 2 - 1].envelope);
	must(s != NULL && sign_make(s, type, body, sig) == ERR_OK, "sign");
	began = cpu_s();
	for (uint64_t i = 0; i < n; i++)
		must(sign_check(type, body, slice_of(sig, SIGN_SIG),
		    slice_of(sign_public(s), SIGN_PUB)) == ERR_OK, "check");
	sign_free(s);
	return (cpu_s() - began);
}

int
main(int argc, char **argv)
{
	uint64_t timed;
	double hashes_s, signatures_s;

	must(argc == 2 || (argc == 4 && strcmp(argv[2], "--signatures") == 0),
	    "floor STORE [--signatures N]");
	look(argv[1]);
	must(g.n > 0 && g.signed_records > 0, "there is nothing in it");
	timed = g.signed_records;
	if (argc == 4 && strtoull(argv[3], NULL, 10) < timed)
		timed = strtoull(argv[3], NULL, 10);
	must(timed > 0, "--signatures: a number");
	hashes_s = time_hashes();
	signatures_s = time_signatures(timed) / (double)timed *
	    (double)g.signed_records;
	printf("{\"records\": %zu, \"hashes\": %" PRIu64 ", \"bytes\": %" PRIu64
	    ", \"signatures\": %" PRIu64 ", \"hashes_s\": %.3f, "
	    "\"signatures_s\": %.3f}\n", g.n, g.hashes, g.bytes,
	    g.signed_records, hashes_s, signatures_s);
	free(g.of);
	free(g.text);
	return (0);
}
