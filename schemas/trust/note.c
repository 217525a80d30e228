/*
 * note -- signed notes and checkpoints.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "trust/digest.h"
#include "trust/lines.h"
#include "trust/note.h"

#define DASH "\xe2\x80\x94 " /* em dash and a space, in UTF-8 */
#define ROOT_CHARS 44	     /* base64 of 32 bytes */
#define ID_LEN 4
#define COSIGN_LEN 72 /* time, signature */
#define COSIGN_HEAD "cosignature/v1\ntime %" PRIu64 "\n"

static void
copy_name(struct slice name, char out[NOTE_NAME_MAX + 1])
{
	memset(out, 0, NOTE_NAME_MAX + 1);
	memcpy(out, name.p, name.len);
}

/* The id of a key: the beginning of SHA-256(name || newline || type || key). */
static void
key_id(struct slice name, enum note_type type, const uint8_t pub[32],
    uint8_t id[ID_LEN])
{
	const uint8_t middle[2] = { '\n', (uint8_t)type };
	const struct slice part[3] = { name, { middle, 2 }, { pub, 32 } };
	uint8_t hash[32];

	digest_slices(part, 3, hash);
	memcpy(id, hash, ID_LEN);
}

enum err
note_key_make(const char *name, enum note_type type, const uint8_t pub[32],
    struct note_key *key)
{
	const struct slice n = slice_str(name);

	if (!lines_is_name(n) || (type != NOTE_LOG && type != NOTE_WITNESS))
		return (ERR_MALFORMED);
	copy_name(n, key->name);
	key->type = type;
	key_id(n, type, pub, key->id);
	memmove(key->pub, pub, 32);
	return (ERR_OK);
}

enum err
note_key_parse(const char *vkey, struct note_key *key)
{
	const char *one = strchr(vkey, '+');
	const char *two = one == NULL ? NULL : strchr(one + 1, '+');
	char name[NOTE_NAME_MAX + 1] = "", hex[9] = "";
	uint8_t id[ID_LEN], raw[33];
	size_t len;
	struct note_key k;

	if (two == NULL || (size_t)(one - vkey) > NOTE_NAME_MAX ||
	    two - one != 9)
		return (ERR_MALFORMED);
	memcpy(name, vkey, (size_t)(one - vkey));
	memcpy(hex, one + 1, 8);
	if (!hex_decode(hex, id, ID_LEN) ||
	    !base64_decode(two + 1, strlen(two + 1), raw, sizeof(raw), &len) ||
	    len != sizeof(raw))
		return (ERR_MALFORMED);
	if (note_key_make(name, (enum note_type)raw[0], raw + 1, &k) !=
		ERR_OK ||
	    memcmp(k.id, id, ID_LEN) != 0)
		return (ERR_MALFORMED);
	*key = k;
	return (ERR_OK);
}

size_t
note_key_format(const struct note_key *key, char out[NOTE_VKEY_MAX])
{
	char hex[9], b64[BASE64_LEN(33)];
	uint8_t raw[33];

	raw[0] = (uint8_t)key->type;
	memcpy(raw + 1, key->pub, 32);
	hex_encode(key->id, ID_LEN, hex);
	(void)base64_encode(raw, sizeof(raw), b64);
	return ((size_t)snprintf(out, NOTE_VKEY_MAX, "%s+%s+%s", key->name,
	    hex, b64));
}

enum err
note_text(const struct note_checkpoint *c, char out[NOTE_TEXT_MAX],
    size_t *len)
{
	char root[BASE64_LEN(32)];

	if (!lines_is_name(slice_str(c->origin)))
		return (ERR_MALFORMED);
	(void)base64_encode(c->root, 32, root);
	*len = (size_t)snprintf(out, NOTE_TEXT_MAX, "%s\n%" PRIu64 "\n%s\n",
	    c->origin, c->size, root);
	return (ERR_OK);
}

/* Write a signature line and a NUL to ${out}; ERR_FULL if it does not fit. */
static enum err
sig_line(const struct note_key *key, const uint8_t *sig, size_t sig_len,
    char *out, size_t cap, size_t *len)
{
	uint8_t raw[ID_LEN + COSIGN_LEN];
	char b64[BASE64_LEN(sizeof(raw))];
	int n;

	memcpy(raw, key->id, ID_LEN);
	memcpy(raw + ID_LEN, sig, sig_len);
	(void)base64_encode(raw, ID_LEN + sig_len, b64);
	n = snprintf(out, cap, DASH "%s %s\n", key->name, b64);
	if (n < 0 || (size_t)n >= cap)
		return (ERR_FULL);
	*len = (size_t)n;
	return (ERR_OK);
}

enum err
note_sign(const struct note_checkpoint *c, const struct signer *s, char *out,
    size_t cap, size_t *len)
{
	struct note_key key;
	char text[NOTE_TEXT_MAX];
	uint8_t sig[SIGN_SIG];
	size_t n, line;
	enum err err;

	err = note_key_make(c->origin, NOTE_LOG, sign_public(s), &key);
	if (err == ERR_OK)
		err = note_text(c, text, &n);
	if (err == ERR_OK)
		err = sign_raw(s, slice_of(text, n), sig);
	if (err != ERR_OK)
		return (err);

	if (n + 1 >= cap)
		return (ERR_FULL);
	memcpy(out, text, n);
	out[n] = '\n';
	err = sig_line(&key, sig, sizeof(sig), out + n + 1, cap - n - 1,
	    &line);
	if (err == ERR_OK)
		*len = n + 1 + line;
	return (err);
}

