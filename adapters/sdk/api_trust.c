/*
 * api -- what changed in policy, keys and log since somebody looked.
 *
 * What somebody accepted last stands in the spool: the policy document itself
 * ("trust-policy"), and how far keys and log were ("trust-base").  Nothing
 * here decides whether something counts; the one decision that is left to
 * people is a new key of the log that their settings do not name (handle.h).
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "sdk/handle.h"
#include "sdk/rows.h"
#include "trust/digest.h"
#include "wire/pb.h"

enum { ROW_VERSION = 1 };

/* How it was when somebody accepted it. */
struct base {
	int64_t since_ms; /* 0: never */
	uint64_t keys_index;
	uint64_t log_size;
	struct policy *policy; /* NULL: none */
};

/* Who hears of the changes. */
struct teller {
	struct keten *k;
	const struct base *base;
	void (*each)(void *cookie, const struct keten_change *c);
	void *cookie;
};

__attribute__((format(printf, 5, 6))) static void
tell(const struct teller *t, const char *what, const char *partner,
    bool decide, const char *fmt, ...)
{
	struct keten_change c = { .decide = decide };
	va_list ap;

	(void)snprintf(c.what, sizeof(c.what), "%s", what);
	(void)snprintf(c.partner, sizeof(c.partner), "%s", partner);
	va_start(ap, fmt);
	(void)vsnprintf(c.text, sizeof(c.text), fmt, ap);
	va_end(ap);
	t->each(t->cookie, &c);
}

/* ---- the base --------------------------------------------------------------- */

static MUST_CHECK enum err
read_policy(struct keten *k, struct spool_txn *txn, struct base *b)
{
	struct slice envelope;
	enum err err = spool_meta_get(txn, "trust-policy", k->a, &envelope);

	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	if (err != ERR_OK)
		return (err);
	/* Of another introducer than the settings name now: there is none. */
	if (policy_open(envelope, k->dev.introducer_key, &b->policy) ==
	    ERR_NOMEM)
		return (ERR_NOMEM);
	return (ERR_OK);
}

static MUST_CHECK enum err
read_base(struct keten *k, struct spool_txn *txn, struct base *b)
{
	struct row_reader row;
	struct slice v;
	enum err err = spool_meta_get(txn, "trust-base", k->a, &v);

	memset(b, 0, sizeof(*b));
	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	if (err != ERR_OK)
		return (err);
	row = row_read(v);
	if (row_get_u32(&row) != ROW_VERSION)
		return (ERR_CORRUPT);
	b->since_ms = (int64_t)row_get_u64(&row);
	b->keys_index = row_get_u64(&row);
	b->log_size = row_get_u64(&row);
	return (row.bad ? ERR_CORRUPT : read_policy(k, txn, b));
}

/* The newest record about keys that we know of. */
static uint64_t
newest_key(const struct keten *k)
{
	const struct cert *c;
	uint64_t newest = 0;

	for (size_t i = 0; (c = certs_nth(k->certs, i)) != NULL; i++) {
		if (c->index > newest)
			newest = c->index;
		if (c->ended != CERTS_NEVER && c->ended > newest)
			newest = c->ended;
	}
	return (newest);
}

