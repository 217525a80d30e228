/*
 * handle -- what stands behind a struct keten.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/instant.h"
#include "sdk/handle.h"
#include "trust/digest.h"

int
handle_fail(struct keten *k, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(k->why, sizeof(k->why), fmt, ap);
	va_end(ap);
	return (code);
}

/* What an error inside is to whoever calls the library. */
static const struct {
	enum err err;
	int code;
	const char *text;
} outside[] = {
	{ ERR_NOMEM, KETEN_ENOMEM, "Er is geen geheugen meer." },
	{ ERR_STORE, KETEN_ESPOOL, "De opslag kan niet worden gelezen of "
	    "geschreven. Is de schijf vol? Begin het programma daarna opnieuw." },
	{ ERR_IO, KETEN_ESPOOL, "De map van de opslag is niet te gebruiken. "
	    "Kijk naar rechten en schijfruimte." },
	{ ERR_FULL, KETEN_ESPOOL, "De opslag is vol. Maak spool_size groter." },
	{ ERR_CORRUPT, KETEN_ESPOOL, "In de opslag staat iets dat er niet zo "
	    "in gezet is. Zet een kopie terug en draai keten sync --new-lane." },
	{ ERR_CRYPTO, KETEN_ECONFIG, "spool.key is niet de sleutel van deze "
	    "opslag, of de sleutels werken niet." },
	{ ERR_CONFIG, KETEN_ECONFIG, "De instellingen zijn niet goed." },
	{ ERR_NOT_FOUND, KETEN_ENONE, "Dat is hier niet." },
	{ ERR_TIMEOUT, KETEN_ETIMEOUT, "Er kwam nog geen antwoord. Probeer het "
	    "opnieuw; er is niets verloren." },
};

int
handle_err(struct keten *k, enum err err)
{
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		if (outside[i].err == err)
			return (handle_fail(k, outside[i].code, "%s",
			    outside[i].text));
	return (handle_fail(k, KETEN_EREFUSED, "%s %s", err_text(err),
	    err_todo(err)));
}

/* ---- the policy ----------------------------------------------------------- */

/* Rises whenever policy or certificates in the spool change. */
static const char stamp_name[] = "trust-stamp";
static const char ahead_name[] = "ahead";

enum err
handle_trust_changed(struct spool_txn *txn)
{
	uint64_t stamp;
	enum err err = spool_meta_u64(txn, stamp_name, &stamp);

	return (err != ERR_OK ? err
			      : spool_meta_set_u64(txn, stamp_name,
				    stamp + 1));
}

static MUST_CHECK enum err
load_policy(struct keten *k, struct spool_txn *txn)
{
	struct policy *p;
	struct slice envelope;
	size_t mark = arena_used(k->a);
	enum err err;

	err = spool_meta_get(txn, "policy", k->a, &envelope);
	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	if (err == ERR_OK)
		err = policy_open(envelope, k->dev.introducer_key, &p);
	arena_rewind(k->a, mark);
	/* A policy of another introducer than the settings pin is none. */
	if (err == ERR_BAD_SIGNATURE || err == ERR_KEY_NOT_VALID)
		return (ERR_OK);
	if (err != ERR_OK)
		return (err);
	policy_free(k->policy);
	k->policy = p;
	return (ERR_OK);
}

/* May ${p} take the place of the policy we have? */
static MUST_CHECK enum err
may_follow(const struct keten *k, const struct policy *p, const char **why)
{
	if (strcmp(policy_origin(p), k->dev.origin) != 0) {
		*why = "het beleid is voor een ander logboek";
		return (ERR_BAD_ORIGIN);
	}
	if (k->policy == NULL)
		return (ERR_OK);
	if (policy_index(p) == policy_index(k->policy) &&
	    digest_eq(policy_hash(p), policy_hash(k->policy)))
		return (ERR_OK);
	return (policy_check_next(k->policy, p, why));
}

enum err
handle_take_policy(struct keten *k, struct spool_txn *txn,
    struct slice envelope, const char **why)
{
	struct policy *p;
	enum err err = policy_open(envelope, k->dev.introducer_key, &p);

	if (err != ERR_OK) {
		*why = "het beleid is niet ondertekend door beheer";
		return (err);
	}
	err = may_follow(k, p, why);
	if (err == ERR_OK)
		err = spool_meta_put(txn, "policy", envelope);
	if (err == ERR_OK)
		err = handle_trust_changed(txn);
	if (err != ERR_OK) {
		policy_free(p);
		return (err);
	}
	policy_free(k->policy);
	k->policy = p;
	return (ERR_OK);
}

/* ---- the key of the log --------------------------------------------------- */

/* The key that the policy names. */
static bool
policy_log_key(const struct keten *k, struct note_key *key)
{
	const char *vkey = k->policy == NULL ? ""
					     : policy_doc(k->policy)->log_vkey;

	return (vkey[0] != '\0' && note_key_parse(vkey, key) == ERR_OK);
}

