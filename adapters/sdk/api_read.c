/*
 * api -- what arrived, and what is known.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "life/words.h"
#include "sdk/handle.h"
#include "sdk/reader.h"
#include "sdk/rows.h"
#include "sdk/sealer.h"
#include "sdk/steward.h"
#include "sdk/tidings.h"
#include "trust/digest.h"
#include "wire/statement.h"

/* ---- news ----------------------------------------------------------------- */

static struct spool_key
reader_key(const char *name)
{
	return (spool_key_of(name, strlen(name)));
}

/* How far ${reader} has read. */
static MUST_CHECK enum err
read_place(struct keten *k, struct spool_txn *txn, const char *reader,
    uint64_t *seq)
{
	struct slice v;
	enum err err = spool_get(txn, SPOOL_READER, reader_key(reader), k->a,
	    &v);

	*seq = err == ERR_OK && v.len == 8 ? be64_get(v.p) : 0;
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static MUST_CHECK enum err
next(struct keten *k, const char *reader, struct keten_news *n)
{
	struct spool_txn *txn = NULL;
	struct spool_key key;
	uint64_t seq;
	enum err err = spool_begin(k->spool, false, &txn);

	if (err == ERR_OK)
		err = read_place(k, txn, reader, &seq);
	if (err == ERR_OK) {
		key = spool_key_num(seq);
		err = spool_after(txn, SPOOL_NEWS, &key);
	}
	if (err == ERR_OK)
		err = tidings_get(txn, k->a, spool_key_get_num(&key), n);
	spool_abort(&txn);
	return (err);
}

int
keten_next(struct keten *k, const char *reader, struct keten_news *news)
{
	size_t mark = arena_used(k->a);
	enum err err = next(k, reader, news);

	arena_rewind(k->a, mark);
	if (err == ERR_NOT_FOUND)
		return (handle_fail(k, KETEN_ENONE, "Er is geen nieuws."));
	return (err == ERR_OK ? 0 : handle_err(k, err));
}

int
keten_read(struct keten *k, const char *reader, uint64_t seq)
{
	struct spool_txn *txn = NULL;
	size_t mark = arena_used(k->a);
	uint8_t v[8];
	uint64_t was;
	enum err err = spool_begin(k->spool, true, &txn);

	be64_put(v, seq);
	if (err == ERR_OK)
		err = read_place(k, txn, reader, &was);
	if (err == ERR_OK && seq > was) {
		err = spool_put(txn, SPOOL_READER, reader_key(reader),
		    slice_of(v, sizeof(v)));
		if (err == ERR_OK)
			err = spool_commit(&txn);
	}
	spool_abort(&txn);
	arena_rewind(k->a, mark);
	return (err == ERR_OK ? 0 : handle_err(k, err));
}

int
keten_keeps(struct keten *k, const char *reader)
{
	struct spool_txn *txn = NULL;
	char name[SPOOL_KEY_MAX + 1];
	uint64_t was = 0;
	enum err err = spool_begin(k->spool, true, &txn);

	(void)snprintf(name, sizeof(name), "keeper:%s", reader);
	if (err == ERR_OK)
		err = spool_meta_u64(txn, name, &was);
	if (err == ERR_OK && was == 0) {
		err = spool_meta_set_u64(txn, name, 1);
		if (err == ERR_OK)
			err = spool_commit(&txn);
	}
	spool_abort(&txn);
	return (err == ERR_OK ? 0 : handle_err(k, err));
}

/* ---- referrals ------------------------------------------------------------ */

/* Find ${text} and read it. */
static MUST_CHECK enum err
find(struct keten *k, struct spool_txn *txn, const char *text,
    struct dossier *c)
{
	struct refid id;
	enum err err = reader_find(txn, text, &id);

	return (err == ERR_OK ? casebook_get(txn, k->a, &id, c) : err);
}

static int
not_found(struct keten *k, enum err err)
{
	const char *why = reader_trouble(err);

	if (why == NULL)
		return (handle_err(k, err));
	return (handle_fail(k, err == ERR_NOT_FOUND ? KETEN_ENONE
						    : KETEN_EARGUMENT,
	    "%s", why));
}

int
keten_show(struct keten *k, const char *referral, struct keten_referral *r)
{
	struct spool_txn *txn = NULL;
	size_t mark = arena_used(k->a);
	struct dossier c;
	enum err err = handle_refresh(k);

	if (err == ERR_OK)
		err = spool_begin(k->spool, false, &txn);
	if (err == ERR_OK)
		err = find(k, txn, referral, &c);
	spool_abort(&txn);
	if (err == ERR_OK)
		reader_show(k, &c, r);
	arena_rewind(k->a, mark);
	return (err == ERR_OK ? 0 : not_found(k, err));
}

struct place {
	int64_t changed_ms;
	uint64_t index;
	struct refid id;
};

static int
newest_first(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->changed_ms != y->changed_ms)
		return (x->changed_ms < y->changed_ms ? 1 : -1);
	return (x->index < y->index ? 1 : x->index > y->index ? -1 : 0);
}

