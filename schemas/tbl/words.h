/* clang-format off */
/*
 * The words of a referral, once: name in code and protocol, number on the wire
 * (never changed, never used again; 0 is "unspecified" and refused), and the
 * Dutch label people see.  keten.v1 has the same names and numbers, and a test
 * compares them.  Include this file with only the macros you want defined.
 */
#ifndef STATE
#define STATE(name, number, live, label, fhir)
#endif
#ifndef EVENT
#define EVENT(name, number, kind, label)
#endif
#ifndef FLAG
#define FLAG(name, bit, label)
#endif
#ifndef TERM
#define TERM(name, number, event, overdue, urgent, length, label)
#endif
#ifndef OFFER
#define OFFER(name, number, open, label, fhir)
#endif
#ifndef ROLE
#define ROLE(name, bit, letter, label)
#endif
#ifndef URGENCY
#define URGENCY(name, number, label, fhir)
#endif
#ifndef REASON
#define REASON(name, number, label)
#endif

/* STATE: what is happening.  live: somebody is responsible now.  fhir: the
 * status of the FHIR Task while it lasts (rows may say otherwise). */
STATE(OFFERED,           1, true,  "aangeboden",              "requested")
STATE(ESCALATED,         2, true,  "ligt bij de gemeente, nog door niemand gezien", "accepted")
STATE(ACCEPTED,          3, true,  "aangenomen",              "accepted")
STATE(IN_PROGRESS,       4, true,  "bezig",                   "in-progress")
STATE(AWAITING_INFO,     5, true,  "wacht op antwoord",       "on-hold")
STATE(ON_HOLD,           6, true,  "even stil",               "on-hold")
STATE(HANDOVER_OFFERED,  7, true,  "overdracht aangeboden",   "in-progress")
STATE(COMPLETED,         8, false, "afgerond",                "completed")
STATE(FAILED,            9, false, "niet gelukt",             "failed")
STATE(WITHDRAWN,        10, false, "ingetrokken",             "cancelled")
STATE(EXPIRED,          11, false, "verlopen",                "cancelled")
STATE(ENTERED_IN_ERROR, 12, false, "per ongeluk gemaakt",     "entered-in-error")
STATE(CLOSED,           13, false, "gesloten",                "completed")

/* EVENT: what can happen.  kind: COMMAND is signed by a partner, TIMER comes
 * from a term that passed, STEP is only ever part of another one's record,
 * NOTICE is what the broker concludes from another kind of statement. */
EVENT(SUBMIT,              1, COMMAND, "indienen")
EVENT(REVIEW,              2, COMMAND, "bekijken")
EVENT(ASK,                 3, COMMAND, "een vraag stellen")
EVENT(ANSWER,              4, COMMAND, "antwoord geven")
EVENT(INFO_EXPIRED,        5, TIMER,   "antwoord bleef uit")
EVENT(ACCEPT,              6, COMMAND, "aannemen")
EVENT(DECLINE,             7, COMMAND, "afwijzen")
EVENT(OFFER_EXPIRED,       8, TIMER,   "aanbod verlopen")
EVENT(OFFER_MORE,          9, COMMAND, "ook aanbieden aan")
EVENT(ESCALATE,           10, TIMER,   "naar de gemeente")
EVENT(CONFIRM,            11, COMMAND, "bevestigen")
EVENT(RETURN,             12, COMMAND, "teruggeven")
EVENT(START,              13, COMMAND, "beginnen")
EVENT(PAUSE,              14, COMMAND, "stilzetten")
EVENT(RESUME,             15, COMMAND, "weer oppakken")
EVENT(PAUSE_ENDED,        16, TIMER,   "pauze voorbij")
EVENT(REPORT,             17, COMMAND, "verslag doen")
EVENT(SUPPLEMENT,         18, COMMAND, "aanvullen")
EVENT(RAISE_URGENCY,      19, COMMAND, "meer haast geven")
EVENT(HAND_OVER,          20, COMMAND, "overdragen")
EVENT(RETRACT,            21, COMMAND, "overdracht terugnemen")
EVENT(OVERDUE,            22, TIMER,   "te laat")
EVENT(TAKE_OVER,          23, COMMAND, "overnemen")
EVENT(COMPLETE,           24, COMMAND, "afronden")
EVENT(GIVE_UP,            25, COMMAND, "ermee stoppen")
EVENT(FAIL,               26, COMMAND, "afsluiten zonder aanbod")
EVENT(WITHDRAW,           27, COMMAND, "intrekken")
EVENT(REQUEST_WITHDRAWAL, 28, COMMAND, "vragen om in te trekken")
EVENT(AGREE_WITHDRAWAL,   29, COMMAND, "instemmen met intrekken")
EVENT(REFUSE_WITHDRAWAL,  30, COMMAND, "niet instemmen met intrekken")
EVENT(EXPIRE,             31, TIMER,   "einddatum voorbij")
EVENT(MARK_ERROR,         32, COMMAND, "als vergissing markeren")
EVENT(ACKNOWLEDGE,        33, COMMAND, "uitkomst gelezen")
EVENT(CLOSE_UNREAD,       34, TIMER,   "ongelezen gesloten")
EVENT(REOPEN,             35, COMMAND, "heropenen")
EVENT(OFFER,              36, STEP,    "aanbieden")
EVENT(FOLLOW,             37, STEP,    "volgt de verwijzing waar het bij hoort")
EVENT(SUCCEED,            38, NOTICE,  "opvolger volgens het beleid")
EVENT(OPENABLE,           39, NOTICE,  "persoonsdeel te openen")
EVENT(UNREADABLE,         40, NOTICE,  "inhoud niet te openen")
EVENT(NOTE_OPENABLE,      41, NOTICE,  "toelichting te openen")

