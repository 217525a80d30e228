/*
 * chronicle -- what partners say.
 */
#include <stdio.h>
#include <string.h>

#include "chronicle_in.h"
#include "core/record.h"
#include "core/view.h"
#include "trust/digest.h"
#include "wire/content.h"
#include "wire/envelope.h"
#include "wire/pb.h"

/* Everything a statement has but its body. */
static void
begin(struct chronicle *c, enum chronicle_cast who, const struct refid *id,
    uint8_t nonce[32], struct view_more *more, Keten__V1__Statement *st)
{
	struct chronicle_who *w = &c->who[who];
	struct txn *own, *t;

	arena_reset(c->a);
	keten__v1__statement__init(st);
	st->version = 1;
	st->origin = pb_string(CHRONICLE_ORIGIN);
	st->partner = pb_string(w->org.id);
	st->device = pb_string("adapter");
	st->lane = pb_of(w->lane, 8);
	st->number = ++w->number;
	chronicle_must(digest_random(nonce, 32), "nonce");
	st->nonce = pb_of(nonce, 32);
	st->referral = pb_of(id->b, 16);
	st->policy_index = 1;
	st->actor = pb_string("WIJK-1");
	st->made_ms = c->now_ms;
	if (c->point.size > 0) {
		st->seen_size = c->point.size;
		st->seen_root = pb_of(c->point.root, 32);
	}
	t = chronicle_read(c, &own);
	if (view_more(t, id, more) == ERR_OK) {
		more->newest_leaf[0] ^= c->bad_seen_leaf ? 1 : 0;
		st->seen_leaf = pb_of(more->newest_leaf, 32);
	}
	store_done(&own);
}

static void
spoil(struct slice *s)
{
	uint8_t *p;

	memcpy(&p, &s->p, sizeof(p)); /* it lies in our own arena */
	p[s->len - 1] ^= 1;
}

/* The same statement as other bytes: its first field, of two bytes, last. */
static struct slice
rewritten(struct chronicle *c, struct slice body)
{
	uint8_t *p = arena_alloc(c->a, body.len);

	chronicle_must(p == NULL ? ERR_NOMEM : ERR_OK, "memory");
	memcpy(p, body.p + 2, body.len - 2);
	memcpy(p + body.len - 2, body.p, 2);
	return (slice_of(p, body.len));
}

/* An envelope with the signature that was given to other bytes: it comes last
 * in an envelope of one. */
static void
sign_other(struct chronicle *c, enum envelope_kind kind, struct slice *body,
    const struct signer *s, struct slice *out)
{
	struct slice good;
	uint8_t *p;

	chronicle_must(envelope_make(c->a, kind, *body, s, &good), "sign");
	if (c->is_rewritten)
		*body = rewritten(c, *body);
	chronicle_must(envelope_make(c->a,
	    c->is_other_kind ? ENVELOPE_CATALOGUE : kind, *body, s, out),
	    "sign");
	memcpy(&p, &out->p, sizeof(p)); /* it lies in our own arena */
	memcpy(p + out->len - SIGN_SIG, good.p + good.len - SIGN_SIG,
	    SIGN_SIG);
}

/* Sign, alone or as the second of three.  ${body} becomes what is in it. */
static struct slice
sign(struct chronicle *c, enum chronicle_cast who, enum envelope_kind kind,
    struct slice *body)
{
	const struct signer *s = c->other_signer != NULL ? c->other_signer
							  : c->who[who].sign;
	const enum envelope_kind kinds[3] = { kind, kind, kind };
	const struct slice bodies[3] = { slice_str("x"), *body,
		slice_str("y") };
	struct slice out[3];

	if (c->use_batch)
		chronicle_must(envelope_make_batch(c->a, kinds, bodies, 3, s,
		    out), "batch");
	else if (c->is_rewritten || c->is_other_kind)
		sign_other(c, kind, body, s, &out[1]);
	else
		chronicle_must(envelope_make(c->a, kind, *body, s, &out[1]),
		    "sign");
	/* The signature comes last in an envelope of one. */
	if (c->bad_signature)
		spoil(&out[1]);
	return (out[1]);
}