static MUST_CHECK enum err
log_size(struct keten *k, struct spool_txn *txn, uint64_t *size)
{
	struct slice seen;
	enum err err = spool_meta_get(txn, "seen", k->a, &seen);

	*size = err == ERR_OK && seen.len == 40 ? be64_get(seen.p) : 0;
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static MUST_CHECK enum err
write_base(struct keten *k, struct spool_txn *txn)
{
	struct slice envelope;
	struct row row;
	uint64_t size;
	enum err err = log_size(k, txn, &size);

	if (err != ERR_OK)
		return (err);
	row_init(&row);
	row_u32(&row, ROW_VERSION);
	row_u64(&row, (uint64_t)handle_now());
	row_u64(&row, newest_key(k));
	row_u64(&row, size);
	err = row.bad ? ERR_NOMEM
		      : spool_meta_put(txn, "trust-base", row_slice(&row));
	row_fini(&row);
	if (err == ERR_OK)
		err = spool_meta_get(txn, "policy", k->a, &envelope);
	if (err == ERR_OK)
		err = spool_meta_put(txn, "trust-policy", envelope);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* ---- policy ----------------------------------------------------------------- */

static bool
same_key(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
	return (slice_eq(pb_slice(a), pb_slice(b)));
}

static void
tell_identity(const struct teller *t, const Keten__V1__PolicyPartner *p)
{
	bool own = strcmp(p->id, t->k->dev.partner.id) == 0;

	tell(t, "identity", p->id, own, own
	    ? "%s: uw eigen identiteitssleutel is in het beleid vervangen. "
	      "Was u dat niet, bel dan meteen beheer."
	    : "%s heeft een andere identiteitssleutel.", p->id);
}

static void
tell_partner(const struct teller *t, const Keten__V1__PolicyPartner *p)
{
	struct org who = org_of(p->id);
	const Keten__V1__PolicyPartner *was =
	    policy_partner(t->base->policy, &who);

	if (was == NULL) {
		tell(t, "partner", p->id, false, "%s doet nu mee (%s, %s).",
		    p->id, p->name, p->kind);
		return;
	}
	if (!same_key(was->identity_key, p->identity_key))
		tell_identity(t, p);
	if (was->ended_ms == 0 && p->ended_ms != 0)
		tell(t, "partner", p->id, false, "%s stopt%s%s.", p->id,
		    p->successor[0] == '\0' ? "" : "; opvolger ",
		    p->successor);
}

static void
tell_policy(const struct teller *t)
{
	const struct policy *old = t->base->policy, *new = t->k->policy;
	const Keten__V1__Policy *doc;

	if (new == NULL || old == NULL ||
	    digest_eq(policy_hash(old), policy_hash(new)))
		return;
	doc = policy_doc(new);
	tell(t, "policy", "", false, "Het beleid is nu document %" PRIu64
	    " (was %" PRIu64 "), ondertekend door %s.", policy_index(new),
	    policy_index(old), doc->introducer);
	for (size_t i = 0; i < doc->n_partners; i++)
		tell_partner(t, doc->partners[i]);
	if (doc->n_covenants != policy_doc(old)->n_covenants ||
	    doc->n_routes != policy_doc(old)->n_routes)
		tell(t, "policy", "", false, "Er zijn nu %zu convenanten (was "
		    "%zu) en %zu routes (was %zu).", doc->n_covenants,
		    policy_doc(old)->n_covenants, doc->n_routes,
		    policy_doc(old)->n_routes);
}

/* ---- keys -------------------------------------------------------------------- */

static void
tell_new_cert(const struct teller *t, const struct cert *c)
{
	if (org_is_none(&c->device))
		tell(t, "key", c->partner.id, false, "%s heeft een nieuwe "
		    "zegelsleutel %s (record %" PRIu64 ").", c->partner.id,
		    c->seal_id, c->index);
	else
		tell(t, "key", c->partner.id, false, "%s heeft een nieuw "
		    "certificaat voor apparaat %s (record %" PRIu64 ").",
		    c->partner.id, c->device.id, c->index);
}

static void
tell_cert(const struct teller *t, const struct cert *c)
{
	uint64_t seen = t->base->keys_index;

	if (c->index > seen)
		tell_new_cert(t, c);
	if (c->is_revoked && c->ended > seen)
		tell(t, "key", c->partner.id, false, "%s: de sleutel van %s "
		    "is ingetrokken bij record %" PRIu64 ".", c->partner.id,
		    org_is_none(&c->device) ? c->seal_id : c->device.id,
		    c->ended);
	if (c->ended > seen && c->suspect_from != CERTS_NEVER)
		tell(t, "key", c->partner.id, false, "%s: wat %s sinds record "
		    "%" PRIu64 " ondertekende is verdacht.", c->partner.id,
		    org_is_none(&c->device) ? c->seal_id : c->device.id,
		    c->suspect_from);
}

/* ---- the log ------------------------------------------------------------------ */

static MUST_CHECK enum err
tell_log(const struct teller *t, struct spool_txn *txn)
{
	struct note_key key;
	uint64_t size;
	enum err err = log_size(t->k, txn, &size);

	if (err == ERR_OK && t->base->since_ms != 0 &&
	    size != t->base->log_size)
		tell(t, "log", "", false, "Het logboek ging van %" PRIu64
		    " naar %" PRIu64 " regels.", t->base->log_size, size);
	if (handle_log_pending(t->k, &key))
		tell(t, "log-key", "", true, "Het beleid noemt een nieuwe "
		    "sleutel van het logboek (%s+%02x%02x%02x%02x); in de "
		    "instellingen staat nog de vorige. Vraag beheer of dat "
		    "klopt voor u dit aanvaardt.", key.name, key.id[0],
		    key.id[1], key.id[2], key.id[3]);
	return (err);
}

/* ---- alarms -------------------------------------------------------------------- */

/* The last one that nobody accepted; "" if there is none. */
static MUST_CHECK enum err
read_alarm(struct keten *k, struct spool_txn *txn, char *text, size_t cap)
{
	size_t mark = arena_used(k->a);
	struct slice v = { NULL, 0 };
	enum err err = spool_meta_get(txn, "alarm", k->a, &v);

	(void)snprintf(text, cap, "%.*s", err == ERR_OK ? (int)v.len : 0,
	    err == ERR_OK ? (const char *)v.p : "");
	arena_rewind(k->a, mark);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static MUST_CHECK enum err
tell_alarm(const struct teller *t, struct spool_txn *txn)
{
	char text[300];
	enum err err = read_alarm(t->k, txn, text, sizeof(text));

	if (err == ERR_OK && text[0] != '\0')
		tell(t, "alarm", "", true, "%s", text);
	return (err);
}

int
keten_alarm(struct keten *k, char *text, size_t cap)
{
	struct spool_txn *txn = NULL;
	enum err err = spool_begin(k->spool, false, &txn);

	if (err == ERR_OK)
		err = read_alarm(k, txn, text, cap);
	spool_abort(&txn);
	if (err != ERR_OK)
		return (handle_err(k, err));
	return (text[0] != '\0' ? 0 : handle_fail(k, KETEN_ENONE,
	    "Er is geen alarm."));
}

/* ---- asking and accepting ------------------------------------------------------ */

static MUST_CHECK enum err
tell_all(struct teller *t, struct spool_txn *txn)
{
	const struct cert *c;

	if (t->base->since_ms == 0) {
		tell(t, "policy", "", false, "Er is nog niets vastgelegd; het "
		    "beleid is document %" PRIu64 ".", t->k->policy == NULL
			? 0 : policy_index(t->k->policy));
		return (tell_log(t, txn));
	}
	tell_policy(t);
	for (size_t i = 0; (c = certs_nth(t->k->certs, i)) != NULL; i++)
		tell_cert(t, c);
	return (tell_log(t, txn));
}

int
keten_changes(struct keten *k, int64_t *since_ms,
    void (*each)(void *cookie, const struct keten_change *c), void *cookie)
{
	struct base base = { .since_ms = 0 };
	struct teller t = { .k = k, .base = &base, .each = each,
		.cookie = cookie };
	size_t mark = arena_used(k->a);
	struct spool_txn *txn = NULL;
	enum err err = handle_refresh(k);

	if (err == ERR_OK)
		err = spool_begin(k->spool, false, &txn);
	if (err == ERR_OK)
		err = read_base(k, txn, &base);
	if (err == ERR_OK)
		err = tell_alarm(&t, txn);
	if (err == ERR_OK)
		err = tell_all(&t, txn);
	spool_abort(&txn);
	policy_free(base.policy);
	arena_rewind(k->a, mark);
	if (err != ERR_OK)
		return (handle_err(k, err));
	*since_ms = base.since_ms;
	return (0);
}

int
keten_accept(struct keten *k)
{
	size_t mark = arena_used(k->a);
	struct spool_txn *txn = NULL;
	enum err err = handle_refresh(k);

	if (err == ERR_OK)
		err = spool_begin(k->spool, true, &txn);
	if (err == ERR_OK)
		err = write_base(k, txn);
	if (err == ERR_OK)
		err = handle_log_accept(k, txn);
	if (err == ERR_OK)
		err = spool_meta_put(txn, "alarm", slice_str(""));
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	arena_rewind(k->a, mark);
	return (err == ERR_OK ? 0 : handle_err(k, err));
}
