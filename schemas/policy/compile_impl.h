#ifndef COMPILE_IMPL_H_
#define COMPILE_IMPL_H_

#include "policy/policy_impl.h"

/*
 * compile_impl -- what the files of compile share.  Nobody else includes this.
 */
#define COMPILE_ANYONE 0u /* the token that everybody has */

/**
 * compile_chain(p, table, key, len, value):
 * Put ${value} before the chain that ${key} has in ${table}, unless it is there
 * in front.  ERR_NOMEM.
 */
MUST_CHECK enum err compile_chain(struct policy *p, struct lookup *table,
    const void *key, size_t len, uint32_t value);

/**
 * compile_token(p, party):
 * Return the token of what a row names; UINT32_MAX if nobody is called so.
 */
uint32_t compile_token(const struct policy *p,
    const Keten__V1__PolicyParty *party);

/**
 * compile_many(n), compile_at(p, areas, n, i):
 * Return how many places the ${n} areas of a list are (an empty list is one,
 * everywhere); the number of the ${i}th, UINT32_MAX if it is no area code.
 */
size_t compile_many(size_t n);
uint32_t compile_at(const struct policy *p, char *const *areas, size_t n,
    size_t i);

/**
 * compile_each_key(p, i, take, cookie):
 * Call ${take} for every key of the table of routes that the ${i}th route of
 * ${p} fits, until it gives an error, which is returned.
 */
typedef enum err compile_take_fn(void *cookie, const struct route_key *key,
    uint32_t i);
MUST_CHECK enum err compile_each_key(const struct policy *p, uint32_t i,
    compile_take_fn *take, void *cookie);

/**
 * compile_tables(p):
 * Fill the tables of ${p}, whose names and tokens are there.  ERR_NOMEM.
 */
MUST_CHECK enum err compile_tables(struct policy *p);

#endif /* !COMPILE_IMPL_H_ */
