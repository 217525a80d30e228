#ifndef KETEND_THREE_H_
#define KETEND_THREE_H_

#include "ketend_net.h"

/*
 * ketend_three -- a broker with three devices connected to it: b originates, k
 * is a candidate, r is the regisseur.
 */

static struct net net;
static struct device b, k, r;

static inline int
setup(void **state)
{
	(void)state;
	net_open(&net, "");
	device_open(&b, &net, "lwdb-noord");
	device_open(&k, &net, "welzijn-w");
	device_open(&r, &net, "gemeente-r");
	return (0);
}

static inline int
teardown(void **state)
{
	(void)state;
	device_close(&b);
	device_close(&k);
	device_close(&r);
	net_close(&net);
	return (0);
}

/* The next message, which has to come. */
static inline Keten__V1__FromBroker *
heard(struct device *d)
{
	Keten__V1__FromBroker *m = device_recv(d, NET_PATIENCE);

	assert_non_null(m);
	if (m == NULL)
		abort(); /* the compiler does not know that it failed above */
	return (m);
}

/* The next message of that kind: deliveries may come in between. */
static inline Keten__V1__FromBroker *
next(struct device *d, Keten__V1__FromBroker__BodyCase body)
{
	Keten__V1__FromBroker *m;

	do {
		m = heard(d);
	} while (m->body_case != body &&
	    m->body_case == KETEN__V1__FROM_BROKER__BODY_DELIVERY);
	return (m);
}

static inline Keten__V1__Refusal *
refused(struct device *d, enum err err)
{
	Keten__V1__FromBroker *m = next(d,
	    KETEN__V1__FROM_BROKER__BODY_REFUSAL);

	assert_int_equal(m->body_case, KETEN__V1__FROM_BROKER__BODY_REFUSAL);
	assert_string_equal(err_name((enum err)m->refusal->code),
	    err_name(err));
	assert_true(m->refusal->text[0] != '\0');
	assert_true(m->refusal->todo[0] != '\0');
	return (m->refusal);
}

static inline Keten__V1__Receipt *
received(struct device *d)
{
	Keten__V1__FromBroker *m = next(d,
	    KETEN__V1__FROM_BROKER__BODY_RECEIPT);

	if (m->body_case == KETEN__V1__FROM_BROKER__BODY_REFUSAL)
		fail_msg("%s: %s", err_name((enum err)m->refusal->code),
		    m->refusal->rule);
	assert_int_equal(m->body_case, KETEN__V1__FROM_BROKER__BODY_RECEIPT);
	return (m->receipt);
}

static inline Keten__V1__Delivery *
delivered(struct device *d)
{
	Keten__V1__FromBroker *m = heard(d);

	assert_int_equal(m->body_case, KETEN__V1__FROM_BROKER__BODY_DELIVERY);
	return (m->delivery);
}

static inline struct refid
submit(struct device *d, uint64_t number)
{
	struct device *const to[] = { &b, &r, &k };

	return (device_submit(d, number, to, 3));
}

static inline void
step(struct device *d, uint64_t number, const struct refid *id,
    Keten__V1__Event event, uint32_t offer, uint32_t version)
{
	Keten__V1__Command c = KETEN__V1__COMMAND__INIT;

	c.event = event;
	c.offer = offer;
	c.seen_version = version;
	device_command(d, number, id, &c, slice_of(NULL, 0));
}

/* The leaf has to follow from what stands beside it. */
static inline void
check_record(const Keten__V1__Record *rec)
{
	uint8_t facts[32], route[32], hash[32];
	struct leaf leaf;

	digest_of(rec->facts.data, rec->facts.len, facts);
	if (rec->route_facts.len > 0)
		digest_of(rec->route_facts.data, rec->route_facts.len, route);
	else
		memcpy(route, rec->route_hash.data, 32);
	assert_int_equal(leaf_decode(pb_slice(rec->leaf), &leaf), ERR_OK);
	leaf_record_from(rec->salt.data, rec->envelope_hash.data, facts,
	    route, hash);
	assert_memory_equal(hash, leaf.record, 32);
}

static inline void
ack(struct device *d, uint64_t n, const uint8_t hash[32])
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__SendAck send = KETEN__V1__SEND_ACK__INIT;
	Keten__V1__Ack a = KETEN__V1__ACK__INIT;
	struct slice body, envelope;

	a.version = 1;
	a.origin = pb_string(NET_ORIGIN);
	a.partner = pb_string(d->partner);
	a.device = pb_string("main");
	a.mailbox = pb_string("main");
	a.n = n;
	a.running_hash = pb_of(hash, 32);
	a.made_ms = 1700000000000;
	net_ok(pb_pack(d->a, &a.base, &body), "pack");
	net_ok(envelope_make(d->a, ENVELOPE_ACK, body, d->sign, &envelope),
	    "sign");
	msg.body_case = KETEN__V1__TO_BROKER__BODY_ACK;
	msg.ack = &send;
	send.envelope = pb_data(envelope);
	device_send(d, &msg, slice_of(NULL, 0));
}

#endif /* !KETEND_THREE_H_ */
