/*
 * statement -- what an identity key says about the other keys.
 */
#include "wire/field.h"
#include "wire/pb.h"
#include "wire/statement.h"

static enum err
check_device(const Keten__V1__DeviceCertificate *d, const char **rule)
{
	const struct field_row rows[] = {
		{ field_name(d->device), "certificaat: apparaat" },
		{ d->serial >= 1, "certificaat: serienummer vanaf 1" },
		{ d->curve_key.len == 32, "certificaat: curve_key 32 bytes" },
		{ d->sign_key.len == 32, "certificaat: sign_key 32 bytes" },
		{ d->role != 0, "certificaat: rol" },
		{ field_time(d->not_after_ms), "certificaat: einddatum" },
	};

	return (field_check(FIELD_ROWS(rows), rule));
}

static enum err
check_sealing(const Keten__V1__SealingCertificate *s, const char **rule)
{
	const struct field_row rows[] = {
		{ s->serial >= 1, "certificaat: serienummer vanaf 1" },
		{ s->key_x.len == 32 && s->key_y.len == 32,
		    "certificaat: sleutel van twee maal 32 bytes" },
		{ field_time(s->not_after_ms), "certificaat: einddatum" },
	};

	return (field_check(FIELD_ROWS(rows), rule));
}

static enum err
check_revoke(const Keten__V1__Revoke *r, const char **rule)
{
	const bool device = r->device[0] != '\0';
	const bool sealing = r->sealing_key_id[0] != '\0';
	const struct field_row rows[] = {
		{ device != sealing,
		    "intrekken: een apparaat of een sleutel" },
		{ field_name_or_none(r->device), "intrekken: apparaat" },
		{ !sealing || field_key_id(r->sealing_key_id),
		    "intrekken: sleutel van 16 cijfers" },
		{ r->serial >= 1, "intrekken: serienummer vanaf 1" },
		{ field_of(r->reason, FIELD_LOWER, 1, 16), "intrekken: reden" },
	};

	return (field_check(FIELD_ROWS(rows), rule));
}

/**
 * statement_parse_key(a, body, key, rule):
 * The same for the body of an envelope of kind key.
 */
enum err
statement_parse_key(struct arena *a, struct slice body,
    Keten__V1__KeyStatement **key, const char **rule)
{
	Keten__V1__KeyStatement *m;
	enum err err;

	err = pb_unpack_why(a, &keten__v1__key_statement__descriptor, body,
	    &prescan_statement, &m, rule);
	if (err != ERR_OK)
		return (err);
	if (m->version != STATEMENT_VERSION)
		return (pb_refuse(ERR_VERSION, "veld version: 1", rule));

	const struct field_row rows[] = {
		{ field_origin(m->origin), "sleutel: naam van een logboek" },
		{ field_name(m->partner), "sleutel: partner" },
		{ field_time(m->made_ms), "sleutel: tijd" },
		{ m->body_case != KETEN__V1__KEY_STATEMENT__BODY__NOT_SET,
		    "sleutel: zonder inhoud" },
	};

	err = field_check(FIELD_ROWS(rows), rule);
	if (err != ERR_OK)
		return (err);
	if (m->body_case == KETEN__V1__KEY_STATEMENT__BODY_DEVICE)
		err = check_device(m->device, rule);
	else if (m->body_case == KETEN__V1__KEY_STATEMENT__BODY_SEALING)
		err = check_sealing(m->sealing, rule);
	else
		err = check_revoke(m->revoke, rule);
	if (err == ERR_OK)
		*key = m;
	return (err);
}
