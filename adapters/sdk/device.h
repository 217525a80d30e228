#ifndef DEVICE_H_
#define DEVICE_H_

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"
#include "sdk/keybox.h"
#include "trust/keyfile.h"
#include "trust/note.h"
#include "trust/seal.h"
#include "trust/sign.h"

/*
 * device -- who this device is, where the broker is, and its keys.
 *
 * One YAML file with flat keys (config/adapter.example.yaml shows them all).
 * A top-level map "adapter" belongs to the program around the SDK and is
 * passed over here.  Keys are read from a folder that only the owner can read,
 * or from systemd's credentials (keybox.h).  Secrets are wiped by
 * device_fini().
 */
#define DEVICE_ENDPOINT 256
#define DEVICE_PATH 1024
#define DEVICE_ACTOR 17
#define DEVICE_WHY 1024

struct device {
	char origin[NOTE_NAME_MAX + 1];
	struct org partner;
	struct org name;
	struct org mailbox;
	char endpoint[DEVICE_ENDPOINT];
	uint8_t broker_key[32];	    /* CURVE */
	uint8_t introducer_key[32]; /* Ed25519, pinned */
	bool has_log_key;	    /* else the policy names it */
	struct note_key log_key;
	char spool[DEVICE_PATH];
	size_t spool_size;
	char actor[DEVICE_ACTOR];
	int64_t reconnect_max_ms;
	int64_t log_still_ms; /* longer without a checkpoint is an alarm */

	/* The keys that are used now; device_use() sets them. */
	struct signer *signer;	    /* in the box */
	struct seal_key seal;	    /* a copy */
	const struct secret *curve; /* in the box */
	struct keyfile_public curve_public;
	const struct secret *spool_key;
	struct keybox box;
};

/**
 * device_read(path, set, why):
 * Read the file ${path} and the keys it names into ${set}, which the caller
 * gives to device_fini().  ERR_CONFIG if something is wrong or missing; then
 * ${why} holds every mistake, one line each, with file and line.
 */
MUST_CHECK enum err device_read(const char *path, struct device *set,
    char why[DEVICE_WHY]);

/**
 * device_use(set):
 * Take over which keys the box uses.
 */
void device_use(struct device *set);

/**
 * device_fini(set):
 * Wipe and free what ${set} holds.
 */
void device_fini(struct device *set);

#endif /* !DEVICE_H_ */
