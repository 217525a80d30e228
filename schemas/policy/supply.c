/*
 * supply -- what an entry of the catalogue means at a moment.
 */
#include <string.h>

#include "base/area.h"
#include "policy/supply.h"

static const struct cal_span stale_span = { CAL_CALENDAR, 180 };
static const struct cal_span shortage_span = { CAL_WORK, 5 * CAL_WORKDAY_MIN };

static int64_t
end_of(const struct policy *p, int64_t start_ms,
    const Keten__V1__PolicySpan *span, struct cal_span otherwise)
{
	if (span != NULL)
		otherwise = (struct cal_span){
			.unit = (enum cal_unit)span->unit, .n = span->n };
	return (cal_deadline(policy_calendar(p), NULL, start_ms, otherwise));
}

bool
supply_covers(const Keten__V1__CatalogueEntry *entry, const char *area)
{
	if (area[0] == '\0' || entry->n_areas == 0)
		return (true);
	for (size_t i = 0; i < entry->n_areas; i++)
		if (area_contains(entry->areas[i], area))
			return (true);
	return (false);
}

int64_t
supply_stale_ms(const struct policy *p, const Keten__V1__CatalogueEntry *entry)
{
	const Keten__V1__Policy *d = policy_doc(p);
	const Keten__V1__PolicySpan *span = NULL;

	if (d->catalogue != NULL && d->catalogue->stale != NULL)
		span = d->catalogue->stale;
	else if (d->skip != NULL)
		span = d->skip->entry;
	return (end_of(p, entry->checked_ms, span, stale_span));
}

int64_t
supply_shown_until(const struct policy *p, int64_t now_ms)
{
	const Keten__V1__PolicyCatalogue *c = policy_doc(p)->catalogue;

	return (end_of(p, now_ms, c == NULL ? NULL : c->shortage,
	    shortage_span));
}

/* The hours of ${entry}; false if it is never open. */
static bool
read_hours(const Keten__V1__CatalogueEntry *entry, struct hours *hours)
{
	memset(hours, 0, sizeof(*hours));
	if (strcmp(entry->status, SUPPLY_ACTIVE) != 0)
		return (false);
	for (size_t i = 0; i < entry->n_hours; i++)
		if (!hours_read(entry->hours[i], hours))
			return (false);
	return (true);
}

bool
supply_is_open(const struct policy *p, const Keten__V1__CatalogueEntry *entry,
    int64_t now_ms)
{
	struct hours hours;

	return (read_hours(entry, &hours) && cal_is_open(policy_calendar(p),
	    entry->n_hours == 0 ? NULL : &hours, now_ms));
}

int64_t
supply_opens_ms(const struct policy *p, const Keten__V1__CatalogueEntry *entry,
    int64_t now_ms)
{
	/* Hours are in whole minutes: look for the first one that is open. */
	static const struct cal_span minute = { CAL_WORK, 1 };
	struct hours hours;
	int64_t end;

	if (!read_hours(entry, &hours))
		return (0);
	if (cal_is_open(policy_calendar(p), entry->n_hours == 0 ? NULL :
	    &hours, now_ms))
		return (now_ms);
	end = cal_deadline(policy_calendar(p), entry->n_hours == 0 ? NULL :
	    &hours, now_ms, minute);
	return (end == INT64_MAX ? 0 : end - 60000);
}
