#ifndef RECORDS_H_
#define RECORDS_H_

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/record.h"
#include "core/store.h"
#include "core/vault.h"
#include "core/view.h"
#include "life/apply.h"
#include "trust/digest.h"
#include "trust/sign.h"
#include "wire/envelope.h"
#include "wire/pb.h"

/*
 * records -- a store in a folder of its own and records to put in it, for the
 * tests of broker/core.
 *
 * The records are well formed and follow from each other, but nobody decided
 * them: referrals change at random, from a seed.
 */
#define RIG_REFERRALS 64
#define RIG_ORIGIN "test.keten.example/log"

struct rig {
	char dir[64];
	struct store *st;
	struct txn *t;
	struct arena *a;
	uint64_t seed;
	int64_t now_ms;
	size_t n;
	struct referral r[RIG_REFERRALS];
	struct signer *signer;
	uint64_t number;
	uint64_t policy;
	uint64_t serial;
	struct record_out out; /* of the last record */
	bool fail; /* errors are expected: stop instead of asserting */
};

static inline uint64_t
rig_random(struct rig *g)
{
	uint64_t z = (g->seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31));
}

static inline uint64_t
rig_below(struct rig *g, uint64_t n)
{
	return (rig_random(g) % n);
}

static inline void
rig_bytes(struct rig *g, void *p, size_t len)
{
	uint8_t *b = p;

	for (size_t i = 0; i < len; i++)
		b[i] = (uint8_t)rig_random(g);
}

static inline enum err
rig_try_open(struct rig *g)
{
	struct store_config c = { .path = g->dir, .origin = RIG_ORIGIN,
		.map_size = UINT64_C(1) << 32 };

	return (store_open(&c, &g->st));
}

static inline void
rig_open(struct rig *g)
{
	assert_int_equal(rig_try_open(g), ERR_OK);
}

static inline struct rig *
rig_new(uint64_t seed)
{
	static const uint8_t key[32] = { 7 };
	struct rig *g = calloc(1, sizeof(*g));

	assert_non_null(g);
	strcpy(g->dir, "/tmp/keten-rig-XXXXXX");
	assert_non_null(mkdtemp(g->dir));
	g->seed = seed;
	g->now_ms = INT64_C(1767225600000);
	g->a = arena_new((size_t)8 << 20);
	assert_non_null(g->a);
	g->signer = sign_new(key);
	assert_non_null(g->signer);
	rig_open(g);
	return (g);
}

static inline void
rig_remove(const char *dir)
{
	static const char *const names[] = { "data.mdb", "lock.mdb",
		"vault.keys", "broker.lock", "ballast", "guard" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(dir), 0);
}

static inline void
rig_free(struct rig *g)
{
	store_abort(&g->t);
	store_close(g->st);
	rig_remove(g->dir);
	sign_free(g->signer);
	arena_free(g->a);
	free(g);
}

static inline void
rig_begin(struct rig *g)
{
	assert_int_equal(store_begin(g->st, &g->t), ERR_OK);
}

static inline void
rig_commit(struct rig *g)
{
	assert_int_equal(store_commit(&g->t), ERR_OK);
}

/* --- making facts ------------------------------------------------------- */

static inline const char *
rig_name(uint64_t i)
{
	static const char *const names[] = { "lwdb-noord", "thuiszorg-t",
		"welzijn-w", "corporatie-c", "mantelzorg-m", "gemeente-r" };

	return (names[i % 6]);
}

struct made {
	Keten__V1__Facts *f;
	Keten__V1__RouteFacts *route;
	struct record_in in;
};

static inline void *
rig_zero(struct rig *g, size_t n, size_t size)
{
	void *p = arena_zero(g->a, n, size);

	assert_non_null(p);
	return (p);
}

static inline struct made
rig_make(struct rig *g, Keten__V1__RecordKind kind)
{
	struct made m = { 0 };

	g->now_ms += (int64_t)rig_below(g, 100000);
	m.f = rig_zero(g, 1, sizeof(*m.f));
	m.route = rig_zero(g, 1, sizeof(*m.route));
	keten__v1__facts__init(m.f);
	keten__v1__route_facts__init(m.route);
	m.f->index = record_next_index(g->t);
	m.f->kind = kind;
	m.f->time_ms = g->now_ms;
	m.f->engine = 1;
	m.f->policy_index = 1;
	m.in.facts = m.f;
	m.in.route = m.route;
	m.in.envelope = slice_str("an envelope, as received");
	return (m);
}

/* The partner's next number. */
static inline void
rig_sender(struct rig *g, struct made *m, const char *partner)
{
	static const uint8_t lane[8] = "lane-one";
	Keten__V1__Sender *s = rig_zero(g, 1, sizeof(*s));
	uint8_t *hash = rig_zero(g, 1, 32);

	keten__v1__sender__init(s);
	s->partner = pb_string(partner);
	s->device = pb_string("adapter");
	s->lane = pb_of(lane, 8);
	s->number = ++g->number;
	rig_bytes(g, hash, 32);
	s->body_hash = pb_of(hash, 32);
	m->route->sender = s;
}

static inline enum err
rig_add(struct rig *g, struct made *m)
{
	enum err err = record_append(g->t, g->a, &m->in, &g->out);

	if (!g->fail)
		assert_int_equal(err, ERR_OK);
	return (err);
}

