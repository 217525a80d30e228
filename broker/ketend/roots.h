#ifndef ROOTS_H_
#define ROOTS_H_

#include <stdbool.h>

#include "wire/envelope.h"

/*
 * roots -- batch roots whose signature was good lately, so that the signature
 * of a batch is checked once and not for each of its statements.
 *
 * A fixed table: a root that is pushed out by another is checked again, no
 * more.  What is remembered is root, number, signature and key together;
 * whether that key may still be used is looked at for every statement, before
 * this.
 */
struct roots;

/**
 * roots_new():
 * Return an empty table, or NULL.  The caller must call roots_free().
 */
struct roots *roots_new(void);

/**
 * roots_has(r, env, public_key):
 * Tell whether the signature of the batch ${env} by ${public_key} is known to
 * be good.  Its path is not looked at.
 */
bool roots_has(const struct roots *r, const struct envelope *env,
    const uint8_t public_key[SIGN_PUB]);

/**
 * roots_add(r, env, public_key):
 * The signature of the batch ${env} by ${public_key} is good.
 */
void roots_add(struct roots *r, const struct envelope *env,
    const uint8_t public_key[SIGN_PUB]);

/**
 * roots_free(r):
 * Free ${r}.  roots_free(NULL) does nothing.
 */
void roots_free(struct roots *r);

#endif /* !ROOTS_H_ */
