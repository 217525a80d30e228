#ifndef ERASE_IN_H_
#define ERASE_IN_H_

#include "core/erase.h"
#include "core/pile.h"
#include "trust/leaf.h"

/*
 * erase_in -- the inside of erase_log_find(), shared by erase_log.c (what is
 * due) and erase_carry.c (what later records lean on), and by nothing else.
 */

struct erase_find {
	struct txn *t;
	const struct policy *p;
	int64_t now_ms;
	const Keten__V1__PolicyRetention *rule; /* NULL: none found yet */
	struct arena *a; /* for reading one record */
	struct pile index;  /* uint64_t: records that go */
	struct pile family; /* struct refid: referrals that go */
	bool month;	    /* and months */
};

/**
 * erase_leaf(t, index, leaf):
 * Read the leaf of a record that there is.
 */
MUST_CHECK enum err erase_leaf(struct txn *t, uint64_t index,
    struct leaf *leaf);

/**
 * erase_by_index(a, b):
 * The order of two indexes, for qsort().
 */
int erase_by_index(const void *a, const void *b);

/**
 * erase_carry(f, a, carry):
 * Make in ${a} what has to be carried on when the sorted records of ${f} go.
 */
MUST_CHECK enum err erase_carry(struct erase_find *f, struct arena *a,
    Keten__V1__Carry **carry);

#endif /* !ERASE_IN_H_ */
