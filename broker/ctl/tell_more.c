/*
 * tell_more -- what the broker answered, in plain Dutch: of partners, of one
 * referral, of erasing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/noun.h"
#include "ctl/tell.h"
#include "ctl/tell_in.h"
#include "life/words.h"

/* --- partners --------------------------------------------------------------- */

static void
tell_keys(const json_t *list, const char *name, const char *word)
{
	char until[CAL_TEXT];
	json_t *k;
	size_t i;

	json_array_foreach(list, i, k)
		printf("  %-16s %s%s, sinds regel %" JSON_INTEGER_FORMAT
		    ", geldig tot %s\n", word, ctl_text(k, name),
		    strcmp(ctl_text(k, "role"), "submit-only") == 0 ?
		    " (alleen insturen)" : "", ctl_number(k, "added"),
		    tell_when(k, "not_after_ms", until));
}

static void
tell_partner(const json_t *p)
{
	const json_t *devices = json_object_get(p, "devices");
	char since[CAL_TEXT];

	printf("%s  %s (%s)%s\n", ctl_text(p, "partner"), ctl_text(p, "name"),
	    ctl_text(p, "kind"), json_is_true(json_object_get(p, "ended")) ?
	    ", doet niet meer mee" : "");
	if (json_array_size(devices) == 0)
		printf("  heeft nog geen apparaat: ketenctl enrol\n");
	else if (ctl_number(p, "away_since_ms") != 0)
		printf("  weg sinds %s\n", tell_when(p, "away_since_ms",
		    since));
	else
		printf("  verbonden\n");
	tell_keys(devices, "device", "apparaat");
	tell_keys(json_object_get(p, "sealing"), "key", "zegelsleutel");
}

void
tell_partners(const json_t *data)
{
	json_t *p;
	size_t i;

	json_array_foreach(data, i, p)
		tell_partner(p);
}

void
tell_enrolled(const json_t *data)
{
	static const char *const words[][2] = {
		{ "device", "een apparaat" },
		{ "sealing", "een zegelsleutel" },
		{ "revoke", "het einde van een sleutel" },
	};
	const char *kind = ctl_text(data, "kind");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(kind, words[i][0]) == 0)
			kind = words[i][1];
	printf("%s: %s, regel %" JSON_INTEGER_FORMAT " van het logboek\n",
	    ctl_text(data, "partner"), kind, ctl_number(data, "index"));
}

/* --- one referral ------------------------------------------------------------ */

static const char *
offer_nl(const char *word)
{
	for (int i = 1; i < OFFER__MAX; i++)
		if (strcmp(words_offer((enum offer_state)i), word) == 0)
			return (words_offer_nl((enum offer_state)i));
	return (word);
}

static const char *
term_nl(const char *word)
{
	for (int i = 1; i < TERM__MAX; i++)
		if (strcmp(words_term((enum term)i), word) == 0)
			return (words_term_nl((enum term)i));
	return (word);
}

/* What is marked on it. */
static void
tell_flags(json_int_t flags)
{
	static const struct {
		json_int_t bit;
		const char *label;
	} words[] = {
#define FLAG(name, bit, label) { bit, label },
#include "tbl/words.h"
#undef FLAG
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((flags & words[i].bit) != 0)
			printf(", %s", words[i].label);
}

static const char *
state_nl(const char *word)
{
	for (int i = 1; i < ST__MAX; i++)
		if (strcmp(words_state((enum state)i), word) == 0)
			return (words_state_nl((enum state)i));
	return (word);
}

static void
tell_offers(const json_t *list)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
		printf("%-11s %" JSON_INTEGER_FORMAT "  %-20s sport %"
		    JSON_INTEGER_FORMAT "  %s%s\n", i == 0 ? "Aanbod" : "",
		    ctl_number(o, "number"), ctl_text(o, "to"),
		    ctl_number(o, "rung"), offer_nl(ctl_text(o, "state")),
		    json_is_true(json_object_get(o, "delivered")) ?
		    ", bezorgd" : "");
}

static void
tell_terms(const json_t *list)
{
	char when[CAL_TEXT];
	json_t *t;
	size_t i;

	json_array_foreach(list, i, t)
		printf("%-11s %s: %s\n", i == 0 ? "Termijnen" : "",
		    term_nl(ctl_text(t, "term")),
		    json_is_true(json_object_get(t, "frozen")) ?
		    "staat stil" : tell_when(t, "at_ms", when));
}

static void
tell_step(const json_t *s)
{
	printf("      %s -> %s, houder %s%s%s\n", words_event_nl(
	    words_event_from(ctl_text(s, "event"))), state_nl(
	    ctl_text(s, "to")), ctl_text(s, "holder"),
	    ctl_text(s, "reason")[0] != '\0' ? ", reden " : "",
	    ctl_text(s, "reason"));
}

