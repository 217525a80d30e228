/*
 * keyfile -- secret keys on disk, one file per key.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/bytes.h"
#include "base/file.h"
#include "trust/digest.h"
#include "trust/keyfile.h"
#include "trust/sign.h"

#define MAGIC "keten-key-v1 "
#define TEXT_MAX 128 /* the longest file: magic, kind, 64 digits, newline */
#define PAGE 4096

static const char *const names[] = {
	[KEYFILE_LOG] = "log-ed25519",
	[KEYFILE_IDENTITY] = "identity-ed25519",
	[KEYFILE_SIGN] = "sign-ed25519",
	[KEYFILE_CURVE] = "curve25519",
	[KEYFILE_SEAL] = "seal-p256",
	[KEYFILE_SPOOL] = "spool-aes256",
	[KEYFILE_INTRODUCER] = "introducer-ed25519",
};
_Static_assert(sizeof(names) / sizeof(names[0]) == KEYFILE__MAX,
    "every kind has a name");

/* Write the sentence that goes with ${err}, and return it. */
__attribute__((format(printf, 3, 4))) static enum err
because(enum err err, char why[KEYFILE_WHY], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, KEYFILE_WHY, fmt, ap);
	va_end(ap);
	return (err);
}

const char *
keyfile_kind_name(enum keyfile_kind kind)
{
	return (kind < KEYFILE__MAX ? names[kind] : "?");
}

/* A page for one secret: not in core dumps, not in swap if we may say so. */
static struct secret *
page_new(enum keyfile_kind kind)
{
	struct secret *s = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		return (NULL);
	(void)madvise(s, PAGE, MADV_DONTDUMP);
	(void)mlock(s, PAGE); /* refused beyond a small limit; not fatal */
	s->kind = kind;
	return (s);
}

struct secret *
keyfile_new(enum keyfile_kind kind)
{
	uint8_t b[KEYFILE_SECRET];
	struct secret *s = NULL;

	/* Not every number is a key on P-256; hardly any is not. */
	for (int i = 0; i < 16 && s == NULL; i++)
		if (digest_random(b, sizeof(b)) == ERR_OK)
			s = keyfile_from(kind, b);
	digest_wipe(b, sizeof(b));
	return (s);
}

struct secret *
keyfile_from(enum keyfile_kind kind, const uint8_t bytes[KEYFILE_SECRET])
{
	struct secret *s;
	struct seal_key key;

	if (kind >= KEYFILE__MAX || (s = page_new(kind)) == NULL)
		return (NULL);
	memcpy(s->b, bytes, sizeof(s->b));
	if (kind == KEYFILE_SEAL && keyfile_seal_key(s, &key) != ERR_OK)
		keyfile_free(&s);
	digest_wipe(&key, sizeof(key));
	return (s);
}

void
keyfile_free(struct secret **s)
{
	if (*s == NULL)
		return;
	digest_wipe(*s, sizeof(**s));
	(void)munmap(*s, PAGE);
	*s = NULL;
}

/* Write the line of ${s} to the new file ${path}. */
static bool
write_file(const char *path, const struct secret *s)
{
	char hex[2 * KEYFILE_SECRET + 1], text[TEXT_MAX];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	int n;
	bool ok;

	if (fd == -1)
		return (false);
	hex_encode(s->b, sizeof(s->b), hex);
	n = snprintf(text, sizeof(text), MAGIC "%s %s\n",
	    keyfile_kind_name(s->kind), hex);
	/* The mask of the process may have taken away more; nothing is added
	 * for others. */
	ok = fchmod(fd, 0600) == 0 && file_write_all(fd, text, (size_t)n) &&
	    fsync(fd) == 0;
	digest_wipe(hex, sizeof(hex));
	digest_wipe(text, sizeof(text));
	(void)close(fd);
	return (ok);
}

enum err
keyfile_write(const char *path, const struct secret *s, char why[KEYFILE_WHY])
{
	char beside[4096];
	int n = snprintf(beside, sizeof(beside), "%s.%ld.new", path,
	    (long)getpid());
	bool ok;

	if (n < 0 || (size_t)n >= sizeof(beside))
		return (because(ERR_IO, why, "%s: deze naam is te lang",
		    path));
	(void)unlink(beside); /* left by one that was cut off */
	/* Whole or not at all, and never over another: link() does not
	 * replace, and a key that is overwritten is lost for ever. */
	ok = write_file(beside, s) && link(beside, path) == 0;
	if (!ok)
		(void)because(ERR_IO, why, errno == EEXIST ?
		    "%s: hier staat al een sleutel, en die wordt niet "
		    "overschreven; neem een andere map of naam%s" :
		    "%s is niet te schrijven: %s", path,
		    errno == EEXIST ? "" : strerror(errno));
	(void)unlink(beside);
	if (ok && file_sync_name(path) != ERR_OK) {
		(void)because(ERR_IO, why, "%s is niet te schrijven: %s", path,
		    strerror(errno));
		(void)unlink(path);
		ok = false;
	}
	return (ok ? ERR_OK : ERR_IO);
}

/*
 * Where to look for ${path}: a bare name in systemd's folder of credentials
 * if there is one, else as it stands.  Tell whether it is that folder.
 */
static bool
place_of(const char *path, char out[4096])
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	int n;

	if (dir != NULL && dir[0] != '\0' && strchr(path, '/') == NULL) {
		n = snprintf(out, 4096, "%s/%s", dir, path);
		if (n > 0 && n < 4096 && access(out, F_OK) == 0)
			return (true);
	}
	(void)snprintf(out, 4096, "%s", path);
	return (false);
}

