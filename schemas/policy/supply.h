#ifndef SUPPLY_H_
#define SUPPLY_H_

#include <stdbool.h>
#include <stdint.h>

#include "keten/v1/facts.pb-c.h"
#include "keten/v1/statement.pb-c.h"

#include "base/org.h"
#include "policy/policy.h"

/*
 * supply -- what an entry of the catalogue means at a moment: does it still
 * hold, where, and is somebody there?
 *
 * Pure, and the same for the broker, the SDK and the auditor.  An entry that
 * nobody has looked at for too long is out of date and shown as such; after
 * how long a ladder passes its partner by is with the route (route.h).  That
 * a partner declined for want of room is shown, and never a reason to pass it
 * by.
 */

/* What stands in CatalogueEntry.status. */
#define SUPPLY_ACTIVE "active"
#define SUPPLY_CLOSED "closed"
#define SUPPLY_WITHDRAWN "withdrawn"

/**
 * supply_stale_ms(p, entry):
 * Return from when ${entry} is out of date under ${p}.
 */
int64_t supply_stale_ms(const struct policy *p,
    const Keten__V1__CatalogueEntry *entry);

/**
 * supply_is_open(p, entry, now_ms):
 * Tell whether the service of ${entry} is open at ${now_ms}: in the hours it
 * names, or else in working time; never when its status says closed.
 */
bool supply_is_open(const struct policy *p,
    const Keten__V1__CatalogueEntry *entry, int64_t now_ms);

/**
 * supply_opens_ms(p, entry, now_ms):
 * Return from when that service is open: ${now_ms} if it is, 0 if never.
 */
int64_t supply_opens_ms(const struct policy *p,
    const Keten__V1__CatalogueEntry *entry, int64_t now_ms);

/**
 * supply_covers(entry, area):
 * Tell whether ${entry} is offered in ${area} ("": any).
 */
bool supply_covers(const Keten__V1__CatalogueEntry *entry, const char *area);

/**
 * supply_shown_until(p, now_ms):
 * Return until when a decline of ${now_ms} is shown in the catalogue.
 */
int64_t supply_shown_until(const struct policy *p, int64_t now_ms);

#endif /* !SUPPLY_H_ */
