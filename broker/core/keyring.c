/*
 * keyring -- which key was whose, and when: asking.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/keyring_in.h"
#include "trust/digest.h"

struct keyring *
keyring_new(void)
{
	struct keyring *kr = calloc(1, sizeof(*kr));

	if (kr != NULL && digest_random(kr->seed, sizeof(kr->seed)) != ERR_OK) {
		free(kr);
		return (NULL);
	}
	return (kr);
}

void
keyring_free(struct keyring *kr)
{
	if (kr == NULL)
		return;
	for (int i = 0; i < INDEX__MAX; i++)
		free(kr->index[i].slot);
	free(kr->records);
	free(kr->devices);
	free(kr->seals);
	free(kr);
}

/* --- finding ------------------------------------------------------------ */

void
keyring_name_set(struct name *n, const void *p, size_t len)
{
	memcpy(n->b, p, len);
	n->len = len;
}

void
keyring_name_device(struct name *n, const struct org *partner,
    const char *device)
{
	memset(n->b, 0, sizeof(n->b));
	memcpy(n->b, partner->id, sizeof(partner->id));
	memcpy(n->b + sizeof(partner->id), device,
	    strnlen(device, KEYRING_DEVICE_MAX - 1));
	n->len = NAME_LEN;
}

static void
name_of(const struct keyring *kr, enum index_kind kind, uint32_t at,
    struct name *n)
{
	switch (kind) {
	case BY_NAME:
		keyring_name_device(n, &kr->devices[at].d.partner,
		    kr->devices[at].d.device);
		break;
	case BY_CURVE:
		keyring_name_set(n, kr->devices[at].d.curve_key, 32);
		break;
	case BY_SIGN:
		keyring_name_set(n, kr->devices[at].d.key_id, SIGN_KEY_ID);
		break;
	case BY_PARTNER:
		keyring_name_set(n, kr->seals[at].s.partner.id, ORG_MAX + 1);
		break;
	case BY_ID:
		keyring_name_set(n, kr->seals[at].s.key_id,
		    KEYRING_SEAL_ID - 1);
		break;
	case INDEX__MAX:
		n->len = 0;
		break;
	}
}

static size_t
hash_name(const struct keyring *kr, const struct name *n)
{
	uint64_t h;

	_Static_assert(crypto_shorthash_KEYBYTES == sizeof(kr->seed),
	    "the seed is the key of this hash");
	(void)crypto_shorthash((uint8_t *)&h, n->b, n->len, kr->seed);
	return ((size_t)h);
}

/* The slot where ${n} is, or where it would be.  There is always room. */
static uint32_t *
find_slot(const struct keyring *kr, enum index_kind kind, const struct name *n)
{
	const struct index *ix = &kr->index[kind];
	size_t i = hash_name(kr, n) & (ix->cap - 1);

	while (ix->slot[i] != NONE) {
		struct name other;

		name_of(kr, kind, ix->slot[i], &other);
		if (other.len == n->len && memcmp(other.b, n->b, n->len) == 0)
			break;
		i = (i + 1) & (ix->cap - 1);
	}
	return (&ix->slot[i]);
}

uint32_t
keyring_find(const struct keyring *kr, enum index_kind kind,
    const struct name *n)
{
	if (kr->index[kind].cap == 0)
		return (NONE);
	return (*find_slot(kr, kind, n));
}

/* Make room for one name more: at most half of the slots are used. */
enum err
keyring_grow(struct keyring *kr, enum index_kind kind)
{
	struct index *ix = &kr->index[kind];
	struct index old = *ix;

	if (old.used + 1 <= old.cap / 2)
		return (ERR_OK);
	ix->cap = old.cap == 0 ? 64 : old.cap * 2;
	ix->slot = malloc(ix->cap * sizeof(*ix->slot));
	if (ix->slot == NULL) {
		*ix = old;
		return (ERR_NOMEM);
	}
	memset(ix->slot, 0xff, ix->cap * sizeof(*ix->slot));
	for (size_t i = 0; i < old.cap; i++) {
		struct name n;

		if (old.slot[i] == NONE)
			continue;
		name_of(kr, kind, old.slot[i], &n);
		*find_slot(kr, kind, &n) = old.slot[i];
	}
	free(old.slot);
	return (ERR_OK);
}

/* Let its name lead to the certificate ${at}; return which one it led to. */
uint32_t
keyring_enter(struct keyring *kr, enum index_kind kind, uint32_t at)
{
	struct name n;
	uint32_t *slot;
	uint32_t old;

	name_of(kr, kind, at, &n);
	slot = find_slot(kr, kind, &n);
	old = *slot;
	if (old == NONE)
		kr->index[kind].used++;
	*slot = at;
	return (old);
}

