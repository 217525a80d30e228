#ifndef LWDB_TABLE_H_
#define LWDB_TABLE_H_

#include "map/kind.h"

/*
 * The learn-and-work company: signals that workers send from a phone, and the
 * services that others ask of it.  A worker picks a word; it never is a
 * diagnosis.  What was not said to the person is not guessed: "besproken" has
 * no default.
 */
/* clang-format off */
static const struct map_alias lwdb_aliases[] = {
    {"signaal",         MAP_CODE},
    {"wat zie je",      MAP_CODE},
    {"dienst",          MAP_CODE},
    {"buurt",           MAP_AREA},
    {"hoe snel",        MAP_URGENCY},
    {"besproken met",   MAP_DISCUSSED},
    {"gevaar",          MAP_DANGER},
    {"in het kort",     MAP_NOTE},
    {"wat heb je gezien", MAP_STORY},
    {"medewerker",      MAP_ACTOR},
    {"meldingnummer",   MAP_KEY},
    {"antwoord",        MAP_STEP},
    {"bewoner",         MAP_NAME},
};

static const struct map_value lwdb_values[] = {
    {MAP_CODE, "eenzaam",              "SIG-101", NULL},
    {MAP_CODE, "gordijnen dicht",      "SIG-101", NULL},
    {MAP_CODE, "geen dagritme",        "SIG-102", NULL},
    {MAP_CODE, "rouw",                 "SIG-103", NULL},
    {MAP_CODE, "verzorgt zich slecht", "SIG-201", NULL},
    {MAP_CODE, "vervuilde woning",     "SIG-202", NULL},
    {MAP_CODE, "eet niet",             "SIG-203", NULL},
    {MAP_CODE, "lege koelkast",        "SIG-203", NULL},
    {MAP_CODE, "valt",                 "SIG-204", NULL},
    {MAP_CODE, "in de war",            "SIG-205", NULL},
    {MAP_CODE, "gaat achteruit",       "SIG-206", NULL},
    {MAP_CODE, "mantelzorger moe",     "SIG-301", NULL},
    {MAP_CODE, "ruzie in huis",        "SIG-302", NULL},
    {MAP_CODE, "mishandeling",         "SIG-303", NULL},
    {MAP_CODE, "ongeopende post",      "SIG-401", NULL},
    {MAP_CODE, "huurachterstand",      "SIG-402", NULL},
    {MAP_CODE, "afgesloten",           "SIG-403", NULL},
    {MAP_CODE, "onveilige woning",     "SIG-501", NULL},
    {MAP_CODE, "overlast",             "SIG-502", NULL},
    {MAP_CODE, "drank of drugs",       "SIG-601", NULL},
    {MAP_CODE, "psychische nood",      "SIG-602", NULL},
    {MAP_CODE, "wil geen hulp",        "SIG-603", NULL},
    {MAP_CODE, "taal",                 "SIG-701", NULL},
    {MAP_CODE, "vervoer lukt niet",    "SIG-702", NULL},
    {MAP_CODE, "onveilige buurt",      "SIG-801", NULL},
    {MAP_CODE, "anders",               "SIG-901", NULL},
    {MAP_CODE, "boodschappen",         "DST-101", NULL},
    {MAP_CODE, "koken",                "DST-102", NULL},
    {MAP_CODE, "ramen",                "DST-103", NULL},
    {MAP_CODE, "klusje",               "DST-201", NULL},
    {MAP_CODE, "kleine reparatie",     "DST-202", NULL},
    {MAP_CODE, "tuin",                 "DST-203", NULL},
    {MAP_URGENCY, "vandaag",           "EMERGENT", NULL},
    {MAP_URGENCY, "deze week",         "HIGH", NULL},
    {MAP_URGENCY, "kan wel even",      "LOW", NULL},
    {MAP_DISCUSSED, "nee",             "NOT_REACHED", NULL},
    {MAP_DISCUSSED, "niet thuis",      "NOT_REACHED", NULL},
    {MAP_DISCUSSED, "durf ik niet",    "NOT_SAFE", NULL},
    {MAP_DISCUSSED, "begrijpt het niet", "NOT_ABLE", NULL},
    {MAP_STEP, "doen we",              "ACCEPT", NULL},
    {MAP_STEP, "kan niet",             "DECLINE", NULL},
    {MAP_REASON, "vol",                "AFW-01", NULL},
    {MAP_REASON, "wachtlijst",         "AFW-02", NULL},
    {MAP_REASON, "doen we niet",       "AFW-03", NULL},
    {MAP_OUTCOME, "gedaan",            "UIT-01", NULL},
    {MAP_OUTCOME, "deels gedaan",      "UIT-02", NULL},
    {MAP_OUTCOME, "niet thuis",        "UIT-04", NULL},
};

static const struct map_default lwdb_defaults[] = {
    {MAP_URGENCY, "NORMAL", '*'},
    {MAP_BASIS,   "G-TOE",  '*'},
};
/* clang-format on */

static const char *const lwdb_lists[] = {"signalen", "meldingen", NULL};

static const struct map_kind lwdb_kind = {
    .name = "lwdb",
    .title = "De map voor het leerwerkdienstenbedrijf: signalen van "
	"medewerkers en diensten, als JSON.",
    .form = MAP_JSON,
    .aliases = lwdb_aliases,
    .n_aliases = sizeof(lwdb_aliases) / sizeof(lwdb_aliases[0]),
    .values = lwdb_values,
    .n_values = sizeof(lwdb_values) / sizeof(lwdb_values[0]),
    .defaults = lwdb_defaults,
    .n_defaults = sizeof(lwdb_defaults) / sizeof(lwdb_defaults[0]),
    .lists = lwdb_lists,
};

#endif /* !LWDB_TABLE_H_ */