/* The note and one more signature under it; ${out} may be where it is. */
static MUST_CHECK enum err
with_line(struct slice note, const struct note_key *key, struct slice sig,
    char *out, size_t cap, size_t *len)
{
	size_t line;
	enum err err;

	if (note.len >= cap)
		return (ERR_FULL);
	memmove(out, note.p, note.len);
	err = sig_line(key, sig.p, sig.len, out + note.len, cap - note.len,
	    &line);
	if (err == ERR_OK)
		*len = note.len + line;
	return (err);
}

enum err
note_sign_more(struct slice bytes, const struct signer *s, char *out,
    size_t cap, size_t *len)
{
	struct note_key key;
	struct note note;
	uint8_t sig[SIGN_SIG];
	enum err err = note_parse(bytes, &note);

	if (err == ERR_OK)
		err = note_key_make(note.checkpoint.origin, NOTE_LOG,
		    sign_public(s), &key);
	if (err == ERR_OK)
		err = sign_raw(s, note.text, sig);
	if (err != ERR_OK)
		return (err);
	return (with_line(bytes, &key, slice_of(sig, sizeof(sig)), out, cap,
	    len));
}

/* What a witness signs: two lines of its own, then the note's text. */
static size_t
cosign_message(uint64_t time_s, struct slice text,
    uint8_t out[NOTE_TEXT_MAX + 64])
{
	char head[64];
	int n = snprintf(head, sizeof(head), COSIGN_HEAD, time_s);

	memcpy(out, head, (size_t)n);
	memcpy(out + n, text.p, text.len);
	return ((size_t)n + text.len);
}

enum err
note_cosign(struct slice bytes, const char *name, const struct signer *s,
    uint64_t time_s, char *out, size_t cap, size_t *len)
{
	struct note_key key;
	struct note note;
	uint8_t message[NOTE_TEXT_MAX + 64], sig[COSIGN_LEN];
	size_t n;
	enum err err;

	err = note_key_make(name, NOTE_WITNESS, sign_public(s), &key);
	if (err == ERR_OK)
		err = note_parse(bytes, &note);
	if (err != ERR_OK)
		return (err);
	n = cosign_message(time_s, note.text, message);
	be64_put(sig, time_s);
	err = sign_raw(s, slice_of(message, n), sig + 8);
	if (err != ERR_OK)
		return (err);
	return (with_line(bytes, &key, slice_of(sig, sizeof(sig)), out, cap,
	    len));
}

/*
 * Find the signature by ${key} in ${note}.  A line with another length is not
 * one of that key's type.
 */
static enum err
find_sig(const struct note *note, const struct note_key *key, size_t sig_len,
    const struct note_sig **sig)
{
	for (size_t i = 0; i < note->n_sigs; i++) {
		const struct note_sig *s = &note->sigs[i];

		if (!slice_eq(s->name, slice_str(key->name)) ||
		    memcmp(s->id, key->id, ID_LEN) != 0)
			continue;
		if (s->sig_len != sig_len)
			return (ERR_BAD_SIGNATURE);
		*sig = s;
		return (ERR_OK);
	}
	return (ERR_KEY_NOT_VALID);
}

enum err
note_check(struct slice bytes, const struct note_key *log,
    struct note_checkpoint *c)
{
	struct note note;
	const struct note_sig *sig;
	enum err err = note_parse(bytes, &note);

	if (err != ERR_OK)
		return (err);
	if (log->type != NOTE_LOG)
		return (ERR_KEY_NOT_VALID);
	if (strcmp(note.checkpoint.origin, log->name) != 0)
		return (ERR_BAD_ORIGIN);
	err = find_sig(&note, log, SIGN_SIG, &sig);
	if (err == ERR_OK)
		err = sign_raw_check(note.text, slice_of(sig->sig, SIGN_SIG),
		    slice_of(log->pub, 32));
	if (err == ERR_OK)
		*c = note.checkpoint;
	return (err);
}

enum err
note_check_cosignature(struct slice bytes, const struct note_key *witness,
    uint64_t *time_s)
{
	struct note note;
	const struct note_sig *sig;
	uint8_t message[NOTE_TEXT_MAX + 64];
	enum err err = note_parse(bytes, &note);
	size_t n;

	if (err != ERR_OK)
		return (err);
	if (witness->type != NOTE_WITNESS)
		return (ERR_KEY_NOT_VALID);
	err = find_sig(&note, witness, COSIGN_LEN, &sig);
	if (err != ERR_OK)
		return (err);
	n = cosign_message(be64_get(sig->sig), note.text, message);
	err = sign_raw_check(slice_of(message, n),
	    slice_of(sig->sig + 8, SIGN_SIG), slice_of(witness->pub, 32));
	if (err == ERR_OK)
		*time_s = be64_get(sig->sig);
	return (err);
}