/* --- asking ------------------------------------------------------------- */

/* Tell whether a key with these two counts at record ${index}. */
static bool
keyring_valid_at(uint64_t added, uint64_t ended, uint64_t index)
{
	if (index == KEYRING_NEVER)
		return (ended == KEYRING_NEVER);
	return (added < index && index <= ended);
}

bool
keyring_has_expired(int64_t not_after_ms, int64_t now_ms)
{
	return (not_after_ms != 0 && now_ms > not_after_ms);
}

bool
keyring_may_say(Keten__V1__DeviceRole role, const Keten__V1__Statement *st)
{
	return (role != KETEN__V1__DEVICE_ROLE__SUBMIT_ONLY ||
	    st->body_case == KETEN__V1__STATEMENT__BODY_REWRAP ||
	    st->body_case == KETEN__V1__STATEMENT__BODY_ERASED ||
	    st->body_case == KETEN__V1__STATEMENT__BODY_MISSING ||
	    (st->body_case == KETEN__V1__STATEMENT__BODY_COMMAND &&
		st->command->event == KETEN__V1__EVENT__SUBMIT));
}

static const struct keyring_device *
live_device(const struct keyring *kr, uint32_t at)
{
	if (at == NONE || kr->devices[at].d.ended != KEYRING_NEVER)
		return (NULL);
	return (&kr->devices[at].d);
}

const struct keyring_device *
keyring_device(const struct keyring *kr, const struct org *partner,
    const char *device)
{
	struct name n;

	keyring_name_device(&n, partner, device);
	return (live_device(kr, keyring_find(kr, BY_NAME, &n)));
}

const struct keyring_device *
keyring_by_curve(const struct keyring *kr, const uint8_t curve_key[32])
{
	struct name n;

	keyring_name_set(&n, curve_key, 32);
	return (live_device(kr, keyring_find(kr, BY_CURVE, &n)));
}

const struct keyring_device *
keyring_by_sign(const struct keyring *kr, const uint8_t key_id[SIGN_KEY_ID],
    uint64_t index)
{
	struct name n;
	uint32_t at;

	keyring_name_set(&n, key_id, SIGN_KEY_ID);
	at = keyring_find(kr, BY_SIGN, &n);
	while (at != NONE && !keyring_valid_at(kr->devices[at].d.added,
				 kr->devices[at].d.ended, index))
		at = kr->devices[at].older_sign;
	return (at == NONE ? NULL : &kr->devices[at].d);
}

const struct keyring_seal *
keyring_seal_at(const struct keyring *kr, const struct org *partner,
    uint64_t index)
{
	struct name n;
	uint32_t at;

	keyring_name_set(&n, partner->id, ORG_MAX + 1);
	at = keyring_find(kr, BY_PARTNER, &n);
	while (at != NONE && !keyring_valid_at(kr->seals[at].s.added,
				 kr->seals[at].s.ended, index))
		at = kr->seals[at].older_partner;
	return (at == NONE ? NULL : &kr->seals[at].s);
}

const struct keyring_seal *
keyring_seal(const struct keyring *kr, const struct org *partner)
{
	return (keyring_seal_at(kr, partner, KEYRING_NEVER));
}

const struct keyring_seal *
keyring_seal_by_id(const struct keyring *kr, const char *key_id)
{
	struct name n;
	uint32_t at;

	if (strlen(key_id) != KEYRING_SEAL_ID - 1)
		return (NULL);
	keyring_name_set(&n, key_id, KEYRING_SEAL_ID - 1);
	at = keyring_find(kr, BY_ID, &n);
	return (at == NONE ? NULL : &kr->seals[at].s);
}

uint64_t
keyring_next(const struct keyring *kr)
{
	return (kr->next);
}

uint64_t
keyring_record(const struct keyring *kr, size_t i, struct org *partner)
{
	if (i >= kr->n_records)
		return (KEYRING_NEVER);
	*partner = kr->records[i].partner;
	return (kr->records[i].index);
}

size_t
keyring_n_devices(const struct keyring *kr)
{
	return (kr->n_devices);
}

bool
keyring_has_device(const struct keyring *kr, const struct org *partner)
{
	for (size_t i = 0; i < kr->n_devices; i++)
		if (org_eq(&kr->devices[i].d.partner, partner))
			return (true);
	return (false);
}

const struct keyring_device *
keyring_device_nth(const struct keyring *kr, size_t i)
{
	return (i < kr->n_devices ? &kr->devices[i].d : NULL);
}

size_t
keyring_n_seals(const struct keyring *kr)
{
	return (kr->n_seals);
}

const struct keyring_seal *
keyring_seal_nth(const struct keyring *kr, size_t i)
{
	return (i < kr->n_seals ? &kr->seals[i].s : NULL);
}
