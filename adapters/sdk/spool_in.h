#ifndef SPOOL_IN_H_
#define SPOOL_IN_H_

#include <lmdb.h>
#include <sys/un.h>

#include "sdk/slots.h"
#include "sdk/spool.h"

/*
 * spool_in -- the inside of a spool, shared by spool.c and spool_slot.c, and by
 * nothing else.
 *
 * A row is the number of the slot it is sealed under (4 bytes, 0: the spool
 * key alone) and the sealed value.
 */
#define SPOOL_PATH 1100
#define SPOOL_HEAD 4

struct spool {
	MDB_env *env;
	MDB_dbi dbi[SPOOL__MAX];
	struct slots *slots;
	uint8_t key[32];
	char lock_path[SPOOL_PATH];
	struct sockaddr_un wake; /* abstract: leaves nothing in the folder */
	int lock_fd; /* -1: another process leads, or nobody */
	int wake_fd; /* -1: as above */
	bool is_broken;
};

struct spool_txn {
	struct spool *spool;
	MDB_txn *txn;
};

/**
 * spool_val(key):
 * ${key} as LMDB takes it; borrows.
 */
MDB_val spool_val(const struct spool_key *key);

#endif /* !SPOOL_IN_H_ */
