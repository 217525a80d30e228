/* clang-format off */
/*
 * How long everything may take, unless the policy says otherwise.
 *
 * TERM(name, number, EMERGENT, HIGH, NORMAL, LOW, Dutch label)
 *   WH(n) working hours   WD(n) working days of 510 minutes
 *   MIN(n) H(n) D(n)      minutes, hours, days of 24 hours on the clock
 *   DAYS(n) WEEKS(n)      on the calendar, to the same local time
 */
TERM(OFFER,       1, MIN(30), WH(4),   WD(2),   WD(5),   "een aanbod, per sport")
TERM(LADDER,      2, H(2),    WD(2),   WD(5),   WD(15),  "de hele ladder")
TERM(CONFIRM,     3, MIN(30), WH(4),   WD(1),   WD(3),   "bevestiging door de regisseur")
TERM(START,       4, H(2),    WD(1),   WD(5),   WD(10),  "beginnen na aannemen")
TERM(REPORT,      5, D(1),    WD(5),   WD(20),  WD(40),  "van bericht tot bericht")
TERM(ANSWER,      6, H(1),    WD(1),   WD(3),   WD(5),   "een antwoord")
TERM(HANDOVER,    7, H(1),    WD(1),   WD(3),   WD(5),   "een aanbod tot overdracht")
TERM(WITHDRAWAL,  8, H(1),    WD(1),   WD(3),   WD(5),   "antwoord op een verzoek tot intrekken")
TERM(PAUSE,       9, D(1),    WEEKS(4), WEEKS(13), WEEKS(26), "langste pauze, per houder")
TERM(RETURN,     10, MIN(30), WH(4),   WH(4),   WH(4),   "teruggeven na aannemen")
TERM(UNREAD,     11, D(20),   WD(20),  WD(20),  WD(20),  "sluiten zonder dat de bron het las")
TERM(REOPEN,     12, DAYS(14), DAYS(14), DAYS(14), DAYS(14), "heropenen")
TERM(QUESTION,   13, D(1),    WD(1),   WD(1),   WD(1),   "hoogstens zo lang staat een sport stil voor een vraag")
/* clang-format on */