/*
 * Look at the file before its content.  systemd gives a credential to the
 * service's user by an access list, whose mask stands where the group's rights
 * do; its folder is closed to everybody else.
 */
static enum err
look_at(int fd, const char *path, bool credential, char why[KEYFILE_WHY])
{
	struct stat st;
	mode_t others = credential ? 0007 : 0077;

	if (fstat(fd, &st) != 0)
		return (because(ERR_IO, why, "%s is niet te lezen: %s", path,
		    strerror(errno)));
	if (!S_ISREG(st.st_mode))
		return (because(ERR_MALFORMED, why, "%s: dit is geen gewoon bestand", path));
	if ((st.st_mode & others) != 0)
		return (because(ERR_CONFIG, why,
		    "%s: anderen kunnen deze sleutel lezen (rechten %04o); "
		    "doe: chmod 600 %s",
		    path, (unsigned int)(st.st_mode & 07777), path));
	return (ERR_OK);
}

/* Read up to ${cap} bytes; return how many, or -1. */
static ssize_t
read_all(int fd, char *text, size_t cap)
{
	size_t len = 0;

	while (len < cap) {
		ssize_t n = read(fd, text + len, cap - len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return (-1);
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return ((ssize_t)len);
}

/* Read the line ${text}, ${len} characters, as a key of ${kind}. */
static enum err
parse(char *text, size_t len, enum keyfile_kind kind, const char *path,
    struct secret **s, char why[KEYFILE_WHY])
{
	const size_t magic = strlen(MAGIC), name = strlen(names[kind]);
	const size_t digits = 2 * (size_t)KEYFILE_SECRET;
	uint8_t b[KEYFILE_SECRET];

	if (len < magic || memcmp(text, MAGIC, magic) != 0)
		return (because(ERR_MALFORMED, why,
		    "%s: dit is geen geheime sleutel van Keten", path));
	if (len <= magic + name || text[magic + name] != ' ' ||
	    memcmp(text + magic, names[kind], name) != 0)
		return (because(ERR_MALFORMED, why,
		    "%s: dit is een andere soort sleutel; hier hoort %s", path, names[kind]));
	if (len != magic + name + 1 + digits + 1 || text[len - 1] != '\n')
		return (because(ERR_MALFORMED, why,
		    "%s: de sleutel in dit bestand is beschadigd", path));

	text[len - 1] = '\0';
	*s = hex_decode(text + magic + name + 1, b, sizeof(b)) ?
	    keyfile_from(kind, b) :
	    NULL;
	digest_wipe(b, sizeof(b));
	if (*s == NULL)
		return (because(ERR_MALFORMED, why,
		    "%s: de sleutel in dit bestand is beschadigd", path));
	return (ERR_OK);
}

enum err
keyfile_read(const char *path, enum keyfile_kind kind, struct secret **s,
    char why[KEYFILE_WHY])
{
	char place[4096], text[TEXT_MAX];
	struct secret *found = NULL;
	bool credential = place_of(path, place);
	int fd = open(place, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t len;
	enum err err;

	if (fd == -1)
		return (because(errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, why,
		    errno == ENOENT ? "%s: dit bestand is er niet%s" :
		    errno == EACCES ? "%s: u mag dit bestand niet lezen; doe "
		    "dit als wie de sleutel beheert%s" :
		    "%s is niet te lezen: %s", place, errno == ENOENT ||
		    errno == EACCES ? "" : strerror(errno)));
	err = look_at(fd, place, credential, why);
	if (err == ERR_OK) {
		len = read_all(fd, text, sizeof(text));
		err = len == -1 ?
		    because(ERR_IO, why, "%s is niet te lezen: %s", place,
			strerror(errno)) :
		    parse(text, (size_t)len, kind, place, &found, why);
	}
	digest_wipe(text, sizeof(text));
	(void)close(fd);
	if (err == ERR_OK)
		*s = found;
	return (err);
}

/* The public half of the Ed25519 key ${seed}. */
static enum err
ed25519_public(const uint8_t seed[32], struct keyfile_public *pub)
{
	struct signer *s = sign_new(seed);

	if (s == NULL)
		return (ERR_CRYPTO);
	memcpy(pub->b, sign_public(s), 32);
	pub->len = 32;
	sign_free(s);
	return (ERR_OK);
}

enum err
keyfile_public(const struct secret *s, struct keyfile_public *pub)
{
	struct seal_key key;
	enum err err;

	switch (s->kind) {
	case KEYFILE_LOG:
	case KEYFILE_IDENTITY:
	case KEYFILE_SIGN:
	case KEYFILE_INTRODUCER:
		return (ed25519_public(s->b, pub));
	case KEYFILE_CURVE:
		if (crypto_scalarmult_base(pub->b, s->b) != 0)
			return (ERR_CRYPTO);
		pub->len = 32;
		return (ERR_OK);
	case KEYFILE_SEAL:
		err = keyfile_seal_key(s, &key);
		if (err != ERR_OK)
			return (err);
		memcpy(pub->b, &key.pub, 64);
		pub->len = 64;
		seal_key_wipe(&key);
		return (ERR_OK);
	case KEYFILE_SPOOL:
	case KEYFILE__MAX:
		break;
	}
	return (ERR_CRYPTO);
}

enum err
keyfile_seal_key(const struct secret *s, struct seal_key *key)
{
	if (s->kind != KEYFILE_SEAL)
		return (ERR_CRYPTO);
	return (seal_key_from(s->b, key));
}
