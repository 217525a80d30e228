/*
 * witness -- one who looks whether a log only grows, and signs what it saw.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/witness.h"
#include "base/file.h"
#include "trust/digest.h"

int
witness_status(enum witness_answer answer)
{
	switch (answer) {
	case WITNESS_SIGNED:
		return (200);
	case WITNESS_MALFORMED:
		return (400);
	case WITNESS_BAD_SIGNATURE:
		return (403);
	case WITNESS_OTHER_LOG:
		return (404);
	case WITNESS_NOT_LAST:
	case WITNESS_FORK:
		return (409);
	case WITNESS_INCONSISTENT:
		break;
	}
	return (422);
}

const char *
witness_answer_nl(enum witness_answer answer)
{
	switch (answer) {
	case WITNESS_SIGNED:
		return ("het logboek gaat verder waar het was; getekend");
	case WITNESS_MALFORMED:
		return ("dit verzoek of controlepunt is niet te lezen");
	case WITNESS_OTHER_LOG:
		return ("dit is niet het logboek waar deze getuige op let");
	case WITNESS_BAD_SIGNATURE:
		return ("het logboek heeft dit controlepunt niet getekend");
	case WITNESS_NOT_LAST:
		return ("dit gaat niet verder vanaf wat deze getuige het "
			"laatst zag");
	case WITNESS_FORK:
		return ("ALARM: het logboek tekende bij dezelfde omvang een "
			"andere boom");
	case WITNESS_INCONSISTENT:
		return ("ALARM: dit logboek is geen vervolg op wat deze "
			"getuige eerder zag");
	}
	return ("");
}

/* --- what it remembers ---------------------------------------------------------- */

static MUST_CHECK enum err
load(struct witness *w, bool is_new)
{
	struct note note;
	uint8_t *data;
	uint64_t time_s;
	size_t len;
	enum err err = file_read(w->state, NOTE_MAX, &data, &len);

	if (err == ERR_NOT_FOUND && is_new)
		return (ERR_OK);
	if (err != ERR_OK)
		return (err);
	/* It believes its own signature and nothing else: the log may have
	 * another key since. */
	if (note_parse(slice_of(data, len), &note) != ERR_OK ||
	    strcmp(note.checkpoint.origin, w->log.name) != 0 ||
	    note_check_cosignature(slice_of(data, len), &w->key, &time_s) !=
		ERR_OK)
		err = ERR_CORRUPT;
	else
		w->last = note.checkpoint;
	free(data);
	return (err);
}

static MUST_CHECK enum err
lock(struct witness *w)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s.lock", w->state);
	return (file_lock(path, &w->lock));
}

enum err
witness_open(struct witness *w, const char *state, const char *name,
    const uint8_t secret[SIGN_SEED], const struct note_key *log, bool is_new)
{
	enum err err;

	memset(w, 0, sizeof(*w));
	w->lock = -1;
	w->state = state;
	w->log = *log;
	w->signer = sign_new(secret);
	if (w->signer == NULL)
		return (ERR_NOMEM);
	if (note_key_make(name, NOTE_WITNESS, sign_public(w->signer),
		&w->key) != ERR_OK)
		return (ERR_CONFIG);
	err = lock(w);
	return (err == ERR_OK ? load(w, is_new) : err);
}

void
witness_close(struct witness *w)
{
	sign_free(w->signer);
	w->signer = NULL;
	if (w->lock >= 0)
		(void)close(w->lock);
	w->lock = -1;
}

/* --- judging ------------------------------------------------------------------------ */

/* In the order of the specification. */
static enum witness_answer
judge(const struct witness *w, const struct request *r,
    struct note_checkpoint *is)
{
	enum err err = note_check(r->note, &w->log, is);

	if (err == ERR_MALFORMED)
		return (WITNESS_MALFORMED);
	if (err == ERR_BAD_ORIGIN)
		return (WITNESS_OTHER_LOG);
	if (err != ERR_OK)
		return (WITNESS_BAD_SIGNATURE);
	if (r->old > is->size || (r->old == 0 && r->n > 0))
		return (WITNESS_MALFORMED);
	if (w->last.size > 0 && is->size == w->last.size &&
	    !digest_eq(is->root, w->last.root))
		return (WITNESS_FORK);
	if (r->old != w->last.size)
		return (WITNESS_NOT_LAST);
	if (w->last.size == 0 || is->size == w->last.size)
		return (r->n == 0 ? WITNESS_SIGNED : WITNESS_INCONSISTENT);
	return (tlog_check_consistency(w->last.size, is->size, w->last.root,
		    is->root, (const uint8_t(*)[32])r->proof, r->n) == ERR_OK
		? WITNESS_SIGNED : WITNESS_INCONSISTENT);
}

/*
 * The checkpoint with the log's signature and no other: what else came with it
 * is not the witness's to vouch for, or to stumble over later.
 */
static MUST_CHECK enum err
clean(const struct witness *w, struct slice bytes, char out[NOTE_MAX],
    size_t *len)
{
	struct note_checkpoint is;
	struct note note;
	enum err err = note_parse(bytes, &note);

	for (size_t i = 0; err == ERR_OK && i < note.n_sigs; i++) {
		const struct note_sig *s = &note.sigs[i];
		uint8_t raw[4 + sizeof(s->sig)];
		char text[BASE64_LEN(sizeof(raw))];

		memcpy(raw, s->id, 4);
		memcpy(raw + 4, s->sig, s->sig_len);
		(void)base64_encode(raw, 4 + s->sig_len, text);
		*len = (size_t)snprintf(out, NOTE_MAX,
		    "%.*s\n\xe2\x80\x94 %.*s %s\n", (int)note.text.len,
		    (const char *)note.text.p, (int)s->name.len,
		    (const char *)s->name.p, text);
		if (note_check(slice_of(out, *len), &w->log, &is) == ERR_OK)
			return (ERR_OK);
	}
	return (err == ERR_OK ? ERR_KEY_NOT_VALID : err);
}

enum err
witness_add(struct witness *w, const struct request *r, uint64_t time_s,
    enum witness_answer *answer, char out[NOTE_MAX], size_t *len)
{
	struct note_checkpoint is;
	char only[NOTE_MAX];
	size_t n = 0;
	enum witness_answer found = judge(w, r, &is);
	enum err err = ERR_OK;

	if (found != WITNESS_SIGNED) {
		*answer = found;
		return (ERR_OK);
	}
	err = clean(w, r->note, only, &n);
	if (err == ERR_OK)
		err = note_cosign(slice_of(only, n), w->key.name, w->signer,
		    time_s, out, NOTE_MAX, len);
	/* On the disk first: what was given away must never be forgotten. */
	if (err == ERR_OK)
		err = file_write(w->state, out, *len, 0600);
	if (err != ERR_OK)
		return (err);
	w->last = is;
	*answer = WITNESS_SIGNED;
	return (ERR_OK);
}
