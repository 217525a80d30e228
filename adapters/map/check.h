#ifndef MAP_CHECK_H_
#define MAP_CHECK_H_

#include "base/err.h"
#include "map/kind.h"
#include "map/order.h"

/*
 * check -- from what somebody wrote to what may be sent, or one sentence.
 *
 * Here are the rules that hold for every kind of partner: acute danger is not
 * a referral; a citizen service number (BSN) in a text never leaves (in a field
 * of its own see content.h); the offer note does
 * not say who it is about; every field has its shape; every step has what it
 * cannot do without.
 */

#define MAP_TEXT_MAX 20000 /* bytes of a story or report */

/* What everybody reads who comes with suspicion of abuse (SIG-303). */
#define MAP_VEILIG_THUIS                                                      \
	"Vermoeden van mishandeling: volg de stappen van de meldcode. 1 "     \
	"breng de signalen in kaart, 2 overleg met een collega of Veilig "    \
	"Thuis, 3 praat met de betrokkene als dat veilig kan, 4 weeg, 5 "     \
	"beslis over hulp en melden. Veilig Thuis: 0800-2000, gratis, dag "   \
	"en nacht. Is er nu gevaar: bel 112."

/**
 * map_check(use, o, trouble):
 * Bring every field of ${o} into our words (tables, shapes, defaults) and
 * apply the rules above.  ERR_MALFORMED with a sentence in ${trouble} that
 * names the field; ERR_NOMEM.
 */
MUST_CHECK enum err map_check(const struct map_use *use, struct map_order *o,
    struct map_trouble *trouble);

/**
 * map_gives_away(o, note, trouble):
 * Ask whether the offer note ${note} says who ${o} is about, or is too long:
 * then ERR_MALFORMED with a sentence in ${trouble}.  ERR_NOMEM.
 */
MUST_CHECK enum err map_gives_away(const struct map_order *o,
    const char *note, struct map_trouble *trouble);

/**
 * map_mask_bsn(text):
 * Overwrite every number in ${text} that can be a BSN (nine digits, also with
 * dots, spaces or dashes between, that pass the eleven test) with 'x's.
 * Return how many there were.
 */
size_t map_mask_bsn(char *text);

/**
 * map_date_iso(text, iso):
 * Read 2026-03-31, 31-03-2026, 31/3/2026, 20260331 or a FHIR dateTime and
 * write 2026-03-31 into ${iso}.  False, with ${iso} untouched, if it is no
 * whole date.
 */
bool map_date_iso(const char *text, char iso[11]);

/**
 * map_date_ms(iso, end):
 * Return the instant of a date that map_date_iso() made: the last minute of
 * that day if ${end}, else 17:00.
 */
int64_t map_date_ms(const char *iso, bool end);

#endif /* !MAP_CHECK_H_ */
