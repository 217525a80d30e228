#ifndef FRESH_H_
#define FRESH_H_

#include <stdbool.h>

#include "core/decide.h"
#include "ketend/turn.h"

/*
 * fresh -- what the records of this turn bring to those who are told, kept in
 * memory until the turn is over.
 *
 * Most deliveries leave in the turn that made them.  What they carry was just
 * sealed in the store; reading it back and opening it again would cost more
 * than deciding it did.  Whoever is not connected, or has no credit, gets the
 * same from the store later.
 *
 * A turn that erases anything keeps nothing: what is gone has to be gone.
 */

/**
 * fresh_keep(t, m, content, d):
 * Remember for the record ${m} of decision ${d} the sealed parts ${content}
 * (NULL: none), which must live as long as the turn, and the blinds of its
 * offers.  ERR_NOMEM.
 */
MUST_CHECK enum err fresh_keep(struct turn *t, struct made *m,
    const struct content *content, const struct decision *d);

/**
 * fresh_piece(t, index, part, piece):
 * Fill ${piece} with part ${part} of record ${index}, fit for content_pack(),
 * and return true; or return false: read it from the store.
 */
bool fresh_piece(const struct turn *t, uint64_t index, uint32_t part,
    struct content_piece *piece);

/**
 * fresh_blind(t, index, id, offer):
 * Return the 16 bytes that hide the receiver of ${offer} of referral ${id},
 * if record ${index} of this turn made that offer, else NULL.
 */
const uint8_t *fresh_blind(const struct turn *t, uint64_t index,
    const struct refid *id, uint32_t offer);

#endif /* !FRESH_H_ */
