/*
 * decide_clock -- records that no statement about a referral causes: the
 * broker's clock, keys, acknowledgements, and what was shown.
 */
#include <string.h>

#include "core/decide_work.h"
#include "trust/digest.h"
#include "wire/pb.h"

/* Begin a record of ${kind} and give room for its own facts. */
static void *
begin(const struct decide_in *in, Keten__V1__RecordKind kind, size_t size,
    struct work **w, struct decision *d)
{
	*w = work_new(in, NULL, NULL, kind, d);
	return (*w == NULL ? NULL : arena_zero(in->arena, 1, size));
}

enum err
decide_tick(const struct decide_in *in, Keten__V1__TickWhy why,
    struct decision *d)
{
	struct work *w;
	Keten__V1__TickFacts *f = begin(in,
	    KETEN__V1__RECORD_KIND__RECORD_TICK, sizeof(*f), &w, d);

	if (f == NULL)
		return (ERR_NOMEM);
	keten__v1__tick_facts__init(f);
	f->why = why;
	d->facts->tick = f;
	return (ERR_OK);
}

enum err
decide_guard(const struct decide_in *in, const struct decide_guard *g,
    struct decision *d)
{
	enum err err = decide_tick(in,
	    KETEN__V1__TICK_WHY__TICK_GUARD_ACCEPTED, d);
	Keten__V1__TickFacts *f;

	if (err != ERR_OK)
		return (err);
	f = d->facts->tick;
	f->size = g->size;
	f->root = pb_of(g->root, sizeof(g->root));
	f->guard_size = g->was_size;
	if (g->is_known)
		f->guard_root = pb_of(g->was_root, sizeof(g->was_root));
	return (ERR_OK);
}

/* Begin a record of that gap. */
static MUST_CHECK enum err
begin_gap(const struct decide_in *in, int64_t from_ms, int64_t until_ms,
    struct work **w, struct decision *d)
{
	Keten__V1__TickFacts *f = begin(in,
	    KETEN__V1__RECORD_KIND__RECORD_TICK, sizeof(*f), w, d);

	if (f == NULL)
		return (ERR_NOMEM);
	keten__v1__tick_facts__init(f);
	f->why = KETEN__V1__TICK_WHY__TICK_RESTART;
	f->from_ms = from_ms;
	f->until_ms = until_ms;
	d->facts->tick = f;
	return (ERR_OK);
}

enum err
decide_restart(const struct decide_in *in, int64_t from_ms, int64_t until_ms,
    struct decision *d)
{
	struct work *w;

	return (begin_gap(in, from_ms, until_ms, &w, d));
}

/* Who reckons with a deadline: of what is CLOSED nobody does. */
static uint32_t
told_of_shift(const struct referral *r)
{
	if (referral_is_live(r))
		return (TELL_B | TELL_H | TELL_OPEN);
	return (r->state == ST_CLOSED ? 0 : TELL_B);
}

enum err
decide_shift(const struct decide_in *in, int64_t from_ms, int64_t until_ms,
    const struct refid *id, struct decision *d)
{
	struct work_ref *ref;
	struct work *w;
	enum err err = begin_gap(in, from_ms, until_ms, &w, d);

	if (err != ERR_OK || (ref = w->ref = work_load(w, id)) == NULL)
		return (ERR_NOMEM);
	if (ref->is_new)
		return (ERR_NOT_FOUND);
	d->referral = *id;
	referral_copy(&ref->ch.after, &ref->before);
	if (ref->before.state == ST_OFFERED &&
	    work_ladder(w, ref, &ref->before, NULL) != ERR_OK)
		return (ERR_NOMEM);
	if (!work_shift(w, ref, from_ms, until_ms))
		return (ERR_NOT_FOUND);
	ref->ch.after.changed_ms = in->now_ms;
	ref->ch.tell = told_of_shift(&ref->ch.after);
	return (work_finish(w));
}

/* The facts of a certificate, or of its end. */
static MUST_CHECK enum err
put_key(const Keten__V1__KeyStatement *key, struct arena *a,
    Keten__V1__KeyFacts *f)
{
	uint8_t point[65];
	uint8_t hash[32];
	char *id;

	switch (key->body_case) {
	case KETEN__V1__KEY_STATEMENT__BODY_DEVICE:
		f->device = key->device->device;
		f->serial = key->device->serial;
		return (ERR_OK);
	case KETEN__V1__KEY_STATEMENT__BODY_SEALING:
		point[0] = 4;
		if (pb_bytes(key->sealing->key_x, 32, point + 1) != ERR_OK ||
		    pb_bytes(key->sealing->key_y, 32, point + 33) != ERR_OK)
			return (ERR_MALFORMED);
		id = arena_zero(a, 1, 17);
		if (id == NULL)
			return (ERR_NOMEM);
		digest_of(point, sizeof(point), hash);
		hex_encode(hash, 8, id);
		f->sealing_key_id = id;
		f->serial = key->sealing->serial;
		return (ERR_OK);
	case KETEN__V1__KEY_STATEMENT__BODY_REVOKE:
		f->device = key->revoke->device;
		f->sealing_key_id = key->revoke->sealing_key_id;
		f->serial = key->revoke->serial;
		f->revoked = true;
		f->suspect_from = key->revoke->suspect_from;
		return (ERR_OK);
	case KETEN__V1__KEY_STATEMENT__BODY__NOT_SET:
	case _KETEN__V1__KEY_STATEMENT__BODY__CASE_IS_INT_SIZE:
		break;
	}
	return (ERR_MALFORMED);
}

enum err
decide_key(const struct decide_in *in, const Keten__V1__KeyStatement *key,
    struct decision *d)
{
	struct work *w;
	Keten__V1__KeyFacts *f = begin(in,
	    KETEN__V1__RECORD_KIND__RECORD_KEY, sizeof(*f), &w, d);

	if (f == NULL)
		return (ERR_NOMEM);
	keten__v1__key_facts__init(f);
	f->partner = key->partner;
	d->facts->key = f;
	return (put_key(key, in->arena, f));
}

enum err
decide_ack(const struct decide_in *in, const Keten__V1__Ack *ack,
    struct decision *d)
{
	struct work *w;
	Keten__V1__AckFacts *f = begin(in,
	    KETEN__V1__RECORD_KIND__RECORD_DELIVERED, sizeof(*f), &w, d);

	if (f == NULL)
		return (ERR_NOMEM);
	keten__v1__ack_facts__init(f);
	f->partner = ack->partner;
	f->mailbox = ack->mailbox;
	f->n = ack->n;
	f->running_hash = ack->running_hash;
	d->facts->ack = f;
	return (ERR_OK);
}

enum err
decide_access(const struct decide_in *in, const char *who, const char *what,
    const char *why, const Keten__V1__ReportFacts *report, struct decision *d)
{
	struct work *w;
	Keten__V1__AccessFacts *f = begin(in,
	    KETEN__V1__RECORD_KIND__RECORD_ACCESS, sizeof(*f), &w, d);
	Keten__V1__ReportFacts *given;

	if (f == NULL)
		return (ERR_NOMEM);
	keten__v1__access_facts__init(f);
	if (report != NULL) {
		given = arena_alloc(in->arena, sizeof(*given));
		if (given == NULL)
			return (ERR_NOMEM);
		*given = *report;
		f->report = given;
	}
	f->who = pb_string(who);
	f->what = pb_string(what);
	f->why = pb_string(why);
	d->facts->access = f;
	return (ERR_OK);
}
