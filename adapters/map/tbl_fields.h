/* clang-format off */
/*
 * Every field that a file may carry, once: our name, the Dutch word and the
 * English word by which a file may call it, and what it must look like.
 *
 * FIELD(name, Dutch, English, shape, group)
 *   shape: WORD   one of a closed list, upper case ("SIG-101", "AFW-01")
 *          LOWER  a short word in lower case ("wmo", "1/week", "welzijn-w")
 *          NUMBER digits
 *          DATE   2026-03-31, 31-03-2026 or a FHIR date; kept as 2026-03-31
 *          YESNO  ja, nee
 *          LINE   one line of text
 *          TEXT   text
 *   group: STEP what is asked, PERSON goes into the person part, CONTENT too
 *          but only where the covenants allow it (content.h), OWN is for the
 *          partner's own use and never leaves
 */
FIELD(STEP,      "stap",          "step",         WORD,   STEP)
FIELD(REFERRAL,  "verwijzing",    "referral",     LOWER,  STEP)
FIELD(KEY,       "kenmerk",       "key",          LINE,   OWN)
FIELD(CODE,      "code",          "service",      WORD,   STEP)
FIELD(AREA,      "gebied",        "area",         WORD,   STEP)
FIELD(URGENCY,   "urgentie",      "urgency",      WORD,   STEP)
FIELD(BASIS,     "grondslag",     "basis",        WORD,   STEP)
FIELD(DISCUSSED, "besproken",     "discussed",    WORD,   STEP)
FIELD(UNITS,     "aantal",        "units",        NUMBER, STEP)
FIELD(FREQUENCY, "frequentie",    "frequency",    LOWER,  STEP)
FIELD(END,       "einddatum",     "end_date",     DATE,   STEP)
FIELD(PAYER,     "betaler",       "payer",        LOWER,  STEP)
FIELD(PARENT,    "hoort_bij",     "parent",       LOWER,  STEP)
FIELD(RELATES,   "samen_met",     "relates",      LOWER,  STEP)
FIELD(FIRST,     "eerst",         "first",        LOWER,  STEP)
FIELD(NEVER,     "nooit",         "never",        LOWER,  STEP)
FIELD(NOTE,      "toelichting",   "note",         TEXT,   STEP)
FIELD(TO,        "naar",          "to",           LOWER,  STEP)
FIELD(REASON,    "reden",         "reason",       WORD,   STEP)
FIELD(OUTCOME,   "uitkomst",      "outcome",      WORD,   STEP)
FIELD(UNTIL,     "datum",         "until",        DATE,   STEP)
FIELD(DONE,      "gedaan",        "units_done",   NUMBER, STEP)
FIELD(TOTAL,     "van_totaal",    "units_total",  NUMBER, STEP)
FIELD(CHILD,     "doorgeleid_in", "child",        LOWER,  STEP)
FIELD(OUTSIDE,   "doorgeleid_naar", "outside",    LOWER,  STEP)
FIELD(TEXT,      "tekst",         "text",         TEXT,   STEP)
FIELD(ACTOR,     "door",          "actor",        WORD,   STEP)
FIELD(OFFER,     "aanbod",        "offer",        NUMBER, STEP)
FIELD(VERSION,   "versie",        "version",      NUMBER, STEP)
FIELD(NAME,      "naam",          "name",         LINE,   PERSON)
FIELD(BIRTH,     "geboortedatum", "birth_date",   DATE,   PERSON)
FIELD(GENDER,    "geslacht",      "gender",       LOWER,  PERSON)
FIELD(STREET,    "straat",        "street",       LINE,   PERSON)
FIELD(HOUSE,     "huisnummer",    "housenumber", LINE,   PERSON)
FIELD(POSTCODE,  "postcode",      "postcode",  LINE,   PERSON)
FIELD(CITY,      "plaats",        "city",         LINE,   PERSON)
FIELD(PHONE,     "telefoon",      "phone",        LINE,   PERSON)
FIELD(MAIL,      "mail",          "email",        LINE,   PERSON)
FIELD(LANGUAGE,  "taal",          "language",     LINE,   PERSON)
FIELD(CONTACT,   "contactpersoon", "contact_name",    LINE,   PERSON)
FIELD(STORY,     "verhaal",       "story",        TEXT,   PERSON)
FIELD(BSN,       "bsn",           "bsn",          LINE,   CONTENT)
FIELD(PHOTO,     "foto",          "photo",        TEXT,   CONTENT)
FIELD(CLINICAL,  "medisch",       "clinical",     TEXT,   CONTENT)
FIELD(DANGER,    "acuut_gevaar",  "acute_danger", YESNO,  OWN)
FIELD(REMARK,    "opmerking_keten", "keten_remark", TEXT, OWN)
FIELD(KEYS,      "kenmerken_keten", "keten_keys", TEXT,   OWN)
FIELD(CONTEXT,   "context_keten", "keten_context", TEXT,  OWN)
/* clang-format on */
