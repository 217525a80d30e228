/*
 * keybox -- the secret keys of a device: all there are, and which one is used.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "sdk/keybox.h"
#include "trust/digest.h"

#define CREDENTIALS "credentials"

/* Who hears what is wrong; NULL: nobody. */
struct ear {
	void (*wrong)(void *cookie, const char *why);
	void *cookie;
	bool heard;
};

static void
complain(struct ear *e, const char *why)
{
	e->heard = true;
	if (e->wrong != NULL)
		e->wrong(e->cookie, why);
}

/* ---- places --------------------------------------------------------------- */

void
keybox_path(const struct keybox *b, const char *name,
    char out[KEYBOX_DIR + KEYBOX_NAME])
{
	(void)snprintf(out, KEYBOX_DIR + KEYBOX_NAME,
	    b->is_credentials ? "%s%s" : "%s/%s", b->dir, name);
}

/* Where the files are, for whoever lists them; NULL: nowhere. */
static const char *
folder_of(const struct keybox *b)
{
	return (b->is_credentials ? getenv("CREDENTIALS_DIRECTORY") : b->dir);
}

/* When the file was written; 0 if nobody knows. */
static int64_t
made_at(const struct keybox *b, const char *name)
{
	char path[2 * KEYBOX_DIR + KEYBOX_NAME + 4];
	const char *folder = folder_of(b);
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s%s",
	    folder == NULL ? "." : folder, b->is_credentials ? b->dir : "",
	    name);
	if (stat(path, &st) != 0)
		return (0);
	return ((int64_t)st.st_mtim.tv_sec * 1000000000 +
	    st.st_mtim.tv_nsec);
}

static void
set_place(struct keybox *b, const char *dir)
{
	size_t word = strlen(CREDENTIALS);

	b->is_credentials = strncmp(dir, CREDENTIALS, word) == 0 &&
	    (dir[word] == '\0' || dir[word] == ':');
	if (!b->is_credentials)
		(void)snprintf(b->dir, sizeof(b->dir), "%s", dir);
	else if (dir[word] == ':')
		(void)snprintf(b->dir, sizeof(b->dir), "%s_", dir + word + 1);
}

/* ---- one file ------------------------------------------------------------- */

