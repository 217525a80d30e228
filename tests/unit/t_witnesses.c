/*
 * The broker asks its witnesses: it believes no signature that it did not
 * check, waits for nobody, and knows how far behind they are.
 */
#include <poll.h>
#include <sys/stat.h>
#include <time.h>

#include "core/checkpoint.h"
#include "core/postbox.h"
#include "core/request.h"
#include "ketend/witnesses.h"
#include "records_any.h"

/* Nobody is silent: a machine that is busy does not make it so. */
#define LATE_MS 600000
#define PATIENCE_MS 600000
/* In the test of silence. */
#define SOON_LATE_MS 300
#define SOON_PATIENCE_MS 3000
/* Naps that what has to come may take: a minute. */
#define NAPS 12000

/* A log, its collector, and up to three witnesses that we play. */
struct net {
	struct rig *g;
	struct checkpointer *cp;
	char folder[80];
	struct witnesses *w;
	Keten__V1__Policy doc;
	Keten__V1__PolicyWitness who[3];
	Keten__V1__PolicyWitness *list[3];
	char vkey[3][NOTE_VKEY_MAX];
	char name[3][24];
	struct signer *signer[3];
	uint64_t saw[3];
};

static const char *
key_name(size_t i)
{
	static const char *const names[] = { "een.nl/w", "twee.nl/w",
		"drie.nl/w" };

	return (names[i]);
}

static void
make_witness(struct net *n, size_t i)
{
	uint8_t seed[SIGN_SEED];
	struct note_key key;

	memset(seed, (int)i + 1, sizeof(seed));
	n->signer[i] = sign_new(seed);
	assert_non_null(n->signer[i]);
	assert_int_equal(note_key_make(key_name(i), NOTE_WITNESS,
	    sign_public(n->signer[i]), &key), ERR_OK);
	(void)note_key_format(&key, n->vkey[i]);
	(void)snprintf(n->name[i], sizeof(n->name[i]), "w%zu", i);
	keten__v1__policy_witness__init(&n->who[i]);
	n->who[i].name = n->name[i];
	n->who[i].vkey = n->vkey[i];
	n->list[i] = &n->who[i];
}

static void
collect(struct net *n, int64_t late_ms, int64_t patience_ms)
{
	n->w = witnesses_new(n->g->st, n->folder, late_ms, patience_ms);
	assert_non_null(n->w);
	witnesses_set(n->w, &n->doc);
	assert_int_equal(witnesses_start(n->w), ERR_OK);
}

static struct net *
begin_with(size_t n_witnesses, uint32_t quorum, int64_t late_ms,
    int64_t patience_ms)
{
	struct net *n = calloc(1, sizeof(*n));
	char guard[96];

	assert_non_null(n);
	n->g = rig_new(7);
	(void)snprintf(guard, sizeof(guard), "%s/guard", n->g->dir);
	(void)snprintf(n->folder, sizeof(n->folder), "%s/letters",
	    n->g->dir);
	assert_int_equal(checkpoint_new(n->g->st, n->g->signer, NULL, guard,
	    &n->cp), ERR_OK);
	keten__v1__policy__init(&n->doc);
	for (size_t i = 0; i < n_witnesses; i++)
		make_witness(n, i);
	n->doc.witnesses = n->list;
	n->doc.n_witnesses = n_witnesses;
	n->doc.witness_quorum = quorum;
	collect(n, late_ms, patience_ms);
	return (n);
}

static struct net *
begin(size_t n_witnesses, uint32_t quorum)
{
	return (begin_with(n_witnesses, quorum, LATE_MS, PATIENCE_MS));
}

static void
end(struct net *n)
{
	char command[160];

	witnesses_free(n->w);
	checkpoint_free(n->cp);
	for (size_t i = 0; i < n->doc.n_witnesses; i++)
		sign_free(n->signer[i]);
	(void)snprintf(command, sizeof(command), "rm -r %s", n->folder);
	assert_int_equal(system(command), 0);
	rig_free(n->g);
	free(n);
}

