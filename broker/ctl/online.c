/*
 * online -- the subcommands that are a request to the broker.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/file.h"
#include "ctl/ctl.h"
#include "ctl/tell.h"
#include "life/calendar.h"

#define FILE_MAX ((size_t)128 * 1024)

static int
usage(const char *text)
{
	fprintf(stderr, "ketenctl: %s\n", text);
	return (CTL_USAGE);
}

/* --- text as it is ------------------------------------------------------------------- */

static int
show_text(const struct ctl *c, json_t *ask)
{
	json_t *data = NULL;
	int status = ctl_ask(c, ask, &data);

	if (status == CTL_DONE && c->json)
		ctl_json(data);
	else if (status == CTL_DONE)
		printf("%s\n", ctl_text(data, "text"));
	json_decref(data);
	return (status);
}

int
ctl_metrics(const struct ctl *c)
{
	return (show_text(c, json_pack("{s:s}", "cmd", "metrics")));
}

/* The protocol's word for an urgency, in Dutch or as it is; NULL: neither. */
static const char *
urgency_of(const char *text)
{
	static const char *const words[][2] = {
		{ "LOW", "laag" }, { "NORMAL", "normaal" },
		{ "NORMAL", "gewoon" }, { "HIGH", "hoog" },
		{ "EMERGENT", "spoed" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(text, words[i][0]) == 0 ||
		    strcasecmp(text, words[i][1]) == 0)
			return (words[i][0]);
	return (NULL);
}

int
ctl_explain(const struct ctl *c)
{
	const char *urgency = c->urgency == NULL ? "NORMAL" :
	    urgency_of(c->urgency);
	int64_t at = 0;

	if (c->n_args > 0)
		return (show_text(c, json_pack("{s:s, s:s}", "cmd",
		    "explain", "referral", c->arg[0])));
	if (c->from == NULL || c->code == NULL || c->area == NULL)
		return (usage("explain VERWIJZING, of explain --from PARTNER "
		    "--code CODE --area GEBIED [--urgency HIGH] "
		    "[--basis G-TOE] [--at '2026-04-27 08:30']"));
	if (c->at != NULL && !cal_time_read(c->at, &at))
		return (usage("--at is een tijd zoals '2026-04-27 08:30'"));
	if (urgency == NULL)
		return (usage("--urgency is een van: laag normaal hoog spoed "
		    "(LOW, NORMAL, HIGH, EMERGENT)"));
	return (show_text(c, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I}",
	    "cmd", "explain", "from", c->from, "code", c->code,
	    "area", c->area, "urgency", urgency, "basis",
	    c->basis == NULL ? "G-TOE" : c->basis, "at_ms",
	    (json_int_t)at)));
}

/* --- tables ---------------------------------------------------------------------------- */

int
ctl_queue(const struct ctl *c)
{
	return (ctl_plain(c, json_pack("{s:s}", "cmd", "queue"), tell_queue));
}

int
ctl_referral(const struct ctl *c)
{
	return (ctl_plain(c, json_pack("{s:s, s:s}", "cmd", "show",
	    "referral", c->arg[0]), tell_referral));
}

int
ctl_status(const struct ctl *c)
{
	return (ctl_plain(c, json_pack("{s:s}", "cmd", "status"),
	    tell_status));
}

/* --- certificates ------------------------------------------------------------------------ */

int
ctl_enrol_bytes(const struct ctl *c, const void *p, size_t len)
{
	char *text = malloc(BASE64_LEN(len));
	int rc;

	if (text == NULL) {
		fprintf(stderr, "ketenctl: geen geheugen\n");
		return (CTL_FILE);
	}
	(void)base64_encode(p, len, text);
	rc = ctl_plain(c, json_pack("{s:s, s:s}", "cmd", "enrol", "envelope",
	    text), tell_enrolled);
	free(text);
	return (rc);
}