static enum err
say(struct chronicle *c, enum chronicle_cast who, enum envelope_kind kind,
    const Keten__V1__Statement *st, const struct content *content)
{
	struct decide_sender sender = { .partner = c->who[who].org,
		.device = "adapter" };
	struct decide_in in;
	struct decision d;
	struct slice body, envelope;
	Keten__V1__Statement twisted;

	if (c->twist != NULL) {
		twisted = *st;
		c->twist(&twisted);
		st = &twisted;
	}
	chronicle_must(pb_pack(c->a, &st->base, &body), "pack");
	envelope = sign(c, who, kind, &body);
	digest_of(body.p, body.len, sender.body_hash);
	chronicle_in(c, &in);
	chronicle_must(decide_statement(&in, st, &sender,
	    c->bad_content ? ERR_DIGEST : ERR_OK,
	    c->bad_content ? "de inhoud past niet" : NULL, &d), "decide");
	c->rule = d.rule;
	chronicle_write(c, &d, envelope, content);
	return (d.err);
}

/* --- sealed parts ------------------------------------------------------------ */

struct part {
	Keten__V1__Part part;
	uint8_t nonce[16];
	uint8_t plain_commit[32];
	char *ids[8];
	struct seal_wrap wraps[8];
};

/* Seal it; or take what was sealed before, for another referral. */
static void
seal_text(struct chronicle *c, enum chronicle_cast from,
    Keten__V1__PartKind kind, const char *text, struct slice aad,
    const enum chronicle_cast *to, size_t n, struct seal_made *made)
{
	size_t which = kind == KETEN__V1__PART_KIND__NOTE ? 0 : n > 1 ? 1 : 2;
	struct seal_made *kept = c->sealed == NULL ? NULL
	    : &c->sealed[CHRONICLE_SEALED * from + which];
	struct seal_public keys[8];

	if (kept == NULL || kept->sealed.ciphertext.len == 0) {
		for (size_t i = 0; i < n; i++)
			keys[i] = c->who[to[i]].seal.pub;
		chronicle_must(seal_make(slice_str(text), aad, keys, n, made),
		    "seal");
		if (kept != NULL)
			*kept = *made;
	} else {
		*made = *kept;
		made->sealed.aad = aad;
	}
}

static void
seal_part(struct chronicle *c, enum chronicle_cast from,
    const struct refid *id, Keten__V1__PartKind kind, const char *text,
    const enum chronicle_cast *to, size_t n, struct part *p,
    struct content_piece *piece)
{
	struct seal_made made;
	char aad[SEAL_AAD_MAX];
	size_t len;

	memset(p, 0, sizeof(*p));
	chronicle_must(digest_random(p->nonce, 16), "nonce");
	chronicle_must(seal_aad(CHRONICLE_ORIGIN, &c->who[from].org, id,
	    kind == KETEN__V1__PART_KIND__NOTE ? "note" : "person", p->nonce,
	    aad, &len), "aad");
	seal_text(c, from, kind, text, slice_of(aad, len), to, n, &made);
	memset(piece, 0, sizeof(*piece));
	piece->kind = kind;
	chronicle_must(content_pack_sealed(c->a, &made.sealed, &piece->bytes,
	    piece->sha256), "pack sealed");
	memcpy(p->wraps, made.wraps, n * sizeof(p->wraps[0]));
	memcpy(p->plain_commit, made.plain_commit, 32);
	keten__v1__part__init(&p->part);
	p->part.kind = kind;
	p->part.sha256 = pb_of(piece->sha256, 32);
	p->part.length = (uint32_t)made.sealed.ciphertext.len;
	p->part.plain_commit = pb_of(p->plain_commit, 32);
	p->part.nonce = pb_of(p->nonce, 16);
	if (c->sealed == NULL)
		seal_made_fini(&made);
	piece->n_wraps = n;
	piece->wraps = p->wraps;
	for (size_t i = 0; i < n; i++)
		p->ids[i] = c->who[to[i]].seal_id;
	p->part.wrapped_for = p->ids;
	p->part.n_wrapped_for = n;
}

