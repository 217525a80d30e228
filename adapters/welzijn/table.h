#ifndef WELZIJN_TABLE_H_
#define WELZIJN_TABLE_H_

#include "map/kind.h"

/*
 * Welfare work: tables from a spreadsheet, or JSON.  The words are those on
 * their own forms.
 */
/* clang-format off */
static const struct map_alias welzijn_aliases[] = {
    {"nummer",         MAP_KEY},
    {"dossier",        MAP_KEY},
    {"soort hulp",     MAP_CODE},
    {"hulpvraag",      MAP_CODE},
    {"wijk",           MAP_AREA},
    {"spoed",          MAP_URGENCY},
    {"toestemming",    MAP_DISCUSSED},
    {"hoe vaak",       MAP_FREQUENCY},
    {"tot en met",     MAP_END},
    {"in het kort",    MAP_NOTE},
    {"deelnemer",      MAP_NAME},
    {"email",          MAP_MAIL},
    {"adres",          MAP_STREET},
    {"woonplaats",     MAP_CITY},
    {"mantelzorger",   MAP_CONTACT},
    {"het verhaal",    MAP_STORY},
    {"reactie",        MAP_STEP},
    {"bericht",        MAP_TEXT},
};

static const struct map_value welzijn_values[] = {
    {MAP_CODE, "eenzaamheid",          "SIG-101", NULL},
    {MAP_CODE, "dagstructuur",         "SIG-102", NULL},
    {MAP_CODE, "rouw",                 "SIG-103", NULL},
    {MAP_CODE, "vervuilde woning",     "SIG-202", NULL},
    {MAP_CODE, "vergeetachtigheid",    "SIG-205", NULL},
    {MAP_CODE, "overbelaste mantelzorger", "SIG-301", NULL},
    {MAP_CODE, "geldzorgen",           "SIG-401", NULL},
    {MAP_CODE, "huurachterstand",      "SIG-402", NULL},
    {MAP_CODE, "taal",                 "SIG-701", NULL},
    {MAP_CODE, "boodschappen",         "DST-101", NULL},
    {MAP_CODE, "maaltijd",             "DST-102", NULL},
    {MAP_CODE, "licht huishoudelijk werk", "DST-103", NULL},
    {MAP_CODE, "klusje",               "DST-201", NULL},
    {MAP_CODE, "tuin",                 "DST-203", NULL},
    {MAP_CODE, "hond uitlaten",        "DST-205", NULL},
    {MAP_CODE, "mee naar ziekenhuis",  "DST-301", NULL},
    {MAP_CODE, "mee naar ontmoeting",  "DST-302", NULL},
    {MAP_CODE, "vervoer",              "DST-303", NULL},
    {MAP_CODE, "maatje",               "DST-401", NULL},
    {MAP_CODE, "gezelschap",           "DST-401", NULL},
    {MAP_CODE, "respijt",              "DST-402", NULL},
    {MAP_CODE, "dagbesteding",         "DST-403", NULL},
    {MAP_CODE, "formulieren",          "DST-501", "HIGH"},
    {MAP_CODE, "informatie en advies", "DST-502", "HIGH"},
    {MAP_URGENCY, "ja",                "HIGH", NULL},
    {MAP_URGENCY, "nee",               "NORMAL", NULL},
    {MAP_DISCUSSED, "nee",             "NOT_REACHED", NULL},
    {MAP_REASON, "vol",                "AFW-01", NULL},
    {MAP_REASON, "wachtlijst",         "AFW-02", NULL},
    {MAP_REASON, "doen wij niet",      "AFW-03", NULL},
    {MAP_REASON, "buiten wijk",        "AFW-04", NULL},
    {MAP_OUTCOME, "geholpen",          "UIT-01", NULL},
    {MAP_OUTCOME, "deels geholpen",    "UIT-02", NULL},
    {MAP_OUTCOME, "niet bereikt",      "UIT-04", NULL},
    {MAP_OUTCOME, "wil niet",          "UIT-05", NULL},
    {MAP_OUTCOME, "niet meer nodig",   "UIT-06", NULL},
};

static const struct map_default welzijn_defaults[] = {
    {MAP_URGENCY, "NORMAL", '*'},
    {MAP_BASIS,   "G-TOE",  '*'},
};

static const struct map_state welzijn_states[] = {
    {"OFFERED",          "wacht op reactie"},
    {"ESCALATED",        "ligt bij de gemeente"},
    {"ACCEPTED",         "opgepakt"},
    {"IN_PROGRESS",      "loopt"},
    {"AWAITING_INFO",    "wacht op antwoord"},
    {"ON_HOLD",          "staat stil"},
    {"HANDOVER_OFFERED", "wordt overgedragen"},
    {"COMPLETED",        "klaar"},
    {"FAILED",           "niet gelukt"},
    {"WITHDRAWN",        "ingetrokken"},
    {"EXPIRED",          "verlopen"},
    {"ENTERED_IN_ERROR", "vergissing"},
    {"CLOSED",           "gesloten"},
};
/* clang-format on */

static const char *const welzijn_lists[] = {"meldingen", "aanvragen",
    "opdrachten", NULL};

static const struct map_kind welzijn_kind = {
    .name = "welzijn",
    .title = "De map voor het welzijnswerk: CSV of JSON in, CSV uit.",
    .form = MAP_CSV,
    .aliases = welzijn_aliases,
    .n_aliases = sizeof(welzijn_aliases) / sizeof(welzijn_aliases[0]),
    .values = welzijn_values,
    .n_values = sizeof(welzijn_values) / sizeof(welzijn_values[0]),
    .defaults = welzijn_defaults,
    .n_defaults = sizeof(welzijn_defaults) / sizeof(welzijn_defaults[0]),
    .states = welzijn_states,
    .n_states = sizeof(welzijn_states) / sizeof(welzijn_states[0]),
    .lists = welzijn_lists,
};

#endif /* !WELZIJN_TABLE_H_ */