/* All referrals with the time of their newest change; the caller frees. */
static MUST_CHECK enum err
places(struct keten *k, struct place **list, size_t *n)
{
	struct spool_txn *txn = NULL;
	struct spool_key key = { 0 };
	enum err err = spool_begin(k->spool, false, &txn);
	size_t max;

	*list = NULL;
	*n = 0;
	if (err != ERR_OK)
		return (err);
	max = (size_t)spool_count(txn, SPOOL_REFERRAL);
	*list = calloc(max + 1, sizeof(**list));
	if (*list == NULL)
		err = ERR_NOMEM;
	while (err == ERR_OK && *n < max &&
	    (err = spool_after(txn, SPOOL_REFERRAL, &key)) == ERR_OK) {
		size_t mark = arena_used(k->a);
		struct place *p = &(*list)[*n];
		struct dossier c;

		memcpy(p->id.b, key.b, sizeof(p->id.b));
		err = casebook_get(txn, k->a, &p->id, &c);
		arena_rewind(k->a, mark);
		if (err != ERR_OK)
			break;
		p->changed_ms = c.r.changed_ms;
		p->index = c.newest_index;
		(*n)++;
	}
	spool_abort(&txn);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

int
keten_list(struct keten *k,
    bool (*each)(void *cookie, const struct keten_referral *r), void *cookie)
{
	struct place *list;
	size_t n;
	enum err err = places(k, &list, &n);
	int rc = err == ERR_OK ? 0 : handle_err(k, err);

	if (rc == 0)
		qsort(list, n, sizeof(*list), newest_first);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct keten_referral r;
		char text[REFID_TEXT];

		rc = keten_show(k, refid_text(&list[i].id, text), &r);
		if (rc == 0 && !each(cookie, &r))
			break;
	}
	free(list);
	return (rc);
}

/* ---- the chain ------------------------------------------------------------ */

/* Who signed the envelope of a filed record; it was checked when it came. */
static struct org
signed_by(struct keten *k, const struct filing *f)
{
	struct envelope env;
	Keten__V1__Statement *st;
	struct org nobody = { "" };

	if (f->envelope.len == 0 ||
	    envelope_parse(k->a, f->envelope, &env, NULL) != ERR_OK ||
	    statement_parse(k->a, env.kind, env.body, &st, NULL) != ERR_OK)
		return (nobody);
	return (org_of(st->partner));
}

/* One link, as news or, for a step of our own, made up like it. */
static MUST_CHECK enum err
link_of(struct keten *k, struct spool_txn *txn, const struct dossier *c,
    uint64_t index, struct keten_news *n)
{
	struct filing f;
	struct witnessed w;
	struct org by;
	const char *what;
	enum err err = casebook_record(txn, k->a, &c->r.id, index, &f);

	if (err != ERR_OK)
		return (err);
	if (f.news != 0)
		return (tidings_get(txn, k->a, f.news, n));
	if ((err = witness_record(k->a, f.record, &w, &what)) != ERR_OK)
		return (err);
	by = signed_by(k, &f);
	tidings_of(k, &w, &by, c, f.role, f.offer, 0, n);
	return (ERR_OK);
}