int
ctl_enrol_file(const struct ctl *c, const char *path)
{
	uint8_t *bytes = NULL;
	size_t len = 0;
	int rc;

	if (file_read(path, FILE_MAX, &bytes, &len) != ERR_OK) {
		fprintf(stderr, "ketenctl: %s kan niet worden gelezen; "
		    "kijk of het pad klopt en of u het mag lezen\n", path);
		return (CTL_FILE);
	}
	rc = ctl_enrol_bytes(c, bytes, len);
	if (rc == CTL_REFUSED)
		fprintf(stderr, "  in %s; hier hoort een certificaat van keten "
		    "enrol, of het einde van een sleutel\n", path);
	free(bytes);
	return (rc);
}

/* All of them; the worst outcome counts. */
int
ctl_enrol(const struct ctl *c)
{
	int rc, worst = CTL_DONE;

	for (int i = 0; i < c->n_args; i++) {
		rc = ctl_enrol_file(c, c->arg[i]);
		if (rc > worst)
			worst = rc;
	}
	return (worst);
}

/* --- policy --------------------------------------------------------------------------------- */

/* A file, or that there was none. */
struct kept {
	char *path;
	uint8_t *bytes;
	size_t len;
};

/* Put a signed document where the broker reads it, and keep what was there. */
static int
put_policy(const struct ctl *c, const char *path, struct kept *was)
{
	json_t *data = NULL;
	uint8_t *bytes = NULL;
	size_t len = 0;
	int rc;

	rc = ctl_ask(c, json_pack("{s:s}", "cmd", "policy"), &data);
	if (rc == CTL_DONE &&
	    ((was->path = strdup(ctl_text(data, "file"))) == NULL ||
	    file_read(was->path, FILE_MAX, &was->bytes, &was->len) != ERR_OK ||
	    file_read(path, FILE_MAX, &bytes, &len) != ERR_OK ||
	    file_write(was->path, bytes, len, 0644) != ERR_OK)) {
		fprintf(stderr, "ketenctl: %s kan niet in de plaats komen van "
		    "%s: kijk of u het ene mag lezen en het andere mag "
		    "schrijven; er is niets veranderd\n", path,
		    ctl_text(data, "file"));
		rc = CTL_FILE;
	}
	free(bytes);
	json_decref(data);
	return (rc);
}

/* A document that is refused does not stay: the next start would stumble. */
static void
put_back(const struct kept *was)
{
	if (file_write(was->path, was->bytes, was->len, 0644) != ERR_OK)
		fprintf(stderr, "ketenctl: het oude beleid kan niet terug in "
		    "%s\n", was->path);
}

int
ctl_policy_show(const struct ctl *c)
{
	return (ctl_plain(c, json_pack("{s:s}", "cmd", "policy"),
	    tell_policy));
}

int
ctl_policy_load(const struct ctl *c)
{
	struct kept was = { NULL, NULL, 0 };
	int rc = CTL_DONE;

	if (c->n_args > 0 && ctl_is_source(c->arg[0])) {
		fprintf(stderr, "ketenctl: %s is de bron van een beleid; "
		    "onderteken haar eerst met ketenctl policy sign\n",
		    c->arg[0]);
		return (CTL_USAGE);
	}
	if (c->n_args > 0)
		rc = put_policy(c, c->arg[0], &was);
	if (rc == CTL_DONE) {
		rc = ctl_plain(c, json_pack("{s:s}", "cmd", "policy reload"),
		    tell_policy);
		if (rc == CTL_REFUSED && was.path != NULL)
			put_back(&was);
	}
	free(was.path);
	free(was.bytes);
	return (rc);
}

/* --- erasing --------------------------------------------------------------------------------- */

/* Only the policy's rules: who wants one referral erased signs for that. */
int
ctl_erase(const struct ctl *c)
{
	return (ctl_plain(c, json_pack("{s:s}", "cmd", "erase"),
	    tell_erased));
}

int
ctl_erase_list(const struct ctl *c)
{
	return (ctl_plain(c, json_pack("{s:s}", "cmd", "erase list"),
	    tell_erase_list));
}

int
ctl_erase_status(const struct ctl *c)
{
	return (ctl_plain(c, json_pack("{s:s}", "cmd", "erase status"),
	    tell_erase_status));
}
