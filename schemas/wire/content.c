/*
 * content -- the content frame: sealed parts and their wraps.
 */
#include <string.h>

#include "trust/digest.h"
#include "wire/content.h"
#include "wire/frame.h"
#include "wire/pb.h"

/**
 * content_pack_sealed(a, sealed, bytes, sha256):
 * Serialise ${sealed} into ${a} and hash the result.
 */
enum err
content_pack_sealed(struct arena *a, const struct sealed *sealed,
    struct slice *bytes, uint8_t sha256[32])
{
	Keten__V1__Sealed m;
	struct slice out;
	enum err err;

	keten__v1__sealed__init(&m);
	m.protected_header = pb_data(sealed->protected);
	m.aad = arena_text(a, sealed->aad);
	if (m.aad == NULL)
		return (ERR_NOMEM);
	m.iv = pb_of(sealed->iv, sizeof(sealed->iv));
	m.ciphertext = pb_data(sealed->ciphertext);
	m.tag = pb_of(sealed->tag, sizeof(sealed->tag));
	if ((err = pb_pack(a, &m.base, &out)) != ERR_OK)
		return (err);
	digest_of(out.p, out.len, sha256);
	*bytes = out;
	return (ERR_OK);
}

/**
 * content_parse_sealed(a, bytes, sealed, rule):
 * Read the bytes of one sealed part and check its shape.
 */
enum err
content_parse_sealed(struct arena *a, struct slice bytes,
    struct sealed *sealed, const char **rule)
{
	Keten__V1__Sealed *m;
	struct sealed s;
	enum err err;

	err = pb_unpack_why(a, &keten__v1__sealed__descriptor, bytes,
	    &prescan_content, &m, rule);
	if (err != ERR_OK)
		return (err);
	s.protected = pb_slice(m->protected_header);
	s.aad = slice_str(m->aad);
	s.ciphertext = pb_slice(m->ciphertext);
	if (pb_bytes(m->iv, sizeof(s.iv), s.iv) != ERR_OK ||
	    pb_bytes(m->tag, sizeof(s.tag), s.tag) != ERR_OK ||
	    seal_shape(&s) != ERR_OK)
		return (pb_refuse(ERR_MALFORMED,
		    "een verzegeld deel heeft niet de vaste vorm", rule));
	*sealed = s;
	return (ERR_OK);
}

static Keten__V1__Wrap *
wrap_out(struct arena *a, const struct seal_wrap *w)
{
	Keten__V1__Wrap *m = arena_alloc(a, sizeof(*m));

	if (m == NULL)
		return (NULL);
	keten__v1__wrap__init(m);
	m->key_id = pb_string(w->key_id);
	m->epk_x = pb_of(w->epk_x, sizeof(w->epk_x));
	m->epk_y = pb_of(w->epk_y, sizeof(w->epk_y));
	m->encrypted_key = pb_of(w->encrypted_key, sizeof(w->encrypted_key));
	return (m);
}

static Keten__V1__Piece *
piece_out(struct arena *a, const struct content_piece *p)
{
	Keten__V1__Piece *m = arena_alloc(a, sizeof(*m));

	if (m == NULL)
		return (NULL);
	keten__v1__piece__init(m);
	m->index = p->index;
	m->part = p->part;
	m->kind = p->kind;
	m->sealed = pb_data(p->bytes);
	m->wraps = arena_zero(a, p->n_wraps, sizeof(*m->wraps));
	if (m->wraps == NULL)
		return (NULL);
	for (; m->n_wraps < p->n_wraps; m->n_wraps++)
		if ((m->wraps[m->n_wraps] =
		    wrap_out(a, &p->wraps[m->n_wraps])) == NULL)
			return (NULL);
	return (m);
}

/* Do these pieces go into one frame? */
static bool
fits(const struct content_piece *pieces, size_t n)
{
	size_t room = FRAME_PARTS_MAX;

	if (n > CONTENT_PIECES_MAX)
		return (false);
	for (size_t i = 0; i < n; i++) {
		if (pieces[i].bytes.len > room ||
		    pieces[i].n_wraps > SEAL_WRAPS_MAX)
			return (false);
		room -= pieces[i].bytes.len;
	}
	return (true);
}

/**
 * content_pack(a, pieces, n, out):
 * Serialise a frame of ${n} pieces into ${a} and point ${out} at it.
 */
enum err
content_pack(struct arena *a, const struct content_piece *pieces, size_t n,
    struct slice *out)
{
	Keten__V1__Content m = KETEN__V1__CONTENT__INIT;