/* What begins with what, and how it is read. */
static const struct {
	const char *stem;
	enum keyfile_kind kind;
} kinds[] = {
	{ "sign", KEYFILE_SIGN },
	{ "curve", KEYFILE_CURVE },
	{ "seal", KEYFILE_SEAL },
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* "STEM.key" or "STEM-ID.key"? */
static bool
is_called(const char *name, const char *stem)
{
	size_t n = strlen(stem);

	if (strncmp(name, stem, n) != 0)
		return (false);
	if (name[n] == '-') {
		if (strspn(name + n + 1, "0123456789abcdef") !=
		    KEYBOX_ID - 1)
			return (false);
		n += KEYBOX_ID;
	}
	return (strcmp(name + n, ".key") == 0);
}

static bool
is_here(const struct keybox *b, const char *name)
{
	for (size_t i = 0; i < b->n_sign; i++)
		if (strcmp(b->sign[i].name, name) == 0)
			return (true);
	for (size_t i = 0; i < b->n_curve; i++)
		if (strcmp(b->curve[i].name, name) == 0)
			return (true);
	for (size_t i = 0; i < b->n_seal; i++)
		if (strcmp(b->seal[i].name, name) == 0)
			return (true);
	return (false);
}

static MUST_CHECK enum err
add_sign(struct keybox *b, const char *name, const struct secret *s)
{
	struct keybox_sign *k = &b->sign[b->n_sign];

	if ((k->signer = sign_new(s->b)) == NULL)
		return (ERR_CRYPTO);
	(void)snprintf(k->name, sizeof(k->name), "%s", name);
	k->made_ns = made_at(b, name);
	b->n_sign++;
	return (ERR_OK);
}

static MUST_CHECK enum err
add_curve(struct keybox *b, const char *name, struct secret **s)
{
	struct keybox_curve *k = &b->curve[b->n_curve];
	struct keyfile_public pub;
	enum err err = keyfile_public(*s, &pub);

	if (err != ERR_OK)
		return (err);
	memcpy(k->pub, pub.b, sizeof(k->pub));
	(void)snprintf(k->name, sizeof(k->name), "%s", name);
	k->made_ns = made_at(b, name);
	k->secret = *s;
	*s = NULL;
	b->n_curve++;
	return (ERR_OK);
}

static MUST_CHECK enum err
add_seal(struct keybox *b, const char *name, const struct secret *s)
{
	struct keybox_seal *k = &b->seal[b->n_seal];
	enum err err = keyfile_seal_key(s, &k->key);

	if (err != ERR_OK)
		return (err);
	seal_key_id(&k->key.pub, k->id);
	(void)snprintf(k->name, sizeof(k->name), "%s", name);
	k->made_ns = made_at(b, name);
	b->n_seal++;
	return (ERR_OK);
}

static void
add(struct keybox *b, const char *name, enum keyfile_kind kind,
    struct ear *ear)
{
	char path[KEYBOX_DIR + KEYBOX_NAME], why[KEYFILE_WHY];
	struct secret *s = NULL;
	enum err err;

	if (b->n_sign == KEYBOX_MAX || b->n_curve == KEYBOX_MAX ||
	    b->n_seal == KEYBOX_MAX) {
		complain(ear, "er staan te veel sleutels in de map");
		return;
	}
	keybox_path(b, name, path);
	if (keyfile_read(path, kind, &s, why) != ERR_OK) {
		complain(ear, why);
		return;
	}
	err = kind == KEYFILE_SIGN ? add_sign(b, name, s)
	    : kind == KEYFILE_CURVE ? add_curve(b, name, &s)
				    : add_seal(b, name, s);
	keyfile_free(&s);
	if (err != ERR_OK) {
		(void)snprintf(why, sizeof(why), "%s is geen sleutel", name);
		complain(ear, why);
	}
}

/* ---- all of them ---------------------------------------------------------- */

/* The file's name without the prefix of credentials; NULL: not one of ours. */
static const char *
own_name(const struct keybox *b, const char *name)
{
	size_t n = strlen(b->dir);

	if (!b->is_credentials)
		return (name);
	return (strncmp(name, b->dir, n) == 0 ? name + n : NULL);
}

/* Read every key that is not in the box yet. */
static void
read_all(struct keybox *b, struct ear *ear)
{
	const char *folder = folder_of(b);
	DIR *d = folder == NULL ? NULL : opendir(folder);
	const struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		const char *name = own_name(b, e->d_name);

		for (size_t i = 0; name != NULL && i < N_KINDS; i++)
			if (is_called(name, kinds[i].stem) &&
			    !is_here(b, name))
				add(b, name, kinds[i].kind, ear);
	}
	if (d != NULL)
		(void)closedir(d);
}

/* Before the log has said anything: the newest file. */
static void
use_newest(struct keybox *b)
{
	for (size_t i = 0; i < b->n_sign; i++)
		if (b->sign[i].made_ns > b->sign[b->sign_at].made_ns)
			b->sign_at = i;
	for (size_t i = 0; i < b->n_curve; i++)
		if (b->curve[i].made_ns > b->curve[b->curve_at].made_ns)
			b->curve_at = i;
	for (size_t i = 0; i < b->n_seal; i++)
		if (b->seal[i].made_ns > b->seal[b->seal_at].made_ns)
			b->seal_at = i;
}

