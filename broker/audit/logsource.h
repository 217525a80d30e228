#ifndef LOGSOURCE_H_
#define LOGSOURCE_H_

#include <stdint.h>

#include "audit/args.h"
#include "audit/tiles.h"
#include "base/err.h"
#include "core/checkpoint.h"
#include "core/store.h"
#include "trust/tlog.h"

/*
 * logsource -- a log's tree and its newest checkpoint, from the store or from
 * an export in tiles, whichever was named.
 */
struct logsource {
	struct store *st;
	struct txn *txn;
	struct tiles *tiles;
	struct tlog_reader tree;
	struct checkpoint point; /* the newest; nobody looked at its signature */
};

/**
 * logsource_open(a, s):
 * Open what ${a} names; end it with logsource_close(), also after a failure.
 * What is wrong has been said on stderr.  ERR_CONFIG if nothing is named;
 * ERR_NOT_FOUND if there is no checkpoint yet.
 */
MUST_CHECK enum err logsource_open(const struct args *a,
    struct logsource *s);

/**
 * logsource_close(s):
 * End it.
 */
void logsource_close(struct logsource *s);

#endif /* !LOGSOURCE_H_ */
