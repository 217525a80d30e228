/* clang-format off */
/*
 * Every step that a partner can take with a file: its name in the protocol,
 * the words by which a file may call it, and the fields it cannot do without.
 * What else a file says is passed on; the broker knows the rest.
 *
 * STEP(name, Dutch word, other Dutch word, reason to show in an example, needs)
 */
STEP(SUBMIT,             "indienen",                     "aanmelden",            "",       NEED(CODE) NEED(AREA) NEED(URGENCY) NEED(BASIS) NEED(DISCUSSED))
STEP(REVIEW,             "bekijken",                     "gezien",               "",       NEED(REFERRAL))
STEP(ASK,                "vragen",                       "vraag",                "",       NEED(REFERRAL) NEED(TEXT))
STEP(ANSWER,             "antwoorden",                   "antwoord",             "",       NEED(REFERRAL) NEED(TEXT))
STEP(ACCEPT,             "aannemen",                     "accepteren",           "",       NEED(REFERRAL))
STEP(DECLINE,            "afwijzen",                     "weigeren",             "AFW-01", NEED(REFERRAL) NEED(REASON))
STEP(OFFER_MORE,         "ook_aanbieden_aan",            "extra_aanbod",         "",       NEED(REFERRAL) NEED(TO))
STEP(CONFIRM,            "bevestigen",                   "bevestig",             "",       NEED(REFERRAL))
STEP(RETURN,             "teruggeven",                   "terug",                "AFW-10", NEED(REFERRAL) NEED(REASON))
STEP(START,              "beginnen",                     "starten",              "",       NEED(REFERRAL))
STEP(PAUSE,              "stilzetten",                   "pauze",                "RED-05", NEED(REFERRAL) NEED(REASON) NEED(UNTIL))
STEP(RESUME,             "weer_oppakken",                "hervatten",            "",       NEED(REFERRAL))
STEP(REPORT,             "verslag_doen",                 "verslag",              "",       NEED(REFERRAL))
STEP(SUPPLEMENT,         "aanvullen",                    "aanvulling",           "",       NEED(REFERRAL) NEED(TEXT))
STEP(RAISE_URGENCY,      "meer_haast_geven",             "haast",                "",       NEED(REFERRAL) NEED(URGENCY))
STEP(HAND_OVER,          "overdragen",                   "overdracht",           "RED-04", NEED(REFERRAL) NEED(TO) NEED(REASON) NEED(BASIS))
STEP(RETRACT,            "overdracht_terugnemen",        "terugnemen",           "",       NEED(REFERRAL))
STEP(TAKE_OVER,          "overnemen",                    "overname",             "RED-07", NEED(REFERRAL) NEED(REASON))
STEP(COMPLETE,           "afronden",                     "klaar",                "",       NEED(REFERRAL) NEED(OUTCOME))
STEP(GIVE_UP,            "ermee_stoppen",                "stoppen",              "RED-03", NEED(REFERRAL) NEED(REASON))
STEP(FAIL,               "afsluiten_zonder_aanbod",      "geen_aanbod",          "RED-01", NEED(REFERRAL) NEED(REASON))
STEP(WITHDRAW,           "intrekken",                    "trek_in",              "",       NEED(REFERRAL))
STEP(REQUEST_WITHDRAWAL, "vragen_om_in_te_trekken",      "verzoek_intrekken",    "",       NEED(REFERRAL))
STEP(AGREE_WITHDRAWAL,   "instemmen_met_intrekken",      "akkoord_intrekken",    "",       NEED(REFERRAL))
STEP(REFUSE_WITHDRAWAL,  "niet_instemmen_met_intrekken", "niet_intrekken",       "",       NEED(REFERRAL))
STEP(MARK_ERROR,         "als_vergissing_markeren",      "vergissing",           "RED-09", NEED(REFERRAL) NEED(REASON))
STEP(ACKNOWLEDGE,        "uitkomst_gelezen",             "gelezen",              "",       NEED(REFERRAL))
STEP(REOPEN,             "heropenen",                    "heropen",              "",       NEED(REFERRAL))
STEP(PUBLISH,            "op_de_kaart",                  "vermelding",           "",       NEED(TEXT))
STEP(MISSING,            "ontbreekt",                    "niet_gevonden",        "",       NEED(CODE) NEED(AREA))
/* clang-format on */
