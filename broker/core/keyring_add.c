/*
 * keyring_add -- which key was whose, and when: checking and adding.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/keyring_in.h"
#include "core/view.h"
#include "trust/seal.h"
#include "wire/envelope.h"
#include "wire/pb.h"
#include "wire/statement.h"

/* --- may it be added? --------------------------------------------------- */

/* A CURVE key with which a common secret can be made at all. */
static bool
is_curve_sound(ProtobufCBinaryData key)
{
	static const uint8_t scalar[32] = { 1 };
	uint8_t shared[32];

	return (key.len == 32 &&
	    crypto_scalarmult(shared, scalar, key.data) == 0);
}

static const char *
check_device(const struct keyring *kr, const struct org *partner,
    const Keten__V1__DeviceCertificate *c)
{
	struct name n;
	uint8_t id[SIGN_KEY_ID];
	uint32_t at;

	if (strlen(c->device) >= KEYRING_DEVICE_MAX)
		return ("De naam van het apparaat is te lang.");
	if (!is_curve_sound(c->curve_key))
		return ("De CURVE-sleutel deugt niet.");
	if (c->sign_key.len != SIGN_PUB || !sign_key_is_sound(
		slice_of(c->sign_key.data, c->sign_key.len)))
		return ("De ondertekensleutel deugt niet.");
	keyring_name_device(&n, partner, c->device);
	at = keyring_find(kr, BY_NAME, &n);
	if (at != NONE && c->serial <= kr->devices[at].d.serial)
		return ("Het serienummer is niet hoger dan het vorige.");
	keyring_name_set(&n, c->curve_key.data, 32);
	at = keyring_find(kr, BY_CURVE, &n);
	if (at != NONE && (!org_eq(&kr->devices[at].d.partner, partner) ||
		strcmp(kr->devices[at].d.device, c->device) != 0))
		return ("Deze CURVE-sleutel is van een ander apparaat.");
	sign_key_id(c->sign_key.data, id);
	keyring_name_set(&n, id, sizeof(id));
	at = keyring_find(kr, BY_SIGN, &n);
	if (at != NONE && (!org_eq(&kr->devices[at].d.partner, partner) ||
		strcmp(kr->devices[at].d.device, c->device) != 0))
		return ("Deze ondertekensleutel is van een ander apparaat.");
	return (NULL);
}

static MUST_CHECK enum err
seal_public(const Keten__V1__SealingCertificate *c, struct seal_public *pub)
{
	enum err err = pb_bytes(c->key_x, 32, pub->x);

	return (err != ERR_OK ? err : pb_bytes(c->key_y, 32, pub->y));
}

static const char *
check_seal(const struct keyring *kr, const struct org *partner,
    const Keten__V1__SealingCertificate *c)
{
	const struct keyring_seal *same;
	struct seal_public pub;
	struct name n;
	char id[SEAL_KEY_ID];
	uint32_t at;

	if (seal_public(c, &pub) != ERR_OK || !seal_key_is_sound(&pub))
		return ("De zegelsleutel deugt niet.");
	keyring_name_set(&n, partner->id, ORG_MAX + 1);
	at = keyring_find(kr, BY_PARTNER, &n);
	if (at != NONE && c->serial <= kr->seals[at].s.serial)
		return ("Het serienummer is niet hoger dan het vorige.");
	seal_key_id(&pub, id);
	same = keyring_seal_by_id(kr, id);
	if (same != NULL && !org_eq(&same->partner, partner))
		return ("Deze zegelsleutel is van een andere partner.");
	return (NULL);
}

/* What has ended can only become suspect, or suspect from earlier on. */
static bool
may_revoke(uint64_t ended, uint64_t suspect_from, const Keten__V1__Revoke *r)
{
	return (ended == KEYRING_NEVER ||
	    (r->suspect_from != 0 && r->suspect_from < suspect_from));
}

/* The certificate that a revocation is about, or NULL. */
static struct keyring_device *
revoked_device(const struct keyring *kr, const struct org *partner,
    const Keten__V1__Revoke *r)
{
	struct name n;
	uint32_t at;

	keyring_name_device(&n, partner, r->device);
	at = keyring_find(kr, BY_NAME, &n);
	while (at != NONE && kr->devices[at].d.serial != r->serial)
		at = kr->devices[at].older_name;
	if (at == NONE || !may_revoke(kr->devices[at].d.ended,
			     kr->devices[at].d.suspect_from, r))
		return (NULL);
	return (&kr->devices[at].d);
}