static void
tell_record(const json_t *r)
{
	const char *partner = ctl_text(r, "partner");
	char when[CAL_TEXT];
	json_t *s;
	size_t i;

	if (json_is_true(json_object_get(r, "erased"))) {
		printf("  regel %-6" JSON_INTEGER_FORMAT " gewist\n",
		    ctl_number(r, "index"));
		return;
	}
	printf("  regel %-6" JSON_INTEGER_FORMAT " %s  %s%s%s\n",
	    ctl_number(r, "index"), tell_when(r, "time_ms", when),
	    partner[0] != '\0' ? partner : "de makelaar",
	    ctl_text(r, "refused")[0] != '\0' ? ", geweigerd: " : "",
	    ctl_text(r, "refused"));
	json_array_foreach(json_object_get(r, "steps"), i, s)
		tell_step(s);
}

void
tell_referral(const json_t *data)
{
	json_t *r;
	size_t i;

	printf("Verwijzing  %s (versie %" JSON_INTEGER_FORMAT ", ronde %"
	    JSON_INTEGER_FORMAT ")\n", ctl_text(data, "referral"),
	    ctl_number(data, "version"), ctl_number(data, "epoch"));
	printf("Wat         %s, %s, %s\n", ctl_text(data, "code"),
	    ctl_text(data, "area"), words_urgency_nl(words_urgency_from(
	    ctl_text(data, "urgency"))));
	printf("Stand       %s", ctl_text(data, "label"));
	tell_flags(ctl_number(data, "flags"));
	printf("\nBron        %s\n", ctl_text(data, "originator"));
	printf("Houder      %s\n", ctl_text(data, "holder"));
	printf("Regisseur   %s\n", ctl_text(data, "regisseur"));
	printf("Te openen   %s\n", json_is_true(json_object_get(data,
	    "openable")) ? "ja, de houder heeft de sleutel van het "
	    "persoonsdeel" : "nee");
	tell_offers(json_object_get(data, "offers"));
	tell_terms(json_object_get(data, "terms"));
	printf("Keten\n");
	json_array_foreach(json_object_get(data, "trail"), i, r)
		tell_record(r);
}

/* --- erasing ------------------------------------------------------------------ */

void
tell_erased(const json_t *data)
{
	uint64_t content = (uint64_t)ctl_number(data, "content");
	uint64_t records = (uint64_t)ctl_number(data, "records");

	printf("Gewist: de inhoud van %" PRIu64 " %s, en %" PRIu64 " hele %s."
	    "%s\n", content, noun_for(content, "regel", "regels"), records,
	    noun_for(records, "regel", "regels"),
	    json_is_true(json_object_get(data, "more")) ?
	    "  Er is nog meer; dat gaat vanzelf door." : "");
}

void
tell_erase_list(const json_t *data)
{
	const json_t *due = json_object_get(data, "due");
	const json_t *held = json_object_get(data, "held");
	char when[CAL_TEXT];
	json_t *r;
	size_t i;

	printf("Aan de beurt om te wissen%s\n",
	    json_array_size(due) == 0 ? ": niets" : "");
	json_array_foreach(due, i, r)
		printf("  %s  regel %" JSON_INTEGER_FORMAT " van het beleid "
		    "(%s), afgelopen %s\n", ctl_text(r, "referral"),
		    ctl_number(r, "rule"), ctl_text(r, "what"),
		    tell_when(r, "ended_ms", when));
	printf("Blijft, omdat iemand dat wil%s\n",
	    json_array_size(held) == 0 ? ": niets" : "");
	json_array_foreach(held, i, r)
		printf("  %s  %s, reden %s, tot %s\n",
		    ctl_text(r, "referral"), ctl_text(r, "partner"),
		    ctl_text(r, "reason"), ctl_number(r, "until_ms") == 0 ?
		    "iemand dat anders zegt" : tell_when(r, "until_ms", when));
}

void
tell_erase_status(const json_t *data)
{
	char when[CAL_TEXT], away[CAL_TEXT];
	json_t *r;
	size_t i;

	if (json_array_size(data) == 0)
		printf("Iedereen bevestigde wat er gewist is.\n");
	json_array_foreach(data, i, r)
		printf("%s  gewist %s (regel %" JSON_INTEGER_FORMAT "); %s "
		    "bevestigde dat nog niet%s%s\n", ctl_text(r, "referral"),
		    tell_when(r, "erased_ms", when), ctl_number(r, "index"),
		    ctl_text(r, "partner"), ctl_number(r, "away_since_ms") ==
		    0 ? "" : ", weg sinds ", ctl_number(r, "away_since_ms") ==
		    0 ? "" : tell_when(r, "away_since_ms", away));
}
