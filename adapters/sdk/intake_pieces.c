/*
 * intake -- the sealed parts that came along.
 */
#include <string.h>

#include "base/say.h"
#include "sdk/intake.h"
#include "sdk/scribe.h"
#include "sdk/sealer.h"
#include "wire/pb.h"

/* The announced part ${part} of record ${index} about ${id}; NULL if it is not
 * known.  In the record that came, or in one that is filed. */
static const Keten__V1__Part *
announced(struct steward *s, struct spool_txn *txn, const struct refid *id,
    const struct arrival *v, uint64_t index, uint32_t part)
{
	const Keten__V1__Facts *f = v->w.facts;
	struct filing filed;
	struct witnessed w;
	const char *what;

	if (index != v->w.index) {
		if (casebook_record(txn, s->k->a, id, index, &filed) !=
			ERR_OK ||
		    witness_record(s->k->a, filed.record, &w, &what) != ERR_OK)
			return (NULL);
		f = w.facts;
	}
	return (part < f->n_parts ? f->parts[part] : NULL);
}

/* Who sealed it stands in its aad: keten1|origin|from|... */
static struct org
sealed_by(struct slice aad)
{
	char from[ORG_MAX + 1];
	size_t bars = 0, n = 0;

	for (size_t i = 0; i < aad.len && bars < 3; i++) {
		if (aad.p[i] == '|')
			bars++;
		else if (bars == 2 && n < ORG_MAX)
			from[n++] = (char)aad.p[i];
	}
	from[n] = '\0';
	return (org_of(from));
}

/* The nonce is the last field of the aad, as 32 digits. */
static bool
nonce_in(struct slice aad, uint8_t nonce[16])
{
	char digits[33];

	if (aad.len < 33 || aad.p[aad.len - 33] != '|')
		return (false);
	memcpy(digits, aad.p + aad.len - 32, 32);
	digits[32] = '\0';
	return (hex_decode(digits, nonce, 16));
}

/*
 * A new holder also gets what was written before its time, in records that it
 * never saw.  Then the REWRAP says, over the signature of a party, which bytes
 * they are; the rest stands in the aad, which is among those bytes.
 */
static const Keten__V1__Part *
vouched(struct steward *s, const struct arrival *v,
    const struct content_piece *cp, uint64_t index)
{
	Keten__V1__Part *part = arena_zero(s->k->a, 1, sizeof(*part));
	uint8_t *nonce = arena_alloc(s->k->a, 16);
	const Keten__V1__Rewrap *rw;

	if (part == NULL || nonce == NULL || !v->has_said ||
	    v->said.st->body_case != KETEN__V1__STATEMENT__BODY_REWRAP ||
	    !nonce_in(cp->sealed.aad, nonce))
		return (NULL);
	rw = v->said.st->rewrap;
	for (size_t i = 0; i < rw->n_parts; i++) {
		if (rw->parts[i]->index != index ||
		    rw->parts[i]->part != cp->part)
			continue;
		keten__v1__part__init(part);
		part->kind = cp->kind;
		part->sha256 = rw->parts[i]->sha256;
		part->plain_commit = rw->parts[i]->plain_commit;
		part->length = (uint32_t)cp->sealed.ciphertext.len;
		part->nonce = pb_of(nonce, 16);
		return (part);
	}
	return (NULL);
}

static bool
fill(const struct device *dev, const struct content_piece *cp,
    const Keten__V1__Part *part, uint64_t index, struct piece *p)
{
	const struct seal_wrap *wrap;

	memset(p, 0, sizeof(*p));
	p->index = index;
	p->part = cp->part;
	p->kind = part->kind;
	p->sealed = cp->bytes;
	if (pb_bytes(part->sha256, 32, p->sha256) != ERR_OK ||
	    pb_bytes(part->plain_commit, 32, p->plain_commit) != ERR_OK ||
	    pb_bytes(part->nonce, 16, p->nonce) != ERR_OK)
		return (false);
	if (cp->bytes.len > 0)
		p->from = sealed_by(cp->sealed.aad);
	if ((wrap = sealer_own_wrap(dev, cp)) != NULL) {
		p->has_wrap = true;
		p->wrap = *wrap;
	}
	return (true);
}

/* Tell B and the broker, signed, that this part is of no use to us. */
static MUST_CHECK enum err
say_unreadable(struct steward *s, struct spool_txn *txn,
    const struct refid *id, const struct piece *p,
    Keten__V1__UnreadableWhy why)
{
	struct say_ctx ctx = { .referral = id };
	struct draft *d = arena_zero(s->k->a, 1, sizeof(*d));
	uint64_t number;

	if (d == NULL)
		return (ERR_NOMEM);
	say(SAY_UNREADABLE, &ctx, "part %u of record %llu", p->part,
	    (unsigned long long)p->index);
	d->kind = ENVELOPE_UNREADABLE;
	d->referral = *id;
	keten__v1__unreadable__init(&d->unreadable);
	d->unreadable.index = p->index;
	d->unreadable.part = p->part;
	d->unreadable.why = why;
	return (scribe_sign(s->k, txn, s->k->a, d, &number));
}

