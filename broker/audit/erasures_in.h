#ifndef ERASURES_IN_H_
#define ERASURES_IN_H_

#include "audit/erasures.h"
#include "core/map.h"
#include "base/org.h"

/*
 * erasures_in -- shared by erasures.c (what the records say) and
 * erasures_gone.c (what is not there), and by nothing else.
 */
#define NAME (ORG_MAX + 1)

/* A range of an ERASE leaf. */
struct range {
	uint64_t first;
	uint64_t count;
	uint64_t by;
	uint8_t level;
};

/* Something that is not there. */
struct gone {
	uint64_t index;
	uint8_t level;
	bool has_owner;
	struct refid owner;
};

struct erasures {
	struct tree *tree;
	const struct history *history;
	struct findings *f;
	struct map *tracks;  /* referral -> struct track */
	struct map *orders;  /* index of an ERASE -> struct refid */
	struct map *awaited; /* index, partner, mailbox -> 1: not yet */
	char (*names)[NAME];
	size_t n_names;
	struct gone *gone;
	size_t n_gone;
	size_t cap_gone;
	struct range *range;
	size_t n_range;
	struct erasures_count n;
	uint64_t first_again; /* of those */
	bool is_accepted;     /* a person let a backup be the log */
};

#endif /* !ERASURES_IN_H_ */
