/*
 * sealer -- parts of our own sealed, parts of others opened.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "sdk/sealer.h"
#include "trust/digest.h"
#include "wire/pb.h"

static const char *
part_name(Keten__V1__PartKind kind)
{
	if (kind == KETEN__V1__PART_KIND__NOTE)
		return ("note");
	return (kind == KETEN__V1__PART_KIND__PERSON ? "person" : "text");
}

void
sealer_add(struct sealer_keys *keys, const struct seal_public *key)
{
	if (key == NULL || keys->n == SEAL_WRAPS_MAX)
		return;
	for (size_t i = 0; i < keys->n; i++)
		if (memcmp(&keys->key[i], key, sizeof(*key)) == 0)
			return;
	keys->key[keys->n++] = *key;
}

static bool
put_member(json_t *o, const char *name, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return (true);
	return (json_object_set_new(o, name, json_string(text)) == 0);
}

enum err
sealer_body(const char *text, const char *code, const char *area, char **out)
{
	json_t *o = json_object();
	char *json = NULL;

	if (o == NULL)
		return (ERR_NOMEM);
	if (json_object_set_new(o, "text",
		json_string(text == NULL ? "" : text)) != 0 ||
	    !put_member(o, "code", code) || !put_member(o, "area", area)) {
		json_decref(o);
		return (ERR_MALFORMED);
	}
	json = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (json == NULL)
		return (ERR_NOMEM);
	*out = json;
	return (ERR_OK);
}

/* ---- sealing -------------------------------------------------------------- */

static MUST_CHECK enum err
fill_piece(struct arena *a, const struct seal_made *made,
    Keten__V1__PartKind kind, struct content_piece *piece)
{
	struct slice wraps;

	memset(piece, 0, sizeof(*piece));
	piece->kind = kind;
	if (arena_copy(a, slice_of(made->wraps,
		made->n_wraps * sizeof(made->wraps[0])), &wraps) != 0)
		return (ERR_NOMEM);
	piece->wraps = (const void *)wraps.p;
	piece->n_wraps = made->n_wraps;
	return (content_pack_sealed(a, &made->sealed, &piece->bytes,
	    piece->sha256));
}

static MUST_CHECK enum err
fill_part(struct arena *a, const struct seal_made *made,
    const uint8_t nonce[16], const struct content_piece *piece,
    Keten__V1__Part **out)
{
	Keten__V1__Part *part = arena_zero(a, 1, sizeof(*part));
	char **ids = arena_zero(a, made->n_wraps, sizeof(*ids));
	struct slice sha, commit, once;

	if (part == NULL || ids == NULL ||
	    arena_copy(a, slice_of(piece->sha256, 32), &sha) != 0 ||
	    arena_copy(a, slice_of(made->plain_commit, 32), &commit) != 0 ||
	    arena_copy(a, slice_of(nonce, 16), &once) != 0)
		return (ERR_NOMEM);
	keten__v1__part__init(part);
	part->kind = piece->kind;
	part->sha256 = pb_data(sha);
	part->length = (uint32_t)made->sealed.ciphertext.len;
	part->plain_commit = pb_data(commit);
	part->nonce = pb_data(once);
	for (size_t i = 0; i < made->n_wraps; i++)
		if ((ids[i] = arena_text(a,
			 slice_str(made->wraps[i].key_id))) == NULL)
			return (ERR_NOMEM);
	part->wrapped_for = ids;
	part->n_wrapped_for = made->n_wraps;
	*out = part;
	return (ERR_OK);
}

