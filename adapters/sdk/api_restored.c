/*
 * api_restored -- the broker lost the end of its log and goes on from a backup.
 *
 * That is a fork, and is treated as one until a person decides, who heard the
 * size and the root of the tree that goes on from whoever answers for the
 * broker, in another way than through it.  From then on only a log that holds
 * that very tree is taken.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/say.h"
#include "sdk/casebook.h"
#include "sdk/handle.h"
#include "sdk/steward.h"
#include "sdk/still.h"
#include "sdk/tidings.h"

/* "1234:<64 digits>", as `ketenctl guard` shows them. */
static bool
read_tree(const char *text, uint64_t *size, uint8_t root[32])
{
	int used = 0;
	unsigned long long n;

	if (sscanf(text, "%llu:%n", &n, &used) != 1 || used == 0 ||
	    text[0] == '-' || !hex_decode(text + used, root, 32))
		return (false);
	*size = n;
	return (true);
}

/* The tree that counts from now on; nothing is kept of the one before. */
static MUST_CHECK enum err
pin(struct keten *k, uint64_t size, const uint8_t root[32])
{
	struct spool_txn *txn = NULL;
	uint8_t v[40];
	enum err err = spool_begin(k->spool, true, &txn);

	be64_put(v, size);
	memcpy(v + 8, root, 32);
	if (err == ERR_OK)
		err = spool_meta_put(txn, "seen", slice_of(v, sizeof(v)));
	if (err == ERR_OK)
		err = spool_meta_put(txn, "seen-note", slice_of("", 0));
	if (err == ERR_OK)
		err = still_forget(txn);
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	return (err);
}

/* ---- what the log has forgotten --------------------------------------------- */

/* The first referral after ${id} that began at ${size} or later. */
static MUST_CHECK enum err
next_forgotten(struct spool_txn *txn, uint64_t size, struct refid *id)
{
	uint8_t last[sizeof(id->b) + 8];
	struct spool_key key;
	enum err err;

	for (;;) {
		memcpy(last, id->b, sizeof(id->b));
		memset(last + sizeof(id->b), 0xff, 8);
		key = spool_key_of(last, sizeof(last));
		err = spool_after(txn, SPOOL_RECORD, &key);
		if (err != ERR_OK)
			return (err);
		memcpy(id->b, key.b, sizeof(id->b));
		if (spool_key_get_num(&key) >= size)
			return (ERR_OK);
	}
}

static MUST_CHECK enum err
tell(struct keten *k, const struct refid *id)
{
	struct keten_news n = { .step = KETEN_ALARM, .time_ms = handle_now() };
	struct spool_txn *txn = NULL;
	enum err err = spool_begin(k->spool, true, &txn);

	(void)refid_text(id, n.referral);
	(void)snprintf(n.text, sizeof(n.text), "VERLOREN: deze verwijzing "
	    "staat niet meer in het logboek, dat is teruggezet. Is zij nog "
	    "nodig, dien haar dan opnieuw in, en bel wie haar had.");
	if (err == ERR_OK)
		err = tidings_put(txn, &n);
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	return (err);
}

static MUST_CHECK enum err
tell_forgotten(struct keten *k, uint64_t size)
{
	struct refid id = { { 0 } };
	struct spool_txn *txn = NULL;
	enum err err;

	do {
		err = spool_begin(k->spool, false, &txn);
		if (err == ERR_OK)
			err = next_forgotten(txn, size, &id);
		spool_abort(&txn);
		if (err == ERR_OK)
			err = tell(k, &id);
	} while (err == ERR_OK);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

int
keten_restored(struct keten *k, const char *tree)
{
	uint8_t root[32];
	uint64_t size;
	enum err err;
	int rc;

	if (!read_tree(tree, &size, root))
		return (handle_fail(k, KETEN_EARGUMENT, "Noem grootte en "
		    "wortel zoals beheer ze noemde: 1234:<64 cijfers>."));
	/* This hangs up first: nothing of the old tree comes in between. */
	if ((rc = keten_renew(k)) != 0)
		return (rc);
	if ((err = pin(k, size, root)) != ERR_OK ||
	    (err = tell_forgotten(k, size)) != ERR_OK)
		return (handle_err(k, err));
	k->steward->behind = 0;
	tidings_trust(k, "LOGBOEK: vastgelegd dat het logboek is teruggezet. "
	    "Het gaat verder vanaf de grootte en de wortel die u noemde.");
	return (0);
}
