/*
 * keymake -- certificates and their ends, as signed envelopes.
 */
#include <string.h>

#include "wire/envelope.h"
#include "wire/keymake.h"
#include "wire/pb.h"

static MUST_CHECK enum err
sign(const struct keymake *m, Keten__V1__KeyStatement *ks,
    struct slice *envelope)
{
	struct slice body;
	enum err err;

	ks->version = 1;
	ks->origin = pb_string(m->origin);
	ks->partner = pb_string(m->partner);
	ks->made_ms = m->made_ms;
	if ((err = pb_pack(m->a, &ks->base, &body)) != ERR_OK)
		return (err);
	return (envelope_make(m->a, ENVELOPE_KEY, body, m->by, envelope));
}

enum err
keymake_device(const struct keymake *m, Keten__V1__DeviceCertificate *c,
    struct slice *envelope)
{
	Keten__V1__KeyStatement ks = KETEN__V1__KEY_STATEMENT__INIT;

	ks.body_case = KETEN__V1__KEY_STATEMENT__BODY_DEVICE;
	ks.device = c;
	return (sign(m, &ks, envelope));
}

enum err
keymake_sealing(const struct keymake *m, const struct seal_public *key,
    uint64_t serial, int64_t not_after_ms, struct slice *envelope)
{
	Keten__V1__KeyStatement ks = KETEN__V1__KEY_STATEMENT__INIT;
	Keten__V1__SealingCertificate s = KETEN__V1__SEALING_CERTIFICATE__INIT;

	s.serial = serial;
	s.key_x = pb_of(key->x, sizeof(key->x));
	s.key_y = pb_of(key->y, sizeof(key->y));
	s.not_after_ms = not_after_ms;
	ks.body_case = KETEN__V1__KEY_STATEMENT__BODY_SEALING;
	ks.sealing = &s;
	return (sign(m, &ks, envelope));
}

bool
keymake_is_reason(const char *reason)
{
	static const char *const words[] = { "lost", "stolen", "replaced",
		"ended" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], reason) == 0)
			return (true);
	return (false);
}

enum err
keymake_revoke(const struct keymake *m, const struct keymake_end *end,
    struct slice *envelope)
{
	Keten__V1__KeyStatement ks = KETEN__V1__KEY_STATEMENT__INIT;
	Keten__V1__Revoke r = KETEN__V1__REVOKE__INIT;

	if (!keymake_is_reason(end->reason) ||
	    (end->device == NULL) == (end->seal_id == NULL))
		return (ERR_MALFORMED);
	r.device = pb_string(end->device);
	r.sealing_key_id = pb_string(end->seal_id);
	r.serial = end->serial;
	r.suspect_from = end->suspect_from;
	r.reason = pb_string(end->reason);
	ks.body_case = KETEN__V1__KEY_STATEMENT__BODY_REVOKE;
	ks.revoke = &r;
	return (sign(m, &ks, envelope));
}
