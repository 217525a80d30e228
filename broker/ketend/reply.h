#ifndef REPLY_H_
#define REPLY_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "core/record.h"
#include "keten/v1/session.pb-c.h"
#include "ketend/session.h"

struct broker;

/*
 * reply -- the messages that the broker sends, each made in one place.
 *
 * They are packed in the turn's pack arena, which is left as it was.  Errors
 * are those of wire_send(): on ERR_NOT_FOUND the session is gone; a full queue
 * (ERR_BUSY) loses the message, which its receiver asks for again by number.
 */

/* Why not. */
struct reply_no {
	struct slice lane; /* empty if it could not be read */
	uint64_t number;
	enum err err;
	const char *rule; /* NULL: none */
	uint32_t current_version;
	uint64_t expected;
	const char *call;
	bool repeat;
	uint64_t query_id;
	const struct record_out *record; /* NULL: it is no leaf */
	bool sees_route;
};

/**
 * reply_send(b, s, msg, content):
 * Pack and send ${msg}.
 */
MUST_CHECK enum err reply_send(struct broker *b, struct session *s,
    Keten__V1__FromBroker *msg, struct slice content);

/**
 * reply_record(out, sees_route, to):
 * Fill ${to}, which borrows, with the record ${out}: with its route facts or
 * only their digest.
 */
void reply_record(const struct record_out *out, bool sees_route,
    Keten__V1__Record *to);

/**
 * reply_record_of(rec, out):
 * Make ${out}, which borrows from ${rec}, of a record that was read.
 */
void reply_record_of(const struct record *rec, struct record_out *out);

/**
 * reply_refusal(b, s, no), reply_receipt(b, s, lane, number, out, sees_route,
 *     repeat), reply_bye(b, s, reason), reply_ping(b, s, n),
 * reply_pong(b, s, n):
 * Send one of these.
 */
enum err reply_refusal(struct broker *b, struct session *s,
    const struct reply_no *no);
enum err reply_receipt(struct broker *b, struct session *s, struct slice lane,
    uint64_t number, const struct record_out *out, bool sees_route,
    bool repeat);
enum err reply_bye(struct broker *b, struct session *s, const char *reason);
enum err reply_ping(struct broker *b, struct session *s, uint64_t n);
enum err reply_pong(struct broker *b, struct session *s, uint64_t n);

#endif /* !REPLY_H_ */
