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
 * look_maker(view, log, index, part, key_id, by):
 * Find by ${view}, whose records stand in ${log}, who made the newest wrap of
 * that part for that key; nobody: it is erased.  One row and one record are
 * read, however long the story of the referral is.
 */
MUST_CHECK enum err look_maker(struct txn *view, struct txn *log,
    uint64_t index, uint32_t part, const char *key_id, struct org *by);

/**
 * look_refuted(l, index, part, key_id), look_wrap_of(l, log, index, part, who,
 *     out), look_refuted_by(cookie, index, part, key_id, who):
 * What decide asks about wraps that open nothing, with ${l->view.has_key} for
 * the others.
 */
bool look_refuted(struct look *l, uint64_t index, uint32_t part,
    const char *key_id);
bool look_wrap_of(struct look *l, struct txn *log, uint64_t index,
    uint32_t part, const struct org *who, struct decide_wrap *out);
bool look_refuted_by(void *cookie, uint64_t index, uint32_t part,
    const char *key_id, const struct org *who);

/**
 * look_fault(l):
 * Return ERR_OK, or why something could not be read since look_at().
 */
enum err look_fault(const struct look *l);

#endif /* !LOOK_H_ */
