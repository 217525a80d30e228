/*
 * expiry -- certificates that end soon.
 */
#include <string.h>

#include "base/say.h"
#include "ketend/broker.h"
#include "ketend/expiry.h"

#define HOUR_MS ((int64_t)3600 * 1000)
#define DAY_MS (24 * HOUR_MS)

/* What is looked at: a device's certificate or a partner's sealing key. */
struct cert {
	const struct org *partner;
	const char *name; /* of the device, or the id of the key */
	bool is_sealing;
	int64_t until_ms;
};

/**
 * expiry_bucket(until_ms, now_ms):
 * Within how many days?
 */
int
expiry_bucket(int64_t until_ms, int64_t now_ms)
{
	static const int days[] = { 1, 7, 30 };

	if (until_ms == 0)
		return (-1);
	if (now_ms > until_ms)
		return (0);
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		if (until_ms - now_ms <= days[i] * DAY_MS)
			return (days[i]);
	return (-1);
}

static void
each_device(const struct broker *b,
    void (*each)(void *cookie, const struct cert *c), void *cookie)
{
	for (size_t i = 0; i < keyring_n_devices(b->keys); i++) {
		const struct keyring_device *d =
		    keyring_device_nth(b->keys, i);
		const struct cert c = { .partner = &d->partner,
			.name = d->device, .until_ms = d->not_after_ms };

		if (d->ended == KEYRING_NEVER && !policy_has_ended(b->policy,
			&d->partner, b->turn->now_ms))
			each(cookie, &c);
	}
}

/* Of a partner's sealing keys only the newest has to last. */
static void
each_seal(const struct broker *b,
    void (*each)(void *cookie, const struct cert *c), void *cookie)
{
	for (size_t i = 0; i < keyring_n_seals(b->keys); i++) {
		const struct keyring_seal *s = keyring_seal_nth(b->keys, i);
		const struct cert c = { .partner = &s->partner,
			.name = s->key_id, .is_sealing = true,
			.until_ms = s->not_after_ms };

		if (s == keyring_seal(b->keys, &s->partner) &&
		    !policy_has_ended(b->policy, &s->partner,
			b->turn->now_ms))
			each(cookie, &c);
	}
}

/* --- saying it ------------------------------------------------------------- */

struct hour {
	int64_t now_ms;
	int64_t was_ms; /* 0: never looked */
};

static void
say_one(void *cookie, const struct cert *c)
{
	const struct hour *l = cookie;
	int now = expiry_bucket(c->until_ms, l->now_ms);
	struct say_ctx ctx = { .partner = c->partner,
		.device = c->is_sealing ? NULL : c->name };

	if (now < 0 ||
	    (l->was_ms != 0 && now == expiry_bucket(c->until_ms, l->was_ms)))
		return;
	say(SAY_KEY_ENDS, &ctx, "%s %s: %s %d days",
	    c->is_sealing ? "sealing key" : "device", c->name,
	    now == 0 ? "has ended," : "ends within", now);
}

/**
 * expiry_look(b):
 * Say what has come nearer.
 */
void
expiry_look(struct broker *b)
{
	struct hour l = { .now_ms = b->turn->now_ms,
		.was_ms = b->expiry.looked_ms };

	/* A clock that goes back makes nothing come nearer. */
	if (l.was_ms != 0 && l.now_ms < l.was_ms + HOUR_MS)
		return;
	each_device(b, say_one, &l);
	each_seal(b, say_one, &l);
	b->expiry.looked_ms = l.now_ms;
}

/* --- counting --------------------------------------------------------------- */

struct counting {
	int64_t now_ms;
	struct expiry_counts *n;
};

static void
count_one(void *cookie, const struct cert *c)
{
	const struct counting *k = cookie;
	int days = expiry_bucket(c->until_ms, k->now_ms);

	k->n->over += days == 0;
	k->n->day += days == 1;
	k->n->week += days == 1 || days == 7;
	k->n->month += days > 0;
}

/**
 * expiry_count(b, n):
 * Count them.
 */
void
expiry_count(const struct broker *b, struct expiry_counts *n)
{
	struct counting k = { .now_ms = b->turn->now_ms, .n = n };

	memset(n, 0, sizeof(*n));
	each_device(b, count_one, &k);
	each_seal(b, count_one, &k);
}

/* --- listing ----------------------------------------------------------------- */

struct listing {
	int64_t now_ms;
	json_t *list;
};

static void
list_one(void *cookie, const struct cert *c)
{
	const struct listing *l = cookie;
	int days = expiry_bucket(c->until_ms, l->now_ms);

	if (days < 0)
		return;
	/* Without memory the list is shorter; it is only shown. */
	(void)json_array_append_new(l->list, json_pack(
	    "{s:s, s:s, s:I, s:b}", "partner", c->partner->id,
	    c->is_sealing ? "sealing_key" : "device", c->name,
	    "until_ms", (json_int_t)c->until_ms, "ended", days == 0));
}

/**
 * expiry_list(b):
 * List them.
 */
json_t *
expiry_list(const struct broker *b)
{
	struct listing l = { .now_ms = b->turn->now_ms,
		.list = json_array() };

	if (l.list == NULL)
		return (NULL);
	each_device(b, list_one, &l);
	each_seal(b, list_one, &l);
	return (l.list);
}