static struct keyring_seal *
revoked_seal(const struct keyring *kr, const struct org *partner,
    const Keten__V1__Revoke *r)
{
	struct name n;
	uint32_t at;

	if (strlen(r->sealing_key_id) != KEYRING_SEAL_ID - 1)
		return (NULL);
	keyring_name_set(&n, r->sealing_key_id, KEYRING_SEAL_ID - 1);
	at = keyring_find(kr, BY_ID, &n);
	while (at != NONE && kr->seals[at].s.serial != r->serial)
		at = kr->seals[at].older_id;
	if (at == NONE || !may_revoke(kr->seals[at].s.ended,
			     kr->seals[at].s.suspect_from, r) ||
	    !org_eq(&kr->seals[at].s.partner, partner))
		return (NULL);
	return (&kr->seals[at].s);
}

static const char *
check_revoke(const struct keyring *kr, const struct org *partner,
    const Keten__V1__Revoke *r)
{
	if ((r->device[0] != '\0') == (r->sealing_key_id[0] != '\0'))
		return ("Noem of een apparaat, of een zegelsleutel.");
	if (strlen(r->device) >= KEYRING_DEVICE_MAX)
		return ("De naam van het apparaat is te lang.");
	if (r->device[0] != '\0' ? revoked_device(kr, partner, r) == NULL
				 : revoked_seal(kr, partner, r) == NULL)
		return ("Dat certificaat is er niet, of niet meer.");
	return (NULL);
}

enum err
keyring_check(const struct keyring *kr, const Keten__V1__KeyStatement *ks,
    const char **rule)
{
	struct org partner = org_of(ks->partner);
	const char *why = "Er staat geen certificaat in.";

	if (org_is_none(&partner))
		why = "Dat is geen naam van een partner.";
	else if (ks->body_case == KETEN__V1__KEY_STATEMENT__BODY_DEVICE)
		why = check_device(kr, &partner, ks->device);
	else if (ks->body_case == KETEN__V1__KEY_STATEMENT__BODY_SEALING)
		why = check_seal(kr, &partner, ks->sealing);
	else if (ks->body_case == KETEN__V1__KEY_STATEMENT__BODY_REVOKE)
		why = check_revoke(kr, &partner, ks->revoke);
	if (why == NULL)
		return (ERR_OK);
	*rule = why;
	return (ERR_KEY_NOT_VALID);
}

/* --- adding ------------------------------------------------------------- */

/* Make room for one member more in an array of ${size} bytes each. */
static MUST_CHECK enum err
grow_array(void *array, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap == 0 ? 64 : *cap * 2;
	void *old, *more;

	if (n < *cap)
		return (ERR_OK);
	memcpy(&old, array, sizeof(old));
	more = reallocarray(old, want, size);
	if (more == NULL)
		return (ERR_NOMEM);
	memcpy(array, &more, sizeof(more));
	*cap = want;
	return (ERR_OK);
}

static MUST_CHECK enum err
add_device(struct keyring *kr, uint64_t index, const struct org *partner,
    const Keten__V1__DeviceCertificate *c)
{
	struct device_cert *d;
	uint32_t at = (uint32_t)kr->n_devices;
	enum err err = grow_array(&kr->devices, kr->n_devices,
	    &kr->cap_devices, sizeof(*kr->devices));

	for (int i = BY_NAME; i <= BY_SIGN && err == ERR_OK; i++)
		err = keyring_grow(kr, (enum index_kind)i);
	if (err != ERR_OK)
		return (err);
	d = &kr->devices[at];
	memset(d, 0, sizeof(*d));
	d->d.partner = *partner;
	memcpy(d->d.device, c->device, strlen(c->device));
	d->d.serial = c->serial;
	memcpy(d->d.curve_key, c->curve_key.data, 32);
	memcpy(d->d.sign_key, c->sign_key.data, SIGN_PUB);
	sign_key_id(d->d.sign_key, d->d.key_id);
	d->d.role = c->role;
	d->d.not_after_ms = c->not_after_ms;
	d->d.added = index;
	d->d.ended = d->d.suspect_from = KEYRING_NEVER;
	kr->n_devices++;
	d->older_name = keyring_enter(kr, BY_NAME, at);
	d->older_curve = keyring_enter(kr, BY_CURVE, at);
	d->older_sign = keyring_enter(kr, BY_SIGN, at);
	/* A device has one certificate at a time. */
	if (d->older_name != NONE &&
	    kr->devices[d->older_name].d.ended == KEYRING_NEVER)
		kr->devices[d->older_name].d.ended = index;
	return (ERR_OK);
}

