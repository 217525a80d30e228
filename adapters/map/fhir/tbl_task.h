/* clang-format off */
/*
 * What the status of a resource means when it comes in, on one page.
 *
 * TASK(status, new, step 1, step 2, step 3, why not)
 *   new: YES a Task we do not know becomes a referral; NO it does not
 *   steps: of a Task that we know; the first that may be taken now, else the
 *   first; NONE: nothing changes
 *   why not: the end of the sentence when it cannot be taken
 */
#ifndef TASK
#define TASK(status, is_new, a, b, c, why)
#endif
#ifndef REQUEST
#define REQUEST(status, is_new, a, b, c, why)
#endif
TASK("draft",            NO,  NONE,     NONE,     NONE, "is een concept en dus nog niet verstuurd; zet hem eerst op 'requested'")
TASK("requested",        YES, NONE,     NONE,     NONE, "")
TASK("received",         YES, REVIEW,   NONE,     NONE, "")
TASK("accepted",         YES, ACCEPT,   CONFIRM,  AGREE_WITHDRAWAL, "")
TASK("rejected",         NO,  DECLINE,  RETURN,   REFUSE_WITHDRAWAL, "is al afgewezen; er is niets om door te geven")
TASK("ready",            YES, NONE,     NONE,     NONE, "")
TASK("cancelled",        NO,  WITHDRAW, AGREE_WITHDRAWAL, REQUEST_WITHDRAWAL, "is al ingetrokken; er is niets om door te geven")
TASK("in-progress",      YES, START,    RESUME,   NONE, "")
TASK("on-hold",          YES, PAUSE,    NONE,     NONE, "")
TASK("failed",           NO,  GIVE_UP,  FAIL,     NONE, "is al mislukt; maak een nieuwe Task met status 'requested'")
TASK("completed",        NO,  COMPLETE, ACKNOWLEDGE, NONE, "is al klaar; er is niets om door te geven")
TASK("entered-in-error", NO,  MARK_ERROR, NONE,   NONE, "is per ongeluk gemaakt; er is niets om door te geven")
/* A request without a Task. */
REQUEST("draft",            NO,  NONE,     NONE, NONE, "is een concept en dus nog niet verstuurd; zet hem eerst op 'active'")
REQUEST("active",           YES, NONE,     NONE, NONE, "")
REQUEST("on-hold",          NO,  NONE,     NONE, NONE, "staat stil; zet hem op 'active' als hij door mag")
REQUEST("revoked",          NO,  WITHDRAW, AGREE_WITHDRAWAL, REQUEST_WITHDRAWAL, "is ingetrokken; er is niets om door te geven")
REQUEST("completed",        NO,  NONE,     NONE, NONE, "is al uitgevoerd; er is niets om door te geven")
REQUEST("entered-in-error", NO,  MARK_ERROR, NONE, NONE, "is per ongeluk gemaakt; er is niets om door te geven")
REQUEST("unknown",          NO,  NONE,     NONE, NONE, "zegt niet of het werk nog gedaan moet worden; zet hem op 'active'")
#undef TASK
#undef REQUEST
/* clang-format on */