	if (!fits(pieces, n))
		return (ERR_TOO_BIG);
	m.pieces = arena_zero(a, n, sizeof(*m.pieces));
	if (m.pieces == NULL)
		return (ERR_NOMEM);
	for (; m.n_pieces < n; m.n_pieces++)
		if ((m.pieces[m.n_pieces] =
		    piece_out(a, &pieces[m.n_pieces])) == NULL)
			return (ERR_NOMEM);
	return (pb_pack_within(a, FRAME_CONTENT_MAX, &m.base, out));
}

/* The id of a sealing key: 16 hexadecimal digits, lower case. */
static bool
is_key_id(const char *text)
{
	return (strlen(text) == SEAL_KEY_ID - 1 &&
	    strspn(text, "0123456789abcdef") == SEAL_KEY_ID - 1);
}

static enum err
wrap_in(const Keten__V1__Wrap *m, struct seal_wrap *w)
{
	if (!is_key_id(m->key_id) ||
	    pb_bytes(m->epk_x, sizeof(w->epk_x), w->epk_x) != ERR_OK ||
	    pb_bytes(m->epk_y, sizeof(w->epk_y), w->epk_y) != ERR_OK)
		return (ERR_MALFORMED);
	memcpy(w->key_id, m->key_id, SEAL_KEY_ID);
	return (pb_bytes(m->encrypted_key, sizeof(w->encrypted_key),
	    w->encrypted_key));
}

static bool
is_twice(const struct seal_wrap *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(w[i].key_id, w[n].key_id) == 0)
			return (true);
	return (false);
}

static enum err
wraps_in(struct arena *a, const Keten__V1__Piece *m, struct content_piece *p,
    const char **rule)
{
	struct seal_wrap *w;

	if (m->n_wraps > SEAL_WRAPS_MAX)
		return (pb_refuse(ERR_MALFORMED, "hoogstens 16 ontvangers",
		    rule));
	w = arena_zero(a, m->n_wraps, sizeof(*w));
	if (w == NULL)
		return (pb_refuse(ERR_NOMEM, "geen geheugen", rule));
	for (size_t i = 0; i < m->n_wraps; i++)
		if (wrap_in(m->wraps[i], &w[i]) != ERR_OK || is_twice(w, i))
			return (pb_refuse(ERR_MALFORMED,
			    "een sleutelomslag heeft niet de vaste vorm",
			    rule));
	p->n_wraps = m->n_wraps;
	p->wraps = w;
	return (ERR_OK);
}

static enum err
piece_in(struct arena *a, const Keten__V1__Piece *m, struct content_piece *p,
    const char **rule)
{
	p->index = m->index;
	p->part = m->part;
	p->kind = m->kind;
	p->bytes = pb_slice(m->sealed);
	if (m->part >= CONTENT_PIECES_MAX)
		return (pb_refuse(ERR_MALFORMED, "een deel heeft een te hoog "
		    "nummer", rule));
	if (m->sealed.len > 0 &&
	    m->kind == KETEN__V1__PART_KIND__PART_KIND_UNSPECIFIED)
		return (pb_refuse(ERR_MALFORMED, "een deel zonder soort",
		    rule));
	digest_of(p->bytes.p, p->bytes.len, p->sha256);
	if (p->bytes.len > 0) {
		enum err err = content_parse_sealed(a, p->bytes, &p->sealed,
		    rule);

		if (err != ERR_OK)
			return (err);
	} else if (m->n_wraps == 0)
		return (pb_refuse(ERR_MALFORMED, "een deel zonder inhoud",
		    rule));
	return (wraps_in(a, m, p, rule));
}

/* Look at sizes before each part is read once more. */
static enum err
check_sizes(const Keten__V1__Content *m, const char **rule)
{
	size_t room = FRAME_PARTS_MAX;

	if (m->n_pieces == 0 || m->n_pieces > CONTENT_PIECES_MAX)
		return (pb_refuse(ERR_MALFORMED, "een tot 32 delen", rule));
	for (size_t i = 0; i < m->n_pieces; i++) {
		if (m->pieces[i]->sealed.len > room)
			return (pb_refuse(ERR_TOO_BIG,
			    "inhoud samen hoogstens 256 KiB", rule));
		room -= m->pieces[i]->sealed.len;
	}
	return (ERR_OK);
}

/**
 * content_parse(a, frame, content, rule):
 * Read a content frame into ${a} and check the shape of everything in it.
 */
