/*
 * history -- which policy was in force and which key counted, at any record.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/history.h"
#include "core/record.h"
#include "wire/envelope.h"
#include "wire/statement.h"

/* A policy of thousands of partners, unpacked a few times over. */
#define ARENA ((size_t)16 << 20)

struct epoch {
	uint64_t index; /* of the POLICY record */
	struct policy *policy;
};

struct history {
	struct keyring *keys;
	size_t n;
	size_t cap;
	struct epoch *epochs;
	size_t n_keys;
	uint64_t lost_policy; /* the first one that cannot be read */
	uint64_t lost_key;
};

/* What one pass needs. */
struct reading {
	struct history *h;
	struct txn *txn;
	const struct root *root;
	struct findings *f;
	struct arena *a;
	uint64_t index;
};

/* --- policies --------------------------------------------------------------------- */

static MUST_CHECK enum err
add_epoch(struct history *h, uint64_t index, struct policy *policy)
{
	if (h->n == h->cap) {
		size_t cap = h->cap == 0 ? 16 : 2 * h->cap;
		struct epoch *more = realloc(h->epochs, cap * sizeof(*more));

		if (more == NULL)
			return (ERR_NOMEM);
		h->epochs = more;
		h->cap = cap;
	}
	h->epochs[h->n++] = (struct epoch){ index, policy };
	return (ERR_OK);
}

static const struct policy *
in_force(const struct history *h)
{
	return (h->n == 0 ? NULL : h->epochs[h->n - 1].policy);
}

/* Compare the new document with the one before it, and with the log. */
static void
check_policy(const struct reading *r, const struct policy *p,
    const struct record *rec)
{
	const struct policy *old = in_force(r->h);
	Keten__V1__Facts *facts;
	const char *why = "";

	if (strcmp(policy_origin(p), store_origin(store_of(r->txn))) != 0)
		findings_add(r->f, VERDICT_SIGNATURE, r->index,
		    "dit beleid is voor een ander logboek: %s",
		    policy_origin(p));
	if (old != NULL && policy_check_next(old, p, &why) != ERR_OK)
		findings_add(r->f, VERDICT_GAP, r->index,
		    "dit beleid kan niet op het vorige volgen: %s", why);
	if (record_facts(rec, r->a, &facts, NULL) != ERR_OK ||
	    facts->policy == NULL)
		return; /* malformed: found elsewhere */
	if (facts->policy->index != policy_index(p) ||
	    facts->policy->sha256.len != 32 ||
	    memcmp(facts->policy->sha256.data, policy_hash(p), 32) != 0)
		findings_add(r->f, VERDICT_HASH, r->index,
		    "de feiten noemen een ander beleidsdocument dan er "
		    "staat");
}

/* The document without its signature. */
static MUST_CHECK enum err
read_unsigned(const struct reading *r, struct slice envelope,
    struct policy **p)
{
	struct envelope env;
	enum err err = envelope_parse(r->a, envelope, &env, NULL);

	return (err != ERR_OK ? err : policy_read(env.body, p));
}

static MUST_CHECK enum err
take_policy(const struct reading *r, const struct record *rec)
{
	struct policy *p = NULL;
	enum err err = policy_open(rec->envelope, r->root->introducer, &p);

	if (err == ERR_NOMEM)
		return (err);
	if (err == ERR_BAD_SIGNATURE)
		findings_add(r->f, VERDICT_SIGNATURE, r->index,
		    "dit beleid is niet getekend met de sleutel van beheer "
		    "die u opgaf");
	else if (err == ERR_CONFIG)
		findings_add(r->f, VERDICT_MALFORMED, r->index,
		    "dit beleid bevat fouten en had geweigerd moeten worden");
	if (err != ERR_OK)
		err = read_unsigned(r, rec->envelope, &p);
	if (err != ERR_OK) {
		findings_add(r->f, VERDICT_MALFORMED, r->index,
		    "dit beleid is niet te lezen");
		return (err == ERR_NOMEM ? err : ERR_OK);
	}
	check_policy(r, p, rec);
	err = add_epoch(r->h, r->index, p);
	if (err != ERR_OK)
		policy_free(p);
	return (err);
}

/* --- certificates -------------------------------------------------------------------- */

/* Is the certificate signed by who may? */
static bool
is_authorised(const struct reading *r, const struct envelope *env,
    const Keten__V1__KeyStatement *ks)
{
	const struct policy *p = in_force(r->h);
	struct org partner = org_of(ks->partner);
	const uint8_t *identity =
	    p == NULL ? NULL : policy_identity_key(p, &partner);
	enum err err = ERR_KEY_NOT_VALID;

	if (identity != NULL)
		err = envelope_check(env, identity);
	if (err == ERR_KEY_NOT_VALID &&
	    ks->body_case == KETEN__V1__KEY_STATEMENT__BODY_REVOKE)
		err = envelope_check(env, r->root->introducer);
	if (err == ERR_OK || history_has_lost_policy(r->h, r->index))
		return (true);
	findings_add(r->f,
	    err == ERR_BAD_SIGNATURE ? VERDICT_SIGNATURE : VERDICT_KEY,
	    r->index, err == ERR_BAD_SIGNATURE
	    ? "de handtekening onder het certificaat van %.31s klopt niet"
	    : "het certificaat van %.31s is niet getekend met zijn "
	      "identiteitssleutel uit het beleid", ks->partner);
	return (false);
}

