#ifndef LOOK_H_
#define LOOK_H_

#include "core/decide.h"
#include "core/keyring.h"
#include "core/store.h"

/*
 * look -- the store as decide may see it.
 *
 * One struct decide_view over a transaction and a keyring, the same in the
 * broker (its turn) and at the auditor (its replayed store).  A row that
 * cannot be read is remembered: look_fault() says so afterwards, and then
 * what was decided must be thrown away.
 */
struct look {
	struct decide_view view; /* give &look.view to decide */
	struct txn *txn;
	const struct keyring *keys;
	enum err fault;
	int64_t (*unreachable)(void *cookie, const struct org *who);
	void *cookie;
};

/**
 * look_init(l, keys, unreachable, cookie):
 * Make ${l} a view that asks ${keys} and, about who is connected,
 * ${unreachable} (NULL: everybody is).  Both must outlive it.
 */
void look_init(struct look *l, const struct keyring *keys,
    int64_t (*unreachable)(void *cookie, const struct org *who), void *cookie);

/**
 * look_at(l, txn):
 * Let ${l} look at ${txn} from now on; forget earlier faults.
 */
void look_at(struct look *l, struct txn *txn);

/**
 * look_fault(l):
 * Return ERR_OK, or why something could not be read since look_at().
 */
enum err look_fault(const struct look *l);

#endif /* !LOOK_H_ */