enum err
content_parse(struct arena *a, struct slice frame, struct content *content,
    const char **rule)
{
	struct content_piece *p;
	Keten__V1__Content *m;
	enum err err;

	err = pb_unpack_why(a, &keten__v1__content__descriptor, frame,
	    &prescan_content, &m, rule);
	if (err == ERR_OK)
		err = check_sizes(m, rule);
	if (err != ERR_OK)
		return (err);
	p = arena_zero(a, m->n_pieces, sizeof(*p));
	if (p == NULL)
		return (pb_refuse(ERR_NOMEM, "geen geheugen", rule));
	for (size_t i = 0; i < m->n_pieces; i++)
		if ((err = piece_in(a, m->pieces[i], &p[i], rule)) != ERR_OK)
			return (err);
	content->n = m->n_pieces;
	content->pieces = p;
	return (ERR_OK);
}

/**
 * content_check_piece(piece, part, rule):
 * Check one piece against the part of the statement that announced it.
 */
enum err
content_check_piece(const struct content_piece *piece,
    const Keten__V1__Part *part, const char **rule)
{
	if (piece->bytes.len == 0 || piece->kind != part->kind)
		return (pb_refuse(ERR_DIGEST, "een deel van een andere soort "
		    "dan ondertekend", rule));
	if (!slice_eq(pb_slice(part->sha256), slice_of(piece->sha256, 32)))
		return (pb_refuse(ERR_DIGEST, "een deel met een andere "
		    "SHA-256 dan ondertekend", rule));
	if (piece->sealed.ciphertext.len != part->length)
		return (pb_refuse(ERR_DIGEST, "een deel met een andere "
		    "lengte dan ondertekend", rule));
	return (ERR_OK);
}

static enum err
check_wraps(const struct content_piece *piece, const Keten__V1__Part *part,
    const char **rule)
{
	bool same = piece->n_wraps == part->n_wrapped_for;

	for (size_t i = 0; same && i < piece->n_wraps; i++)
		same = strcmp(piece->wraps[i].key_id,
		    part->wrapped_for[i]) == 0;
	if (!same)
		return (pb_refuse(ERR_DIGEST, "een deel met andere ontvangers "
		    "dan ondertekend", rule));
	return (ERR_OK);
}

/**
 * content_check(content, parts, n_parts, rule):
 * Check that ${content} is what the parts of a command announce.
 */
enum err
content_check(const struct content *content, Keten__V1__Part *const *parts,
    size_t n_parts, const char **rule)
{
	if (content->n != n_parts)
		return (pb_refuse(ERR_DIGEST, "een ander aantal delen dan "
		    "ondertekend", rule));
	for (size_t i = 0; i < n_parts; i++) {
		const struct content_piece *p = &content->pieces[i];
		enum err err;

		if (p->index != 0 || p->part != i)
			return (pb_refuse(ERR_DIGEST, "de delen staan niet op "
			    "volgorde", rule));
		err = content_check_piece(p, parts[i], rule);
		if (err == ERR_OK)
			err = check_wraps(p, parts[i], rule);
		if (err != ERR_OK)
			return (err);
	}
	return (ERR_OK);
}

/**
 * content_check_rewrap(content, rewrap, rule):
 * Check that ${content} is what ${rewrap} announces.
 */
enum err
content_check_rewrap(const struct content *content,
    const Keten__V1__Rewrap *rewrap, const char **rule)
{
	bool same = content->n == rewrap->n_parts;

	for (size_t i = 0; same && i < content->n; i++) {
		const struct content_piece *p = &content->pieces[i];

		same = p->bytes.len == 0 && p->n_wraps == 1 &&
		    p->index == rewrap->parts[i]->index &&
		    p->part == rewrap->parts[i]->part &&
		    strcmp(p->wraps[0].key_id, rewrap->key_id) == 0;
	}
	if (!same)
		return (pb_refuse(ERR_DIGEST, "andere sleutelomslagen dan "
		    "ondertekend", rule));
	return (ERR_OK);
}

/**
 * content_wrap_for(piece, key_id):
 * Return the wrap of ${piece} for ${key_id}, or NULL.
 */
const struct seal_wrap *
content_wrap_for(const struct content_piece *piece, const char *key_id)
{
	for (size_t i = 0; i < piece->n_wraps; i++)
		if (strcmp(piece->wraps[i].key_id, key_id) == 0)
			return (&piece->wraps[i]);
	return (NULL);
}