/* Some records and a checkpoint of them; return its size. */
static uint64_t
publish(struct net *n, uint64_t records)
{
	struct checkpoint c;

	rig_fill(n->g, (size_t)records);
	assert_int_equal(checkpoint_make(n->cp, &c), ERR_OK);
	rig_begin(n->g);
	assert_int_equal(checkpoint_put(n->g->t, &c), ERR_OK);
	rig_commit(n->g);
	witnesses_published(n->w, c.size);
	return (c.size);
}

static const char *
box(const struct net *n, size_t i)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/w%zu", n->folder, i);
	return (path);
}

static void
nap(void)
{
	const struct timespec ms = { .tv_nsec = 5000000 };

	(void)nanosleep(&ms, NULL);
}

/* The next letter to witness ${i}, false: there is none. */
static bool
letter(struct net *n, size_t i, uint64_t *id, struct request *r)
{
	static uint8_t buf[POSTBOX_MAX];
	uint64_t *ids = NULL;
	size_t len, n_ids = 0;

	for (int t = 0; t < NAPS; t++) {
		if (postbox_waiting(box(n, i), &ids, &n_ids) == ERR_OK) {
			*id = n_ids > 0 ? ids[0] : 0;
			free(ids);
		}
		if (n_ids > 0 && postbox_request(box(n, i), *id, buf, &len) ==
		    ERR_OK) {
			assert_int_equal(request_parse(slice_of(buf, len), r),
			    ERR_OK);
			return (true);
		}
		nap();
	}
	return (false);
}

/* Witness ${i} signs what it is asked, as a good one does; return the size. */
static uint64_t
sign_next(struct net *n, size_t i)
{
	struct request r;
	struct note note;
	char out[NOTE_MAX], body[8];
	uint64_t id;
	size_t len;

	for (;;) {
		assert_true(letter(n, i, &id, &r));
		if (r.old == n->saw[i])
			break;
		len = (size_t)snprintf(body, sizeof(body), "%u\n",
		    (unsigned)n->saw[i]);
		assert_int_equal(postbox_reply(box(n, i), id, 409,
		    slice_of(body, len)), ERR_OK);
	}
	assert_int_equal(note_parse(r.note, &note), ERR_OK);
	assert_int_equal(note_cosign(r.note, key_name(i), n->signer[i],
	    1700000000, out, sizeof(out), &len), ERR_OK);
	assert_int_equal(postbox_reply(box(n, i), id, 200,
	    slice_of(out + r.note.len, len - r.note.len)), ERR_OK);
	n->saw[i] = note.checkpoint.size;
	return (note.checkpoint.size);
}

/* Wait for ${wanted} signatures and write them down. */
static void
store_signatures(struct net *n, size_t wanted)
{
	struct cosigned c[4];

	while (wanted > 0) {
		struct pollfd p = { .fd = witnesses_fd(n->w),
			.events = POLLIN };
		size_t got;

		assert_int_equal(poll(&p, 1, 60000), 1);
		got = witnesses_take(n->w, c, 1);
		rig_begin(n->g);
		for (size_t i = 0; i < got; i++)
			assert_int_equal(checkpoint_cosign(n->g->t, c[i].size,
			    slice_of(c[i].line, c[i].len)), ERR_OK);
		rig_commit(n->g);
		witnesses_stored(n->w, c, got);
		wanted -= got;
	}
}

static size_t
signatures_under(struct net *n, uint64_t size)
{
	struct checkpoint c;
	struct txn *t;
	size_t found = 0;

	assert_int_equal(store_read(n->g->st, &t), ERR_OK);
	assert_int_equal(checkpoint_covering(t, size, &c), ERR_OK);
	store_done(&t);
	assert_int_equal(c.size, size);
	for (size_t i = 0; i < n->doc.n_witnesses; i++) {
		struct note_key key;
		uint64_t time_s;

		assert_int_equal(note_key_parse(n->vkey[i], &key), ERR_OK);
		found += note_check_cosignature(slice_of(c.note, c.len), &key,
			     &time_s) == ERR_OK;
	}
	return (found);
}

static struct witnesses_state
state_of(struct net *n)
{
	struct witnesses_state s;

	witnesses_look(n->w);
	witnesses_state(n->w, &s);
	return (s);
}