static bool
same_log_key(const struct note_key *a, const struct note_key *b)
{
	return (strcmp(a->name, b->name) == 0 && a->type == b->type &&
	    memcmp(a->pub, b->pub, sizeof(a->pub)) == 0);
}

/* Does the policy say that the log signed with ${key} before? */
static bool
is_former(const struct keten *k, const struct note_key *key)
{
	const Keten__V1__Policy *doc = policy_doc(k->policy);
	struct note_key former;

	for (size_t i = 0; i < doc->n_former_log_vkey; i++)
		if (note_key_parse(doc->former_log_vkey[i], &former) ==
			ERR_OK &&
		    same_log_key(&former, key))
			return (true);
	return (false);
}

bool
handle_log_former(const struct keten *k, size_t i, struct note_key *key)
{
	const Keten__V1__Policy *doc = k->policy == NULL ? NULL
	    : policy_doc(k->policy);

	if (doc == NULL || i >= doc->n_former_log_vkey)
		return (false);
	if (note_key_parse(doc->former_log_vkey[i], key) != ERR_OK)
		memset(key, 0, sizeof(*key)); /* no key has signed with it */
	return (true);
}

enum err
handle_log_key(const struct keten *k, struct note_key *key)
{
	if (k->dev.has_log_key) {
		*key = k->has_next_log_key ? k->next_log_key : k->dev.log_key;
		return (ERR_OK);
	}
	return (policy_log_key(k, key) ? ERR_OK : ERR_NOT_FOUND);
}

bool
handle_log_pending(const struct keten *k, struct note_key *key)
{
	struct note_key now, next;

	if (!k->dev.has_log_key || handle_log_key(k, &now) != ERR_OK ||
	    !policy_log_key(k, &next) || same_log_key(&now, &next) ||
	    !is_former(k, &now))
		return (false);
	*key = next;
	return (true);
}

enum err
handle_log_accept(struct keten *k, struct spool_txn *txn)
{
	char vkey[NOTE_VKEY_MAX];
	struct note_key key;
	enum err err;

	if (!handle_log_pending(k, &key))
		return (ERR_OK);
	err = spool_meta_put(txn, "log-vkey", slice_of(vkey,
	    note_key_format(&key, vkey)));
	if (err == ERR_OK)
		err = handle_trust_changed(txn);
	if (err != ERR_OK)
		return (err);
	k->next_log_key = key;
	k->has_next_log_key = true;
	return (ERR_OK);
}

/*
 * The key that took the place of that in the settings; not if the settings
 * were changed since: then they say it.
 */
static MUST_CHECK enum err
load_log_key(struct keten *k, struct spool_txn *txn)
{
	char text[NOTE_VKEY_MAX] = "";
	size_t mark = arena_used(k->a);
	struct note_key key;
	struct slice v;
	enum err err = spool_meta_get(txn, "log-vkey", k->a, &v);

	if (err == ERR_OK && v.len < sizeof(text))
		memcpy(text, v.p, v.len);
	arena_rewind(k->a, mark);
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	k->has_next_log_key = k->dev.has_log_key && k->policy != NULL &&
	    note_key_parse(text, &key) == ERR_OK &&
	    !same_log_key(&key, &k->dev.log_key) &&
	    is_former(k, &k->dev.log_key);
	if (k->has_next_log_key)
		k->next_log_key = key;
	return (ERR_OK);
}

/* ---- bringing it up to date ------------------------------------------------ */

enum err
handle_refresh(struct keten *k)
{
	struct spool_txn *txn = NULL;
	uint64_t stamp, ahead;
	enum err err;

	if ((err = spool_begin(k->spool, false, &txn)) != ERR_OK)
		return (err);
	if ((err = spool_meta_u64(txn, ahead_name, &ahead)) == ERR_OK)
		err = spool_meta_u64(txn, stamp_name, &stamp);
	if (err == ERR_OK && stamp != k->trust_stamp) {
		err = load_policy(k, txn);
		if (err == ERR_OK)
			err = certs_load(k->certs, txn, k->a);
		if (err == ERR_OK)
			err = load_log_key(k, txn);
		if (err == ERR_OK)
			k->trust_stamp = stamp;
	}
	if (err == ERR_OK)
		k->ahead_ms = (int64_t)ahead;
	spool_abort(&txn);
	return (err);
}

/* ---- clocks --------------------------------------------------------------- */

int64_t
handle_now(void)
{
	return (instant_ms(CLOCK_REALTIME));
}

int64_t
handle_broker_now(const struct keten *k)
{
	return (handle_now() + k->ahead_ms);
}

enum err
handle_clock(struct keten *k, struct spool_txn *txn, int64_t broker_ms)
{
	int64_t ahead_ms = broker_ms - handle_now();
	enum err err = spool_meta_set_u64(txn, ahead_name,
	    (uint64_t)ahead_ms);

	if (err == ERR_OK)
		k->ahead_ms = ahead_ms;
	return (err);
}

int64_t
handle_mono(void)
{
	return (instant_ms(CLOCK_MONOTONIC));
}