static MUST_CHECK enum err
add_seal(struct keyring *kr, uint64_t index, const struct org *partner,
    const Keten__V1__SealingCertificate *c)
{
	struct seal_cert *s;
	struct seal_public pub;
	uint32_t at = (uint32_t)kr->n_seals;
	enum err err = seal_public(c, &pub);

	if (err == ERR_OK)
		err = grow_array(&kr->seals, kr->n_seals, &kr->cap_seals,
		    sizeof(*kr->seals));
	if (err == ERR_OK)
		err = keyring_grow(kr, BY_PARTNER);
	if (err == ERR_OK)
		err = keyring_grow(kr, BY_ID);
	if (err != ERR_OK)
		return (err);
	s = &kr->seals[at];
	memset(s, 0, sizeof(*s));
	s->s.partner = *partner;
	seal_key_id(&pub, s->s.key_id);
	s->s.serial = c->serial;
	memcpy(s->s.x, pub.x, 32);
	memcpy(s->s.y, pub.y, 32);
	s->s.not_after_ms = c->not_after_ms;
	s->s.added = index;
	s->s.ended = s->s.suspect_from = KEYRING_NEVER;
	kr->n_seals++;
	s->older_partner = keyring_enter(kr, BY_PARTNER, at);
	s->older_id = keyring_enter(kr, BY_ID, at);
	return (ERR_OK);
}

/* It ends here, unless it had ended before. */
static void
end_at(uint64_t *ended, uint64_t *suspect_from, uint64_t index,
    const Keten__V1__Revoke *r)
{
	if (*ended == KEYRING_NEVER)
		*ended = index;
	if (r->suspect_from != 0)
		*suspect_from = r->suspect_from;
}

static void
revoke(struct keyring *kr, uint64_t index, const struct org *partner,
    const Keten__V1__Revoke *r)
{
	struct keyring_device *d;
	struct keyring_seal *s;

	if (r->device[0] != '\0') {
		d = revoked_device(kr, partner, r);
		end_at(&d->ended, &d->suspect_from, index, r);
		return;
	}
	s = revoked_seal(kr, partner, r);
	end_at(&s->ended, &s->suspect_from, index, r);
}

static MUST_CHECK enum err
add_record(struct keyring *kr, uint64_t index,
    const Keten__V1__KeyStatement *ks)
{
	enum err err = grow_array(&kr->records, kr->n_records,
	    &kr->cap_records, sizeof(*kr->records));

	if (err == ERR_OK)
		kr->records[kr->n_records++] =
		    (struct key_record){ index, org_of(ks->partner) };
	return (err);
}

static MUST_CHECK enum err
add_statement(struct keyring *kr, uint64_t index,
    const Keten__V1__KeyStatement *ks)
{
	struct org partner = org_of(ks->partner);
	const char *rule;
	enum err err = keyring_check(kr, ks, &rule);

	if (err != ERR_OK)
		return (err);
	if (ks->body_case == KETEN__V1__KEY_STATEMENT__BODY_DEVICE)
		return (add_device(kr, index, &partner, ks->device));
	if (ks->body_case == KETEN__V1__KEY_STATEMENT__BODY_SEALING)
		return (add_seal(kr, index, &partner, ks->sealing));
	revoke(kr, index, &partner, ks->revoke);
	return (ERR_OK);
}

enum err
keyring_add(struct keyring *kr, uint64_t index, struct slice envelope,
    struct arena *a)
{
	size_t mark = arena_used(a);
	Keten__V1__KeyStatement *ks;
	struct envelope env;
	enum err err = envelope_parse(a, envelope, &env, NULL);

	if (err == ERR_OK && (env.kind != ENVELOPE_KEY || index < kr->next))
		err = ERR_MALFORMED;
	if (err == ERR_OK)
		err = statement_parse_key(a, env.body, &ks, NULL);
	if (err == ERR_OK)
		err = add_statement(kr, index, ks);
	if (err == ERR_OK)
		err = add_record(kr, index, ks);
	if (err == ERR_OK)
		kr->next = index + 1;
	arena_rewind(a, mark);
	return (err == ERR_OK || err == ERR_NOMEM ||
		err == ERR_KEY_NOT_VALID ? err : ERR_MALFORMED);
}

enum err
keyring_load(struct keyring *kr, struct txn *t)
{
	struct slice envelope;
	uint64_t index;
	enum err err;

	while ((err = view_key(t, kr->next, &index, &envelope)) == ERR_OK) {
		err = keyring_add(kr, index, envelope, store_scratch(t));
		if (err != ERR_OK)
			return (err);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}
