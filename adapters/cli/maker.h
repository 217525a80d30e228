#ifndef CLI_MAKER_H_
#define CLI_MAKER_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/cli.h"
#include "sdk/device.h"
#include "trust/sign.h"
#include "wire/arena.h"
#include "wire/keymake.h"

/*
 * maker -- what certificates are made from: the settings of a device, its
 * keys, and the identity key.
 *
 * The identity key certifies and is used for nothing else; it may live on a
 * stick in a safe.  It is read for one command and wiped.
 */
struct maker {
	struct arena *arena;
	struct device device;
	struct signer *identity;
	int64_t now_ms;
	int64_t until_ms;
	Keten__V1__DeviceRole role;
	uint64_t serial;
	bool json;	 /* say what was made as JSON */
	const char *dir; /* where certificates are written */
	struct slice last; /* the envelope that was made last, in the arena */
};

/**
 * maker_open(c, m):
 * Read settings, keys and identity key as the options of ${c} say.  An exit
 * status; what is wrong was said.  The caller gives ${m} to maker_close(), on
 * failure too.
 */
int maker_open(struct cli *c, struct maker *m);

/**
 * maker_is_ours(c, m):
 * See whether the identity key is the partner's own, by the policy that the
 * device knows, in the handle that is open or else in its spool; nobody would
 * take what another key signs.  An exit status: EXIT_DONE also if the device
 * knows no policy yet; what is wrong was said.
 */
int maker_is_ours(struct cli *c, const struct maker *m);

/**
 * maker_keymake(m):
 * Return what keymake.h wants to know.
 */
struct keymake maker_keymake(const struct maker *m);

/**
 * maker_device(m, name), maker_sealing(m, name):
 * Certify the signing and CURVE key that ${m}->device uses, or its sealing
 * key, into the file ${name} in ${m}->dir, and print its path.
 */
bool maker_device(struct maker *m, const char *name);
bool maker_sealing(struct maker *m, const char *name);

/**
 * maker_write(m, envelope, name):
 * Write ${envelope} to the file ${name} in ${m}->dir and print its path.
 */
bool maker_write(struct maker *m, struct slice envelope, const char *name);

/**
 * maker_close(m):
 * Wipe and free it.
 */
void maker_close(struct maker *m);

#endif /* !CLI_MAKER_H_ */
