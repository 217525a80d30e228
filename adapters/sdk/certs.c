/*
 * certs -- which keys belong to whom, as this device has checked it.
 */
#include <stdlib.h>
#include <string.h>

#include "keten/v1/keys.pb-c.h"
#include "sdk/certs.h"
#include "trust/note.h"
#include "wire/envelope.h"
#include "wire/pb.h"
#include "wire/statement.h"

/* A revocation; what it revokes may come later. */
struct gone {
	struct org partner;
	struct org device;
	char seal_id[SEAL_KEY_ID];
	uint64_t serial;
	uint64_t index;
	uint64_t suspect_from; /* 0: none */
};

struct certs {
	char origin[NOTE_NAME_MAX + 1];
	size_t n, cap;
	struct cert *list;
	size_t n_gone, cap_gone;
	struct gone *gone;
};

struct certs *
certs_new(const char *origin)
{
	struct certs *c = calloc(1, sizeof(*c));
	size_t len = strlen(origin);

	if (c == NULL || len >= sizeof(c->origin)) {
		free(c);
		return (NULL);
	}
	memcpy(c->origin, origin, len + 1);
	return (c);
}

void
certs_free(struct certs *c)
{
	if (c == NULL)
		return;
	free(c->list);
	free(c->gone);
	free(c);
}

/* Room for one more of ${size} bytes in ${*list}; NULL if there is none. */
static void *
one_more(void **list, size_t *n, size_t *cap, size_t size)
{
	size_t want = *cap == 0 ? 16 : *cap * 2;
	void *p;

	if (*n == *cap) {
		if ((p = realloc(*list, want * size)) == NULL)
			return (NULL);
		*list = p;
		*cap = want;
	}
	p = (char *)*list + *n * size;
	memset(p, 0, size);
	(*n)++;
	return (p);
}

/* ---- reading -------------------------------------------------------------- */

static bool
is_signed_by(const struct envelope *env, const uint8_t *key)
{
	return (key != NULL && envelope_check(env, key) == ERR_OK);
}

/* By the partner's identity key, or one it had before that still counts. */
static bool
is_signed(const struct policy *p, const struct org *partner,
    const struct envelope *env)
{
	const uint8_t *former;

	if (is_signed_by(env, policy_identity_key(p, partner)))
		return (true);
	for (size_t i = 0;
	     (former = policy_former_key(p, partner, i)) != NULL; i++)
		if (is_signed_by(env, former))
			return (true);
	return (false);
}

/*
 * Read and check a certificate.  Only a revocation may come from the
 * introducer; with ${p} NULL it was checked before it was kept.
 */
static MUST_CHECK enum err
read_key(struct arena *a, const struct policy *p, const uint8_t *introducer,
    const char *origin, struct slice envelope, Keten__V1__KeyStatement **key)
{
	Keten__V1__KeyStatement *k;
	struct envelope env;
	struct org partner;
	enum err err;

	if ((err = envelope_parse(a, envelope, &env, NULL)) != ERR_OK)
		return (err);
	if (env.kind != ENVELOPE_KEY)
		return (ERR_MALFORMED);
	err = statement_parse_key(a, env.body, &k, NULL);
	if (err != ERR_OK)
		return (err);
	if (strcmp(k->origin, origin) != 0)
		return (ERR_BAD_ORIGIN);
	partner = org_of(k->partner);
	if (p != NULL && policy_partner(p, &partner) == NULL)
		return (ERR_UNKNOWN_PARTNER);
	if (p != NULL && !is_signed(p, &partner, &env) &&
	    (k->body_case != KETEN__V1__KEY_STATEMENT__BODY_REVOKE ||
		!is_signed_by(&env, introducer)))
		return (ERR_BAD_SIGNATURE);
	*key = k;
	return (ERR_OK);
}

static MUST_CHECK enum err
read_seal_key(const Keten__V1__SealingCertificate *s, struct seal_public *key)
{
	struct seal_public k;

	if (pb_bytes(s->key_x, 32, k.x) != ERR_OK ||
	    pb_bytes(s->key_y, 32, k.y) != ERR_OK || !seal_key_is_sound(&k))
		return (ERR_KEY_NOT_VALID);
	*key = k;
	return (ERR_OK);
}

enum err
certs_read_sealing(struct arena *a, const struct policy *p, const char *origin,
    struct slice envelope, const struct org *partner, struct seal_public *key)
{
	Keten__V1__KeyStatement *k;
	enum err err;

	err = read_key(a, p, NULL, origin, envelope, &k);
	if (err != ERR_OK)
		return (err);
	if (k->body_case != KETEN__V1__KEY_STATEMENT__BODY_SEALING ||
	    strcmp(k->partner, partner->id) != 0)
		return (ERR_KEY_NOT_VALID);
	return (read_seal_key(k->sealing, key));
}

/* ---- the set -------------------------------------------------------------- */

static bool
is_gone(const struct gone *g, const struct cert *x)
{
	if (!org_eq(&g->partner, &x->partner) || g->serial != x->serial)
		return (false);
	return (org_is_none(&x->device)
		? strcmp(g->seal_id, x->seal_id) == 0
		: org_eq(&g->device, &x->device));
}

