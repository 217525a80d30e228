/*
 * vault -- the keys under which the records stand, so that losing a key is
 * erasing.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/file.h"
#include "core/vault.h"
#include "trust/digest.h"

#define SLOT 32

/* Slots made at once: 512 KiB, one wait for the disk per 8,192 referrals. */
#define BLOCK 16384

/* Salts and nonces of some 60 records at a time. */
#define POOL 4096

/* The first slot.  Its NULs count. */
static const uint8_t head[SLOT] = "keten-vault-v1";

struct vault {
	int fd;
	bool write;
	uint32_t pairs;
	/* For an auditor, who asks for a slot with every record: as much of the
	 * file as there was when it was opened.  What is erased is gone here
	 * too. */
	const uint8_t *map;
	size_t map_len;
	EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *ctx; /* of the one thread that encrypts */
	/* The pair used last: a record and its parts need the same one. */
	bool cached;
	uint32_t cached_pair;
	uint8_t cached_keys[2][SLOT];
	/* Randomness not yet given out; asking for it is dear. */
	size_t pool_left;
	uint8_t pool[POOL];
};

/* --- the file ----------------------------------------------------------- */

static off_t
slot_at(uint32_t pair, enum vault_slot slot)
{
	return ((off_t)SLOT * (1 + 2 * (off_t)pair + (off_t)slot));
}