/* What a note says more exactly than the header. */
static MUST_CHECK enum err
learn_note(struct steward *s, struct spool_txn *txn, const struct refid *id,
    struct slice body)
{
	struct dossier c;
	char code[16], area[16];
	enum err err;

	sealer_note(body, code, area, sizeof(code));
	if (code[0] == '\0' && area[0] == '\0')
		return (ERR_OK);
	err = casebook_get(txn, s->k->a, id, &c);
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	memcpy(c.exact_code, code, sizeof(code));
	memcpy(c.exact_area, area, sizeof(area));
	return (casebook_put(txn, s->k->a, &c));
}

/* Open it once to know that it opens; what is inside is not kept. */
static MUST_CHECK enum err
try_open(struct steward *s, struct spool_txn *txn, const struct refid *id,
    const struct piece *at)
{
	struct seal_opened opened;
	Keten__V1__UnreadableWhy why;
	struct piece p;
	enum err err, known;

	known = casebook_piece_get(txn, s->k->a, id, at->index, at->part, &p);
	if (known != ERR_OK || !p.has_wrap || p.sealed.len == 0 ||
	    p.state == PIECE_OPENS)
		return (known);
	err = sealer_open(&s->k->dev, id, &p, &opened, &why);
	if (err == ERR_NOMEM)
		return (err);
	if (err == ERR_OK) {
		if (p.kind == KETEN__V1__PART_KIND__NOTE)
			known = learn_note(s, txn, id, opened.body);
		seal_opened_fini(&opened);
		p.state = PIECE_OPENS;
		return (known == ERR_OK
			? casebook_piece_put(txn, s->k->a, id, &p)
			: known);
	}
	if (p.state == PIECE_FAILS)
		return (ERR_OK);
	p.state = PIECE_FAILS;
	if ((err = casebook_piece_put(txn, s->k->a, id, &p)) != ERR_OK)
		return (err);
	return (say_unreadable(s, txn, id, &p, why));
}

/*
 * What opened with a key that is not here any more does not open: forget that
 * it did, so that the new wrap counts.
 */
static MUST_CHECK enum err
forget_lost(struct steward *s, struct spool_txn *txn, const struct refid *id,
    const struct piece *p)
{
	size_t mark = arena_used(s->k->a);
	struct piece old;
	enum err err = casebook_piece_get(txn, s->k->a, id, p->index, p->part,
	    &old);

	if (err == ERR_OK && p->has_wrap && old.state == PIECE_OPENS &&
	    old.has_wrap &&
	    keybox_seal(&s->k->dev.box, old.wrap.key_id) == NULL)
		err = casebook_piece_shut(txn, id, &old);
	arena_rewind(s->k->a, mark);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static MUST_CHECK enum err
take_piece(struct steward *s, struct spool_txn *txn, const struct refid *id,
    const struct arrival *v, const struct content_piece *cp, uint32_t *mask,
    const char **what)
{
	uint64_t index = cp->index == 0 ? v->w.index : cp->index;
	const Keten__V1__Part *part;
	struct piece p;
	enum err err;

	part = announced(s, txn, id, v, index, cp->part);
	if (part == NULL)
		part = vouched(s, v, cp, index);
	/* From a record that we never saw, and nobody vouches for it: it may be
	 * anybody's, so it is not kept. */
	if (part == NULL && index != v->w.index)
		return (ERR_OK);
	if (part == NULL || !fill(&s->k->dev, cp, part, index, &p)) {
		*what = "er kwam inhoud die niemand aankondigde";
		return (ERR_DIGEST);
	}
	if (cp->bytes.len > 0 && content_check_piece(cp, part, NULL) !=
		ERR_OK) {
		*what = "de inhoud is een andere dan ondertekend";
		return (ERR_DIGEST);
	}
	*mask |= 1u << (unsigned)part->kind;
	if ((err = forget_lost(s, txn, id, &p)) != ERR_OK)
		return (err);
	err = casebook_piece_put(txn, s->k->a, id, &p);
	return (err == ERR_OK ? try_open(s, txn, id, &p) : err);
}

enum err
intake_pieces(struct steward *s, struct spool_txn *txn, const struct refid *id,
    const struct arrival *v, uint32_t *mask, const char **what)
{
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < v->content.n; i++)
		err = take_piece(s, txn, id, v, &v->content.pieces[i], mask,
		    what);
	return (err);
}