/* Are these certificates of one device, or sealing keys of one partner? */
static bool
same_name(const struct cert *a, const struct cert *b)
{
	return (org_eq(&a->partner, &b->partner) &&
	    org_eq(&a->device, &b->device));
}

/* A serial goes up; one that does not makes no certificate. */
static bool
goes_back(const struct certs *c, const struct cert *x)
{
	for (size_t i = 0; i < c->n; i++)
		if (same_name(&c->list[i], x) &&
		    c->list[i].index < x->index &&
		    c->list[i].serial >= x->serial)
			return (true);
	return (false);
}

/* A device has one certificate at a time: a newer one ends it. */
static void
end_older(struct certs *c, const struct cert *newer)
{
	for (size_t i = 0; i < c->n; i++) {
		struct cert *x = &c->list[i];

		if (!org_is_none(&x->device) && same_name(x, newer) &&
		    x->index < newer->index && newer->index < x->ended)
			x->ended = newer->index;
	}
}

static void
revoke(struct certs *c, const struct gone *g)
{
	for (size_t i = 0; i < c->n; i++) {
		struct cert *x = &c->list[i];

		if (!is_gone(g, x))
			continue;
		if (g->index < x->ended)
			x->ended = g->index;
		x->is_revoked = true;
		if (g->suspect_from != 0 && g->suspect_from < x->suspect_from)
			x->suspect_from = g->suspect_from;
	}
}

/* What the other certificates and revocations of ${partner} make of each. */
static void
settle(struct certs *c, const struct org *partner)
{
	for (size_t i = 0; i < c->n; i++)
		if (org_eq(&c->list[i].partner, partner))
			end_older(c, &c->list[i]);
	for (size_t i = 0; i < c->n_gone; i++)
		if (org_eq(&c->gone[i].partner, partner))
			revoke(c, &c->gone[i]);
}

/* Room for one certificate more. */
static struct cert *
new_cert(struct certs *c, const Keten__V1__KeyStatement *k, uint64_t index)
{
	struct cert *x = one_more((void **)&c->list, &c->n, &c->cap,
	    sizeof(*x));

	if (x == NULL)
		return (NULL);
	x->partner = org_of(k->partner);
	x->index = index;
	x->ended = x->suspect_from = CERTS_NEVER;
	return (x);
}

static bool
is_known(const struct certs *c, uint64_t index)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->list[i].index == index)
			return (true);
	for (size_t i = 0; i < c->n_gone; i++)
		if (c->gone[i].index == index)
			return (true);
	return (false);
}

/* Keep the certificate that was put last, unless its serial goes back. */
static MUST_CHECK enum err
keep_last(struct certs *c)
{
	if (!goes_back(c, &c->list[c->n - 1]))
		return (ERR_OK);
	c->n--;
	return (ERR_KEY_NOT_VALID);
}

static MUST_CHECK enum err
put_device(struct certs *c, const Keten__V1__KeyStatement *k, uint64_t index)
{
	const Keten__V1__DeviceCertificate *d = k->device;
	struct cert *x;
	uint8_t sign_key[32], curve_key[32];

	if (pb_bytes(d->sign_key, 32, sign_key) != ERR_OK ||
	    pb_bytes(d->curve_key, 32, curve_key) != ERR_OK ||
	    !sign_key_is_sound(slice_of(sign_key, 32)))
		return (ERR_KEY_NOT_VALID);
	if ((x = new_cert(c, k, index)) == NULL)
		return (ERR_NOMEM);
	x->device = org_of(d->device);
	x->serial = d->serial;
	x->not_after_ms = d->not_after_ms;
	memcpy(x->sign_key, sign_key, sizeof(sign_key));
	memcpy(x->curve_key, curve_key, sizeof(curve_key));
	sign_key_id(sign_key, x->key_id);
	return (keep_last(c));
}

static MUST_CHECK enum err
put_sealing(struct certs *c, const Keten__V1__KeyStatement *k, uint64_t index)
{
	struct seal_public key;
	struct cert *x;
	enum err err = read_seal_key(k->sealing, &key);

	if (err != ERR_OK)
		return (err);
	if ((x = new_cert(c, k, index)) == NULL)
		return (ERR_NOMEM);
	x->serial = k->sealing->serial;
	x->not_after_ms = k->sealing->not_after_ms;
	x->seal = key;
	seal_key_id(&key, x->seal_id);
	return (keep_last(c));
}

static MUST_CHECK enum err
put_revoke(struct certs *c, const Keten__V1__KeyStatement *k, uint64_t index)
{
	struct gone *g;

	g = one_more((void **)&c->gone, &c->n_gone, &c->cap_gone, sizeof(*g));
	if (g == NULL)
		return (ERR_NOMEM);
	g->partner = org_of(k->partner);
	g->device = org_of(k->revoke->device);
	memcpy(g->seal_id, k->revoke->sealing_key_id,
	    strnlen(k->revoke->sealing_key_id, sizeof(g->seal_id) - 1));
	g->serial = k->revoke->serial;
	g->index = index;
	g->suspect_from = k->revoke->suspect_from;
	return (ERR_OK);
}

