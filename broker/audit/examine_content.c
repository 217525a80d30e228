/*
 * examine_content -- the sealed parts: are they what was signed?
 *
 * Nobody but the recipients can open them.  What can be seen without a key is
 * that the bytes are those whose digest was signed, and that each recipient
 * who was announced has its wrap.
 */
#include <inttypes.h>
#include <string.h>

#include "audit/examine_in.h"
#include "wire/pb.h"

/* Say why a part cannot be read; a part that is gone is asked for later. */
static enum err
no_part(struct examiner *e, enum err err, uint64_t index, uint32_t part,
    struct examined *out)
{
	if (examine_is_trouble(err))
		return (err);
	if (err == ERR_CONTENT_GONE)
		out->lost_content = true;
	else if (err == ERR_NOT_FOUND)
		findings_add(e->x->f, VERDICT_MISSING, index,
		    "verzegeld deel %" PRIu32 " ontbreekt, en er is geen "
		    "wissing van", part);
	else
		findings_add(e->x->f, VERDICT_HASH, index,
		    "verzegeld deel %" PRIu32 " is veranderd", part);
	return (ERR_OK);
}

/* Everybody for whom the sender signed that there is a wrap has one. */
static void
check_wraps(struct examiner *e, uint32_t part,
    const struct content_piece *piece, const struct examined *out)
{
	const struct keyring *keys = history_keys(e->x->history);
	const Keten__V1__Part *p;

	if (e->command == NULL || part >= e->command->n_parts)
		return;
	p = e->command->parts[part];
	for (size_t i = 0; i < p->n_wrapped_for; i++) {
		const char *id = p->wrapped_for[i];
		const struct keyring_seal *k = keyring_seal_by_id(keys, id);

		if (content_wrap_for(piece, id) == NULL)
			findings_add(e->x->f, VERDICT_MISSING, out->index,
			    "de sleutelkopie van deel %" PRIu32
			    " voor %.16s ontbreekt", part, id);
		if ((k == NULL || k->added >= out->index) &&
		    !history_has_lost_key(e->x->history, out->index))
			findings_add(e->x->f, VERDICT_KEY, out->index,
			    "deel %" PRIu32 " is verzegeld voor een sleutel "
			    "die toen niet bekend was: %.16s", part, id);
	}
}

static MUST_CHECK enum err
check_part(struct examiner *e, uint32_t part, struct examined *out)
{
	const Keten__V1__Part *p = out->facts->parts[part];
	struct content_piece piece;
	size_t mark = arena_used(e->a);
	enum err err = record_content(e->txn, out->index, part, e->a, &piece);

	if (err != ERR_OK) {
		err = no_part(e, err, out->index, part, out);
	} else if (p->sha256.len != 32 ||
	    memcmp(p->sha256.data, piece.sha256, 32) != 0) {
		findings_add(e->x->f, VERDICT_HASH, out->index,
		    "verzegeld deel %" PRIu32 " is niet het deel dat "
		    "ondertekend is", part);
	} else {
		out->content_bytes += piece.bytes.len;
		check_wraps(e, part, &piece, out);
	}
	arena_rewind(e->a, mark);
	return (err);
}

/* A REWRAP brought a wrap for each part it names. */
static MUST_CHECK enum err
check_rewrap(struct examiner *e, struct examined *out)
{
	const Keten__V1__RewrapFacts *r = out->facts->rewrap;

	for (size_t i = 0; i < r->n_parts; i++) {
		bool has = false, lost = out->lost_content;
		enum err err = record_has_wrap(e->txn, r->parts[i]->index,
		    r->parts[i]->part, r->key_id, &has);

		/* The part itself is found at its own record. */
		if (examine_is_trouble(err))
			return (err);
		if (err == ERR_OK && !has && !lost)
			findings_add(e->x->f, VERDICT_MISSING, out->index,
			    "de sleutelkopie van record %" PRIu64 " deel %"
			    PRIu32 " voor %.16s ontbreekt",
			    r->parts[i]->index, r->parts[i]->part,
			    r->key_id);
	}
	return (ERR_OK);
}

enum err
examine_content(struct examiner *e, struct examined *out)
{
	enum err err = ERR_OK;

	for (uint32_t i = 0; i < out->facts->n_parts && err == ERR_OK; i++)
		err = check_part(e, i, out);
	if (err == ERR_OK && out->facts->rewrap != NULL)
		err = check_rewrap(e, out);
	return (err);
}
