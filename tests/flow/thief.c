/*
 * thief -- somebody with a full copy of the store and a few sealing keys.
 *
 *	thief STORE seal.key ...
 *
 * Tries every key on every wrap of every sealed part and prints one JSON
 * object per part: {"index":5,"part":1,"kind":"person","wraps":2,
 * "opened":true}.  The vault's keys lie in the store, so what protects a
 * person here is the sealing and nothing else.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/record.h"
#include "core/store.h"
#include "trust/keyfile.h"
#include "trust/seal.h"

#define KEYS_MAX 16

struct thief {
	struct store *store;
	struct txn *txn;
	struct arena *arena;
	size_t n_keys;
	struct seal_key keys[KEYS_MAX];
};

static const char *const kinds[] = { "", "note", "person", "text" };

static void
print_hex(const char *name, const uint8_t *p, size_t len)
{
	printf(",\"%s\":\"", name);
	for (size_t i = 0; i < len; i++)
		printf("%02x", p[i]);
	printf("\"");
}

/* What nobody must find any more once it is erased: the bytes as they are
 * sealed, and the 32 random ones with which the text begins. */
static void
print_bytes(const struct content_piece *piece)
{
	size_t len = piece->sealed.ciphertext.len;

	print_hex("sealed", piece->sealed.ciphertext.p, len < 32 ? len : 32);
}

static bool
is_opened(const struct thief *t, const struct content_piece *piece)
{
	struct seal_opened opened;

	for (size_t w = 0; w < piece->n_wraps; w++)
		for (size_t k = 0; k < t->n_keys; k++)
			if (seal_open(&piece->sealed, &piece->wraps[w],
				&t->keys[k], piece->sealed.aad,
				&opened) == ERR_OK) {
				print_hex("random", opened.plain, 32);
				seal_opened_fini(&opened);
				return (true);
			}
	return (false);
}

/* Try the parts that record ${index} brought. */
static void
try_record(struct thief *t, uint64_t index)
{
	struct record rec;
	Keten__V1__Facts *facts;
	struct content_piece piece;

	if (record_read(t->txn, index, t->arena, &rec) != ERR_OK ||
	    record_facts(&rec, t->arena, &facts, NULL) != ERR_OK)
		return;
	for (uint32_t i = 0; i < facts->n_parts; i++) {
		if (record_content(t->txn, index, i, t->arena, &piece) !=
		    ERR_OK)
			continue;
		printf("{\"index\":%" PRIu64 ",\"part\":%" PRIu32
		       ",\"kind\":\"%s\",\"wraps\":%zu",
		    index, i, kinds[facts->parts[i]->kind], piece.n_wraps);
		print_bytes(&piece);
		printf(",\"opened\":%s}\n",
		    is_opened(t, &piece) ? "true" : "false");
	}
}

static bool
read_keys(struct thief *t, int n, char **paths)
{
	char why[KEYFILE_WHY];

	for (int i = 0; i < n && t->n_keys < KEYS_MAX; i++) {
		struct secret *s = NULL;

		if (keyfile_read(paths[i], KEYFILE_SEAL, &s, why) != ERR_OK ||
		    keyfile_seal_key(s, &t->keys[t->n_keys++]) != ERR_OK) {
			fprintf(stderr, "thief: %s: %s\n", paths[i], why);
			keyfile_free(&s);
			return (false);
		}
		keyfile_free(&s);
	}
	return (true);
}

int
main(int argc, char **argv)
{
	static struct thief t;
	struct store_config config = { .read_only = true };

	if (argc < 2) {
		fprintf(stderr, "usage: thief STORE seal.key ...\n");
		return (2);
	}
	config.path = argv[1];
	t.arena = arena_new((size_t)16 * 1024 * 1024);
	if (t.arena == NULL || !read_keys(&t, argc - 2, argv + 2) ||
	    store_open(&config, &t.store) != ERR_OK ||
	    store_read(t.store, &t.txn) != ERR_OK) {
		fprintf(stderr, "thief: the store cannot be opened\n");
		return (1);
	}
	for (uint64_t i = 0; i < store_size(t.txn); i++) {
		arena_reset(t.arena);
		try_record(&t, i);
	}
	store_done(&t.txn);
	store_close(t.store);
	arena_free(t.arena);
	return (0);
}