static MUST_CHECK enum err
put(struct certs *c, const Keten__V1__KeyStatement *k, uint64_t index)
{
	struct org partner = org_of(k->partner);
	enum err err = ERR_MALFORMED;

	if (is_known(c, index))
		return (ERR_OK);
	if (k->body_case == KETEN__V1__KEY_STATEMENT__BODY_DEVICE)
		err = put_device(c, k, index);
	if (k->body_case == KETEN__V1__KEY_STATEMENT__BODY_SEALING)
		err = put_sealing(c, k, index);
	if (k->body_case == KETEN__V1__KEY_STATEMENT__BODY_REVOKE)
		err = put_revoke(c, k, index);
	settle(c, &partner);
	return (err);
}

enum err
certs_add(struct certs *c, struct arena *a, const struct policy *p,
    const uint8_t introducer[32], uint64_t index, struct slice envelope,
    struct org *partner, bool *is_new)
{
	Keten__V1__KeyStatement *k;
	size_t mark = arena_used(a);
	enum err err;

	if (is_known(c, index)) {
		*is_new = false;
		return (ERR_OK);
	}
	err = read_key(a, p, introducer, c->origin, envelope, &k);
	if (err == ERR_OK)
		err = put(c, k, index);
	if (err == ERR_OK) {
		*partner = org_of(k->partner);
		*is_new = true;
	}
	arena_rewind(a, mark);
	return (err);
}

/* ---- the spool ------------------------------------------------------------ */

enum err
certs_keep(struct spool_txn *txn, uint64_t index, const struct org *partner,
    struct slice envelope)
{
	struct spool_key key = { .len = sizeof(partner->id) + 8 };

	memcpy(key.b, partner->id, sizeof(partner->id));
	be64_put(key.b + sizeof(partner->id), index);
	return (spool_put(txn, SPOOL_CERT, key, envelope));
}

enum err
certs_load(struct certs *c, struct spool_txn *txn, struct arena *a)
{
	struct spool_key key = { 0 };
	enum err err;

	while ((err = spool_after(txn, SPOOL_CERT, &key)) == ERR_OK) {
		size_t mark = arena_used(a);
		Keten__V1__KeyStatement *k;
		struct slice envelope;

		err = spool_get(txn, SPOOL_CERT, key, a, &envelope);
		if (err == ERR_OK)
			err = read_key(a, NULL, NULL, c->origin, envelope,
			    &k);
		if (err == ERR_OK)
			err = put(c, k, spool_key_get_num(&key));
		arena_rewind(a, mark);
		if (err != ERR_OK)
			return (err);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* ---- asking --------------------------------------------------------------- */

const uint8_t *
certs_sign_key(const struct certs *c, const struct org *partner,
    const struct org *device, const uint8_t key_id[SIGN_KEY_ID], uint64_t at)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct cert *x = &c->list[i];

		if (org_eq(&x->partner, partner) &&
		    !org_is_none(&x->device) && org_eq(&x->device, device) &&
		    memcmp(x->key_id, key_id, SIGN_KEY_ID) == 0 &&
		    x->index < at && at <= x->ended)
			return (x->sign_key);
	}
	return (NULL);
}

const struct cert *
certs_device(const struct certs *c, const struct org *partner,
    const struct org *device)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct cert *x = &c->list[i];

		if (org_eq(&x->partner, partner) &&
		    !org_is_none(&x->device) && org_eq(&x->device, device) &&
		    x->ended == CERTS_NEVER)
			return (x);
	}
	return (NULL);
}

const struct cert *
certs_sealing(const struct certs *c, const struct org *partner,
    const char *seal_id)
{
	const struct cert *best = NULL;

	for (size_t i = 0; i < c->n; i++) {
		const struct cert *x = &c->list[i];

		if (!org_eq(&x->partner, partner) ||
		    !org_is_none(&x->device) ||
		    (seal_id == NULL ? x->ended != CERTS_NEVER
				     : strcmp(seal_id, x->seal_id) != 0))
			continue;
		if (best == NULL || x->serial > best->serial)
			best = x;
	}
	return (best);
}

const struct seal_public *
certs_seal_key(const struct certs *c, const struct org *partner,
    int64_t now_ms)
{
	const struct cert *best = NULL;

	for (size_t i = 0; i < c->n; i++) {
		const struct cert *x = &c->list[i];

		if (!org_eq(&x->partner, partner) ||
		    !org_is_none(&x->device) || x->ended != CERTS_NEVER ||
		    (x->not_after_ms != 0 && x->not_after_ms <= now_ms))
			continue;
		if (best == NULL || x->serial > best->serial)
			best = x;
	}
	return (best == NULL ? NULL : &best->seal);
}

const struct cert *
certs_nth(const struct certs *c, size_t i)
{
	return (i < c->n ? &c->list[i] : NULL);
}
