/*
 * metrics -- what the broker counts.
 */
#include <inttypes.h>

#include "base/err.h"
#include "base/pen.h"
#include "ketend/metrics.h"

enum shape { TOTAL, GAUGE };

/* clang-format off */
#define M(field, shape, name, help) \
	{ offsetof(struct metrics, field), shape, "keten_" name, help }
static const struct row {
	size_t at;
	enum shape shape;
	const char *name;
	const char *help;
} rows[] = {
	M(messages, TOTAL, "messages_total", "Messages received."),
	M(bytes, TOTAL, "received_bytes_total", "Bytes received."),
	M(sent, TOTAL, "sent_messages_total", "Messages sent."),
	M(sent_bytes, TOTAL, "sent_bytes_total", "Bytes sent."),
	M(dropped, TOTAL, "dropped_total", "Messages without a User-Id."),
	M(connects, TOTAL, "connects_total", "Connections made."),
	M(records, TOTAL, "records_total", "Records written."),
	M(turns, TOTAL, "turns_total", "Turns of the broker."),
	M(undone, TOTAL, "turns_undone_total", "Turns decided again."),
	M(receipts, TOTAL, "receipts_total", "Receipts sent."),
	M(repeats, TOTAL, "repeats_total", "Outcomes given again."),
	M(deliveries, TOTAL, "deliveries_total", "Deliveries sent."),
	M(rewrap_asks, TOTAL, "rewrap_asks_total", "Wraps asked for."),
	M(queries, TOTAL, "queries_total", "Queries answered."),
	M(timers, TOTAL, "timers_total", "Terms that passed."),
	M(quarantined, GAUGE, "terms_quarantined", "Terms that passed, and erasures by rule, that cannot be written. Must be 0."),
	M(checkpoints, TOTAL, "checkpoints_total", "Checkpoints published."),
	M(forks, TOTAL, "forks_total", "Partners that verified another tree. Must be 0."),
	M(successions, TOTAL, "successions_total", "Referrals in which a successor took a place."),
	M(reloads, TOTAL, "reloads_total", "Policies reloaded."),
	M(reload_failures, TOTAL, "reload_failures_total", "Policies refused."),
	M(size, GAUGE, "log_size", "Records in the log."),
	M(published, GAUGE, "checkpoint_size", "Records in the newest checkpoint."),
	M(connections, GAUGE, "connections", "Connections now."),
	M(partners, GAUGE, "partners_reachable", "Partners with a session now."),
	M(keys, GAUGE, "devices", "Devices that may connect."),
	M(refused_handshakes, TOTAL, "handshakes_refused_total", "Handshakes with an unknown key."),
	M(without_holder, GAUGE, "without_holder", "Live referrals that a record left without a holder. Must be 0."),
	M(is_busy, GAUGE, "busy", "1 if the disk is nearly full."),
	M(clock_is_off, GAUGE, "clock_off", "1 if terms stand still."),
	M(is_signing, GAUGE, "signing", "1 if checkpoints are signed."),
	M(witnesses, GAUGE, "witnesses", "Witnesses that are asked."),
	M(witnessed, GAUGE, "witnessed_size", "Records that enough witnesses have seen."),
	M(witness_lag, GAUGE, "witness_lag_records", "Records in the newest checkpoint that enough witnesses have not seen."),
	M(witness_lag_s, GAUGE, "witness_lag_seconds", "How long there have been such records."),
	M(witness_late, GAUGE, "witness_late", "1 if that is longer than it may be."),
	M(cosignatures, TOTAL, "cosignatures_total", "Signatures of witnesses."),
	M(witness_refusals, TOTAL, "witness_refusals_total", "Refusals of witnesses. Should be 0."),
	M(keys_month, GAUGE, "certificates_ending_30d", "Certificates that end within 30 days."),
	M(keys_week, GAUGE, "certificates_ending_7d", "Certificates that end within 7 days."),
	M(keys_day, GAUGE, "certificates_ending_1d", "Certificates that end within a day."),
	M(keys_over, GAUGE, "certificates_ended", "Certificates that are past their date and were not replaced."),
};
#undef M
/* clang-format on */

/**
 * metrics_text(m, out, cap):
 * Write ${m} as Prometheus text and a NUL into ${out}.
 */
size_t
metrics_text(const struct metrics *m, char *out, size_t cap)
{
	struct pen p = { out, cap, 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		const uint64_t *v =
		    (const uint64_t *)(const void *)((const char *)m + r->at);

		pen_put(&p, "# HELP %s %s\n# TYPE %s %s\n%s %" PRIu64 "\n",
		    r->name, r->help, r->name, r->shape == TOTAL ? "counter" :
		    "gauge", r->name, *v);
	}
	pen_put(&p, "# HELP keten_refusals_total Refusals sent.\n"
	    "# TYPE keten_refusals_total counter\n");
	for (int i = 1; i < METRICS_ERRORS; i++)
		pen_put(&p, "keten_refusals_total{code=\"%s\"} %" PRIu64 "\n",
		    err_name((enum err)i), m->refusals[i]);
	pen_put(&p, "# HELP keten_commit_seconds_total Waiting for the disk.\n"
	    "# TYPE keten_commit_seconds_total counter\n"
	    "keten_commit_seconds_total %.6f\n", (double)m->commit_ns / 1e9);
	return (pen_len(&p));
}