/* One of each there has to be; say which file is missing. */
static void
check_each(struct keybox *b, struct ear *ear)
{
	const size_t n[N_KINDS] = { b->n_sign, b->n_curve, b->n_seal };
	char name[KEYBOX_NAME], path[KEYBOX_DIR + KEYBOX_NAME];
	char why[KEYFILE_WHY];
	struct secret *s = NULL;

	for (size_t i = 0; i < N_KINDS && !ear->heard; i++) {
		if (n[i] > 0)
			continue;
		(void)snprintf(name, sizeof(name), "%s.key", kinds[i].stem);
		keybox_path(b, name, path);
		if (keyfile_read(path, kinds[i].kind, &s, why) != ERR_OK)
			complain(ear, why);
		keyfile_free(&s);
	}
}

enum err
keybox_open(struct keybox *b, const char *dir,
    void (*wrong)(void *cookie, const char *why), void *cookie)
{
	struct ear ear = { .wrong = wrong, .cookie = cookie };
	char path[KEYBOX_DIR + KEYBOX_NAME], why[KEYFILE_WHY];

	memset(b, 0, sizeof(*b));
	set_place(b, dir);
	read_all(b, &ear);
	check_each(b, &ear);
	keybox_path(b, "spool.key", path);
	if (keyfile_read(path, KEYFILE_SPOOL, &b->spool, why) != ERR_OK)
		complain(&ear, why);
	use_newest(b);
	return (ear.heard ? ERR_CONFIG : ERR_OK);
}

bool
keybox_look_again(struct keybox *b)
{
	size_t before = b->n_sign + b->n_curve + b->n_seal;
	struct ear nobody = { .wrong = NULL };

	read_all(b, &nobody);
	return (b->n_sign + b->n_curve + b->n_seal > before);
}

/* ---- which one ------------------------------------------------------------ */

bool
keybox_use_sign(struct keybox *b, const uint8_t pub[SIGN_PUB])
{
	for (size_t i = 0; i < b->n_sign; i++)
		if (memcmp(sign_public(b->sign[i].signer), pub, SIGN_PUB) ==
		    0) {
			b->sign_at = i;
			return (true);
		}
	return (false);
}

bool
keybox_use_curve(struct keybox *b, const uint8_t pub[32])
{
	for (size_t i = 0; i < b->n_curve; i++)
		if (memcmp(b->curve[i].pub, pub, 32) == 0) {
			b->curve_at = i;
			return (true);
		}
	return (false);
}

bool
keybox_use_seal(struct keybox *b, const char *id)
{
	for (size_t i = 0; i < b->n_seal; i++)
		if (strcmp(b->seal[i].id, id) == 0) {
			b->seal_at = i;
			return (true);
		}
	return (false);
}

bool
keybox_next_curve(struct keybox *b)
{
	if (b->n_curve < 2)
		return (false);
	b->curve_at = (b->curve_at + 1) % b->n_curve;
	return (true);
}

const struct seal_key *
keybox_seal(const struct keybox *b, const char *id)
{
	for (size_t i = 0; i < b->n_seal; i++)
		if (strcmp(b->seal[i].id, id) == 0)
			return (&b->seal[i].key);
	return (NULL);
}

void
keybox_id(const struct keyfile_public *pub, enum keyfile_kind kind,
    char out[KEYBOX_ID])
{
	struct seal_public point;
	uint8_t id[SIGN_KEY_ID];

	if (kind == KEYFILE_SEAL) {
		memcpy(point.x, pub->b, 32);
		memcpy(point.y, pub->b + 32, 32);
		seal_key_id(&point, out);
		return;
	}
	sign_key_id(pub->b, id);
	hex_encode(id, sizeof(id), out);
}

void
keybox_fini(struct keybox *b)
{
	for (size_t i = 0; i < b->n_sign; i++)
		sign_free(b->sign[i].signer);
	for (size_t i = 0; i < b->n_curve; i++)
		keyfile_free(&b->curve[i].secret);
	for (size_t i = 0; i < b->n_seal; i++)
		seal_key_wipe(&b->seal[i].key);
	keyfile_free(&b->spool);
	digest_wipe(b, sizeof(*b));
}
