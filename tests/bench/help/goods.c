/*
 * goods -- the messages of the benchmark.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "goods.h"
#include "trust/digest.h"
#include "wire/content.h"
#include "wire/envelope.h"
#include "wire/frame.h"
#include "wire/pb.h"

#define TO_MAX 8
#define BATCH_AT_ONCE 1024

/* A part while it is made. */
struct sealed_part {
	uint8_t nonce[16];
	struct seal_made made;
	struct content_piece *piece;
	Keten__V1__Part *part;
};

static void
must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "goods: %s failed\n", what);
		exit(1);
	}
}

/**
 * goods_now_ms():
 * Return the time.
 */
int64_t
goods_now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return ((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

static struct slice
keep(struct slice s)
{
	uint8_t *p = malloc(s.len);

	must(p != NULL, "memory");
	memcpy(p, s.p, s.len);
	return (slice_of(p, s.len));
}

/* Fill in what the statement says of a part that is sealed. */
static void
announce(struct arena *a, struct sealed_part *s)
{
	Keten__V1__Part *part = s->part;

	keten__v1__part__init(part);
	part->kind = s->piece->kind;
	part->sha256 = pb_of(s->piece->sha256, 32);
	part->length = (uint32_t)s->made.sealed.ciphertext.len;
	part->plain_commit = pb_of(s->made.plain_commit, 32);
	part->nonce = pb_of(s->nonce, sizeof(s->nonce));
	part->wrapped_for = arena_zero(a, s->made.n_wraps, sizeof(char *));
	must(part->wrapped_for != NULL, "memory");
	for (size_t i = 0; i < s->made.n_wraps; i++)
		part->wrapped_for[part->n_wrapped_for++] =
		    pb_string(s->made.wraps[i].key_id);
}

/* One part of 1 KiB, sealed for the sender and, a note, for the others. */
static void
make_part(struct arena *a, const struct goods_plan *plan,
    const struct goods_sender *from, const struct refid *id,
    const char *name, struct sealed_part *s)
{
	static const uint8_t body[1024] = { 'x' };
	struct seal_public to[TO_MAX + 1];
	char aad[SEAL_AAD_MAX];
	size_t len, n = 0;

	to[n++] = from->seal->pub;
	for (size_t i = 0; s->piece->kind == KETEN__V1__PART_KIND__NOTE &&
	     i < plan->n_to && i < TO_MAX; i++)
		to[n++] = plan->to[i];
	must(digest_random(s->nonce, sizeof(s->nonce)) == ERR_OK &&
		seal_aad(plan->origin, from->name, id, name, s->nonce, aad,
		    &len) == ERR_OK &&
		seal_make(slice_of(body, sizeof(body)), slice_of(aad, len),
		    to, n, &s->made) == ERR_OK &&
		content_pack_sealed(a, &s->made.sealed, &s->piece->bytes,
		    s->piece->sha256) == ERR_OK,
	    "sealing");
	s->piece->wraps = s->made.wraps;
	s->piece->n_wraps = s->made.n_wraps;
	announce(a, s);
}

/* The body of statement ${number} with its content, both kept. */
static struct slice
make_body(struct arena *a, const struct goods_plan *plan,
    const struct goods_sender *from, uint64_t number, struct slice *content)
{
	Keten__V1__Statement st = KETEN__V1__STATEMENT__INIT;
	Keten__V1__Command cmd = KETEN__V1__COMMAND__INIT;
	Keten__V1__Header h = KETEN__V1__HEADER__INIT;
	Keten__V1__Part parts[2], *list[2] = { &parts[0], &parts[1] };
	struct content_piece pieces[2] = {
		{ .kind = KETEN__V1__PART_KIND__NOTE },
		{ .kind = KETEN__V1__PART_KIND__PERSON, .part = 1 },
	};
	struct sealed_part note = { .piece = &pieces[0], .part = &parts[0] };
	struct sealed_part person = { .piece = &pieces[1],
		.part = &parts[1] };
	uint8_t nonce[32], random[10];
	struct slice body;
	struct refid id;

	arena_reset(a);
	must(digest_random(random, sizeof(random)) == ERR_OK &&
		digest_random(nonce, sizeof(nonce)) == ERR_OK, "chance");
	id = refid_new(goods_now_ms(), random);
	make_part(a, plan, from, &id, "note", &note);
	make_part(a, plan, from, &id, "person", &person);
	h.code = pb_string(plan->code);
	h.area = pb_string(plan->area);
	h.urgency = KETEN__V1__URGENCY__NORMAL;
	h.basis = pb_string(plan->basis);
	h.discussed = KETEN__V1__DISCUSSED__AGREES;
	cmd.event = KETEN__V1__EVENT__SUBMIT;
	cmd.header = &h;
	cmd.parts = list;
	cmd.n_parts = 2;
	st.version = 1;
	st.origin = pb_string(plan->origin);
	st.partner = pb_string(from->name->id);
	st.device = pb_string("main");
	st.lane = pb_of(from->lane, 8);
	st.number = number;
	st.nonce = pb_of(nonce, sizeof(nonce));
	st.referral = pb_of(id.b, sizeof(id.b));
	st.policy_index = plan->policy;
	st.actor = pb_string("BENCH");
	st.made_ms = goods_now_ms();
	st.body_case = KETEN__V1__STATEMENT__BODY_COMMAND;
	st.command = &cmd;
	must(pb_pack(a, &st.base, &body) == ERR_OK &&
		content_pack(a, pieces, 2, content) == ERR_OK, "packing");
	*content = keep(*content);
	body = keep(body);
	seal_made_fini(&note.made);
	seal_made_fini(&person.made);
	return (body);
}

/* Sign ${n} bodies at once and pack their headers. */
static void
sign(struct arena *a, const struct goods_sender *from,
    const struct slice *body, size_t n, struct goods *out)
{
	static enum envelope_kind kind[BATCH_AT_ONCE];
	static struct slice envelope[BATCH_AT_ONCE];

	arena_reset(a);
	for (size_t i = 0; i < n; i++)
		kind[i] = ENVELOPE_COMMAND;
	must(envelope_make_batch(a, kind, body, n, from->signer, envelope) ==
		ERR_OK, "signing");
	for (size_t i = 0; i < n; i++) {
		Keten__V1__ToBroker to = KETEN__V1__TO_BROKER__INIT;
		Keten__V1__Submit submit = KETEN__V1__SUBMIT__INIT;
		struct slice header;

		submit.envelope = pb_data(envelope[i]);
		to.body_case = KETEN__V1__TO_BROKER__BODY_SUBMIT;
		to.submit = &submit;
		must(frame_pack_to(a, &to, &header) == ERR_OK, "packing");
		header = keep(header);
		out[i].header = (uint8_t *)(uintptr_t)header.p;
		out[i].header_len = header.len;
	}
}

/**
 * goods_make(a, plan, from, single, n, out):
 * Make ${n} messages.
 */
void
goods_make(struct arena *a, const struct goods_plan *plan,
    const struct goods_sender *from, size_t single, size_t n,
    struct goods *out)
{
	static struct slice body[BATCH_AT_ONCE];
	size_t k;

	must(plan->batch >= 1 && plan->batch <= BATCH_AT_ONCE, "the batch");
	for (size_t at = 0; at < n; at += k) {
		k = at < single ? 1 : plan->batch;
		k = k < n - at ? k : n - at;
		for (size_t i = 0; i < k; i++) {
			struct slice content;

			body[i] = make_body(a, plan, from, at + i + 1,
			    &content);
			out[at + i].content = (uint8_t *)(uintptr_t)content.p;
			out[at + i].content_len = content.len;
		}
		sign(a, from, body, k, &out[at]);
	}
}
