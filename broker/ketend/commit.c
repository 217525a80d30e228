/*
 * commit -- the turn goes to the disk, and only then into memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/say.h"
#include "core/journal.h"
#include "ketend/broker.h"
#include "ketend/commit.h"
#include "trust/leaf.h"

static uint64_t
mono_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts); /* there always is one */
	return ((uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec);
}

static bool
may_connect(const struct broker *b, const struct keyring_device *d)
{
	return (d->ended == KEYRING_NEVER &&
	    !keyring_has_expired(d->not_after_ms, b->turn->now_ms) &&
	    !policy_has_ended(b->policy, &d->partner, b->turn->now_ms));
}

static enum err
set_gate(struct broker *b)
{
	size_t n = keyring_n_devices(b->keys), k = 0;
	struct gate_guest *who = calloc(n + 1, sizeof(*who));
	enum err err;

	if (who == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < n; i++) {
		const struct keyring_device *d = keyring_device_nth(b->keys,
		    i);

		if (!may_connect(b, d))
			continue;
		(void)snprintf(who[k].user, sizeof(who[k].user), "%s/%s",
		    d->partner.id, d->device); /* 63 of 79 characters */
		memcpy(who[k].key, d->curve_key, sizeof(who[k].key));
		k++;
	}
	err = gate_set(b->gate, who, k);
	free(who);
	return (err);
}

/**
 * commit_keys(b):
 * Take the certificates of the log into the keyring, and open the gate.
 */
enum err
commit_keys(struct broker *b)
{
	struct txn *txn = NULL;
	enum err err;

	if ((err = store_read(b->store, &txn)) != ERR_OK)
		return (err);
	err = keyring_load(b->keys, txn);
	store_done(&txn);
	return (err != ERR_OK ? err : set_gate(b));
}

/* What they can be asked about, and what they said, is on the disk. */
static void
tell_witnesses(struct broker *b)
{
	const struct turn *t = b->turn;

	if (b->witnesses == NULL)
		return;
	if (t->policy_changed)
		witnesses_set(b->witnesses, policy_doc(b->policy));
	if (t->has_checkpoint)
		witnesses_published(b->witnesses, t->checkpoint.size);
	if (t->n_cosigned > 0)
		witnesses_stored(b->witnesses, t->cosigned, t->n_cosigned);
}

/*
 * Note beside the guard what the turn says of keys, for a store that is put
 * back from a backup (restored.h).
 */
static enum err
note_keys(const struct broker *b)
{
	const struct turn *t = b->turn;
	char path[JOURNAL_PATH];
	enum err err = journal_keys_path(b->set->guard, path);

	for (size_t i = 0; i < t->n_made && err == ERR_OK; i++)
		if (t->made[i].out.leaf.len >= LEAF_LEN &&
		    t->made[i].out.leaf.p[4] == LEAF_KEY)
			err = journal_key_note(path, t->made[i].envelope);
	return (err);
}

/**
 * commit_turn(b):
 * Commit the turn's transaction, or drop it if nothing was written.
 */
enum err
commit_turn(struct broker *b)
{
	struct turn *t = b->turn;
	uint64_t began = mono_ns();
	enum err err;

	if (!t->has_written) {
		store_abort(&t->txn);
		return (eraser_done(b));
	}
	if ((err = store_commit(&t->txn)) != ERR_OK)
		return (err);
	b->metrics.commit_ns += mono_ns() - began;
	b->metrics.records += t->n_made;
	b->metrics.turns++;
	publish_kick(b->publish);
	tell_witnesses(b);
	if (t->keys_changed)
		err = note_keys(b);
	if (err == ERR_OK && (t->keys_changed || t->policy_changed))
		err = commit_keys(b);
	return (err != ERR_OK ? err : eraser_done(b));
}
