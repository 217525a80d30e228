#ifndef THUISZORG_TABLE_H_
#define THUISZORG_TABLE_H_

#include "map/kind.h"

/*
 * Home care: FHIR R4 on one side, our codes on the other.
 *
 * A row says how the care system calls something ("system|code", "code",
 * "system|*" or the text), what that is with us, and, for what is never
 * urgent, the highest urgency it may have.  What is not here becomes DST-901
 * ("anders") with the sender's own words; set code: "-" in the defaults to
 * refuse it instead.
 */
/* clang-format off */
static const struct map_value thuiszorg_values[] = {
    /* FHIR's four priorities. */
    {MAP_URGENCY, "routine", "NORMAL", NULL},
    {MAP_URGENCY, "urgent",  "HIGH", NULL},
    {MAP_URGENCY, "asap",    "HIGH", NULL},
    {MAP_URGENCY, "stat",    "EMERGENT", NULL},
    /* SNOMED CT: what home care asks others for. */
    {MAP_CODE, "http://snomed.info/sct|710824005", "DST-901", NULL}, /* assessment of needs */
    {MAP_CODE, "http://snomed.info/sct|410377003", "DST-101", NULL}, /* shopping assistance */
    {MAP_CODE, "http://snomed.info/sct|33747003",  "DST-601", NULL}, /* personal care */
    {MAP_CODE, "http://snomed.info/sct|60369001",  "DST-601", NULL}, /* bathing patient */
    {MAP_CODE, "http://snomed.info/sct|225964003", "DST-601", NULL}, /* assisting with personal hygiene */
    {MAP_CODE, "http://snomed.info/sct|62013009",  "DST-301", NULL}, /* ambulating patient */
    {MAP_CODE, "http://snomed.info/sct|711069006", "DST-402", NULL}, /* coordination of respite care */
    {MAP_CODE, "http://snomed.info/sct|105386000", "DST-402", NULL}, /* respite care */
    {MAP_CODE, "http://snomed.info/sct|48023004",  "DST-502", "HIGH"}, /* health education */
    {MAP_CODE, "http://snomed.info/sct|311401005", "DST-502", "HIGH"}, /* patient education (category) */
    {MAP_CODE, "http://snomed.info/sct|409073007", "DST-502", "HIGH"}, /* education (category) */
    {MAP_CODE, "http://snomed.info/sct|84478008",  "DST-403", NULL}, /* occupational therapy, day care */
    {MAP_CODE, "http://snomed.info/sct|225343000", "DST-102", NULL}, /* meals */
    {MAP_CODE, "http://snomed.info/sct|11429006",  "DST-502", "HIGH"}, /* consultation */
    /* Administration is never an emergency. */
    {MAP_CODE, "http://terminology.hl7.org/CodeSystem/financialtaskcode|*", "DST-501", "HIGH"},
    /* Words that people type. */
    {MAP_CODE, "boodschappen",        "DST-101", NULL},
    {MAP_CODE, "maaltijd",            "DST-102", NULL},
    {MAP_CODE, "koken",               "DST-102", NULL},
    {MAP_CODE, "schoonmaken",         "DST-103", NULL},
    {MAP_CODE, "huishoudelijke hulp", "DST-103", NULL},
    {MAP_CODE, "klusje",              "DST-201", NULL},
    {MAP_CODE, "tuin",                "DST-203", NULL},
    {MAP_CODE, "woningaanpassing",    "DST-206", NULL},
    {MAP_CODE, "begeleiding ziekenhuis", "DST-301", NULL},
    {MAP_CODE, "vervoer",             "DST-303", NULL},
    {MAP_CODE, "gezelschap",          "DST-401", NULL},
    {MAP_CODE, "mantelzorg",          "DST-402", NULL},
    {MAP_CODE, "respijt",             "DST-402", NULL},
    {MAP_CODE, "dagbesteding",        "DST-403", NULL},
    {MAP_CODE, "administratie",       "DST-501", "HIGH"},
    {MAP_CODE, "formulieren",         "DST-501", "HIGH"},
    {MAP_CODE, "advies",              "DST-502", "HIGH"},
    {MAP_CODE, "persoonlijke verzorging", "DST-601", NULL},
    {MAP_CODE, "kortdurend verblijf", "DST-602", NULL},
    /* Where Task.statusReason is empty: "anders". */
    {MAP_REASON, "DECLINE",           "AFW-99", NULL},
    {MAP_REASON, "RETURN",            "AFW-99", NULL},
    {MAP_REASON, "PAUSE",             "RED-99", NULL},
    {MAP_REASON, "GIVE_UP",           "RED-99", NULL},
    {MAP_REASON, "FAIL",              "RED-99", NULL},
    {MAP_REASON, "MARK_ERROR",        "RED-99", NULL},
    /* Why not, and what came of it. */
    {MAP_REASON, "geen capaciteit",   "AFW-01", NULL},
    {MAP_REASON, "wachtlijst",        "AFW-02", NULL},
    {MAP_REASON, "niet in aanbod",    "AFW-03", NULL},
    {MAP_REASON, "buiten werkgebied", "AFW-04", NULL},
    {MAP_REASON, "beoordeling nodig", "AFW-06", NULL},
    {MAP_REASON, "dubbel",            "AFW-08", NULL},
    {MAP_OUTCOME, "geholpen",         "UIT-01", NULL},
    {MAP_OUTCOME, "deels geholpen",   "UIT-02", NULL},
    {MAP_OUTCOME, "niet bereikt",     "UIT-04", NULL},
    {MAP_OUTCOME, "wil niet",         "UIT-05", NULL},
    {MAP_OUTCOME, "niet meer nodig",  "UIT-06", NULL},
};

static const struct map_default thuiszorg_defaults[] = {
    {MAP_CODE,      "DST-901", 'D'},
    {MAP_URGENCY,   "NORMAL",  '*'},
    /* Care is given under an agreement; who asks for a service wants it. */
    {MAP_BASIS,     "G-OVK",   'D'},
    {MAP_BASIS,     "G-TOE",   'S'},
    {MAP_DISCUSSED, "AGREES",  'D'},
    {MAP_OUTCOME,   "UIT-01",  '*'},
};
/* clang-format on */

static const struct map_kind thuiszorg_kind = {
    .name = "thuiszorg",
    .title = "De map voor de thuiszorg: FHIR R4 (Task, ServiceRequest, "
	"Patient) in en uit.",
    .form = MAP_FHIR,
    .fhir = true,
    .values = thuiszorg_values,
    .n_values = sizeof(thuiszorg_values) / sizeof(thuiszorg_values[0]),
    .defaults = thuiszorg_defaults,
    .n_defaults = sizeof(thuiszorg_defaults) / sizeof(thuiszorg_defaults[0]),
};

#endif /* !THUISZORG_TABLE_H_ */