int
keten_chain(struct keten *k, const char *referral,
    void (*each)(void *cookie, const struct keten_news *n), void *cookie)
{
	size_t mark = arena_used(k->a);
	struct dossier c;
	uint64_t index = 0;
	enum err err = ERR_OK;

	for (;;) {
		struct spool_txn *txn = NULL;
		struct keten_news n;

		err = spool_begin(k->spool, false, &txn);
		if (err == ERR_OK)
			err = find(k, txn, referral, &c);
		if (err == ERR_OK &&
		    casebook_next(txn, &c.r.id, &index) != ERR_OK) {
			spool_abort(&txn);
			break;
		}
		if (err == ERR_OK)
			err = link_of(k, txn, &c, index, &n);
		spool_abort(&txn);
		arena_rewind(k->a, mark);
		if (err != ERR_OK)
			break;
		each(cookie, &n);
		index++;
	}
	arena_rewind(k->a, mark);
	return (err == ERR_OK ? 0 : not_found(k, err));
}

/* ---- opening -------------------------------------------------------------- */

/* Who looked, before anything is shown. */
static MUST_CHECK enum err
log_access(struct keten *k, struct spool_txn *txn, const char *actor,
    const struct refid *id)
{
	struct spool_key last = { 0 };
	struct row row;
	enum err err = spool_last(txn, SPOOL_ACCESS, &last);

	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	row_init(&row);
	row_u64(&row, (uint64_t)handle_now());
	row_text(&row, actor == NULL ? k->dev.actor : actor);
	row_raw(&row, id->b, sizeof(id->b));
	err = row.bad ? ERR_NOMEM
		      : spool_put(txn, SPOOL_ACCESS,
			    spool_key_num(err == ERR_OK
				    ? spool_key_get_num(&last) + 1
				    : 1),
			    row_slice(&row));
	row_fini(&row);
	return (err);
}

/* Of which record is the news at ${seq}; 0: the newest will do. */
static MUST_CHECK enum err
index_of(struct keten *k, struct spool_txn *txn, uint64_t seq,
    uint64_t *index)
{
	struct keten_news n;
	enum err err;

	*index = 0;
	if (seq == 0)
		return (ERR_OK);
	if ((err = tidings_get(txn, k->a, seq, &n)) == ERR_OK)
		*index = n.index;
	return (err);
}

static MUST_CHECK enum err
get_piece(struct keten *k, struct spool_txn *txn, const char *referral,
    enum keten_part part, uint64_t seq, struct refid *id, struct piece *p)
{
	struct dossier c;
	uint64_t index;
	enum err err;

	if ((err = find(k, txn, referral, &c)) != ERR_OK ||
	    (err = index_of(k, txn, part == KETEN_TEXT ? seq : 0, &index)) !=
		ERR_OK)
		return (err);
	*id = c.r.id;
	return (casebook_piece_find(txn, k->a, id, (Keten__V1__PartKind)part,
	    index, p));
}

static MUST_CHECK enum err
open_piece(struct keten *k, const struct refid *id, const struct piece *p,
    char **out, size_t *len)
{
	struct seal_opened opened;
	Keten__V1__UnreadableWhy why;
	enum err err = sealer_open(&k->dev, id, p, &opened, &why);
	char *text;

	if (err != ERR_OK)
		return (err);
	if ((text = malloc(opened.body.len + 1)) == NULL) {
		seal_opened_fini(&opened);
		return (ERR_NOMEM);
	}
	memcpy(text, opened.body.p, opened.body.len);
	text[opened.body.len] = '\0';
	*out = text;
	*len = opened.body.len;
	seal_opened_fini(&opened);
	return (ERR_OK);
}

static int
sealed_answer(struct keten *k, enum err err)
{
	if (err == ERR_OK)
		return (0);
	if (err == ERR_NOT_FOUND)
		return (handle_fail(k, KETEN_ESEALED,
		    "Dit deel is er niet, of (nog) niet voor u te openen."));
	if (err == ERR_DIGEST || err == ERR_CRYPTO)
		return (handle_fail(k, KETEN_ETRUST,
		    "Dit deel is niet te openen of is iets anders dan "
		    "ondertekend is; de bron heeft bericht gekregen."));
	return (handle_err(k, err));
}

