#ifndef WITNESSES_IN_H_
#define WITNESSES_IN_H_

#include <pthread.h>

#include "core/postbox.h"
#include "ketend/bell.h"
#include "ketend/witnesses.h"

/*
 * witnesses_in -- what the two halves of `witnesses` share: witnesses.c has
 * the lock and the thread, witnesses_ask.c what the thread does when it is
 * awake.
 */
#define WITNESSES_QUEUE 64
#define WITNESSES_ROUNDS 8
#define WITNESSES_PATH 4096

/* One of them, as the policy names it. */
struct witness_who {
	char name[WITNESSES_NAME];
	struct note_key key;
};

/* The same, with what the thread knows of it. */
struct witness_one {
	struct witness_who who;
	char dir[WITNESSES_PATH];
	uint64_t old;	      /* what it saw last, as far as we know */
	uint64_t size;	      /* the largest it signed */
	int64_t signed_ms;
	int refused;
	int tries;	      /* answers in a row that were no signature */
	int64_t not_before;   /* monotonic; asked again then */
	uint64_t id;	      /* of the letter that waits; 0: none does */
	uint64_t asked_old;
	int64_t asked_mono;
	struct checkpoint asked;
};

/* One checkpoint that all were asked about, and how many signed it. */
struct witness_round {
	uint64_t size;
	int64_t began_mono;
	size_t n_stored;
};

struct witnesses {
	struct store *store;
	const char *folder;
	int64_t late_ms;
	int64_t patience_ms;
	bool is_running; /* the owner's own */
	pthread_t thread;

	/* the thread's own */
	struct witness_one one[WITNESSES_MAX];
	size_t n_ones;
	size_t quorum;
	uint64_t generation;
	uint64_t last_id;
	struct checkpoint target;
	int64_t target_mono;

	struct bell bell; /* and under its lock what follows */
	struct witness_who who[WITNESSES_MAX];
	size_t n_who;
	size_t who_quorum;
	uint64_t who_generation;
	struct witnesses_state state;
	int64_t behind_mono; /* since when there is a newer one; 0: not */
	struct witness_round round[WITNESSES_ROUNDS];
	size_t next_round;
	struct cosigned queue[WITNESSES_QUEUE];
	size_t n_queue;
};

/**
 * witnesses_ask(w, wait_ms):
 * Look for answers and ask what is to be asked; store how long nothing has to
 * be done unless somebody kicks, -1: for ever.  ERR_STORE, ERR_NOMEM, ERR_IO.
 * In the thread, without the lock.
 */
MUST_CHECK enum err witnesses_ask(struct witnesses *w, int64_t *wait_ms);

/**
 * witnesses_give(w, c):
 * Hand ${c} to the owner of the store; false if it has too many already.
 */
bool witnesses_give(struct witnesses *w, const struct cosigned *c);

/**
 * witnesses_begin_round(w, size):
 * All are asked about ${size} from now on.
 */
void witnesses_begin_round(struct witnesses *w, uint64_t size);

/**
 * witnesses_found(w, size, newest):
 * At the beginning: enough have signed the checkpoint of ${size} records, and
 * the newest there is has ${newest}.
 */
void witnesses_found(struct witnesses *w, uint64_t size, uint64_t newest);

#endif /* !WITNESSES_IN_H_ */
