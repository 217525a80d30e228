/*
 * The store as decide may see it.
 */
#include "core/keyring.h"
#include "core/look.h"
#include "records_any.h"
#include "trust/seal.h"

/* A store with one referral, and a keyring. */
struct sight {
	struct rig *g;
	struct keyring *keys;
	struct referral r;
	struct look look;
};

static int64_t
away(void *cookie, const struct org *who)
{
	const char *name = cookie;

	return (strcmp(name, who->id) == 0 ? 1234 : 0);
}

static struct sight *
sight_new(void)
{
	struct sight *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->g = rig_new(1);
	s->keys = keyring_new();
	assert_non_null(s->keys);
	look_init(&s->look, s->keys, away, pb_string("welzijn-w"));
	rig_begin(s->g);
	s->r = rig_referral(s->g);
	assert_int_equal(rig_submit_as(s->g, &s->r, 3072), ERR_OK);
	look_at(&s->look, s->g->t);
	return (s);
}

static void
sight_free(struct sight *s)
{
	assert_int_equal(look_fault(&s->look), ERR_OK);
	keyring_free(s->keys);
	rig_free(s->g);
	free(s);
}

/* One record more about the referral, with sealed parts. */
static void
more(struct sight *s, size_t parts)
{
	struct made m = rig_make(s->g, KETEN__V1__RECORD_KIND__RECORD_COMMAND);
	struct referral after = s->r;

	after.version++;
	rig_diff(s->g, &m, &s->r, &after);
	if (parts > 0)
		rig_content(s->g, &m, parts, 3072);
	m.in.owner = &s->r.id;
	assert_int_equal(rig_add(s->g, &m), ERR_OK);
	s->r = after;
	arena_reset(s->g->a);
}

/* A sealing key of ${partner}, numbered ${n}; its id goes to ${id}. */
static void
seal_for(struct sight *s, const char *partner, uint8_t n, uint64_t index,
    uint64_t serial, char id[SEAL_KEY_ID])
{
	Keten__V1__KeyStatement ks = KETEN__V1__KEY_STATEMENT__INIT;
	Keten__V1__SealingCertificate c = KETEN__V1__SEALING_CERTIFICATE__INIT;
	uint8_t seed[32] = { 1, n };
	struct slice body, env;
	struct seal_key key;

	assert_int_equal(seal_key_from(seed, &key), ERR_OK);
	seal_key_id(&key.pub, id);
	ks.version = 1;
	ks.origin = pb_string(RIG_ORIGIN);
	ks.partner = pb_string(partner);
	ks.body_case = KETEN__V1__KEY_STATEMENT__BODY_SEALING;
	ks.sealing = &c;
	c.serial = serial;
	c.key_x = pb_of(key.pub.x, 32);
	c.key_y = pb_of(key.pub.y, 32);
	assert_int_equal(pb_pack(s->g->a, &ks.base, &body), ERR_OK);
	assert_int_equal(envelope_make(s->g->a, ENVELOPE_KEY, body,
			     s->g->signer, &env), ERR_OK);
	assert_int_equal(keyring_add(s->keys, index, env, s->g->a), ERR_OK);
}

static void
end_key(struct sight *s, const char *partner, const char *id, uint64_t index)
{
	Keten__V1__KeyStatement ks = KETEN__V1__KEY_STATEMENT__INIT;
	Keten__V1__Revoke r = KETEN__V1__REVOKE__INIT;
	struct slice body, env;

	ks.version = 1;
	ks.origin = pb_string(RIG_ORIGIN);
	ks.partner = pb_string(partner);
	ks.body_case = KETEN__V1__KEY_STATEMENT__BODY_REVOKE;
	ks.revoke = &r;
	r.sealing_key_id = pb_string(id);
	r.serial = 1; /* of that certificate */
	r.reason = pb_string("lost");
	assert_int_equal(pb_pack(s->g->a, &ks.base, &body), ERR_OK);
	assert_int_equal(envelope_make(s->g->a, ENVELOPE_KEY, body,
			     s->g->signer, &env), ERR_OK);
	assert_int_equal(keyring_add(s->keys, index, env, s->g->a), ERR_OK);
}