static void
test_a_signature_comes_under_the_checkpoint(void **state)
{
	struct net *n = begin(1, 1);
	uint64_t size = publish(n, 5);

	(void)state;
	assert_int_equal(witnesses_size(n->w), 0);
	assert_int_equal(sign_next(n, 0), size);
	store_signatures(n, 1);
	assert_int_equal(witnesses_size(n->w), size);
	assert_int_equal(signatures_under(n, size), 1);
	assert_int_equal(state_of(n).lag_ms, 0);
	assert_int_equal(state_of(n).each[0].signed_ms, 1700000000000);
	/* The next with its proof. */
	size = publish(n, 6);
	assert_int_equal(sign_next(n, 0), size);
	store_signatures(n, 1);
	assert_int_equal(witnesses_size(n->w), size);
	end(n);
}

static void
test_the_proof_leads_from_what_the_witness_saw(void **state)
{
	struct net *n = begin(1, 1);
	struct checkpoint first;
	struct request r;
	struct note note;
	struct txn *t;
	uint64_t id;

	(void)state;
	(void)publish(n, 5);
	(void)sign_next(n, 0);
	store_signatures(n, 1);
	(void)publish(n, 20);
	assert_true(letter(n, 0, &id, &r));
	assert_int_equal(note_parse(r.note, &note), ERR_OK);
	assert_int_equal(store_read(n->g->st, &t), ERR_OK);
	assert_int_equal(checkpoint_covering(t, 1, &first), ERR_OK);
	store_done(&t);
	assert_int_equal(r.old, first.size);
	assert_int_equal(tlog_check_consistency(first.size,
	    note.checkpoint.size, first.root, note.checkpoint.root,
	    (const uint8_t(*)[32])r.proof, r.n), ERR_OK);
	end(n);
}

static void
test_a_quorum_is_of_the_same_checkpoint(void **state)
{
	struct net *n = begin(3, 2);
	uint64_t size = publish(n, 5);

	(void)state;
	assert_int_equal(sign_next(n, 2), size);
	store_signatures(n, 1);
	assert_int_equal(witnesses_size(n->w), 0);
	(void)publish(n, 5);
	/* The others are still asked about the first. */
	assert_int_equal(sign_next(n, 0), size);
	store_signatures(n, 1);
	assert_int_equal(witnesses_size(n->w), size);
	assert_int_equal(signatures_under(n, size), 2);
	assert_true(state_of(n).newest > size);
	end(n);
}

static void
test_a_new_collector_knows_what_was_signed(void **state)
{
	struct net *n = begin(2, 2);
	uint64_t size = publish(n, 5), later;

	(void)state;
	assert_int_equal(sign_next(n, 0), size);
	assert_int_equal(sign_next(n, 1), size);
	store_signatures(n, 2);
	later = publish(n, 5);
	witnesses_free(n->w);
	collect(n, LATE_MS, PATIENCE_MS);
	/* It goes on from there: the witnesses do not have to say no. */
	assert_int_equal(sign_next(n, 0), later);
	assert_int_equal(witnesses_size(n->w), size);
	assert_int_equal(sign_next(n, 1), later);
	store_signatures(n, 2);
	assert_int_equal(witnesses_size(n->w), later);
	end(n);
}

static void
test_a_witness_may_have_seen_more_or_less_than_we_know(void **state)
{
	struct net *n = begin(1, 1);
	uint64_t size;

	(void)state;
	(void)publish(n, 5);
	size = publish(n, 7);
	n->saw[0] = 3; /* which we were not told */
	assert_int_equal(sign_next(n, 0) >= 5, 1);
	store_signatures(n, 1);
	assert_true(witnesses_size(n->w) <= size);
	assert_int_equal(state_of(n).refusals, 0);
	end(n);
}

static void
refuse(struct net *n, int status, const char *body)
{
	struct request r;
	uint64_t id;

	assert_true(letter(n, 0, &id, &r));
	assert_int_equal(postbox_reply(box(n, 0), id, status,
	    slice_str(body)), ERR_OK);
	/* It is counted first, and then told of whom. */
	for (int t = 0; t < NAPS && state_of(n).each[0].refused != status; t++)
		nap();
	assert_int_equal(state_of(n).refusals, 1);
	assert_int_equal(state_of(n).each[0].refused, status);
	assert_int_equal(witnesses_size(n->w), 0);
}

