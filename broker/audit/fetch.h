#ifndef FETCH_H_
#define FETCH_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "core/erased.h"
#include "core/record.h"
#include "core/store.h"
#include "keten/v1/statement.pb-c.h"
#include "wire/arena.h"
#include "wire/envelope.h"

/*
 * fetch -- records read for a replay: by other threads, ahead of it.
 *
 * What does not depend on the records before it is done here: reading,
 * decrypting, comparing with the leaf, unpacking what was signed, and the facts
 * if deciding again needs them (peek.h).  What is wrong with a record stands in
 * it and is said by whoever takes it in its turn.
 */

/* One record.  Everything points into the arena it was fetched into. */
struct fetched {
	uint64_t index;
	bool is_erased; /* a whole record, as the leaves say; nothing is read */
	enum err err;	/* of record_read() */
	struct record rec;
	bool is_whole; /* it is what the leaf committed to */
	uint32_t engine; /* as its facts say, read or not */
	enum err facts_err; /* of record_facts() */
	Keten__V1__Facts *facts;      /* NULL: not read yet */
	Keten__V1__RouteFacts *route; /* NULL: there are none, or the same */

	/* of the kinds with a numbered statement */
	bool has_said;
	enum err said_err;
	const char *said_rule; /* constant text */
	struct envelope env;
	Keten__V1__Statement *st;
	uint8_t body_hash[32];
};

/**
 * fetch_record(log, gone, index, a, f):
 * Fetch record ${index} through ${log} into ${a}; ${gone} are the records that
 * are erased as a whole.  ERR_NOMEM if it does not fit; ERR_STORE, ERR_IO.
 * Then ${f} is undefined.
 */
MUST_CHECK enum err fetch_record(struct txn *log, const struct erased *gone,
    uint64_t index, struct arena *a, struct fetched *f);

/**
 * fetch_facts(f, a):
 * Unpack the facts and route facts of ${f} into ${a}, unless they are, and
 * store in ${f}->facts_err whether they could be read.  ERR_NOMEM.
 */
MUST_CHECK enum err fetch_facts(struct fetched *f, struct arena *a);

struct fetch_job {
	struct store *log;
	const struct erased *gone;
	uint64_t from, until;
	size_t threads; /* that fetch */
	void *cookie;
	/* Called in the caller's thread, in the order of the records, until it
	 * returns something else than ERR_OK. */
	enum err (*take)(void *cookie, struct fetched *f);
};

/**
 * fetch_all(job):
 * Fetch records and let them be taken.  The first error of fetching or taking
 * ends it and is returned.
 */
MUST_CHECK enum err fetch_all(const struct fetch_job *job);

#endif /* !FETCH_H_ */