static void
test_a_referral_is_as_it_was_written(void **state)
{
	struct sight *s = sight_new();
	const struct decide_view *v = &s->look.view;
	struct referral r;
	struct refid none = { { 0 } };

	(void)state;
	assert_true(v->referral(v->cookie, &s->r.id, &r));
	assert_int_equal(r.version, s->r.version);
	assert_string_equal(r.offers[1].to.id, s->r.offers[1].to.id);
	assert_false(v->referral(v->cookie, &none, &r));
	sight_free(s);
}

static void
test_children_come_page_by_page(void **state)
{
	struct sight *s = sight_new();
	const struct decide_view *v = &s->look.view;
	struct refid page[3], seen[7];
	const struct refid *after = NULL;
	size_t n, all = 0;

	(void)state;
	assert_int_equal(v->children(v->cookie, &s->r.id, NULL, page, 3), 0);
	for (size_t i = 0; i < 7; i++) {
		struct referral child = rig_referral(s->g);

		child.parent = s->r.id;
		assert_int_equal(rig_submit_as(s->g, &child, 0), ERR_OK);
	}
	while ((n = v->children(v->cookie, &s->r.id, after, page, 3)) > 0) {
		for (size_t i = 0; i < n; i++)
			seen[all++] = page[i];
		after = &seen[all - 1];
		assert_true(all <= 7);
	}
	assert_int_equal(all, 7);
	for (size_t i = 1; i < 7; i++)
		assert_true(memcmp(seen[i - 1].b, seen[i].b, 16) < 0);
	sight_free(s);
}

static void
test_sealed_parts_come_in_order_of_the_log(void **state)
{
	struct sight *s = sight_new();
	const struct decide_view *v = &s->look.view;
	struct decide_piece had[DECIDE_PIECES_MAX];
	size_t n;

	(void)state;
	for (size_t i = 0; i < 70; i++)
		more(s, i % 2);
	n = v->pieces(v->cookie, &s->r.id, NULL, had, DECIDE_PIECES_MAX);
	assert_int_equal(n, 2 + 35);
	assert_int_equal(had[0].kind, KETEN__V1__PART_KIND__NOTE);
	assert_int_equal(had[1].kind, KETEN__V1__PART_KIND__PERSON);
	assert_int_equal(had[1].part, 1);
	for (size_t i = 3; i < n; i++)
		assert_true(had[i].index > had[i - 1].index);
	assert_int_equal(v->pieces(v->cookie, &s->r.id, NULL, had, 5), 5);
	sight_free(s);
}

static void
test_what_was_signed_about_a_part_is_found(void **state)
{
	struct sight *s = sight_new();
	const struct decide_view *v = &s->look.view;
	struct decide_piece had[2];
	struct decide_digest is;

	(void)state;
	assert_int_equal(v->pieces(v->cookie, &s->r.id, NULL, had, 2), 2);
	/* The rig signs no commitment, so that this one does not fit. */
	assert_false(v->digest(v->cookie, had[0].index, 0, &is));
	assert_false(v->digest(v->cookie, had[0].index, 7, &is));
	assert_false(v->digest(v->cookie, 999, 0, &is));
	sight_free(s);
}

static void
test_a_wrap_is_for_a_key_and_a_key_has_an_owner(void **state)
{
	struct sight *s = sight_new();
	const struct decide_view *v = &s->look.view;
	struct org t = org_of("thuiszorg-t"), w = org_of("welzijn-w"), o;
	char first[SEAL_KEY_ID], second[SEAL_KEY_ID];
	struct content content = { .n = 1 };
	struct content_piece piece = { .n_wraps = 1 };
	struct seal_wrap wrap;
	struct decide_piece had[2];
	struct made m;

	(void)state;
	assert_int_equal(v->pieces(v->cookie, &s->r.id, NULL, had, 2), 2);
	seal_for(s, "thuiszorg-t", 1, 5, 1, first);
	seal_for(s, "thuiszorg-t", 2, 6, 2, second);
	assert_false(v->has_wrap(v->cookie, had[1].index, 1, &t));
	wrap = rig_wrap(s->g);
	memcpy(wrap.key_id, first, sizeof(first));
	piece.index = had[1].index;
	piece.part = 1;
	piece.wraps = &wrap;
	content.pieces = &piece;
	m = rig_make(s->g, KETEN__V1__RECORD_KIND__RECORD_REWRAP);
	m.in.content = &content;
	m.in.owner = &s->r.id;
	assert_int_equal(rig_add(s->g, &m), ERR_OK);
	assert_true(v->has_wrap(v->cookie, had[1].index, 1, &t));
	assert_false(v->has_wrap(v->cookie, had[0].index, 0, &t));
	assert_false(v->has_wrap(v->cookie, had[1].index, 1, &w));
	assert_true(v->has_key(v->cookie, had[1].index, 1, first));
	assert_false(v->has_key(v->cookie, had[1].index, 1, second));

	o = v->key_owner(v->cookie, first);
	assert_string_equal(o.id, "thuiszorg-t");
	end_key(s, "thuiszorg-t", first, 8);
	o = v->key_owner(v->cookie, first);
	assert_true(org_is_none(&o));
	o = v->key_owner(v->cookie, "0000000000000000");
	assert_true(org_is_none(&o));
	/* What it opened it still opens. */
	assert_true(v->has_wrap(v->cookie, had[1].index, 1, &t));
	sight_free(s);
}

