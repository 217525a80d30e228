#ifndef FALSE_STORY_H_
#define FALSE_STORY_H_

#include "false_broker.h"

/*
 * false_story -- what the tests of a false broker have in common: what the
 * device does, and what a person at it reads.
 */

/* At most; both are quiet long before. */
#define MS 60000

static inline void
is_connected(struct false_broker *f, bool wanted)
{
	struct keten_connection c;

	assert_int_equal(keten_connected(f->k, &c), 0);
	if (c.connected != wanted)
		fail_msg("connected is %d: %s", c.connected, c.why);
}

/* Is there an alarm with this in its text? */
static inline bool
has_alarm(struct false_broker *f, const char *text)
{
	struct keten_news n;

	while (f->k != NULL && keten_next(f->k, "looks", &n) == 0) {
		if (n.step == KETEN_ALARM && strstr(n.text, text) != NULL)
			return (true);
		assert_int_equal(keten_read(f->k, "looks", n.seq), 0);
	}
	return (false);
}

static inline void
alarms(struct false_broker *f, const char *text)
{
	struct keten_news n;
	uint64_t seq = 0;

	while (keten_next(f->k, "test", &n) == 0) {
		if (n.step == KETEN_ALARM && strstr(n.text, text) != NULL)
			return;
		seq = n.seq;
		assert_int_equal(keten_read(f->k, "test", seq), 0);
	}
	fail_msg("no alarm about \"%s\"", text);
}

/* The same of a device that tries again and again, and is never quiet. */
static inline void
alarms_while_trying(struct false_broker *f, const char *text)
{
	int64_t from = fb_now();

	if (f->k == NULL && keten_open(f->config, &f->k) != 0)
		fail_msg("%s", keten_error(NULL));
	while (!has_alarm(f, text) && fb_now() - from < MS)
		assert_int_equal(keten_run(f->k, 10), 0);
	alarms(f, text);
}

static inline void
is_calm(struct false_broker *f)
{
	struct keten_news n;

	while (keten_next(f->k, "calm", &n) == 0) {
		if (n.step == KETEN_ALARM)
			fail_msg("an alarm: %s", n.text);
		assert_int_equal(keten_read(f->k, "calm", n.seq), 0);
	}
}

static inline uint64_t
submit(struct false_broker *f)
{
	struct keten_order o = { .step = KETEN_SUBMIT, .code = "SIG-101",
		.area = "WK085501", .urgency = KETEN_NORMAL, .basis = "G-TOE",
		.discussed = KETEN_AGREES, .note = "Gordijnen dicht",
		.person = "{\"name\":\"Wilhelmina\"}" };
	uint64_t ticket;

	if (keten_order(f->k, &o, &ticket) != 0)
		fail_msg("%s", keten_error(f->k));
	return (ticket);
}

static inline struct keten_outcome
outcome(struct false_broker *f, uint64_t ticket)
{
	struct keten_outcome out;

	assert_int_equal(keten_outcome(f->k, ticket, &out), 0);
	return (out);
}

/* ---- deliveries ------------------------------------------------------------ */

/* Send record ${i} of ${s} as delivery ${seq}; a wrong running hash if
 * ${lie}. */
static inline void
deliver_with(struct false_broker *f, struct story *s, size_t i, uint64_t seq,
    uint8_t running[32], bool lie, struct slice content)
{
	Keten__V1__FromBroker m = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Delivery d = KETEN__V1__DELIVERY__INIT;
	uint8_t leaf_hash[32];

	digest_leaf(pb_slice(s->record[i]->leaf), leaf_hash);
	leaf_running(running, seq, leaf_hash, running);
	running[0] ^= lie;
	d.seq = seq;
	d.record = s->record[i];
	d.envelope = pb_data(s->envelope[i]);
	d.running_hash = pb_of(running, 32);
	d.role = KETEN__V1__DELIVERY_ROLE__ORIGINATOR;
	m.body_case = KETEN__V1__FROM_BROKER__BODY_DELIVERY;
	m.delivery = &d;
	fb_say_with(f, &m, content);
	running[0] ^= lie;
}

static inline void
deliver(struct false_broker *f, struct story *s, size_t i, uint64_t seq,
    uint8_t running[32], bool lie)
{
	deliver_with(f, s, i, seq, running, lie, slice_of(NULL, 0));
}

#endif /* !FALSE_STORY_H_ */
