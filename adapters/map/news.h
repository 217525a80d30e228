#ifndef MAP_NEWS_H_
#define MAP_NEWS_H_

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/err.h"
#include "map/kind.h"
#include "map/order.h"
#include "sdk/keten.h"

/*
 * news -- what arrived, in the words of one kind of partner.
 */
struct map_news {
	const struct keten_news *news;
	const struct keten_referral *r; /* NULL: it is about no referral */
	const char *code_label;
	const char *outcome_label; /* "" if there is none */
	const char *reason_label;
	const char *note;   /* opened offer note, NULL if there is none */
	const char *text;   /* opened text of this news */
	const char *person; /* opened person part, JSON */
	const char *key;    /* the partner's own number for it */
	const json_t *context; /* what it was made of (FHIR), or NULL */
	const char *partner; /* who reads this */
};

/**
 * map_example(r, step, out):
 * Make the smallest file that takes ${step} on ${r}: a JSON object that the
 * caller owns.  ERR_NOMEM.
 */
MUST_CHECK enum err map_example(const struct keten_referral *r,
    enum keten_step step, json_t **out);

/**
 * map_may(r, each, cookie):
 * Call ${each} for every step that the partner may take on ${r} now and that a
 * file can ask for.
 */
void map_may(const struct keten_referral *r,
    void (*each)(void *cookie, enum keten_step step), void *cookie);

/**
 * map_time(ms, buf):
 * Write ${ms} as 2026-03-31T08:30:00Z into ${buf}; "" for 0.
 */
#define MAP_TIME 24
const char *map_time(int64_t ms, char buf[MAP_TIME]);

/**
 * map_part_text(json):
 * Return the text that stands in an opened note or text part, as a string
 * that the caller wipes and frees; NULL if there is none.
 */
char *map_part_text(const char *json);

#endif /* !MAP_NEWS_H_ */
