#ifndef WORK_H_
#define WORK_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "map/order.h"
#include "sdk/keten.h"

/*
 * work -- one claimed file and how far each of its items is.
 */
enum work_state {
	WORK_NEW = 0, /* not given to the SDK yet */
	WORK_ASKED,   /* has a ticket */
	WORK_FINAL,   /* decided */
};

struct work_item {
	enum work_state state;
	bool nothing; /* there is nothing to send */
	uint64_t ticket;
	struct keten_outcome out;
};

struct work {
	char *name;	      /* in out/busy/; owned */
	bool planned;	      /* the plan is on the disk */
	uint64_t tried;	      /* when it was last read, in decided files */
	struct map_list list; /* what it asks for */
	struct work_item *items; /* as many; owned */
};

/**
 * work_name(now_ms, original, out):
 * Make the name under which the file ${original} is claimed: time, random,
 * and what is plain in the original name.  ERR_CRYPTO.
 */
#define WORK_NAME_MAX 200
MUST_CHECK enum err work_name(int64_t now_ms, const char *original,
    char out[WORK_NAME_MAX]);

/**
 * work_original(name):
 * Return the part of ${name} that came from the original; "" if ${name} is
 * none of ours.
 */
const char *work_original(const char *name);

/**
 * work_plan(w, list):
 * Take over ${list} (which becomes empty) as what ${w} asks for.  ERR_NOMEM.
 */
MUST_CHECK enum err work_plan(struct work *w, struct map_list *list);

/**
 * work_is_final(w):
 * Tell whether every item is decided.
 */
bool work_is_final(const struct work *w);

/**
 * work_clash(w, n, o):
 * Tell whether one of the first ${n} items of ${w} is not decided and is about
 * the same referral, or the same thing of the partner, as ${o}.
 */
bool work_clash(const struct work *w, size_t n, const struct map_order *o);

/**
 * work_fini(w):
 * Wipe and free what ${w} has.
 */
void work_fini(struct work *w);

#endif /* !WORK_H_ */
