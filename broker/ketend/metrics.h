#ifndef METRICS_H_
#define METRICS_H_

#include <stddef.h>
#include <stdint.h>

/*
 * metrics -- what the broker counts, from one table (metrics.c): Prometheus
 * text for `ketenctl metrics`.  Never a referral, never a partner.
 */
#define METRICS_ERRORS 26 /* the codes of the protocol, 0 not used */

struct metrics {
	uint64_t messages;
	uint64_t bytes;
	uint64_t sent;
	uint64_t sent_bytes;
	uint64_t dropped;	/* without a User-Id */
	uint64_t connects;
	uint64_t records;
	uint64_t turns;
	uint64_t undone;	/* turns that were decided again */
	uint64_t receipts;
	uint64_t repeats;
	uint64_t refusals[METRICS_ERRORS];
	uint64_t deliveries;
	uint64_t rewrap_asks;
	uint64_t queries;
	uint64_t timers;
	uint64_t quarantined;
	uint64_t checkpoints;
	uint64_t forks;
	uint64_t successions;
	uint64_t reloads;
	uint64_t reload_failures;
	uint64_t commit_ns;	/* waiting for the disk */

	/* as they are now, filled in when asked for */
	uint64_t size;
	uint64_t published;
	uint64_t connections;
	uint64_t partners;
	uint64_t keys;
	uint64_t refused_handshakes;
	uint64_t without_holder;
	uint64_t is_busy;
	uint64_t clock_is_off;
	uint64_t is_signing;
	uint64_t witnesses;
	uint64_t witnessed;	/* records that enough of them have seen */
	uint64_t witness_lag;	/* records */
	uint64_t witness_lag_s;
	uint64_t witness_late;
	uint64_t cosignatures;
	uint64_t witness_refusals;
	uint64_t keys_month;	/* certificates that end within 30 days */
	uint64_t keys_week;
	uint64_t keys_day;
	uint64_t keys_over;	/* that count no more by their date */
};

/**
 * metrics_text(m, out, cap):
 * Write ${m} as Prometheus text and a NUL into ${out}, cut to ${cap}.  Return
 * its length.
 */
size_t metrics_text(const struct metrics *m, char *out, size_t cap);

#endif /* !METRICS_H_ */
