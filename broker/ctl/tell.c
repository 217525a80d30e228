/*
 * tell -- what the broker answered, in plain Dutch: of the broker itself.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/noun.h"
#include "ctl/tell.h"
#include "ctl/tell_in.h"

/* --- lines of a label and a value ----------------------------------------- */

const char *
tell_when(const json_t *j, const char *name, char buf[CAL_TEXT])
{
	json_int_t ms = ctl_number(j, name);

	return (ms == 0 ? "-" : cal_text(ms, buf));
}

static void
tell_line(const json_t *j, const struct tell_row *row)
{
	char when[CAL_TEXT];

	printf("%-18s ", row->label);
	switch (row->kind) {
	case TELL_TEXT:
		printf("%s\n", ctl_text(j, row->field));
		return;
	case TELL_NUMBER:
		printf("%" JSON_INTEGER_FORMAT "\n",
		    ctl_number(j, row->field));
		return;
	case TELL_TIME:
		printf("%s\n", tell_when(j, row->field, when));
		return;
	case TELL_YES:
		printf("%s\n", json_is_true(json_object_get(j, row->field)) ?
		    row->yes : row->no);
		return;
	}
}

void
tell_rows(const json_t *j, const struct tell_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		tell_line(j, &rows[i]);
}

/* --- the broker ----------------------------------------------------------- */

static const struct tell_row status_rows[] = {
	{ "Logboek", "origin", TELL_TEXT, NULL, NULL },
	{ "Regels", "size", TELL_NUMBER, NULL, NULL },
	{ "  gepubliceerd", "checkpoint", TELL_NUMBER, NULL, NULL },
	{ "  nieuwste van", "newest_ms", TELL_TIME, NULL, NULL },
	{ "  ondertekent", "signing", TELL_YES, "ja",
	    "NEE; kijk met ketenctl guard" },
	{ "  bewaking", "guard", TELL_TEXT, NULL, NULL },
	{ "Draait sinds", "started_ms", TELL_TIME, NULL, NULL },
	{ "Klok", "time_ms", TELL_TIME, NULL, NULL },
	{ "  te vertrouwen", "clock_off", TELL_YES,
	    "NEE; kijk met ketenctl clock", "ja" },
	{ "Te druk", "busy", TELL_YES, "ja, nieuwe opdrachten wachten",
	    "nee" },
	{ "Beleid", "policy", TELL_NUMBER, NULL, NULL },
	{ "Verbindingen", "connections", TELL_NUMBER, NULL, NULL },
	{ "  van partners", "partners", TELL_NUMBER, NULL, NULL },
	{ "Bekende apparaten", "devices", TELL_NUMBER, NULL, NULL },
	{ "Wacht op sleutels", "waiting_wraps", TELL_NUMBER, NULL, NULL },
	{ "Apart gezet", "quarantined", TELL_NUMBER, NULL, NULL },
};

static void
tell_log_keys(const json_t *list)
{
	json_t *key;
	size_t i;

	json_array_foreach(list, i, key)
		printf("%-18s %s\n", i == 0 ? "Sleutel logboek" : "",
		    json_string_value(key));
}

static void
tell_witnesses(const json_t *data)
{
	const json_t *list = json_object_get(data, "witnesses");
	json_int_t behind = ctl_number(data, "witness_lag_s");
	char when[CAL_TEXT];
	json_t *w;
	size_t i;

	if (json_array_size(list) == 0) {
		printf("%-18s geen\n", "Getuigen");
		return;
	}
	printf("%-18s genoeg handtekeningen onder %" JSON_INTEGER_FORMAT
	    " %s%s\n", "Getuigen", ctl_number(data, "witnessed"),
	    noun_for((uint64_t)ctl_number(data, "witnessed"), "regel",
	    "regels"), json_is_true(json_object_get(data, "witness_late")) ?
	    "; DAT DUURT TE LANG" : "");
	if (behind > 0)
		printf("%-18s %" JSON_INTEGER_FORMAT " s achter\n", "", behind);
	json_array_foreach(list, i, w)
		printf("  %-16s zag %" JSON_INTEGER_FORMAT ", tekende %"
		    JSON_INTEGER_FORMAT " (%s)%s\n", ctl_text(w, "name"),
		    ctl_number(w, "saw"), ctl_number(w, "signed"),
		    tell_when(w, "signed_ms", when),
		    ctl_number(w, "refused") != 0 ? "; WEIGERT" : "");
}