/* Whom a note is for: in a large log more may be asked. */
static size_t
recipients(const struct chronicle *c, enum chronicle_cast from,
    enum chronicle_cast to[8])
{
	static const enum chronicle_cast few[] = { WELZIJN, GEMEENTE },
	    many[] = { WELZIJN, GEMEENTE, LWDB, THUISZORG, MANTELZORG };
	const enum chronicle_cast *list = c->sealed == NULL ? few : many;
	size_t n_list = c->sealed == NULL ? 2 : 5, n = 0;

	to[n++] = from;
	for (size_t i = 0; i < n_list; i++)
		if (list[i] != from)
			to[n++] = list[i];
	return (n);
}

enum err
chronicle_submit_as(struct chronicle *c, enum chronicle_cast from,
    const char *code, const char *area, Keten__V1__Urgency urgency,
    struct refid *id)
{
	enum chronicle_cast all[8], few[8];
	size_t n_all, n_few;
	Keten__V1__Statement st;
	Keten__V1__Command cmd = KETEN__V1__COMMAND__INIT;
	Keten__V1__Header h = KETEN__V1__HEADER__INIT;
	struct content_piece pieces[2];
	struct content content = { 2, pieces };
	struct part parts[2];
	Keten__V1__Part *list[2] = { &parts[0].part, &parts[1].part };
	struct view_more more;
	uint8_t nonce[32], random[10];

	chronicle_must(digest_random(random, sizeof(random)), "id");
	*id = refid_new(c->now_ms, random);
	begin(c, from, id, nonce, &more, &st);
	n_all = recipients(c, from, all);
	/* The custodian of a signal; a request has none. */
	n_few = from != GEMEENTE && code[0] == 'S' ? 2 : 1;
	few[0] = from;
	few[1] = GEMEENTE;
	seal_part(c, from, id, KETEN__V1__PART_KIND__NOTE,
	    "gordijnen blijven dicht", all, n_all, &parts[0], &pieces[0]);
	seal_part(c, from, id, KETEN__V1__PART_KIND__PERSON,
	    "mevrouw De Vries, Dorpsstraat 1", few, n_few, &parts[1],
	    &pieces[1]);
	pieces[1].part = 1;
	h.code = pb_string(code);
	h.area = pb_string(area);
	h.urgency = urgency;
	h.basis = pb_string("G-TOE");
	h.discussed = KETEN__V1__DISCUSSED__AGREES;
	cmd.event = KETEN__V1__EVENT__SUBMIT;
	cmd.header = &h;
	cmd.parts = list;
	cmd.n_parts = 2;
	st.body_case = KETEN__V1__STATEMENT__BODY_COMMAND;
	st.command = &cmd;
	return (say(c, from, ENVELOPE_COMMAND, &st, &content));
}

enum err
chronicle_submit(struct chronicle *c, enum chronicle_cast from,
    const char *code, struct refid *id)
{
	return (chronicle_submit_as(c, from, code, "WK085501",
	    KETEN__V1__URGENCY__NORMAL, id));
}

/* --- commands ------------------------------------------------------------------- */

/* What the referral looks like to whoever speaks: a version, or an offer. */
static void
put_seen(struct chronicle *c, enum chronicle_cast who,
    const struct refid *id, Keten__V1__Command *cmd)
{
	struct referral *r =
	    arena_zero(c->a, 1, sizeof(*r));
	const struct offer *o;

	chronicle_must(r == NULL ? ERR_NOMEM : ERR_OK, "memory");
	chronicle_referral(c, id, r);
	o = referral_open_offer(r, &c->who[who].org);
	if (o != NULL)
		cmd->offer = o->number;
	else
		cmd->seen_version = r->version;
}

