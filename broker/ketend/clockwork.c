/*
 * clockwork -- where the broker's time comes from.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/instant.h"
#include "ketend/clockwork.h"

#define HOUR_MS (INT64_C(3600) * 1000)

/* What the shared file says now; false if it cannot be read. */
static bool
file_ms(const char *path, int64_t *ms)
{
	int64_t v = 0;
	bool ok;
	FILE *f;

	if (path == NULL || (f = fopen(path, "re")) == NULL)
		return (false);
	ok = fscanf(f, "%" SCNd64, &v) == 1 && v > 0;
	(void)fclose(f); /* only read from */
	if (ok)
		*ms = v;
	return (ok);
}

/**
 * clockwork_init(c, kind, file):
 * Start a clock of ${kind}.
 */
enum err
clockwork_init(struct clockwork *c, enum clockwork_kind kind, const char *file)
{
	int64_t at = instant_ms(CLOCK_REALTIME);

	if (kind == CLOCKWORK_FILE && !file_ms(file, &at))
		return (ERR_IO);
	c->kind = kind;
	c->file = file;
	c->at_ms = at;
	c->to_ms = at;
	return (ERR_OK);
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return (a < b ? a : b);
}

/**
 * clockwork_turn(c, due_ms):
 * Return the time for the turn that begins now.
 */
int64_t
clockwork_turn(struct clockwork *c, int64_t due_ms)
{
	int64_t next;

	if (c->kind == CLOCKWORK_REAL)
		return (instant_ms(CLOCK_REALTIME));
	/* A file in the middle of being written: go on with the old one. */
	if (c->kind == CLOCKWORK_FILE)
		(void)file_ms(c->file, &c->to_ms);
	if (c->to_ms <= c->at_ms)
		return (c->at_ms);
	next = sooner(c->to_ms, c->at_ms + HOUR_MS);
	if (due_ms > c->at_ms)
		next = sooner(next, due_ms);
	c->at_ms = next;
	return (next);
}

/**
 * clockwork_is_walking(c):
 * Tell whether a moved clock has not yet arrived.
 */
bool
clockwork_is_walking(const struct clockwork *c)
{
	return (c->kind != CLOCKWORK_REAL && c->at_ms < c->to_ms);
}

/**
 * clockwork_send(c, to_ms):
 * Let a moved clock walk to ${to_ms}.
 */
enum err
clockwork_send(struct clockwork *c, int64_t to_ms)
{
	if (c->kind != CLOCKWORK_CONTROL || to_ms < c->at_ms)
		return (ERR_NOT_ALLOWED);
	c->to_ms = to_ms;
	return (ERR_OK);
}

/**
 * clockwork_jump(c, to_ms):
 * Put a moved clock at ${to_ms} at once.
 */
enum err
clockwork_jump(struct clockwork *c, int64_t to_ms)
{
	if (c->kind != CLOCKWORK_CONTROL || to_ms <= 0)
		return (ERR_NOT_ALLOWED);
	c->at_ms = to_ms;
	c->to_ms = to_ms;
	return (ERR_OK);
}

/**
 * clockwork_mono_ms():
 * Return a time that only rises.
 */
int64_t
clockwork_mono_ms(void)
{
	return (instant_ms(CLOCK_MONOTONIC));
}
