/*
 * limits -- how fast a partner may go, and how often it may be refused.
 */
#include <stdlib.h>

#include "ketend/limits.h"
#include "ketend/names.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

struct bucket {
	int64_t filled_ms;
	int64_t milli; /* thousandths of a command */
	int64_t ask_milli; /* and of a question */
	int64_t day_ms;
	uint32_t refused;
};

struct limits {
	int64_t rate;
	int64_t burst;
	uint32_t refusals;
	struct names *bucket;
};

/**
 * limits_new(rate, burst, refusals):
 * Return new limits, or NULL.
 */
struct limits *
limits_new(uint32_t rate, uint32_t burst, uint32_t refusals)
{
	struct limits *l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return (NULL);
	l->rate = rate;
	l->burst = burst;
	l->refusals = refusals;
	if ((l->bucket = names_new()) == NULL) {
		free(l);
		return (NULL);
	}
	return (l);
}

/* The bucket of ${who}, a full one if it is new; NULL: no memory. */
static struct bucket *
bucket_of(struct limits *l, const struct org *who, int64_t now)
{
	struct bucket *b = names_get(l->bucket, who, sizeof(*who));

	if (b != NULL)
		return (b);
	if ((b = calloc(1, sizeof(*b))) == NULL)
		return (NULL);
	b->filled_ms = b->day_ms = now;
	b->milli = l->burst * 1000;
	b->ask_milli = LIMITS_ASK_BURST * 1000;
	if (names_put(l->bucket, who, sizeof(*who), b) != ERR_OK) {
		free(b);
		return (NULL);
	}
	return (b);
}

static void
fill(const struct limits *l, struct bucket *b, int64_t now)
{
	int64_t passed = now - b->filled_ms;

	/* Longer than it takes to fill: full, and no overflow. */
	if (passed > DAY_MS)
		passed = DAY_MS;
	b->filled_ms = now;
	b->milli += passed * l->rate;
	if (b->milli > l->burst * 1000)
		b->milli = l->burst * 1000;
	b->ask_milli += passed * LIMITS_ASK_RATE;
	if (b->ask_milli > LIMITS_ASK_BURST * 1000)
		b->ask_milli = LIMITS_ASK_BURST * 1000;
	if (now - b->day_ms < DAY_MS)
		return;
	b->day_ms = now;
	b->refused = 0;
}

/**
 * limits_allow(l, who, content, mono_ms):
 * Take one command from the bucket of ${who}.
 */
bool
limits_allow(struct limits *l, const struct org *who, size_t content,
    int64_t mono_ms)
{
	struct bucket *b = bucket_of(l, who, mono_ms);
	int64_t cost = content <= LIMITS_CONTENT ? 1000 :
	    (int64_t)((content - 1) / LIMITS_CONTENT + 1) * 1000;

	if (b == NULL)
		return (false);
	fill(l, b, mono_ms);
	if (cost > l->burst * 1000) /* a small bucket is no bar */
		cost = l->burst * 1000;
	if (b->milli < cost || b->milli < 1000 || b->refused >= l->refusals)
		return (false);
	b->milli -= cost;
	return (true);
}

/**
 * limits_ask(l, who, cost, mono_ms):
 * Take ${cost} from the bucket for questions of ${who}.
 */
bool
limits_ask(struct limits *l, const struct org *who, uint32_t cost,
    int64_t mono_ms)
{
	struct bucket *b = bucket_of(l, who, mono_ms);

	if (b == NULL)
		return (false);
	fill(l, b, mono_ms);
	if (b->ask_milli < (int64_t)cost * 1000)
		return (false);
	b->ask_milli -= (int64_t)cost * 1000;
	return (true);
}

/**
 * limits_refused(l, who, mono_ms):
 * A command of ${who} was refused.
 */
void
limits_refused(struct limits *l, const struct org *who, int64_t mono_ms)
{
	struct bucket *b = bucket_of(l, who, mono_ms);

	if (b != NULL && b->refused < l->refusals)
		b->refused++;
}

/**
 * limits_is_spent(l, who, mono_ms):
 * Has ${who} no refusals left today?
 */
bool
limits_is_spent(struct limits *l, const struct org *who, int64_t mono_ms)
{
	struct bucket *b = bucket_of(l, who, mono_ms);

	if (b == NULL)
		return (true);
	fill(l, b, mono_ms);
	return (b->refused >= l->refusals);
}

/**
 * limits_free(l):
 * Free ${l}.
 */
void
limits_free(struct limits *l)
{
	struct bucket *b;
	size_t at = 0;

	if (l == NULL)
		return;
	while ((b = names_next(l->bucket, &at)) != NULL)
		free(b);
	names_free(l->bucket);
	free(l);
}