static enum err
command(struct chronicle *c, enum chronicle_cast who, const struct refid *id,
    Keten__V1__Event event, const char *code, bool stale)
{
	Keten__V1__Statement st;
	Keten__V1__Command cmd = KETEN__V1__COMMAND__INIT;
	struct view_more more;
	uint8_t nonce[32];

	begin(c, who, id, nonce, &more, &st);
	put_seen(c, who, id, &cmd);
	if (stale) {
		cmd.offer = 0;
		cmd.seen_version = 1;
	}
	cmd.event = event;
	if (code != NULL && event == KETEN__V1__EVENT__COMPLETE)
		cmd.outcome = pb_string(code);
	else if (code != NULL)
		cmd.reason = pb_string(code);
	st.body_case = KETEN__V1__STATEMENT__BODY_COMMAND;
	st.command = &cmd;
	return (say(c, who, ENVELOPE_COMMAND, &st, NULL));
}

enum err
chronicle_say(struct chronicle *c, enum chronicle_cast who,
    const struct refid *id, Keten__V1__Event event, const char *code)
{
	return (command(c, who, id, event, code, false));
}

enum err
chronicle_say_stale(struct chronicle *c, enum chronicle_cast who,
    const struct refid *id, Keten__V1__Event event)
{
	return (command(c, who, id, event, NULL, true));
}

enum err
chronicle_rewrap(struct chronicle *c, enum chronicle_cast from,
    enum chronicle_cast to, const struct refid *id, uint64_t record)
{
	Keten__V1__Statement st;
	Keten__V1__Rewrap rw = KETEN__V1__REWRAP__INIT;
	Keten__V1__RewrapPart p = KETEN__V1__REWRAP_PART__INIT;
	Keten__V1__RewrapPart *list[1] = { &p };
	struct content_piece had, piece;
	struct content content = { 1, &piece };
	struct seal_wrap wrap;
	struct decide_digest digest;
	struct view_more more;
	struct txn *own, *t;
	uint8_t nonce[32];

	begin(c, from, id, nonce, &more, &st);
	t = chronicle_read(c, &own);
	chronicle_must(record_content(t, record, 1, c->a, &had), "content");
	look_at(&c->look, t);
	if (!c->look.view.digest(&c->look, record, 1, &digest))
		chronicle_must(ERR_NOT_FOUND, "digest");
	chronicle_must(seal_rewrap(content_wrap_for(&had,
	    c->who[from].seal_id), &c->who[from].seal, &c->who[to].seal.pub,
	    1, &wrap), "rewrap");
	store_done(&own);
	memset(&piece, 0, sizeof(piece));
	piece.index = record;
	piece.part = 1;
	piece.n_wraps = 1;
	piece.wraps = &wrap;
	p.index = record;
	p.part = 1;
	p.sha256 = pb_of(digest.sha256, 32);
	p.plain_commit = pb_of(digest.plain_commit, 32);
	rw.to = pb_string(c->who[to].org.id);
	rw.key_id = c->who[to].seal_id;
	rw.because = c->n - 1;
	rw.parts = list;
	rw.n_parts = 1;
	st.body_case = KETEN__V1__STATEMENT__BODY_REWRAP;
	st.rewrap = &rw;
	return (say(c, from, ENVELOPE_REWRAP, &st, &content));
}

/* --- erasing --------------------------------------------------------------------- */

enum err
chronicle_ask(struct chronicle *c, enum chronicle_cast who,
    const struct refid *id, enum envelope_kind kind, const char *reason,
    int64_t until_ms)
{
	Keten__V1__Statement st;
	Keten__V1__Erase erase = KETEN__V1__ERASE__INIT;
	Keten__V1__Retain retain = KETEN__V1__RETAIN__INIT;
	Keten__V1__Unretain unretain = KETEN__V1__UNRETAIN__INIT;
	struct view_more more;
	uint8_t nonce[32];

	begin(c, who, id, nonce, &more, &st);
	erase.rule = retain.reason = unretain.reason = pb_string(reason);
	erase.level = 1;
	retain.until_ms = until_ms;
	if (kind == ENVELOPE_ERASE) {
		st.body_case = KETEN__V1__STATEMENT__BODY_ERASE;
		st.erase = &erase;
	} else if (kind == ENVELOPE_RETAIN) {
		st.body_case = KETEN__V1__STATEMENT__BODY_RETAIN;
		st.retain = &retain;
	} else {
		st.body_case = KETEN__V1__STATEMENT__BODY_UNRETAIN;
		st.unretain = &unretain;
	}
	return (say(c, who, kind, &st, NULL));
}