/* Deliveries of offer 1 to thuiszorg-t: what it bears, what came after. */
static void
test_only_the_delivery_that_brought_the_offer_counts(void **state)
{
	struct sight *s = sight_new();
	const struct decide_view *v = &s->look.view;
	struct org t = org_of("thuiszorg-t");
	uint64_t had = v->last_seq(v->cookie, &t, "main");
	struct made m;

	(void)state;
	assert_true(had > 0);
	assert_int_equal(v->last_seq(v->cookie, &t, "desk"), 0);
	for (uint32_t i = 0; i < 40; i++) {
		Keten__V1__Sent sent = KETEN__V1__SENT__INIT, *list = &sent;

		m = rig_make(s->g, KETEN__V1__RECORD_KIND__RECORD_COMMAND);
		sent.partner = pb_string("thuiszorg-t");
		sent.mailbox = pb_string("main");
		sent.seq = had + 1 + i;
		sent.role = KETEN__V1__DELIVERY_ROLE__CANDIDATE;
		sent.offer = i < 35 ? 4 : 5;
		sent.with = i == 36 ? DECIDE_WITH_OFFER : 0;
		sent.referral = pb_of(s->r.id.b, 16);
		m.route->deliveries = &list;
		m.route->n_deliveries = 1;
		m.in.owner = &s->r.id;
		assert_int_equal(rig_add(s->g, &m), ERR_OK);
	}
	assert_int_equal(v->last_seq(v->cookie, &t, "main"), had + 40);
	assert_false(v->undelivered(v->cookie, &t, "main", &s->r.id, 4));
	assert_true(v->undelivered(v->cookie, &t, "main", &s->r.id, 5));
	assert_false(v->undelivered(v->cookie, &t, "desk", &s->r.id, 5));
	assert_false(v->undelivered(v->cookie, &t, "main", &s->r.id, 6));
	sight_free(s);
}

static void
test_who_is_away_is_what_the_caller_says(void **state)
{
	struct sight *s = sight_new();
	const struct decide_view *v = &s->look.view;
	struct org w = org_of("welzijn-w"), t = org_of("thuiszorg-t");

	(void)state;
	assert_int_equal(v->unreachable(v->cookie, &w), 1234);
	assert_int_equal(v->unreachable(v->cookie, &t), 0);
	look_init(&s->look, s->keys, NULL, NULL);
	look_at(&s->look, s->g->t);
	assert_int_equal(v->unreachable(v->cookie, &w), 0);
	sight_free(s);
}

static void
test_a_row_that_cannot_be_read_is_remembered(void **state)
{
	struct sight *s = sight_new();
	const struct decide_view *v = &s->look.view;
	struct slice key, value;
	struct referral r;

	(void)state;
	assert_int_equal(store_seek(s->g->t, TABLE_REFERRAL, slice_of("", 0),
			     &key, &value), ERR_OK);
	assert_int_equal(store_put(s->g->t, TABLE_REFERRAL, key,
			     slice_str("?")), ERR_OK);
	assert_false(v->referral(v->cookie, &s->r.id, &r));
	assert_int_not_equal(look_fault(&s->look), ERR_OK);
	look_at(&s->look, s->g->t);
	sight_free(s);
}

