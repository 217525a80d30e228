/* clang-format off */
/*
 * The life of a referral on one page.  What is not in this table cannot
 * happen.  Code, labels, picture, manual and tests are made from it.
 *
 * Read a line like this: "row 11: when it is ACCEPTED, START by the holder (H)
 * makes it IN_PROGRESS; B is told".
 *
 *   row      the number that refusals name; several lines can share one
 *   in       NEW (does not exist yet) or the state it is in.  AT_WORK: the five
 *            from ACCEPTED to HANDOVER_OFFERED; UNDER_WAY: those without
 *            HANDOVER_OFFERED; WORKING: ACCEPTED and IN_PROGRESS; LIVE: all
 *            with a holder; OUTCOME: ended, not yet closed; ANY_ENDED: with CLOSED
 *   while    BY_B / NOT_BY_B: held by the originator, or not; ASKED_BACK: a
 *            withdrawal was requested; WAS_COMPLETED: it ended as COMPLETED
 *   event    what happens
 *   who      B originator, K candidate with an open offer that it names, H holder,
 *            R regisseur, T the broker's clock (or its conclusion, rows 35-39)
 *   only if  a condition of lifecycle's rules (ALWAYS: none)
 *   effect   what else changes (NOTHING)
 *   to       the next state; SAME; BEFORE: the state before; LADDER: OFFERED,
 *            and when no offer is open then, the next rung is offered, or
 *            it is ESCALATED in the same record if none is left
 *   told     who hears of it, besides a new and an old holder, a new and an old
 *            B, and candidates whose offer was made or changed: they always do
 *   FHIR     Task.status of the Task it is about
 *   rule     what a refusal says after "rij N: "
 *
 * Rows 35 to 39 are not commands.  They are what other rules of the protocol
 * do to a referral (sealed content, parents, policy), kept here so that there
 * is one table.
 */
