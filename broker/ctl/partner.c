/*
 * partner -- who takes part, with which keys; and the end of a key.
 *
 * A key ends by a statement that the partner's identity key or the introducer
 * signs.  The operator passes on what a partner made (`partner revoke FILE`),
 * or makes and passes on one with the introducer's key, at once when a device
 * was stolen.  Without such a key nobody ends anything.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/instant.h"
#include "ctl/ctl.h"
#include "ctl/tell.h"
#include "life/calendar.h"
#include "trust/keyfile.h"
#include "wire/keymake.h"

#define ARENA_LEN ((size_t)64 * 1024)

/* ---- showing ---------------------------------------------------------------- */

/* Ask for everybody, or for the one named; with what has ended if ${all}. */
static int
ask(const struct ctl *c, const char *who, bool all, json_t **data)
{
	json_t *q = json_pack("{s:s, s:b}", "cmd", "partner", "all", (int)all);

	if (q != NULL && who != NULL &&
	    json_object_set_new(q, "partner", json_string(who)) != 0) {
		json_decref(q);
		q = NULL;
	}
	return (ctl_ask(c, q, data));
}

/* One key: "adapter 17 ... tot 2027-01-01, ingetrokken bij 40". */
static void
key_row(const char *partner, const json_t *k, const char *name, bool only)
{
	json_int_t ended = ctl_number(k, "ended");
	json_int_t suspect = ctl_number(k, "suspect_from");
	json_int_t until = ctl_number(k, "not_after_ms");
	char when[CAL_TEXT] = "-";

	if (only && suspect == 0)
		return;
	if (until != 0)
		(void)cal_text(until, when);
	printf("%-20s %-20s %8lld %-8s %-22s", partner, ctl_text(k, name),
	    (long long)ctl_number(k, "added"),
	    strcmp(name, "key") == 0 ? "zegel" : "apparaat", when);
	if (ended != 0)
		printf(" tot en met record %lld", (long long)ended);
	if (suspect != 0)
		printf(", VERDACHT vanaf record %lld", (long long)suspect);
	printf("\n");
}

static void
key_rows(const json_t *partner, bool only)
{
	const char *id = ctl_text(partner, "partner");
	json_t *k;
	size_t i;

	json_array_foreach(json_object_get(partner, "devices"), i, k)
		key_row(id, k, "device", only);
	json_array_foreach(json_object_get(partner, "sealing"), i, k)
		key_row(id, k, "key", only);
}

/* All keys there ever were; with ${only} those that are suspect. */
static int
list(const struct ctl *c, const char *who, bool only)
{
	json_t *data = NULL, *row;
	size_t i;
	int rc = ask(c, who, true, &data);

	if (rc == CTL_DONE && c->json)
		ctl_json(data);
	else if (rc == CTL_DONE) {
		printf("%-20s %-20s %8s %-8s %-22s\n", "partner", "sleutel van",
		    "record", "soort", "geldig tot");
		json_array_foreach(data, i, row)
			key_rows(row, only);
	}
	json_decref(data);
	return (rc);
}

/* ---- ending ------------------------------------------------------------------- */

/* What is needed to make a statement. */
struct ending {
	const struct ctl *c;
	json_t *partner; /* as the broker shows it */
	char *origin;
	struct signer *by;
	struct arena *a;
	struct keymake_end end;
};

/* The introducer's key, or the identity key of the partner. */
static struct signer *
read_signer(const char *path)
{
	static const enum keyfile_kind kinds[] = { KEYFILE_INTRODUCER,
		KEYFILE_IDENTITY };
	char why[KEYFILE_WHY] = "";
	struct signer *by;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct secret *s = NULL;

		if (keyfile_read(path, kinds[i], &s, why) != ERR_OK)
			continue;
		by = sign_new(s->b);
		keyfile_free(&s);
		return (by);
	}
	fprintf(stderr, "ketenctl: %s\n", why);
	return (NULL);
}

static int
read_origin(struct ending *e)
{
	json_t *data = NULL;
	int rc = ctl_ask(e->c, json_pack("{s:s}", "cmd", "policy"), &data);

	if (rc == CTL_DONE)
		e->origin = strdup(ctl_text(data, "origin"));
	json_decref(data);
	if (rc == CTL_DONE && e->origin == NULL)
		rc = CTL_FILE;
	return (rc);
}

static int
read_partner(struct ending *e)
{
	json_t *data = NULL;
	int rc = ask(e->c, e->c->partner, true, &data);

	if (rc == CTL_DONE)
		e->partner = json_incref(json_array_get(data, 0));
	json_decref(data);
	return (rc);
}

/* Did the key ${k} count at record ${from}? */
static bool
counted_at(const json_t *k, uint64_t from)
{
	uint64_t ended = (uint64_t)ctl_number(k, "ended");

	return ((uint64_t)ctl_number(k, "added") < from &&
	    (ended == 0 || from <= ended));
}

/*
 * The serial of what is to end: of the newest certificate of that name.  What
 * is to be suspect is the one that counted at that record.
 */
