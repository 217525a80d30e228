#ifndef EYE_H_
#define EYE_H_

#include <stdbool.h>

#include "core/map.h"
#include "base/err.h"
#include "core/keyring.h"
#include "core/look.h"
#include "core/record.h"
#include "core/store.h"

/*
 * eye -- what decide could see when it decided record i, seen again later.
 *
 * Most of it stands in the replayed store, which has come as far as record
 * i - 1.  That store has no records of its own; what was signed about a part
 * is read from the audited log.  Which wraps there were at that moment follows
 * from the records too: those announced when the part came, and those of
 * REWRAP records before i.  Who was connected is not in the log; the record
 * says who was skipped because of that, with since when, and who was offered
 * something all the same.
 */
struct eye_parts;

struct eye {
	struct look look; /* give &eye.look.view to decide */
	struct txn *log;  /* the audited store */
	const Keten__V1__RouteFacts *route; /* of the record; or NULL */
	int64_t now_ms; /* of its leaf */
	struct map *wraps; /* of REWRAP records so far */
	bool has_gaps; /* records before this one are erased */
	struct eye_parts *noted; /* of records that went by lately */
	struct arena *a; /* the record below */
	bool has_part;
	uint64_t part_index; /* the record with parts that was read last */
	Keten__V1__Facts *part_facts;
	Keten__V1__RouteFacts *part_route;
	uint64_t (*last_seq)(void *cookie, const struct org *partner,
	    const char *mailbox); /* that of the look */
};

/**
 * eye_init(e, keys):
 * Make ${e} see, with the certificates ${keys}, which grow as the replay goes
 * on.  ERR_NOMEM.  End it with eye_fini().
 */
MUST_CHECK enum err eye_init(struct eye *e, const struct keyring *keys);

/**
 * eye_fini(e):
 * Free what ${e} holds.
 */
void eye_fini(struct eye *e);

/**
 * eye_at(e, view, log, route, now_ms):
 * Let ${e} look at the replayed store ${view} and the audited log ${log} from
 * now on, for the record of that time with these route facts (NULL: none).
 */
void eye_at(struct eye *e, struct txn *view, struct txn *log,
    const Keten__V1__RouteFacts *route, int64_t now_ms);

/**
 * eye_note(e, index, facts, route):
 * Record ${index} with these facts has been applied: remember the parts and
 * the wraps it brought.  ERR_NOMEM.
 */
MUST_CHECK enum err eye_note(struct eye *e, uint64_t index,
    const Keten__V1__Facts *facts, const Keten__V1__RouteFacts *route);

#endif /* !EYE_H_ */
