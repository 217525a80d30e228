#ifndef VAULT_H_
#define VAULT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/*
 * vault -- the keys under which the records stand, so that losing a key is
 * erasing.
 *
 * The file vault.keys is a row of random 32-byte slots, made ahead in blocks
 * that are on the disk before the first of them is used.  Slots come in pairs:
 * of each referral one for its records and one for its content; one pair a
 * month for what belongs to no referral.  A pair is never given to a second
 * owner.  An erased slot is all zeros.  Slot 0 is the head of the file.
 *
 * Encryption is AES-256-GCM with a random nonce of 96 bits, so that an index
 * that is used again after a crash does not use a nonce again.  One thread
 * encrypts; any thread decrypts.
 */
struct vault;
struct vault_reader;

#define VAULT_NONCE 12
#define VAULT_TAG 16
#define VAULT_OVERHEAD (VAULT_NONCE + VAULT_TAG)

enum vault_slot { VAULT_RECORD, VAULT_CONTENT };

/**
 * vault_open(path, write, v):
 * Open the file of slots (and make it, when ${write}) into ${v}, which the
 * caller owns.  ERR_NOT_FOUND, ERR_CORRUPT (not such a file), ERR_CONFIG
 * (others may read it), ERR_IO, ERR_NOMEM.
 */
MUST_CHECK enum err vault_open(const char *path, bool write,
    struct vault **v);

/**
 * vault_close(v):
 * Close and free ${v}.  vault_close(NULL) does nothing.
 */
void vault_close(struct vault *v);

/**
 * vault_pairs(v):
 * Return how many pairs the file holds.
 */
uint32_t vault_pairs(const struct vault *v);

/**
 * vault_make(v, pairs):
 * See to it that the file holds at least ${pairs} pairs, on the disk.
 * ERR_IO, ERR_CRYPTO.
 */
MUST_CHECK enum err vault_make(struct vault *v, uint32_t pairs);

/**
 * vault_is_fresh(v, pair, fresh):
 * Store whether both slots of a pair that nobody has yet can be used: a crash
 * while the file grew may have left zeros at its end.  For the thread that
 * encrypts.  ERR_CORRUPT if there is no such pair, ERR_IO.
 */
MUST_CHECK enum err vault_is_fresh(struct vault *v, uint32_t pair,
    bool *fresh);

/**
 * vault_random(v, p, len):
 * Fill ${p} with ${len} bytes nobody can guess, from a pool that is filled
 * seldom and forgets what it gave: a nonce or a salt a record is too many calls
 * otherwise.  For the thread that encrypts.  ERR_CRYPTO.
 */
MUST_CHECK enum err vault_random(struct vault *v, void *p, size_t len);

/**
 * vault_encrypt(v, pair, slot, aad, plain, out):
 * Write nonce, ciphertext and tag of ${plain}, VAULT_OVERHEAD bytes more than
 * it has, to ${out}, bound to ${aad}.  ERR_CONTENT_GONE if the slot is erased,
 * ERR_CORRUPT if there is no such pair, ERR_CRYPTO, ERR_IO.
 */
MUST_CHECK enum err vault_encrypt(struct vault *v, uint32_t pair,
    enum vault_slot slot, struct slice aad, struct slice plain, uint8_t *out);

/**
 * vault_reader_new(), vault_reader_free(r):
 * Make what decrypting many rows needs again and again: for one thread.  NULL
 * if out of memory.  It may hold the key used last: free it, which wipes that,
 * when the reading is done.  vault_reader_free(NULL) does nothing.
 */
struct vault_reader *vault_reader_new(void);
void vault_reader_free(struct vault_reader *r);

/**
 * vault_decrypt(v, r, pair, slot, aad, sealed, out):
 * The way back: write sealed.len - VAULT_OVERHEAD bytes to ${out}.
 * ERR_CONTENT_GONE if the slot is erased, ERR_CORRUPT if the bytes are not
 * what was encrypted or there is no such pair, ERR_CRYPTO, ERR_IO.
 */
MUST_CHECK enum err vault_decrypt(const struct vault *v,
    struct vault_reader *r, uint32_t pair, enum vault_slot slot,
    struct slice aad, struct slice sealed, uint8_t *out);

/**
 * vault_erase(v, pair, slot):
 * Overwrite the slot with zeros and wait for the disk: from then on nobody
 * decrypts what stands under it.  Doing it twice is fine.  ERR_IO.
 */
MUST_CHECK enum err vault_erase(struct vault *v, uint32_t pair,
    enum vault_slot slot);

/**
 * vault_is_erased(v, pair, slot, erased):
 * Store whether the slot is erased.  ERR_CORRUPT, ERR_IO.
 */
MUST_CHECK enum err vault_is_erased(const struct vault *v, uint32_t pair,
    enum vault_slot slot, bool *erased);

#endif /* !VAULT_H_ */