/* Read one slot.  ERR_CORRUPT if the file does not reach that far. */
static MUST_CHECK enum err
read_slot(const struct vault *v, off_t at, uint8_t out[SLOT])
{
	ssize_t n;

	if (v->map != NULL && (uint64_t)at + SLOT <= v->map_len) {
		memcpy(out, v->map + at, SLOT);
		return (ERR_OK);
	}
	do {
		n = pread(v->fd, out, SLOT, at);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return (ERR_IO);
	return (n == SLOT ? ERR_OK : ERR_CORRUPT);
}

/* For the thread that encrypts: read a pair, or remember it. */
static MUST_CHECK enum err
read_pair(struct vault *v, uint32_t pair)
{
	ssize_t n;

	if (v->cached && v->cached_pair == pair)
		return (ERR_OK);
	v->cached = false;
	do {
		n = pread(v->fd, v->cached_keys, sizeof(v->cached_keys),
		    slot_at(pair, VAULT_RECORD));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return (ERR_IO);
	if (n != (ssize_t)sizeof(v->cached_keys))
		return (ERR_CORRUPT);
	v->cached = true;
	v->cached_pair = pair;
	return (ERR_OK);
}

/* Count whole pairs: a crash may have left part of a block behind. */
static MUST_CHECK enum err
count_pairs(struct vault *v)
{
	struct stat sb;
	off_t slots;

	if (fstat(v->fd, &sb) != 0)
		return (ERR_IO);
	slots = sb.st_size / SLOT;
	if (slots < 1 || (slots - 1) / 2 >= (off_t)UINT32_MAX)
		return (ERR_CORRUPT);
	v->pairs = (uint32_t)((slots - 1) / 2);
	return (ERR_OK);
}

static MUST_CHECK enum err
check_head(struct vault *v)
{
	uint8_t was[SLOT];
	enum err err = read_slot(v, 0, was);

	if (err == ERR_OK && memcmp(was, head, SLOT) != 0)
		err = ERR_CORRUPT;
	return (err == ERR_OK ? count_pairs(v) : err);
}

static bool
is_new(int fd)
{
	struct stat sb;

	return (fstat(fd, &sb) == 0 && sb.st_size < SLOT);
}

static MUST_CHECK enum err
open_file(struct vault *v, const char *path)
{
	int flags = v->write ? O_RDWR | O_CREAT : O_RDONLY;
	enum err err;

	v->fd = open(path, flags | O_CLOEXEC, 0600);
	if (v->fd < 0)
		return (errno == ENOENT ? ERR_NOT_FOUND : ERR_IO);
	err = file_is_private(path);
	if (err != ERR_OK)
		return (err);
	if (v->write && is_new(v->fd)) {
		if (!file_write_at(v->fd, head, SLOT, 0) || fsync(v->fd) != 0)
			err = ERR_IO;
	}
	return (err == ERR_OK ? check_head(v) : err);
}

/* It is no trouble if it cannot be: then each slot is read. */
static void
map_file(struct vault *v)
{
	size_t len = SLOT * (1 + 2 * (size_t)v->pairs);
	void *map = mmap(NULL, len, PROT_READ, MAP_SHARED, v->fd, 0);

	if (map == MAP_FAILED)
		return;
	(void)madvise(map, len, MADV_DONTDUMP); /* it holds secrets */
	v->map = map;
	v->map_len = len;
}

static void
unmap_file(struct vault *v)
{
	void *map;

	memcpy(&map, &v->map, sizeof(map));
	if (map != NULL)
		(void)munmap(map, v->map_len);
}

enum err
vault_open(const char *path, bool write, struct vault **v)
{
	struct vault *w = calloc(1, sizeof(*w));
	enum err err;

	if (w == NULL)
		return (ERR_NOMEM);
	w->write = write;
	w->fd = -1;
	w->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	w->ctx = EVP_CIPHER_CTX_new();
	err = w->cipher == NULL || w->ctx == NULL ||
	    EVP_EncryptInit_ex2(w->ctx, w->cipher, NULL, NULL, NULL) != 1 ?
	    ERR_CRYPTO : open_file(w, path);
	if (err != ERR_OK) {
		vault_close(w);
		return (err);
	}
	if (!write)
		map_file(w);
	*v = w;
	return (ERR_OK);
}

void
vault_close(struct vault *v)
{
	if (v == NULL)
		return;
	digest_wipe(v->cached_keys, sizeof(v->cached_keys));
	digest_wipe(v->pool, sizeof(v->pool));
	unmap_file(v);
	EVP_CIPHER_CTX_free(v->ctx);
	EVP_CIPHER_free(v->cipher);
	if (v->fd >= 0)
		(void)close(v->fd);
	free(v);
}

uint32_t
vault_pairs(const struct vault *v)
{
	return (v->pairs);
}

/* Add one block of random slots. */
static MUST_CHECK enum err
add_block(struct vault *v)
{
	size_t len = (size_t)BLOCK * SLOT;
	uint8_t *block = malloc(len);
	enum err err;

	if (block == NULL)
		return (ERR_NOMEM);
	err = digest_random(block, len);
	if (err == ERR_OK && !file_write_at(v->fd, block, len,
	    slot_at(v->pairs, VAULT_RECORD)))
		err = ERR_IO;
	digest_wipe(block, len);
	free(block);
	/* On the disk before any of them is used. */
	if (err == ERR_OK && fsync(v->fd) != 0)
		err = ERR_IO;
	return (err == ERR_OK ? count_pairs(v) : err);
}

enum err
vault_make(struct vault *v, uint32_t pairs)
{
	while (v->pairs < pairs) {
		enum err err = v->write ? add_block(v) : ERR_IO;

		if (err != ERR_OK)
			return (err);
	}
	return (ERR_OK);
}

static bool
is_zero(const uint8_t key[SLOT])
{
	static const uint8_t zero[SLOT];

	return (digest_same(key, zero, SLOT));
}

/* Read the key of a slot.  ERR_CONTENT_GONE if it is erased. */
static MUST_CHECK enum err
read_key(const struct vault *v, uint32_t pair, enum vault_slot slot,
    uint8_t key[SLOT])
{
	enum err err = read_slot(v, slot_at(pair, slot), key);

	if (err == ERR_OK && is_zero(key))
		return (ERR_CONTENT_GONE);
	return (err);
}

/* --- encryption --------------------------------------------------------- */

static bool
encrypt(struct vault *v, const uint8_t key[SLOT], struct slice aad,
    struct slice plain, uint8_t *out)
{
	uint8_t *nonce = out;
	uint8_t *text = out + VAULT_NONCE;
	uint8_t *tag = text + plain.len;
	EVP_CIPHER_CTX *c = v->ctx;
	int n;

	/* The context knows its cipher: saying so again costs a lot. */
	return (EVP_EncryptInit_ex2(c, NULL, key, nonce, NULL) == 1 &&
	    EVP_EncryptUpdate(c, NULL, &n, aad.p, (int)aad.len) == 1 &&
	    EVP_EncryptUpdate(c, text, &n, plain.p, (int)plain.len) == 1 &&
	    EVP_EncryptFinal_ex(c, tag, &n) == 1 &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, VAULT_TAG, tag) == 1);
}

enum err
vault_random(struct vault *v, void *p, size_t len)
{
	uint8_t *at;

	if (len > POOL)
		return (digest_random(p, len));
	if (len > v->pool_left) {
		enum err err = digest_random(v->pool, POOL);

		if (err != ERR_OK)
			return (err);
		v->pool_left = POOL;
	}
	at = v->pool + POOL - v->pool_left;
	memcpy(p, at, len);
	digest_wipe(at, len);
	v->pool_left -= len;
	return (ERR_OK);
}

enum err
vault_encrypt(struct vault *v, uint32_t pair, enum vault_slot slot,
    struct slice aad, struct slice plain, uint8_t *out)
{
	const uint8_t *key = v->cached_keys[slot];
	enum err err;

	if (plain.len > INT_MAX || pair >= v->pairs)
		return (ERR_CORRUPT);
	err = read_pair(v, pair);
	if (err == ERR_OK && is_zero(key))
		err = ERR_CONTENT_GONE;
	if (err == ERR_OK)
		err = vault_random(v, out, VAULT_NONCE);
	if (err == ERR_OK && !encrypt(v, key, aad, plain, out))
		err = ERR_CRYPTO;
	return (err);
}

/* The tag as OpenSSL wants it: without const, though it only reads it. */
static bool
set_tag(EVP_CIPHER_CTX *c, const uint8_t *tag)
{
	uint8_t copy[VAULT_TAG];

	memcpy(copy, tag, VAULT_TAG);
	return (EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, VAULT_TAG,
		    copy) == 1);
}

