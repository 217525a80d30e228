#ifndef CORPORATION_TABLE_H_
#define CORPORATION_TABLE_H_

#include "map/kind.h"

/*
 * Housing: maintenance orders on one side, repairs (DST-20x) and unsafe homes
 * (SIG-501) on the other.
 */
/* clang-format off */
static const struct map_alias corporation_aliases[] = {
    {"opdrachtnummer",  MAP_KEY},
    {"soort",           MAP_CODE},
    {"soort werk",      MAP_CODE},
    {"wijk",            MAP_AREA},
    {"prioriteit",      MAP_URGENCY},
    {"aantal bezoeken", MAP_UNITS},
    {"gereed voor",     MAP_END},
    {"kosten voor",     MAP_PAYER},
    {"omschrijving",    MAP_NOTE},
    {"werkbon",         MAP_STORY},
    {"actie",           MAP_STEP},
    {"afmelding",       MAP_OUTCOME},
    {"toelichting werk", MAP_TEXT},
    {"huurder",         MAP_NAME},
    {"woonplaats",      MAP_CITY},
    {"email",           MAP_MAIL},
};

static const struct map_value corporation_values[] = {
    {MAP_CODE, "klein onderhoud",   "DST-202", NULL},
    {MAP_CODE, "reparatie",         "DST-202", NULL},
    {MAP_CODE, "lekkage",           "DST-202", NULL},
    {MAP_CODE, "kraan",             "DST-202", NULL},
    {MAP_CODE, "deur of slot",      "DST-202", NULL},
    {MAP_CODE, "klus",              "DST-201", NULL},
    {MAP_CODE, "ophangen",          "DST-201", NULL},
    {MAP_CODE, "tuin",              "DST-203", NULL},
    {MAP_CODE, "heg snoeien",       "DST-203", NULL},
    {MAP_CODE, "apparaat",          "DST-204", NULL},
    {MAP_CODE, "aanpassing",        "DST-206", NULL},
    {MAP_CODE, "drempel weghalen",  "DST-206", NULL},
    {MAP_CODE, "beugel plaatsen",   "DST-206", NULL},
    {MAP_CODE, "grote schoonmaak",  "DST-104", NULL},
    {MAP_CODE, "onveilige woning",  "SIG-501", NULL},
    {MAP_CODE, "vocht en schimmel", "SIG-501", NULL},
    {MAP_CODE, "woonoverlast",      "SIG-502", NULL},
    {MAP_URGENCY, "1",              "EMERGENT", NULL},
    {MAP_URGENCY, "2",              "HIGH", NULL},
    {MAP_URGENCY, "3",              "NORMAL", NULL},
    {MAP_URGENCY, "4",              "LOW", NULL},
    {MAP_PAYER, "corporatie",       "landlord", NULL},
    {MAP_PAYER, "huurder",          "own", NULL},
    {MAP_STEP, "gegund",            "ACCEPT", NULL},
    {MAP_STEP, "geweigerd",         "DECLINE", NULL},
    {MAP_STEP, "gestart",           "START", NULL},
    {MAP_STEP, "gereed",            "COMPLETE", NULL},
    {MAP_STEP, "vervallen",         "WITHDRAW", NULL},
    {MAP_REASON, "geen monteur",    "AFW-01", NULL},
    {MAP_REASON, "planning vol",    "AFW-02", NULL},
    {MAP_REASON, "niet ons bezit",  "AFW-10", NULL},
    {MAP_OUTCOME, "uitgevoerd",     "UIT-01", NULL},
    {MAP_OUTCOME, "deels uitgevoerd", "UIT-02", NULL},
    {MAP_OUTCOME, "niet thuis",     "UIT-04", NULL},
    {MAP_OUTCOME, "niet meer nodig", "UIT-06", NULL},
};

static const struct map_default corporation_defaults[] = {
    {MAP_URGENCY,   "NORMAL",   '*'},
    /* Repairs belong to the lease; who reports one wants it mended. */
    {MAP_BASIS,     "G-OVK",    'D'},
    {MAP_BASIS,     "G-TOE",    'S'},
    {MAP_DISCUSSED, "AGREES",   'D'},
    {MAP_PAYER,     "landlord", 'D'},
};

static const struct map_state corporation_states[] = {
    {"OFFERED",          "uitgezet"},
    {"ESCALATED",        "bij gemeente"},
    {"ACCEPTED",         "gegund"},
    {"IN_PROGRESS",      "in uitvoering"},
    {"AWAITING_INFO",    "vraag open"},
    {"ON_HOLD",          "aangehouden"},
    {"HANDOVER_OFFERED", "in overdracht"},
    {"COMPLETED",        "gereed"},
    {"FAILED",           "niet uitgevoerd"},
    {"WITHDRAWN",        "vervallen"},
    {"EXPIRED",          "verlopen"},
    {"ENTERED_IN_ERROR", "onjuist"},
    {"CLOSED",           "gesloten"},
};
/* clang-format on */

static const char *const corporation_lists[] = {"opdrachten", "meldingen",
    NULL};

static const struct map_kind corporation_kind = {
    .name = "corporation",
    .title = "De map voor de woningcorporatie: onderhoudsopdrachten als JSON.",
    .form = MAP_JSON,
    .aliases = corporation_aliases,
    .n_aliases = sizeof(corporation_aliases) / sizeof(corporation_aliases[0]),
    .values = corporation_values,
    .n_values = sizeof(corporation_values) / sizeof(corporation_values[0]),
    .defaults = corporation_defaults,
    .n_defaults =
	sizeof(corporation_defaults) / sizeof(corporation_defaults[0]),
    .states = corporation_states,
    .n_states = sizeof(corporation_states) / sizeof(corporation_states[0]),
    .lists = corporation_lists,
};

#endif /* !CORPORATION_TABLE_H_ */