/* A REWRAP by ${by} of part 1 of record ${index} for ${key_id}. */
static void
wrap_by(struct sight *s, const char *by, uint64_t index, const char *key_id)
{
	struct made m = rig_make(s->g,
	    KETEN__V1__RECORD_KIND__RECORD_REWRAP);
	Keten__V1__RewrapFacts r = KETEN__V1__REWRAP_FACTS__INIT;
	Keten__V1__PieceRef part = KETEN__V1__PIECE_REF__INIT,
			   *parts[1] = { &part };

	part.index = index;
	part.part = 1;
	r.to = pb_string("thuiszorg-t");
	r.key_id = (char *)(uintptr_t)key_id;
	r.n_parts = 1;
	r.parts = parts;
	m.f->rewrap = &r;
	m.in.owner = &s->r.id;
	rig_sender(s->g, &m, by);
	assert_int_equal(rig_add(s->g, &m), ERR_OK);
}

static struct org
maker(struct sight *s, uint64_t index, const char *key_id)
{
	struct org by = org_of("nobody-yet");

	assert_int_equal(look_maker(s->g->t, s->g->t, index, 1, key_id, &by),
	    ERR_OK);
	return (by);
}

/* The story of a referral is as long as its parties like.  So none of it is
 * read: not even the record that is broken here. */
static void
test_who_made_a_wrap_is_found_without_reading_the_story(void **state)
{
	struct sight *s = sight_new();
	struct view_trail trail[2];
	struct slice key, value;
	struct org by;
	uint8_t at[8];
	size_t n;

	(void)state;
	assert_int_equal(view_trail(s->g->t, &s->r.id, 0, trail, 2, &n),
	    ERR_OK);
	for (int i = 0; i < 300; i++)
		more(s, 0);
	wrap_by(s, "welzijn-w", trail[0].index, "0123456789abcdef");
	for (int i = 0; i < 300; i++)
		more(s, 0);
	be64_put(at, trail[0].index + 100);
	assert_int_equal(store_seek(s->g->t, TABLE_RECORD, slice_of(at, 8),
	    &key, &value), ERR_OK);
	assert_int_equal(store_put(s->g->t, TABLE_RECORD, key,
	    slice_str("?")), ERR_OK);
	by = maker(s, trail[0].index, "0123456789abcdef");
	assert_string_equal(by.id, "welzijn-w");
	/* The newest one counts; that of another key came with the part. */
	wrap_by(s, "zorg-z", trail[0].index, "0123456789abcdef");
	by = maker(s, trail[0].index, "0123456789abcdef");
	assert_string_equal(by.id, "zorg-z");
	by = maker(s, trail[0].index, "fedcba9876543210");
	assert_string_not_equal(by.id, "zorg-z");
	sight_free(s);
}

static void
test_the_end_of_a_story_is_found_from_its_end(void **state)
{
	struct sight *s = sight_new();
	struct view_trail trail[4], all[600];
	size_t n, n_all;

	(void)state;
	for (int i = 0; i < 300; i++)
		more(s, 0);
	assert_int_equal(view_trail(s->g->t, &s->r.id, 0, all, 600, &n_all),
	    ERR_OK);
	assert_int_equal(view_trail_end(s->g->t, &s->r.id, trail, 4, &n),
	    ERR_OK);
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(trail[i].index, all[n_all - 1 - i].index);
	sight_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_referral_is_as_it_was_written),
		cmocka_unit_test(test_children_come_page_by_page),
		cmocka_unit_test(test_sealed_parts_come_in_order_of_the_log),
		cmocka_unit_test(test_what_was_signed_about_a_part_is_found),
		cmocka_unit_test(
		    test_a_wrap_is_for_a_key_and_a_key_has_an_owner),
		cmocka_unit_test(
		    test_only_the_delivery_that_brought_the_offer_counts),
		cmocka_unit_test(test_who_is_away_is_what_the_caller_says),
		cmocka_unit_test(test_a_row_that_cannot_be_read_is_remembered),
		cmocka_unit_test(
		    test_who_made_a_wrap_is_found_without_reading_the_story),
		cmocka_unit_test(test_the_end_of_a_story_is_found_from_its_end),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
