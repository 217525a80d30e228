#ifndef EXAMINE_IN_H_
#define EXAMINE_IN_H_

#include "audit/examine.h"
#include "trust/sign.h"

/*
 * examine_in -- the inside of an examiner, shared by the files of examine.h.
 */

/* A batch root that was right: most of a batch comes one after another. */
struct good_root {
	bool is_set;
	uint8_t root[32];
	uint64_t n;
	uint8_t signature[SIGN_SIG];
	uint8_t key[SIGN_PUB];
};

#define GOOD_ROOTS 64

struct examiner {
	const struct examine *x;
	struct txn *txn;
	struct arena *a;
	struct good_root good[GOOD_ROOTS];
	const Keten__V1__Command *command; /* of this record; or NULL */
	uint64_t seen_size; /* the last tree that was compared, and fitted */
	uint8_t seen_root[32];
};

/**
 * examine_is_trouble(err):
 * Tell whether ${err} is the machine's fault and not the log's.
 */
bool examine_is_trouble(enum err err);

/**
 * examine_signed(e, rec, out):
 * Check what somebody signed: shape, key, signature, and that it is what the
 * facts say.  ERR_NOMEM.
 */
MUST_CHECK enum err examine_signed(struct examiner *e,
    const struct record *rec, struct examined *out);

/**
 * examine_content(e, out):
 * Check the sealed parts that the record brought.  ERR_STORE, ERR_NOMEM,
 * ERR_IO.
 */
MUST_CHECK enum err examine_content(struct examiner *e,
    struct examined *out);

#endif /* !EXAMINE_IN_H_ */