static int
find_serial(struct ending *e, bool suspect)
{
	const struct ctl *c = e->c;
	json_t *keys = json_object_get(e->partner,
	    c->device != NULL ? "devices" : "sealing");
	json_t *k;
	size_t i;

	json_array_foreach(keys, i, k)
		if (strcmp(ctl_text(k, c->device != NULL ? "device" : "key"),
			c->device != NULL ? c->device : c->sealing) == 0 &&
		    (!suspect || counted_at(k, e->end.suspect_from)))
			e->end.serial = (uint64_t)ctl_number(k, "serial");
	if (e->end.serial != 0)
		return (CTL_DONE);
	fprintf(stderr, "ketenctl: %s heeft%s geen %s %s\n", c->partner,
	    suspect ? " bij dat record" : "",
	    c->device != NULL ? "apparaat" : "zegelsleutel",
	    c->device != NULL ? c->device : c->sealing);
	return (CTL_REFUSED);
}

/* What has to be said, and was not; NULL: nothing. */
static const char *
missing_of(const struct ctl *c, const struct keymake_end *end, bool suspect)
{
	if (c->partner == NULL)
		return ("van wie: --partner PARTNER");
	if ((c->device == NULL) == (c->sealing == NULL))
		return ("een van beide: --device NAAM of --sealing ID");
	if (c->key == NULL)
		return ("--key met de sleutel van beheer of van de partner");
	if (!keymake_is_reason(end->reason))
		return ("een reden: --reason lost, stolen, replaced of ended");
	if (end->suspect_from == 0 && (suspect || c->suspect_from != NULL))
		return ("vanaf welk record: --suspect-from NUMMER");
	return (NULL);
}

static int
read_wishes(struct ending *e, bool suspect)
{
	const struct ctl *c = e->c;
	const char *missing;
	char *rest;

	e->end.device = c->device;
	e->end.seal_id = c->sealing;
	e->end.reason = c->reason == NULL ? "stolen" : c->reason;
	if (c->suspect_from != NULL) {
		e->end.suspect_from = strtoull(c->suspect_from, &rest, 10);
		if (c->suspect_from[0] == '\0' || *rest != '\0')
			e->end.suspect_from = 0;
	}
	missing = missing_of(c, &e->end, suspect);
	if (missing == NULL)
		return (CTL_DONE);
	fprintf(stderr, "ketenctl partner %s: noem ook %s  (ketenctl partner "
	    "%s --help)\n", suspect ? "suspect" : "revoke", missing,
	    suspect ? "suspect" : "revoke");
	return (CTL_USAGE);
}

static int
make(struct ending *e, struct slice *envelope)
{
	struct keymake m = { .by = e->by, .origin = e->origin,
		.partner = e->c->partner };

	m.made_ms = instant_ms(CLOCK_REALTIME);
	m.a = e->a = arena_new(ARENA_LEN);
	if (m.a != NULL && keymake_revoke(&m, &e->end, envelope) == ERR_OK)
		return (CTL_DONE);
	fprintf(stderr, "ketenctl: de verklaring is niet te maken\n");
	return (CTL_FILE);
}

/* To the broker, or into a file with --out. */
static int
pass_on(const struct ending *e, struct slice envelope)
{
	const char *out = e->c->out;

	if (out == NULL)
		return (ctl_enrol_bytes(e->c, envelope.p, envelope.len));
	if (file_write(out, envelope.p, envelope.len, 0644) != ERR_OK) {
		fprintf(stderr, "ketenctl: %s is niet te schrijven\n", out);
		return (CTL_FILE);
	}
	printf("%s\n", out);
	return (CTL_DONE);
}

static int
end_key(const struct ctl *c, bool suspect)
{
	struct ending e = { .c = c };
	struct slice envelope;
	int rc = read_wishes(&e, suspect);

	if (rc == CTL_DONE && (e.by = read_signer(c->key)) == NULL)
		rc = CTL_FILE;
	if (rc == CTL_DONE)
		rc = read_origin(&e);
	if (rc == CTL_DONE)
		rc = read_partner(&e);
	if (rc == CTL_DONE)
		rc = find_serial(&e, suspect);
	if (rc == CTL_DONE)
		rc = make(&e, &envelope);
	if (rc == CTL_DONE)
		rc = pass_on(&e, envelope);
	arena_free(e.a);
	sign_free(e.by);
	free(e.origin);
	json_decref(e.partner);
	return (rc);
}

/* ---- the words ------------------------------------------------------------------ */

int
ctl_partner(const struct ctl *c)
{
	json_t *data = NULL;
	int rc = ask(c, c->n_args > 0 ? c->arg[0] : NULL, false, &data);

	if (rc == CTL_DONE)
		ctl_show(c, data, tell_partners);
	json_decref(data);
	return (rc);
}

int
ctl_partner_list(const struct ctl *c)
{
	return (list(c, c->n_args > 0 ? c->arg[0] : NULL, false));
}

int
ctl_partner_revoke(const struct ctl *c)
{
	return (c->n_args > 0 ? ctl_enrol_file(c, c->arg[0])
			      : end_key(c, false));
}

int
ctl_partner_suspect(const struct ctl *c)
{
	return (c->key != NULL ? end_key(c, true) : list(c, c->n_args > 0 ?
	    c->arg[0] : NULL, true));
}
