/*
 * decode -- from bytes to structures.
 */
#include "ketend/broker.h"
#include "ketend/decode.h"
#include "trust/digest.h"
#include "wire/pb.h"

static enum err
decode_envelope(struct arena *a, struct message *m, ProtobufCBinaryData bytes)
{
	enum err err;

	m->signed_bytes = pb_slice(bytes);
	err = envelope_parse(a, m->signed_bytes, &m->envelope, &m->rule);
	if (err == ERR_OK)
		digest_of(m->envelope.body.p, m->envelope.body.len,
		    m->body_hash);
	return (err);
}

/* Whether the content belongs to the statement is a refusal that becomes a
 * leaf, so it is kept for decide; whether it can be read at all is not. */
static enum err
decode_content(struct arena *a, struct message *m)
{
	const Keten__V1__Statement *st = m->st;
	enum err err;

	if (m->frame.has_content) {
		err = content_parse(a, m->frame.content, &m->content,
		    &m->rule);
		if (err != ERR_OK)
			return (err);
	}
	if (st->body_case == KETEN__V1__STATEMENT__BODY_REWRAP)
		m->content_err = content_check_rewrap(&m->content, st->rewrap,
		    &m->content_rule);
	else if (st->body_case == KETEN__V1__STATEMENT__BODY_COMMAND)
		m->content_err = content_check(&m->content,
		    st->command->parts, st->command->n_parts,
		    &m->content_rule);
	else if (m->content.n != 0) {
		m->content_err = ERR_DIGEST;
		m->content_rule = "hierbij hoort geen inhoud";
	}
	return (ERR_OK);
}

static enum err
decode_submit(struct arena *a, struct message *m)
{
	enum err err;

	err = decode_envelope(a, m, m->to->submit->envelope);
	if (err != ERR_OK)
		return (err);
	if (!envelope_has_number(m->envelope.kind)) {
		m->rule = "dit soort bericht draagt geen nummer";
		return (ERR_MALFORMED);
	}
	err = statement_parse(a, m->envelope.kind, m->envelope.body, &m->st,
	    &m->rule);
	if (err != ERR_OK)
		return (err);
	return (decode_content(a, m));
}

static enum err
decode_ack(struct arena *a, struct message *m)
{
	enum err err;

	err = decode_envelope(a, m, m->to->ack->envelope);
	if (err != ERR_OK)
		return (err);
	if (m->envelope.kind != ENVELOPE_ACK) {
		m->rule = "dit is geen ack";
		return (ERR_MALFORMED);
	}
	return (statement_parse_ack(a, m->envelope.body, &m->ack, &m->rule));
}

static enum err
decode_message(struct arena *a, struct message *m)
{
	enum err err;

	if (m->frame.fault != ERR_OK) {
		m->rule = m->frame.rule;
		return (m->frame.fault);
	}
	err = frame_parse_to(a, m->frame.header, &m->to, &m->rule);
	if (err != ERR_OK)
		return (err);
	if (m->to->body_case == KETEN__V1__TO_BROKER__BODY_SUBMIT)
		return (decode_submit(a, m));
	if (m->to->body_case == KETEN__V1__TO_BROKER__BODY_ACK)
		err = decode_ack(a, m);
	if (err == ERR_OK && m->frame.has_content) {
		m->rule = "hierbij hoort geen inhoud";
		err = ERR_MALFORMED;
	}
	return (err);
}

/**
 * decode_one(a, m):
 * Decode ${m} into ${a}.
 */
bool
decode_one(struct arena *a, struct message *m)
{
	if (arena_left(a) < TURN_MESSAGE_MAX)
		return (false);
	m->err = decode_message(a, m);
	/* Within the limits of the pre-scans it always fits. */
	if (m->err == ERR_NOMEM)
		m->err = ERR_TOO_BIG;
	return (true);
}

/**
 * decode_turn(b):
 * Decode the messages of the turn as far as the arena goes.
 */
size_t
decode_turn(struct broker *b)
{
	struct turn *t = b->turn;
	size_t i;

	for (i = 0; i < t->n; i++)
		if (!t->message[i].is_decoded &&
		    !decode_one(t->in, &t->message[i]))
			break;
	return (i);
}
