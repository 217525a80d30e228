#ifndef GOODS_H_
#define GOODS_H_

#include <stddef.h>
#include <stdint.h>

#include "base/org.h"
#include "trust/seal.h"
#include "trust/sign.h"
#include "wire/arena.h"

/*
 * goods -- the messages of the benchmark: submits with 1 KiB in both parts,
 * sealed and signed before any clock starts.
 */

/* Header and content frame of one message. */
struct goods {
	uint8_t *header, *content;
	size_t header_len, content_len;
};

/* What all of them have in common. */
struct goods_plan {
	const char *origin, *code, *area, *basis;
	uint64_t policy;
	size_t batch; /* statements under one signature; 1: each its own */
	size_t n_to;
	const struct seal_public *to; /* the note is sealed for them too */
};

struct goods_sender {
	const struct org *name;
	const struct signer *signer;
	const struct seal_key *seal;
	const uint8_t *lane;
};

/**
 * goods_now_ms():
 * Return the time, as statements say it.
 */
int64_t goods_now_ms(void);

/**
 * goods_make(a, plan, from, n, out):
 * Make ${n} messages, numbered from 1, into ${out}; the first ${single} of
 * them each under a signature of its own.  ${a} is scratch.  Ends the process
 * if that fails.  What is made is never freed.
 */
void goods_make(struct arena *a, const struct goods_plan *plan,
    const struct goods_sender *from, size_t single, size_t n,
    struct goods *out);

#endif /* !GOODS_H_ */