enum err
chronicle_erased(struct chronicle *c, enum chronicle_cast who,
    const struct refid *id, uint64_t index)
{
	Keten__V1__Statement st;
	Keten__V1__Erased erased = KETEN__V1__ERASED__INIT;
	struct view_more more;
	uint8_t nonce[32];

	begin(c, who, id, nonce, &more, &st);
	erased.index = index;
	erased.mailbox = pb_string("main");
	st.body_case = KETEN__V1__STATEMENT__BODY_ERASED;
	st.erased = &erased;
	return (say(c, who, ENVELOPE_ERASED, &st, NULL));
}

/* --- acknowledging ----------------------------------------------------------------- */

void
chronicle_ack(struct chronicle *c, enum chronicle_cast who)
{
	Keten__V1__Ack ack = KETEN__V1__ACK__INIT;
	struct view_mailbox mb;
	struct decide_in in;
	struct decision d;
	struct slice body, envelope;

	arena_reset(c->a);
	chronicle_in(c, &in);
	chronicle_must(view_mailbox(c->t, &c->who[who].org, "main", &mb),
	    "mailbox");
	if (mb.last == mb.acked) {
		if (c->in_turn == 0)
			store_abort(&c->t);
		return;
	}
	ack.version = 1;
	ack.origin = pb_string(CHRONICLE_ORIGIN);
	ack.partner = pb_string(c->who[who].org.id);
	ack.device = pb_string("adapter");
	ack.mailbox = pb_string("main");
	ack.n = mb.last;
	mb.last_hash[0] ^= c->bad_running ? 1 : 0;
	ack.running_hash = pb_of(mb.last_hash, 32);
	ack.made_ms = c->now_ms;
	if (c->point.size > 0) {
		ack.seen_size = c->point.size;
		ack.seen_root = pb_of(c->point.root, 32);
	}
	chronicle_must(pb_pack(c->a, &ack.base, &body), "pack");
	envelope = sign(c, who, ENVELOPE_ACK, &body);
	chronicle_must(decide_ack(&in, &ack, &d), "ack");
	chronicle_write(c, &d, envelope, NULL);
}

/* --- the catalogue ----------------------------------------------------------------- */

static const struct refid no_referral;

enum err
chronicle_offers(struct chronicle *c, enum chronicle_cast who,
    const char *service, const char *status)
{
	Keten__V1__Statement st;
	Keten__V1__CatalogueEntry e = KETEN__V1__CATALOGUE_ENTRY__INIT;
	struct view_more more;
	uint8_t nonce[32];

	begin(c, who, &no_referral, nonce, &more, &st);
	st.referral.len = 0;
	e.service = pb_string(service);
	e.status = pb_string(status);
	e.capacity = KETEN__V1__CAPACITY__HAS;
	e.checked_ms = c->now_ms;
	e.checked_by = pb_string("WIJK-1");
	st.body_case = KETEN__V1__STATEMENT__BODY_CATALOGUE;
	st.catalogue = &e;
	return (say(c, who, ENVELOPE_CATALOGUE, &st, NULL));
}

enum err
chronicle_missing(struct chronicle *c, enum chronicle_cast who,
    const char *code)
{
	Keten__V1__Statement st;
	Keten__V1__Missing m = KETEN__V1__MISSING__INIT;
	struct view_more more;
	uint8_t nonce[32];

	begin(c, who, &no_referral, nonce, &more, &st);
	st.referral.len = 0;
	m.code = pb_string(code);
	m.area = pb_string("WK085501");
	st.body_case = KETEN__V1__STATEMENT__BODY_MISSING;
	st.missing = &m;
	return (say(c, who, ENVELOPE_MISSING, &st, NULL));
}