static void
test_what_is_no_signature_is_not_believed(void **state)
{
	static const struct {
		int status;
		const char *body;
	} bad[] = {
		{ 200, "" },
		{ 200, "\xe2\x80\x94 een.nl/w AAAA\n" },
		{ 200, "hello\n" },
		{ 403, "" },
		{ 404, "" },
		{ 422, "no\n" },
		{ 409, "x\n" },
		{ 409, "100000\n" }, /* more than there is */
		{ 409, "0\n" },	     /* what we said, and yet no */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct net *n = begin(1, 1);

		(void)publish(n, 5);
		refuse(n, bad[i].status, bad[i].body);
		end(n);
	}
}

/* One that is right, but of another key, or of another checkpoint. */
static void
test_the_signature_of_another_is_not_believed(void **state)
{
	struct net *n = begin(2, 1);
	struct request r;
	char out[NOTE_MAX];
	uint64_t id;
	size_t len;

	(void)state;
	(void)publish(n, 5);
	assert_true(letter(n, 0, &id, &r));
	assert_int_equal(note_cosign(r.note, key_name(1), n->signer[1],
	    1700000000, out, sizeof(out), &len), ERR_OK);
	assert_int_equal(postbox_reply(box(n, 0), id, 200,
	    slice_of(out + r.note.len, len - r.note.len)), ERR_OK);
	for (int t = 0; t < NAPS && state_of(n).each[0].refused == 0; t++)
		nap();
	assert_int_equal(state_of(n).each[0].refused, 200);
	assert_int_equal(witnesses_size(n->w), 0);
	end(n);
}

static void
test_silence_is_an_alarm_after_a_while_and_ends_by_itself(void **state)
{
	struct net *n = begin_with(1, 1, SOON_LATE_MS, SOON_PATIENCE_MS);
	struct witnesses_state now;
	struct request r;
	uint64_t size, id, again;

	(void)state;
	assert_false(state_of(n).is_late);
	(void)publish(n, 5);
	assert_true(letter(n, 0, &id, &r));
	now = state_of(n);
	assert_int_equal(now.is_late, now.lag_ms > SOON_LATE_MS);
	for (int t = 0; t < NAPS && !state_of(n).is_late; t++)
		nap();
	assert_true(state_of(n).is_late);
	assert_true(state_of(n).lag_ms > SOON_LATE_MS);
	/* It is asked anew, about what is there then. */
	size = publish(n, 5);
	for (int t = 0; t < NAPS; t++) {
		assert_true(letter(n, 0, &again, &r));
		if (again != id)
			break;
		nap();
	}
	assert_int_not_equal(again, id);
	while (sign_next(n, 0) < size)
		store_signatures(n, 1);
	store_signatures(n, 1);
	assert_int_equal(witnesses_size(n->w), size);
	assert_false(state_of(n).is_late);
	end(n);
}

static void
test_without_witnesses_there_is_no_lag(void **state)
{
	struct net *n = begin(1, 1);

	(void)state;
	(void)publish(n, 5);
	n->doc.n_witnesses = 0;
	witnesses_set(n->w, &n->doc);
	assert_int_equal(state_of(n).lag_ms, 0);
	assert_int_equal(witnesses_size(n->w), 0);
	n->doc.n_witnesses = 1;
	end(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_signature_comes_under_the_checkpoint),
		cmocka_unit_test(
		    test_the_proof_leads_from_what_the_witness_saw),
		cmocka_unit_test(test_a_quorum_is_of_the_same_checkpoint),
		cmocka_unit_test(test_a_new_collector_knows_what_was_signed),
		cmocka_unit_test(
		    test_a_witness_may_have_seen_more_or_less_than_we_know),
		cmocka_unit_test(test_what_is_no_signature_is_not_believed),
		cmocka_unit_test(
		    test_the_signature_of_another_is_not_believed),
		cmocka_unit_test(
		    test_silence_is_an_alarm_after_a_while_and_ends_by_itself),
		cmocka_unit_test(test_without_witnesses_there_is_no_lag),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
