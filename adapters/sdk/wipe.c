#include "sdk/wipe.h"
#include "wire/envelope.h"
#include "wire/statement.h"

#define ROW 16

static struct spool_key
key_of(const struct refid *id)
{
	return (spool_key_of(id->b, sizeof(id->b)));
}

enum err
wipe_put(struct spool_txn *txn, const struct refid *id, uint64_t index,
    uint64_t place)
{
	uint8_t row[ROW];

	be64_put(row, index);
	be64_put(row + 8, place);
	return (spool_put(txn, SPOOL_WIPE, key_of(id),
	    slice_of(row, sizeof(row))));
}

enum err
wipe_get(struct spool_txn *txn, struct arena *a, const struct refid *id,
    struct wipe *w)
{
	struct slice v;
	enum err err = spool_get(txn, SPOOL_WIPE, key_of(id), a, &v);

	if (err != ERR_OK)
		return (err);
	if (v.len != ROW)
		return (ERR_CORRUPT);
	w->index = be64_get(v.p);
	w->place = be64_get(v.p + 8);
	return (ERR_OK);
}

enum err
wipe_drop(struct spool_txn *txn, const struct refid *id)
{
	return (spool_del(txn, SPOOL_WIPE, key_of(id)));
}

enum err
wipe_unsigned(struct spool_txn *txn, struct arena *a,
    const struct outgoing *out)
{
	Keten__V1__Statement *st;
	struct envelope env;

	if (out->ticket != 0 ||
	    envelope_parse(a, out->envelope, &env, NULL) != ERR_OK ||
	    env.kind != ENVELOPE_ERASED ||
	    statement_parse(a, env.kind, env.body, &st, NULL) != ERR_OK)
		return (ERR_OK);
	return (wipe_put(txn, &out->referral, st->erased->index, 0));
}