/* Deliveries to ${n} partners from ${first} on, in their next place. */
static inline enum err
rig_deliver(struct rig *g, struct made *m, const struct referral *r,
    uint64_t first, size_t n)
{
	m->route->deliveries = rig_zero(g, n + 1, sizeof(void *));
	for (size_t i = 0; i < n; i++) {
		Keten__V1__Sent *s = rig_zero(g, 1, sizeof(*s));
		struct org who = org_of(rig_name(first + i));
		struct view_mailbox mb;
		enum err err = view_mailbox(g->t, &who, "main", &mb);

		if (g->fail && err != ERR_OK)
			return (err);
		assert_int_equal(err, ERR_OK);
		keten__v1__sent__init(s);
		s->partner = pb_string(rig_name(first + i));
		s->mailbox = pb_string("main");
		s->seq = mb.last + 1;
		s->role = KETEN__V1__DELIVERY_ROLE__CANDIDATE;
		s->offer = (uint32_t)i;
		s->referral = pb_of(r->id.b, 16);
		s->with = (uint32_t)rig_below(g, 8);
		m->route->deliveries[m->route->n_deliveries++] = s;
	}
	return (ERR_OK);
}

/* Put the difference between two states of a referral into the record. */
static inline void
rig_diff(struct rig *g, struct made *m, const struct referral *before,
    const struct referral *after)
{
	Keten__V1__Change *c = rig_zero(g, 1, sizeof(*c));
	Keten__V1__RouteChange *who = rig_zero(g, 1, sizeof(*who));
	uint8_t (*blinds)[16] = rig_zero(g, REFERRAL_OFFERS_MAX, 16);

	rig_bytes(g, blinds, (size_t)REFERRAL_OFFERS_MAX * 16);
	assert_int_equal(apply_diff(g->a, before, after,
		(const uint8_t(*)[16])blinds, c, who), ERR_OK);
	if (m->route->changes == NULL)
		m->route->changes = rig_zero(g, RIG_REFERRALS, sizeof(void *));
	m->route->changes[m->route->n_changes++] = who;
	if (m->f->change == NULL && m->f->kind !=
		KETEN__V1__RECORD_KIND__RECORD_TICK) {
		m->f->change = c;
		return;
	}
	if (m->f->children == NULL)
		m->f->children = rig_zero(g, RIG_REFERRALS, sizeof(void *));
	m->f->children[m->f->n_children++] = c;
}

/* --- content ------------------------------------------------------------ */

static inline struct seal_wrap
rig_wrap(struct rig *g)
{
	struct seal_wrap w;
	uint8_t id[8];

	rig_bytes(g, &w, sizeof(w));
	rig_bytes(g, id, sizeof(id));
	hex_encode(id, sizeof(id), w.key_id);
	return (w);
}

/* ${n} sealed parts of ${len} bytes of ciphertext, with two wraps each. */
static inline void
rig_content(struct rig *g, struct made *m, size_t n, size_t len)
{
	struct content *c = rig_zero(g, 1, sizeof(*c));

	c->n = n;
	c->pieces = rig_zero(g, n, sizeof(*c->pieces));
	m->f->parts = rig_zero(g, n, sizeof(void *));
	for (size_t i = 0; i < n; i++) {
		struct content_piece *p = &c->pieces[i];
		struct seal_wrap *w = rig_zero(g, 2, sizeof(*w));
		uint8_t *text = rig_zero(g, 1, len);
		Keten__V1__Part *part = rig_zero(g, 1, sizeof(*part));

		rig_bytes(g, text, len);
		w[0] = rig_wrap(g);
		w[1] = rig_wrap(g);
		p->kind = i == 0 ? KETEN__V1__PART_KIND__NOTE
				 : KETEN__V1__PART_KIND__PERSON;
		p->sealed.protected = slice_str(SEAL_PROTECTED);
		p->sealed.aad = slice_str("keten1|o|f|r|note|n");
		p->sealed.ciphertext = slice_of(text, len);
		assert_int_equal(content_pack_sealed(g->a, &p->sealed,
			&p->bytes, p->sha256), ERR_OK);
		p->n_wraps = 2;
		p->wraps = w;
		keten__v1__part__init(part);
		part->kind = p->kind;
		part->sha256 = pb_of(p->sha256, 32);
		m->f->parts[m->f->n_parts++] = part;
	}
	m->in.content = c;
}

/* --- what is in the store ------------------------------------------------- */

/* SHA-256 of every row of the tables from ${first} up to ${last}. */
static inline void
rig_dump(struct txn *t, enum table first, enum table last, uint8_t hash[32])
{
	static const struct slice all;
	struct digest d;

	digest_init(&d);
	for (int i = (int)first; i <= (int)last; i++) {
		struct slice k, v;
		enum err err = store_seek(t, (enum table)i, all, &k, &v);

		digest_add(&d, &i, sizeof(i));
		while (err == ERR_OK) {
			digest_add(&d, &k.len, sizeof(k.len));
			digest_add(&d, k.p, k.len);
			digest_add(&d, &v.len, sizeof(v.len));
			digest_add(&d, v.p, v.len);
			err = store_next(t, (enum table)i, &k, &v);
		}
		assert_int_equal(err, ERR_NOT_FOUND);
	}
	digest_fini(&d, hash);
}

static inline void
rig_dump_view(struct rig *g, uint8_t hash[32])
{
	struct txn *t;

	assert_int_equal(store_read(g->st, &t), ERR_OK);
	rig_dump(t, TABLE__VIEW, (enum table)(TABLE__MAX - 1), hash);
	store_done(&t);
}

#endif /* !RECORDS_H_ */