static MUST_CHECK enum err
take_key(const struct reading *r, const struct record *rec)
{
	Keten__V1__KeyStatement *ks;
	struct envelope env;
	const char *rule = "";
	enum err err = envelope_parse(r->a, rec->envelope, &env, &rule);

	if (err == ERR_OK && env.kind != ENVELOPE_KEY)
		err = ERR_MALFORMED;
	if (err == ERR_OK)
		err = statement_parse_key(r->a, env.body, &ks, &rule);
	if (err != ERR_OK) {
		findings_add(r->f, VERDICT_MALFORMED, r->index,
		    "dit certificaat is niet te lezen: %s", rule);
		return (err == ERR_NOMEM ? err : ERR_OK);
	}
	if (strcmp(ks->origin, store_origin(store_of(r->txn))) != 0)
		findings_add(r->f, VERDICT_SIGNATURE, r->index,
		    "dit certificaat is voor een ander logboek");
	if (!is_authorised(r, &env, ks))
		return (ERR_OK);
	if (keyring_check(r->h->keys, ks, &rule) != ERR_OK) {
		findings_add(r->f, VERDICT_KEY, r->index,
		    "dit certificaat had niet toegelaten mogen worden: %s",
		    rule);
		return (ERR_OK);
	}
	r->h->n_keys++;
	return (keyring_add(r->h->keys, r->index, rec->envelope, r->a));
}

/* --- all of it -------------------------------------------------------------------------- */

/* It is a policy or a certificate, but nobody can say which. */
static void
note_lost(struct reading *r, bool may_be_policy)
{
	if (r->index < r->h->lost_key)
		r->h->lost_key = r->index;
	if (may_be_policy && r->index < r->h->lost_policy)
		r->h->lost_policy = r->index;
}

/* The record is missing or damaged; its leaf may say what it was. */
static void
note_unreadable(struct reading *r)
{
	struct slice bytes;
	struct leaf leaf;

	note_lost(r, store_leaf(r->txn, r->index, &bytes) != ERR_OK ||
	    leaf_decode(bytes, &leaf) != ERR_OK || leaf.kind != LEAF_KEY);
}

/* The record does not fit its leaf; its facts may say what it was. */
static void
note_unbound(struct reading *r, const struct record *rec)
{
	Keten__V1__Facts *f;

	if (record_facts(rec, r->a, &f, NULL) != ERR_OK)
		note_lost(r, true);
	else if (f->policy != NULL || f->key != NULL)
		note_lost(r, f->policy != NULL);
}

static MUST_CHECK enum err
take_one(struct reading *r, uint64_t index)
{
	struct record rec;
	enum err err;

	arena_reset(r->a);
	r->index = index;
	err = record_read(r->txn, index, r->a, &rec);
	if (err == ERR_STORE || err == ERR_NOMEM || err == ERR_IO)
		return (err);
	/* What is missing or not what was written is found elsewhere. */
	if (err != ERR_OK)
		note_unreadable(r);
	else if (record_check(&rec) != ERR_OK)
		note_unbound(r, &rec);
	else if (rec.leaf.kind == LEAF_POLICY)
		return (take_policy(r, &rec));
	else if (rec.leaf.kind == LEAF_KEY)
		return (take_key(r, &rec));
	return (ERR_OK);
}

enum err
history_read(struct txn *txn, const struct tree *tree,
    const struct root *root, struct findings *f, struct history **h)
{
	struct history *made = calloc(1, sizeof(*made));
	struct reading r = { .h = made, .txn = txn, .root = root, .f = f,
		.a = arena_new(ARENA) };
	enum err err = ERR_NOMEM;

	if (made == NULL || r.a == NULL)
		goto out;
	made->lost_policy = made->lost_key = UINT64_MAX;
	made->keys = keyring_new();
	if (made->keys == NULL)
		goto out;
	err = ERR_OK;
	for (size_t i = 0; i < tree_n_marked(tree) && err == ERR_OK; i++) {
		if (store_is_stale(txn))
			err = store_renew(txn);
		if (err == ERR_OK)
			err = take_one(&r, tree_marked(tree, i));
	}
	if (err == ERR_OK) {
		*h = made;
		made = NULL;
	}
out:
	arena_free(r.a);
	history_free(made);
	return (err);
}

void
history_free(struct history *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < h->n; i++)
		policy_free(h->epochs[i].policy);
	free(h->epochs);
	keyring_free(h->keys);
	free(h);
}

const struct keyring *
history_keys(const struct history *h)
{
	return (h->keys);
}

const struct policy *
history_policy(const struct history *h, uint64_t index)
{
	size_t lo = 0, hi = h->n;

	/* The last one whose record comes before ${index}. */
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (h->epochs[mid].index < index)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo == 0 ? NULL : h->epochs[lo - 1].policy);
}

const struct policy *
history_nth(const struct history *h, size_t i, uint64_t *index)
{
	*index = h->epochs[i].index;
	return (h->epochs[i].policy);
}

bool
history_has_lost_policy(const struct history *h, uint64_t index)
{
	return (h->lost_policy < index);
}

bool
history_has_lost_key(const struct history *h, uint64_t index)
{
	return (h->lost_key < index || h->lost_policy < index);
}

size_t
history_n_policies(const struct history *h)
{
	return (h->n);
}

size_t
history_n_keys(const struct history *h)
{
	return (h->n_keys);
}
