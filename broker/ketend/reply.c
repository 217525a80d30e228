/*
 * reply -- the messages that the broker sends, each made in one place.
 */
#include <string.h>

#include "ketend/broker.h"
#include "ketend/reply.h"
#include "trust/digest.h"
#include "wire/pb.h"

static const struct slice no_content = { NULL, 0 };

/**
 * reply_send(b, s, msg, content):
 * Pack and send ${msg}.
 */
enum err
reply_send(struct broker *b, struct session *s, Keten__V1__FromBroker *msg,
    struct slice content)
{
	struct arena *a = b->turn->pack;
	size_t mark = arena_used(a);
	struct slice header;
	enum err err;

	err = frame_pack_from(a, msg, &header);
	if (err == ERR_OK)
		err = wire_send(b, s, header, content);
	arena_rewind(a, mark);
	return (err);
}

/**
 * reply_record(out, sees_route, to):
 * Fill ${to}, which borrows, with the record ${out}.
 */
void
reply_record(const struct record_out *out, bool sees_route,
    Keten__V1__Record *to)
{
	keten__v1__record__init(to);
	to->index = out->index;
	to->leaf = pb_data(out->leaf);
	to->salt = pb_of(out->salt, sizeof(out->salt));
	to->envelope_hash = pb_of(out->envelope_hash,
	    sizeof(out->envelope_hash));
	to->facts = pb_data(out->facts);
	if (sees_route && out->route.len > 0)
		to->route_facts = pb_data(out->route);
	to->route_hash = pb_of(out->route_hash, sizeof(out->route_hash));
}

/**
 * reply_record_of(rec, out):
 * Make ${out} of a record that was read.
 */
void
reply_record_of(const struct record *rec, struct record_out *out)
{
	memset(out, 0, sizeof(*out));
	out->index = rec->index;
	out->leaf = rec->leaf_bytes;
	memcpy(out->leaf_hash, rec->leaf_hash, sizeof(out->leaf_hash));
	memcpy(out->salt, rec->salt, sizeof(out->salt));
	digest_of(rec->envelope.p, rec->envelope.len, out->envelope_hash);
	out->facts = rec->facts;
	out->route = rec->route;
	digest_of(rec->route.p, rec->route.len, out->route_hash);
}

/**
 * reply_refusal(b, s, no):
 * Say why not.
 */
enum err
reply_refusal(struct broker *b, struct session *s, const struct reply_no *no)
{
	Keten__V1__FromBroker msg = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Refusal r = KETEN__V1__REFUSAL__INIT;
	Keten__V1__Record record;

	msg.body_case = KETEN__V1__FROM_BROKER__BODY_REFUSAL;
	msg.refusal = &r;
	r.lane = pb_data(no->lane);
	r.number = no->number;
	r.code = (Keten__V1__ErrorCode)no->err;
	r.rule = pb_string(no->rule);
	r.text = pb_string(err_text(no->err));
	r.todo = pb_string(err_todo(no->err));
	r.current_version = no->current_version;
	r.expected_number = no->expected;
	r.call = pb_string(no->call);
	r.repeat = no->repeat;
	r.query_id = no->query_id;
	if (no->record != NULL) {
		reply_record(no->record, no->sees_route, &record);
		r.record = &record;
	}
	b->metrics.refusals[no->err]++;
	return (reply_send(b, s, &msg, no_content));
}

/**
 * reply_receipt(b, s, lane, number, out, sees_route, repeat):
 * Say that it is in the log, and what was decided.
 */
enum err
reply_receipt(struct broker *b, struct session *s, struct slice lane,
    uint64_t number, const struct record_out *out, bool sees_route,
    bool repeat)
{
	Keten__V1__FromBroker msg = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Receipt r = KETEN__V1__RECEIPT__INIT;
	Keten__V1__Record record;

	msg.body_case = KETEN__V1__FROM_BROKER__BODY_RECEIPT;
	msg.receipt = &r;
	r.lane = pb_data(lane);
	r.number = number;
	reply_record(out, sees_route, &record);
	r.record = &record;
	r.repeat = repeat;
	b->metrics.receipts++;
	return (reply_send(b, s, &msg, no_content));
}

/**
 * reply_bye(b, s, reason):
 * Say goodbye.
 */
enum err
reply_bye(struct broker *b, struct session *s, const char *reason)
{
	Keten__V1__FromBroker msg = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Bye bye = KETEN__V1__BYE__INIT;
	struct arena *a = b->turn->pack;
	size_t mark = arena_used(a);
	struct slice header;
	enum err err;

	msg.body_case = KETEN__V1__FROM_BROKER__BODY_BYE;
	msg.bye = &bye;
	bye.reason = pb_string(reason);
	/* Not through wire_send(): the session ends already. */
	err = frame_pack_from(a, &msg, &header);
	if (err == ERR_OK)
		err = frame_send_router(b->wire.router, s->route, header,
		    no_content);
	arena_rewind(a, mark);
	return (err);
}

/**
 * reply_ping(b, s, n), reply_pong(b, s, n):
 * Ask whether somebody is there; say that we are.
 */
enum err
reply_ping(struct broker *b, struct session *s, uint64_t n)
{
	Keten__V1__FromBroker msg = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Ping ping = KETEN__V1__PING__INIT;

	msg.body_case = KETEN__V1__FROM_BROKER__BODY_PING;
	msg.ping = &ping;
	ping.n = n;
	return (reply_send(b, s, &msg, no_content));
}

enum err
reply_pong(struct broker *b, struct session *s, uint64_t n)
{
	Keten__V1__FromBroker msg = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Ping pong = KETEN__V1__PING__INIT;

	msg.body_case = KETEN__V1__FROM_BROKER__BODY_PONG;
	msg.pong = &pong;
	pong.n = n;
	return (reply_send(b, s, &msg, no_content));
}