struct vault_reader {
	EVP_CIPHER_CTX *ctx;
	bool is_set; /* it knows the cipher: saying so again costs a lot */
};

struct vault_reader *
vault_reader_new(void)
{
	struct vault_reader *r = calloc(1, sizeof(*r));

	if (r != NULL)
		r->ctx = EVP_CIPHER_CTX_new();
	if (r != NULL && r->ctx == NULL) {
		free(r);
		return (NULL);
	}
	return (r);
}

void
vault_reader_free(struct vault_reader *r)
{
	if (r == NULL)
		return;
	EVP_CIPHER_CTX_free(r->ctx);
	free(r);
}

/* The lengths have been checked.  1: done; 0: not what was encrypted. */
static int
decrypt(struct vault_reader *r, const EVP_CIPHER *cipher,
    const uint8_t key[SLOT], struct slice aad, struct slice sealed,
    uint8_t *out)
{
	size_t len = sealed.len - VAULT_OVERHEAD;
	const uint8_t *text = sealed.p + VAULT_NONCE;
	EVP_CIPHER_CTX *c = r->ctx;
	int n;

	if (EVP_DecryptInit_ex2(c, r->is_set ? NULL : cipher, key, sealed.p,
		NULL) != 1)
		return (-1);
	r->is_set = true;
	if (EVP_DecryptUpdate(c, NULL, &n, aad.p, (int)aad.len) != 1 ||
	    EVP_DecryptUpdate(c, out, &n, text, (int)len) != 1 ||
	    !set_tag(c, text + len))
		return (-1);
	return (EVP_DecryptFinal_ex(c, out + len, &n) == 1);
}

enum err
vault_decrypt(const struct vault *v, struct vault_reader *r, uint32_t pair,
    enum vault_slot slot, struct slice aad, struct slice sealed, uint8_t *out)
{
	uint8_t key[SLOT];
	enum err err;
	int ok;

	if (sealed.len < VAULT_OVERHEAD || sealed.len > INT_MAX)
		return (ERR_CORRUPT);
	err = read_key(v, pair, slot, key);
	if (err != ERR_OK)
		return (err);
	ok = decrypt(r, v->cipher, key, aad, sealed, out);
	digest_wipe(key, sizeof(key));
	if (ok == 1)
		return (ERR_OK);
	digest_wipe(out, sealed.len - VAULT_OVERHEAD);
	return (ok == 0 ? ERR_CORRUPT : ERR_CRYPTO);
}

enum err
vault_is_fresh(struct vault *v, uint32_t pair, bool *fresh)
{
	enum err err = pair < v->pairs ? read_pair(v, pair) : ERR_CORRUPT;

	if (err == ERR_OK)
		*fresh = !is_zero(v->cached_keys[VAULT_RECORD]) &&
		    !is_zero(v->cached_keys[VAULT_CONTENT]);
	return (err);
}

/* --- erasing ------------------------------------------------------------ */

enum err
vault_erase(struct vault *v, uint32_t pair, enum vault_slot slot)
{
	static const uint8_t zero[SLOT];

	if (!v->write || pair >= v->pairs)
		return (ERR_IO);
	v->cached = false;
	digest_wipe(v->cached_keys, sizeof(v->cached_keys));
	if (!file_write_at(v->fd, zero, SLOT, slot_at(pair, slot)) ||
	    fdatasync(v->fd) != 0)
		return (ERR_IO);
	return (ERR_OK);
}

enum err
vault_is_erased(const struct vault *v, uint32_t pair, enum vault_slot slot,
    bool *erased)
{
	uint8_t key[SLOT];
	enum err err = read_key(v, pair, slot, key);

	digest_wipe(key, sizeof(key));
	if (err != ERR_OK && err != ERR_CONTENT_GONE)
		return (err);
	*erased = err == ERR_CONTENT_GONE;
	return (ERR_OK);
}