int
keten_open_part(struct keten *k, const char *referral, enum keten_part part,
    const char *actor, uint64_t seq, char **out, size_t *len)
{
	struct spool_txn *txn = NULL;
	size_t mark = arena_used(k->a);
	bool logs = part == KETEN_PERSON;
	struct refid id;
	struct piece p;
	enum err err = spool_begin(k->spool, logs, &txn);

	if (err == ERR_OK)
		err = get_piece(k, txn, referral, part, seq, &id, &p);
	if (err == ERR_OK && logs && p.has_wrap && p.sealed.len > 0) {
		if ((err = log_access(k, txn, actor, &id)) == ERR_OK)
			err = spool_commit(&txn);
	}
	spool_abort(&txn);
	if (err == ERR_OK)
		err = open_piece(k, &id, &p, out, len);
	arena_rewind(k->a, mark);
	return (sealed_answer(k, err));
}

int
keten_open_text(struct keten *k, const char *referral, uint64_t index,
    char **out, size_t *len)
{
	struct spool_txn *txn = NULL;
	size_t mark = arena_used(k->a);
	struct dossier c;
	struct piece p;
	enum err err = spool_begin(k->spool, false, &txn);

	if (err == ERR_OK && (err = find(k, txn, referral, &c)) == ERR_OK)
		err = casebook_piece_find(txn, k->a, &c.r.id,
		    KETEN__V1__PART_KIND__TEXT, index, &p);
	spool_abort(&txn);
	if (err == ERR_OK)
		err = open_piece(k, &c.r.id, &p, out, len);
	arena_rewind(k->a, mark);
	return (sealed_answer(k, err));
}

struct texts {
	void (*each)(void *cookie, uint64_t index, bool opens);
	void *cookie;
};

static void
tell_text(void *cookie, const struct piece *p)
{
	struct texts *t = cookie;

	if (p->kind == KETEN__V1__PART_KIND__TEXT)
		t->each(t->cookie, p->index, p->state == PIECE_OPENS);
}

int
keten_texts(struct keten *k, const char *referral,
    void (*each)(void *cookie, uint64_t index, bool opens), void *cookie)
{
	struct texts t = { each, cookie };
	struct spool_txn *txn = NULL;
	size_t mark = arena_used(k->a);
	struct dossier c;
	enum err err = spool_begin(k->spool, false, &txn);

	if (err == ERR_OK && (err = find(k, txn, referral, &c)) == ERR_OK)
		err = casebook_pieces(txn, k->a, &c.r.id, tell_text, &t);
	spool_abort(&txn);
	arena_rewind(k->a, mark);
	return (err == ERR_OK ? 0 : handle_err(k, err));
}

void
keten_wipe(char *p, size_t len)
{
	digest_wipe(p, len);
	free(p);
}

int
keten_opened(struct keten *k,
    void (*each)(void *cookie, int64_t time_ms, const char *actor,
	const char *referral), void *cookie)
{
	struct spool_key key = { 0 };
	enum err err = ERR_OK;

	while (err == ERR_OK) {
		struct spool_txn *txn = NULL;
		size_t mark = arena_used(k->a);
		struct slice v;

		err = spool_begin(k->spool, false, &txn);
		if (err == ERR_OK)
			err = spool_after(txn, SPOOL_ACCESS, &key);
		if (err == ERR_OK)
			err = spool_get(txn, SPOOL_ACCESS, key, k->a, &v);
		spool_abort(&txn);
		if (err == ERR_OK) {
			struct row_reader row = row_read(v);
			int64_t at = (int64_t)row_get_u64(&row);
			char actor[32], text[REFID_TEXT];
			struct refid id;

			row_get_chars(&row, actor, sizeof(actor));
			row_get_raw(&row, id.b, sizeof(id.b));
			each(cookie, at, actor, refid_text(&id, text));
		}
		arena_rewind(k->a, mark);
	}
	return (err == ERR_NOT_FOUND ? 0 : handle_err(k, err));
}