static void
tell_expiring(const json_t *list)
{
	char when[CAL_TEXT];
	json_t *k;
	size_t i;

	if (json_array_size(list) == 0)
		printf("%-18s geen\n", "Verloopt binnenkort");
	json_array_foreach(list, i, k)
		printf("%-18s %s, %s %s: %s %s\n", i == 0 ?
		    "LET OP" : "", ctl_text(k, "partner"),
		    ctl_text(k, "device")[0] != '\0' ? "apparaat" :
		    "zegelsleutel", ctl_text(k, "device")[0] != '\0' ?
		    ctl_text(k, "device") : ctl_text(k, "sealing_key"),
		    json_is_true(json_object_get(k, "ended")) ? "verliep" :
		    "verloopt", tell_when(k, "until_ms", when));
}

void
tell_status(const json_t *data)
{
	tell_rows(data, status_rows, sizeof(status_rows) /
	    sizeof(status_rows[0]));
	tell_log_keys(json_object_get(data, "log_keys"));
	tell_witnesses(data);
	tell_expiring(json_object_get(data, "expiring"));
}

/* --- the queue ------------------------------------------------------------ */

static void
queue_row(const json_t *r)
{
	char away[CAL_TEXT] = "-", old[CAL_TEXT];
	const char *since = away;

	if (!json_is_true(json_object_get(r, "enrolled")))
		since = "nog geen apparaat";
	else if (!json_is_true(json_object_get(r, "connected")))
		(void)tell_when(r, "away_since_ms", away);
	printf("%-24s %-8s %8lld %8lld  %-20s %s\n", ctl_text(r, "partner"),
	    ctl_text(r, "mailbox"), (long long)ctl_number(r, "waiting"),
	    (long long)ctl_number(r, "last"), tell_when(r, "oldest_ms", old),
	    since);
}

void
tell_queue(const json_t *data)
{
	json_t *row;
	size_t i;

	printf("%-24s %-8s %8s %8s  %-20s %s\n", "partner", "bus", "wacht",
	    "laatste", "oudste sinds", "weg sinds");
	json_array_foreach(data, i, row)
		queue_row(row);
}

/* --- clock, guard, policy -------------------------------------------------- */

void
tell_clock(const json_t *data)
{
	static const struct tell_row rows[] = {
		{ "De makelaar denkt", "time_ms", TELL_TIME, NULL, NULL },
		{ "Nieuwste regel van", "newest_ms", TELL_TIME, NULL, NULL },
		{ "Te vertrouwen", "off", TELL_YES, "NEE: zij sprong; "
		    "termijnen staan stil.  Klopt zij toch: ketenctl clock "
		    "accept", "ja" },
	};

	tell_rows(data, rows, sizeof(rows) / sizeof(rows[0]));
	if (strcmp(ctl_text(data, "kind"), "real") != 0)
		printf("%-18s een klok voor tests\n", "Soort");
	if (json_is_true(json_object_get(data, "walking")))
		printf("%-18s de klok loopt nog naar haar nieuwe tijd\n",
		    "Bezig");
}

void
tell_guard(const json_t *data)
{
	static const struct tell_row rows[] = {
		{ "Stand", "text", TELL_TEXT, NULL, NULL },
		{ "Er wordt getekend", "signing", TELL_YES, "ja", "NEE" },
		{ "Logboek nu", "size", TELL_NUMBER, NULL, NULL },
		{ "  wortel", "root", TELL_TEXT, NULL, NULL },
		{ "Bewaakt punt", "guard_size", TELL_NUMBER, NULL, NULL },
		{ "  wortel", "guard_root", TELL_TEXT, NULL, NULL },
	};

	tell_rows(data, rows, sizeof(rows) / sizeof(rows[0]));
}

void
tell_policy(const json_t *data)
{
	static const struct tell_row rows[] = {
		{ "Beleid", "index", TELL_NUMBER, NULL, NULL },
		{ "Logboek", "origin", TELL_TEXT, NULL, NULL },
		{ "Ondertekend door", "introducer", TELL_TEXT, NULL, NULL },
		{ "Partners", "partners", TELL_NUMBER, NULL, NULL },
		{ "Bestand", "file", TELL_TEXT, NULL, NULL },
		{ "SHA-256", "sha256", TELL_TEXT, NULL, NULL },
	};
	json_t *doubt;
	size_t i;

	tell_rows(data, rows, sizeof(rows) / sizeof(rows[0]));
	json_array_foreach(json_object_get(data, "doubts"), i, doubt)
		printf("Let op: %s\n", json_string_value(doubt));
}