enum err
sealer_make(struct arena *a, const struct device *dev,
    const struct refid *referral, Keten__V1__PartKind kind, struct slice body,
    const struct sealer_keys *keys, struct content_piece *piece,
    Keten__V1__Part **part)
{
	struct seal_made made;
	uint8_t nonce[16];
	char aad[SEAL_AAD_MAX];
	size_t len;
	enum err err;

	if ((err = digest_random(nonce, sizeof(nonce))) != ERR_OK ||
	    (err = seal_aad(dev->origin, &dev->partner, referral,
		 part_name(kind), nonce, aad, &len)) != ERR_OK ||
	    (err = seal_make(body, slice_of(aad, len), keys->key, keys->n,
		 &made)) != ERR_OK)
		return (err);
	err = fill_piece(a, &made, kind, piece);
	if (err == ERR_OK)
		err = fill_part(a, &made, nonce, piece, part);
	seal_made_fini(&made);
	return (err);
}

const struct seal_wrap *
sealer_own_wrap(const struct device *dev, const struct content_piece *cp)
{
	const struct seal_wrap *wrap;
	char id[SEAL_KEY_ID];

	seal_key_id(&dev->seal.pub, id);
	wrap = content_wrap_for(cp, id);
	for (size_t i = 0; wrap == NULL && i < dev->box.n_seal; i++)
		wrap = content_wrap_for(cp, dev->box.seal[i].id);
	return (wrap);
}

/* ---- opening -------------------------------------------------------------- */

static MUST_CHECK enum err
open_sealed(struct arena *a, const struct device *dev,
    const struct refid *referral, const struct piece *p,
    struct seal_opened *opened, Keten__V1__UnreadableWhy *why)
{
	struct sealed sealed;
	uint8_t sha[32];
	char aad[SEAL_AAD_MAX];
	size_t len;
	const struct seal_key *key = keybox_seal(&dev->box, p->wrap.key_id);
	enum err err;

	*why = KETEN__V1__UNREADABLE_WHY__OTHER_DIGEST;
	digest_of(p->sealed.p, p->sealed.len, sha);
	if (!digest_eq(sha, p->sha256) ||
	    content_parse_sealed(a, p->sealed, &sealed, NULL) != ERR_OK)
		return (ERR_DIGEST);
	*why = KETEN__V1__UNREADABLE_WHY__WRAP_FAILED;
	err = seal_aad(dev->origin, &p->from, referral, part_name(p->kind),
	    p->nonce, aad, &len);
	if (err == ERR_OK)
		err = key == NULL ? ERR_NOT_FOUND
				  : seal_open(&sealed, &p->wrap, key,
					slice_of(aad, len), opened);
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_CRYPTO : err);
	*why = KETEN__V1__UNREADABLE_WHY__OTHER_PLAINTEXT;
	if (!digest_eq(opened->plain_commit, p->plain_commit)) {
		seal_opened_fini(opened);
		return (ERR_DIGEST);
	}
	return (ERR_OK);
}

enum err
sealer_open(const struct device *dev, const struct refid *referral,
    const struct piece *p, struct seal_opened *opened,
    Keten__V1__UnreadableWhy *why)
{
	struct arena *a;
	enum err err;

	*why = KETEN__V1__UNREADABLE_WHY__NO_WRAP;
	if (!p->has_wrap || p->sealed.len == 0)
		return (ERR_NOT_FOUND);
	if ((a = arena_new(p->sealed.len * 2 + 8192)) == NULL)
		return (ERR_NOMEM);
	err = open_sealed(a, dev, referral, p, opened, why);
	arena_free(a);
	return (err);
}

static void
copy_member(const json_t *o, const char *name, char *out, size_t cap)
{
	const char *text = json_string_value(json_object_get(o, name));
	size_t n = text == NULL ? 0 : strlen(text);

	out[0] = '\0';
	if (n == 0 || n >= cap)
		return;
	memcpy(out, text, n + 1);
}

void
sealer_note(struct slice body, char *code, char *area, size_t cap)
{
	json_t *o = json_loadb((const char *)body.p, body.len,
	    JSON_REJECT_DUPLICATES, NULL);

	copy_member(o, "code", code, cap);
	copy_member(o, "area", area, cap);
	json_decref(o);
}