/*  row in               while          event               who    only if           effect          to                told           FHIR                rule */
ROW( 1, NEW,              ANY,           SUBMIT,             B,     MAY_SUBMIT,       SUBMIT,         LADDER,           NOBODY,        "requested",        "de bron dient in, onder een convenant; een deel van iets groters dient de houder daarvan in")
ROW( 2, OFFERED,          ANY,           REVIEW,             K,     NOT_SEEN,         MARK_SEEN,      SAME,             TELL_B,        "received",         "wie een open aanbod heeft meldt een keer dat het bekeken is")
ROW( 3, OFFERED,          ANY,           ASK,                K,     NOT_ASKED,        ASK_IN_RUNG,    SAME,             TELL_B,        "requested",        "elke kandidaat stelt de bron hoogstens een vraag")
ROW( 3, OFFERED,          ANY,           ANSWER,             B,     QUESTION_OPEN,    END_QUESTIONS,  SAME,             TELL_OPEN,     "requested",        "de bron antwoordt als er een vraag open staat")
ROW( 3, OFFERED,          ANY,           INFO_EXPIRED,       T,     QUESTION_OPEN,    END_QUESTIONS,  SAME,             TELL_B_OPEN,   "requested",        "de tijd voor een antwoord is voorbij")
ROW( 4, OFFERED,          ANY,           ACCEPT,             K,     ALWAYS,           TAKE,           ACCEPTED,         TELL_B,        "accepted",         "wie een open aanbod heeft neemt aan en noemt dat aanbod")
ROW( 5, OFFERED,          ANY,           DECLINE,            K,     ALWAYS,           DECLINE,        LADDER,           TELL_B_H,      "rejected",         "wie een open aanbod heeft wijst af en noemt een reden")
ROW( 6, OFFERED,          ANY,           OFFER_EXPIRED,      T,     ALWAYS,           EXPIRE_OFFERS,  LADDER,           TELL_B_H,      "cancelled",        "de tijd voor het aanbod is voorbij")
ROW( 7, OFFERED,          ANY,           OFFER_MORE,         R,     MAY_BE_OFFERED,   OFFER_ONE_MORE, SAME,             TELL_B_H,      "requested",        "de regisseur biedt ook aan een andere partner aan, onder een convenant; niet aan bron, regisseur, houder of wie al een aanbod heeft")
ROW( 8, OFFERED,          ANY,           ESCALATE,           T,     ALWAYS,           ESCALATE,       ESCALATED,        TELL_B_R,      "accepted",         "de tijd om iemand te vinden is voorbij")
ROW( 9, ESCALATED,        ANY,           CONFIRM,            R,     HOLDER_IS_R,      NOTHING,        ACCEPTED,         TELL_B,        "accepted",         "een medewerker van de regisseur bevestigt")
ROW(10, ACCEPTED,         ANY,           RETURN,             H,     MAY_RETURN,       GIVE_BACK,      LADDER,           TELL_B,        "rejected",         "de houder (niet de regisseur) geeft terug voor het begin, kort na het aannemen of als de inhoud niet te openen is")
ROW(11, ACCEPTED,         ANY,           START,              H,     ALWAYS,           NOTHING,        IN_PROGRESS,      TELL_B,        "in-progress",      "de houder begint, na het aannemen")
ROW(12, WORKING,          ANY,           ASK,                H,     HOLDER_NOT_B,     WAIT,           AWAITING_INFO,    TELL_B,        "on-hold",          "de houder vraagt iets aan de bron")
ROW(13, AWAITING_INFO,    ANY,           ANSWER,             B,     ALWAYS,           NOTHING,        BEFORE,           TELL_H,        "(state before)",   "de bron antwoordt de houder")
ROW(13, AWAITING_INFO,    ANY,           INFO_EXPIRED,       T,     ALWAYS,           NOTHING,        BEFORE,           TELL_B_H,      "(state before)",   "de tijd voor een antwoord is voorbij")
ROW(14, AT_WORK,          ANY,           ASK,                B,     HOLDER_NOT_B,     ASK_HOLDER,     SAME,             TELL_H,        "(same)",           "de bron vraagt de houder hoe het staat")
ROW(14, AT_WORK,          ANY,           ANSWER,             H,     HOLDER_ASKED,     ANSWER_B,       SAME,             TELL_B,        "(same)",           "de houder antwoordt als de bron iets gevraagd heeft")
ROW(15, WORKING,          ANY,           PAUSE,              H,     ALWAYS,           WAIT,           ON_HOLD,          TELL_B,        "on-hold",          "de houder zet stil tot een datum, niet langer dan de langste pauze")
ROW(16, ON_HOLD,          ANY,           RESUME,             H,     ALWAYS,           NOTHING,        BEFORE,           TELL_B,        "(state before)",   "de houder pakt weer op")
ROW(16, ON_HOLD,          ANY,           PAUSE_ENDED,        T,     ALWAYS,           NOTHING,        BEFORE,           TELL_B_H,      "(state before)",   "de pauze is voorbij")
ROW(17, AT_WORK,          ANY,           REPORT,             H,     ALWAYS,           REPORT,         SAME,             TELL_B,        "(same)",           "de houder doet verslag")
ROW(18, LIVE,             ANY,           SUPPLEMENT,         B_H,   ALWAYS,           NOTHING,        SAME,             TELL_B_H_OPEN, "(same)",           "bron of houder vult aan")
ROW(19, LIVE,             ANY,           RAISE_URGENCY,      B_H_R, MORE_URGENT,      RAISE,          SAME,             TELL_B_H_OPEN, "(same)",           "bron, houder of regisseur geeft meer haast, nooit minder")
ROW(20, UNDER_WAY,        ANY,           HAND_OVER,          H,     MAY_BE_OFFERED,   HAND_OVER,      HANDOVER_OFFERED, TELL_B,        "requested",        "de houder draagt over aan een genoemde partner, onder een convenant; niet aan bron, regisseur of zichzelf")
ROW(21, HANDOVER_OFFERED, ANY,           ACCEPT,             K,     ALWAYS,           TAKE,           ACCEPTED,         TELL_B,        "accepted",         "de genoemde partner neemt over en noemt dat aanbod")
ROW(22, HANDOVER_OFFERED, ANY,           DECLINE,            K,     ALWAYS,           DECLINE,        BEFORE,           TELL_B_H,      "rejected",         "de genoemde partner wijst de overdracht af")
ROW(22, HANDOVER_OFFERED, ANY,           OFFER_EXPIRED,      T,     ALWAYS,           EXPIRE_OFFERS,  BEFORE,           TELL_B_H,      "cancelled",        "de tijd voor de overdracht is voorbij")
ROW(22, HANDOVER_OFFERED, ANY,           RETRACT,            H,     ALWAYS,           DROP_OFFERS,    BEFORE,           TELL_B,        "cancelled",        "de houder neemt de overdracht terug")
ROW(23, LIVE,             ANY,           OVERDUE,            T,     ALWAYS,           OVERDUE,        SAME,             TELL_B_H_R,    "(same)",           "een termijn is voorbij")
ROW(24, AT_WORK,          ANY,           TAKE_OVER,          R,     MAY_TAKE_OVER,    TAKE_OVER,      ACCEPTED,         TELL_B,        "accepted",         "de regisseur neemt over van een houder die te laat is of niet meer meedoet")
ROW(25, UNDER_WAY,        ANY,           COMPLETE,           H,     NO_CHILD_OPEN,    NOTHING,        COMPLETED,        TELL_B,        "completed",        "de houder rondt af met een uitkomst, als alle delen af zijn")
ROW(26, UNDER_WAY,        ANY,           GIVE_UP,            H,     HOLDER_NOT_R,     GIVE_UP,        LADDER,           TELL_B,        "failed",           "de houder (niet de regisseur) stopt ermee, met een reden")
ROW(27, UNDER_WAY,        ANY,           FAIL,               H,     HOLDER_IS_R,      END,            FAILED,           TELL_B,        "failed",           "alleen de regisseur, als houder, sluit af zonder aanbod")
ROW(28, OFFERED,          BY_B,          WITHDRAW,           B,     ALWAYS,           WITHDRAW,       CLOSED,           TELL_B,        "cancelled",        "de bron trekt in zolang niemand het heeft aangenomen")
ROW(29, LIVE,             NOT_BY_B,      REQUEST_WITHDRAWAL, B_R,   MAY_ASK_BACK,     ASK_BACK,       SAME,             TELL_B_H,      "(same)",           "bron, of regisseur die geen houder is, vraagt de houder om in te trekken; een verzoek tegelijk")
ROW(30, LIVE,             ASKED_BACK,    AGREE_WITHDRAWAL,   H,     ALWAYS,           END,            WITHDRAWN,        TELL_B_R,      "cancelled",        "de houder stemt in met een gevraagde intrekking")
ROW(30, LIVE,             ASKED_BACK,    REFUSE_WITHDRAWAL,  H,     ALWAYS,           REFUSE,         SAME,             TELL_B_R,      "(same)",           "de houder stemt niet in met een gevraagde intrekking")
ROW(31, OFFERED,          BY_B,          EXPIRE,             T,     IS_SERVICE,       END,            EXPIRED,          TELL_B,        "cancelled",        "alleen een dienst met een einddatum verloopt")
ROW(32, LIVE,             BY_B,          MARK_ERROR,         B,     ALWAYS,           ERASE,          ENTERED_IN_ERROR, TELL_B_H,      "entered-in-error", "de bron zolang die houder is, anders de regisseur, markeert als vergissing")
ROW(32, LIVE,             NOT_BY_B,      MARK_ERROR,         R,     ALWAYS,           ERASE,          ENTERED_IN_ERROR, TELL_B_H,      "entered-in-error", "de bron zolang die houder is, anders de regisseur, markeert als vergissing")
ROW(33, OUTCOME,          ANY,           ACKNOWLEDGE,        B,     ALWAYS,           NOTHING,        CLOSED,           TELL_H,        "completed",        "de bron heeft de uitkomst gelezen")
ROW(33, OUTCOME,          ANY,           CLOSE_UNREAD,       T,     ALWAYS,           MARK_UNREAD,    CLOSED,           TELL_B_R,      "completed",        "de tijd om de uitkomst te lezen is voorbij")
ROW(34, ANY_ENDED,        WAS_COMPLETED, REOPEN,             B_R,   MAY_REOPEN,       REOPEN,         LADDER,           TELL_B_R,      "requested",        "bron of regisseur heropent binnen 14 dagen na afronden, zolang de inhoud er is")
ROW(35, AT_WORK,          ANY,           OPENABLE,           T,     NOT_OPENABLE_YET, OPENED,         SAME,             TELL_H,        "(same)",           "het persoonsdeel is voor de houder te openen")
ROW(36, AT_WORK,          ANY,           UNREADABLE,         H,     ALWAYS,           UNREADABLE,     SAME,             TELL_B_R,      "(same)",           "de houder kan de inhoud niet openen")
ROW(37, LIVE,             ANY,           FOLLOW,             T,     ALWAYS,           FOLLOW,         SAME,             NOBODY,        "(same)",           "een deel volgt de houder van het geheel")
ROW(38, LIVE_OR_OUTCOME,  ANY,           SUCCEED,            T,     ALWAYS,           SUCCEED,        SAME,             NOBODY,        "(same)",           "een opvolger volgens het beleid")
ROW(39, HAS_OFFERS,       ANY,           NOTE_OPENABLE,      T,     ALWAYS,           NOTE_OPENED,    SAME,             NOBODY,        "requested",        "de toelichting is voor de kandidaat te openen")
/* clang-format on */
#undef ROW
