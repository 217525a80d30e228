#ifndef KEYBOX_H_
#define KEYBOX_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trust/keyfile.h"
#include "trust/seal.h"
#include "trust/sign.h"

/*
 * keybox -- the secret keys of a device: all there are, and which one is used.
 *
 * They stand in one folder: sign.key, curve.key and seal.key, and after a
 * rotation newer ones beside them, sign-ID.key, curve-ID.key and seal-ID.key
 * (ID: 16 digits of the public half).  Which signing and CURVE key is used the
 * log decides: the one that the newest certificate of this device names.
 * Before that is known it is the newest file.  A sealing key that was replaced
 * opens what was sealed for it before, so all of them stay.
 *
 * Instead of a folder, systemd's credentials can hold them: then every name
 * has a prefix, as LoadCredential=PREFIX:FOLDER gives it.
 *
 * Secrets stay in memory until keybox_fini(), which wipes them.
 */
#define KEYBOX_MAX 32
#define KEYBOX_DIR 1024
#define KEYBOX_ID 17   /* 16 digits and a NUL */
#define KEYBOX_NAME 64 /* of a file, without the folder */

struct keybox_sign {
	char name[KEYBOX_NAME];
	int64_t made_ns; /* of the file */
	struct signer *signer;
};

struct keybox_curve {
	char name[KEYBOX_NAME];
	int64_t made_ns;
	struct secret *secret;
	uint8_t pub[32];
};

struct keybox_seal {
	char name[KEYBOX_NAME];
	int64_t made_ns;
	char id[SEAL_KEY_ID];
	struct seal_key key;
};

struct keybox {
	char dir[KEYBOX_DIR]; /* or the prefix, of credentials */
	bool is_credentials;
	size_t n_sign, n_curve, n_seal;
	size_t sign_at, curve_at, seal_at; /* those that are used */
	struct keybox_sign sign[KEYBOX_MAX];
	struct keybox_curve curve[KEYBOX_MAX];
	struct keybox_seal seal[KEYBOX_MAX];
	struct secret *spool;
};

/**
 * keybox_open(b, dir, wrong, cookie):
 * Read all keys of the folder ${dir}, or of systemd's credentials if it is
 * "credentials" or "credentials:PREFIX", into ${b}, which the caller gives to
 * keybox_fini(), also on failure.  Each thing that is wrong (a key that is
 * missing, damaged, or that others can read) is told to ${wrong} as a
 * sentence.  ERR_CONFIG if there was any.
 */
MUST_CHECK enum err keybox_open(struct keybox *b, const char *dir,
    void (*wrong)(void *cookie, const char *why), void *cookie);

/**
 * keybox_look_again(b):
 * Read the keys that came since; tell whether there were any.  One that cannot
 * be read is passed over.
 */
bool keybox_look_again(struct keybox *b);

/**
 * keybox_use_sign(b, pub), keybox_use_curve(b, pub), keybox_use_seal(b, id):
 * Use the key with this public half (this id) from now on.  False, and
 * nothing changes, if it is not here.
 */
bool keybox_use_sign(struct keybox *b, const uint8_t pub[SIGN_PUB]);
bool keybox_use_curve(struct keybox *b, const uint8_t pub[32]);
bool keybox_use_seal(struct keybox *b, const char *id);

/**
 * keybox_next_curve(b):
 * Use the next CURVE key there is; false if there is only one.
 */
bool keybox_next_curve(struct keybox *b);

/**
 * keybox_seal(b, id):
 * Return the sealing key called ${id}, in use or not, or NULL.
 */
const struct seal_key *keybox_seal(const struct keybox *b, const char *id);

/**
 * keybox_path(b, name, out):
 * Write where the file ${name} is, as keyfile_read() takes it.
 */
void keybox_path(const struct keybox *b, const char *name,
    char out[KEYBOX_DIR + KEYBOX_NAME]);

/**
 * keybox_id(kind, pub, out):
 * Write the 16 digits that name the file of a new key of ${kind}: the id of a
 * signing or sealing key, and the same of a CURVE key.
 */
void keybox_id(const struct keyfile_public *pub, enum keyfile_kind kind,
    char out[KEYBOX_ID]);

/**
 * keybox_fini(b):
 * Wipe and free everything.
 */
void keybox_fini(struct keybox *b);

#endif /* !KEYBOX_H_ */