/* FLAG: marks on a live or closed referral; a change raises its version. */
FLAG(OVERDUE,    1, "te laat")
FLAG(WITHDRAWAL, 2, "gevraagd om in te trekken")
FLAG(UNREAD,     4, "uitkomst niet gelezen")

/* TERM: what is being waited for.  event: what happens when it has passed.
 * overdue: passing it raises the flag OVERDUE and it starts again.  urgent:
 * RAISE_URGENCY shortens it.  length: the line of tbl/terms.h that says how
 * long it is; a question in a rung (INFO in OFFERED) has at most QUESTION. */
TERM(OFFER,       1, OFFER_EXPIRED, false, true,  OFFER,       "antwoord op het aanbod")
TERM(MORE,        2, OFFER_EXPIRED, false, true,  OFFER,       "antwoord op het extra aanbod")
TERM(LADDER,      3, ESCALATE,      false, true,  LADDER,      "iemand vinden")
TERM(CONFIRM,     4, OVERDUE,       true,  true,  CONFIRM,     "bevestiging door de gemeente")
TERM(START,       5, OVERDUE,       true,  true,  START,       "beginnen")
TERM(REPORT,      6, OVERDUE,       true,  true,  REPORT,      "verslag")
TERM(INFO,        7, INFO_EXPIRED,  false, true,  ANSWER,      "antwoord van de bron")
TERM(ANSWER,      8, OVERDUE,       true,  true,  ANSWER,      "antwoord van de houder")
TERM(HANDOVER,    9, OFFER_EXPIRED, false, true,  HANDOVER,    "antwoord op de overdracht")
TERM(WITHDRAWAL, 10, OVERDUE,       true,  true,  WITHDRAWAL,  "antwoord op het verzoek om in te trekken")
TERM(PAUSE,      11, PAUSE_ENDED,   false, true,  PAUSE,       "einde van de pauze")
TERM(EXPIRE,     12, EXPIRE,        false, false, NONE,        "einddatum")
TERM(UNREAD,     13, CLOSE_UNREAD,  false, false, UNREAD,      "uitkomst lezen")
TERM(OPENABLE,   14, OVERDUE,       true,  true,  ANSWER,      "persoonsdeel te openen")

/* OFFER: what became of one offer. */
OFFER(OPEN,         1, true,  "open",                  "requested")
OFFER(SEEN,         2, true,  "gezien",                "received")
OFFER(DECLINED,     3, false, "afgewezen",             "rejected")
OFFER(EXPIRED,      4, false, "verlopen",              "cancelled")
OFFER(NOT_SELECTED, 5, false, "niet meer nodig",       "cancelled")
OFFER(TAKEN,        6, false, "aangenomen",            "accepted")
OFFER(ENDED,        7, false, "losgelaten",            "cancelled")

/* ROLE: who somebody is to one referral; one organisation can be several. */
ROLE(B,      1, "B", "bron")
ROLE(K,      2, "K", "kandidaat")
ROLE(H,      4, "H", "houder")
ROLE(R,      8, "R", "regisseur")
ROLE(T,     16, "T", "de klok")
ROLE(PARTY, 32, "P", "betrokkene")

/* URGENCY: rising.  fhir: Task.priority. */
URGENCY(LOW,      1, "kan wachten", "routine")
URGENCY(NORMAL,   2, "gewoon",      "routine")
URGENCY(HIGH,     3, "haast",       "urgent")
URGENCY(EMERGENT, 4, "spoed",       "stat")

/* REASON: why an offer ended or a term was missed, as the broker says it. */
REASON(NO_RESPONSE,   1, "geen reactie")
REASON(NOT_DELIVERED, 2, "niet afgeleverd")
REASON(NOT_OPENABLE,  3, "inhoud niet te openen")
REASON(LADDER_ENDED,  4, "niemand gevonden in de tijd die ervoor staat")

#undef STATE
#undef EVENT
#undef FLAG
#undef TERM
#undef OFFER
#undef ROLE
#undef URGENCY
#undef REASON
/* clang-format on */
