#ifndef EXPIRY_H_
#define EXPIRY_H_

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct broker;

/*
 * expiry -- certificates that end soon.
 *
 * Once an hour the broker looks through the certificates that count: 30, 7 and
 * 1 days before one ends, and when it has ended, one line in the log says so.
 * The numbers stand in the metrics, the list in `ketenctl status`.
 */
struct expiry {
	int64_t looked_ms; /* 0: not yet */
};

/* Certificates that count and end within so many days; or have ended. */
struct expiry_counts {
	uint64_t month;
	uint64_t week;
	uint64_t day;
	uint64_t over;
};

/**
 * expiry_bucket(until_ms, now_ms):
 * Return the smallest of 30, 7, 1 and 0 days (0: it has passed) within which
 * ${until_ms} comes, or -1: later, or never.
 */
int expiry_bucket(int64_t until_ms, int64_t now_ms);

/**
 * expiry_look(b):
 * Say what has come nearer since it was looked at last, if that is an hour
 * ago.
 */
void expiry_look(struct broker *b);

/**
 * expiry_count(b, n):
 * Count them.  Partners that take no part any more do not count.
 */
void expiry_count(const struct broker *b, struct expiry_counts *n);

/**
 * expiry_list(b):
 * Return those that end within 30 days, or have ended, as a new list.
 */
json_t *expiry_list(const struct broker *b);

#endif /* !EXPIRY_H_ */
