#ifndef MAP_WORLD_H_
#define MAP_WORLD_H_

#include <stdbool.h>
#include <stdint.h>

#include "map/order.h"
#include "sdk/keten.h"

/*
 * world -- what a reader of files may ask about what is there already.
 */
struct map_world {
	void *cookie;
	/* Find the referral that was made of the thing called ${key}. */
	bool (*known)(void *cookie, const char *key,
	    char referral[KETEN_ID_TEXT]);
	/* keten_show() */
	bool (*show)(void *cookie, const char *referral,
	    struct keten_referral *r);
	int64_t now_ms;
	/* keten_may_contain(); NULL: nothing may. */
	unsigned (*may_contain)(void *cookie, const struct map_order *o);
};

#endif /* !MAP_WORLD_H_ */
