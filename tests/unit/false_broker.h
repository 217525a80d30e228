#ifndef FALSE_BROKER_H_
#define FALSE_BROKER_H_

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <zmq.h>

#include "base/file.h"
#include "demo_policy.h"
#include "sdk/handle.h"
#include "sdk/keten.h"
#include "sdk/steward.h"
#include "sdk_story.h"
#include "trust/keyfile.h"
#include "trust/note.h"
#include "wire/content.h"
#include "wire/frame.h"

/*
 * false_broker -- a peer that says whatever a test wants, and a device of
 * lwdb-noord that talks to it: what does the SDK do with a broker that lies?
 *
 * It answers HELLO, PING and questions by itself, honestly unless told
 * otherwise; it remembers what was submitted and acknowledged, and sends
 * nothing else of its own accord.  It runs in a thread of its own, as the SDK
 * waits for answers; the lock is held by whoever uses its socket and ${own}.
 */
#define SEEN_MAX 16
/* Rounds without anything else, after which there is nothing to come. */
#define FB_QUIET 3
/* What the device puts off for longer than this it does not do for now. */
#define FB_SOON_MS 1000

/* A test's own mistake, in either thread. */
#define MUST(x) ((x) ? (void)0 : abort())

struct false_broker {
	struct arena *a;   /* of the test */
	struct arena *own; /* of the thread */
	pthread_t thread;
	pthread_mutex_t lock;
	bool is_over;
	char dir[64];
	char config[96];
	void *zmq;
	void *sock;
	struct policy *policy;
	struct slice signed_policy;
	struct signer *introducer, *identity_b, *identity_k, *log;
	struct signer *device_b, *device_k;
	uint8_t sign_b[SIGN_PUB];
	struct seal_key seal_k;
	struct seal_public seal_b;
	struct keten *k;
	uint8_t route[FRAME_ROUTE_LEN];

	/* what it says */
	const char *candidate;	   /* of a resolve; NULL: welzijn-w */
	const char *seal_signer;   /* of K's sealing key; NULL: K itself */
	char checkpoint[NOTE_MAX]; /* of WELCOME */
	uint64_t last_number;
	uint64_t last_delivery;	   /* of WELCOME */
	size_t policy_page;	   /* bytes in one answer; 0: all */
	size_t policy_more;	   /* bytes it promises and has not */
	struct slice consistency; /* one hash; empty: refused */

	/* what it heard */
	size_t n_hello, n_submit, n_ack;
	Keten__V1__Statement *st[SEEN_MAX];
	struct slice envelope[SEEN_MAX];
	enum envelope_kind kind[SEEN_MAX];
	uint64_t acked;
	uint64_t pinged, ponged;  /* the newest PING of its own, and answer */
	uint64_t n_heard;	  /* anything else */
};

static inline void
fb_send(struct false_broker *f, Keten__V1__FromBroker *msg,
    struct slice content)
{
	struct slice header;

	MUST(frame_pack_from(f->own, msg, &header) == ERR_OK);
	MUST(frame_send_router(f->sock, f->route, header, content) == ERR_OK);
}

static inline void
fb_welcome(struct false_broker *f)
{
	Keten__V1__FromBroker m = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Welcome w = KETEN__V1__WELCOME__INIT;

	w.origin = pb_string(ORIGIN);
	w.time_ms = 1764000000000;
	w.window = 8;
	w.policy_index = 1;
	w.last_number = f->last_number;
	w.last_delivery = f->last_delivery;
	w.checkpoint = f->checkpoint;
	m.body_case = KETEN__V1__FROM_BROKER__BODY_WELCOME;
	m.welcome = &w;
	fb_send(f, &m, slice_of(NULL, 0));
}

static inline void
fb_answer(struct false_broker *f, Keten__V1__Answer *answer, uint64_t query)
{
	Keten__V1__FromBroker m = KETEN__V1__FROM_BROKER__INIT;

	answer->id = query;
	m.body_case = KETEN__V1__FROM_BROKER__BODY_ANSWER;
	m.answer = answer;
	fb_send(f, &m, slice_of(NULL, 0));
}

static inline void
fb_keys(struct false_broker *f, uint64_t query, const char *partner)
{
	Keten__V1__Answer a = KETEN__V1__ANSWER__INIT;
	Keten__V1__Keys keys = KETEN__V1__KEYS__INIT;
	Keten__V1__KeyRow row[2] = { KETEN__V1__KEY_ROW__INIT,
		KETEN__V1__KEY_ROW__INIT };
	Keten__V1__KeyRow *rows[2] = { &row[0], &row[1] };
	struct signer *by = signer_of(f->seal_signer == NULL ? K
						      : f->seal_signer);

	row[1].index = 4;
	if (strcmp(partner, K) == 0) {
		row[0].envelope = pb_data(device_cert(f->own, f->identity_k, K,
		    sign_public(f->device_k)));
		row[1].envelope = pb_data(seal_cert(f->own, by, K, 1,
		    &f->seal_k.pub));
		keys.n_rows = 2;
	} else if (strcmp(partner, B) == 0) {
		row[0].index = 1;
		row[0].envelope = pb_data(device_cert(f->own, f->identity_b, B,
		    f->sign_b));
		keys.n_rows = 1;
	}
	sign_free(by);
	keys.rows = rows;
	a.body_case = KETEN__V1__ANSWER__BODY_KEYS;
	a.keys = &keys;
	fb_answer(f, &a, query);
}

static inline void
fb_resolve(struct false_broker *f, uint64_t query)
{
	Keten__V1__Answer a = KETEN__V1__ANSWER__INIT;
	Keten__V1__ResolveAnswer r = KETEN__V1__RESOLVE_ANSWER__INIT;
	Keten__V1__ResolvedRung rung = KETEN__V1__RESOLVED_RUNG__INIT;
	Keten__V1__ResolvedRung *rungs[1] = { &rung };
	char *names[1] = { pb_string(f->candidate == NULL ? K : f->candidate) };

	rung.candidates = names;
	rung.n_candidates = 1;
	r.rungs = rungs;
	r.n_rungs = 1;
	r.regisseur = pb_string(R);
	r.custodian = pb_string(R);
	r.policy_index = 1;
	r.explain = pb_string("uitleg");
	a.body_case = KETEN__V1__ANSWER__BODY_RESOLVE;
	a.resolve = &r;
	fb_answer(f, &a, query);
}

static inline void
fb_refuse_query(struct false_broker *f, uint64_t query)
{
	Keten__V1__FromBroker m = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Refusal r = KETEN__V1__REFUSAL__INIT;

	r.query_id = query;
	r.code = KETEN__V1__ERROR_CODE__BUSY;
	m.body_case = KETEN__V1__FROM_BROKER__BODY_REFUSAL;
	m.refusal = &r;
	fb_send(f, &m, slice_of(NULL, 0));
}

static inline void
fb_proof(struct false_broker *f, uint64_t query)
{
	Keten__V1__Answer a = KETEN__V1__ANSWER__INIT;
	Keten__V1__Proof p = KETEN__V1__PROOF__INIT;
	ProtobufCBinaryData hashes[1] = { pb_data(f->consistency) };

	if (f->consistency.len == 0) {
		fb_refuse_query(f, query);
		return;
	}
	p.hashes = hashes;
	p.n_hashes = 1;
	a.body_case = KETEN__V1__ANSWER__BODY_PROOF;
	a.proof = &p;
	fb_answer(f, &a, query);
}

static inline void
fb_query(struct false_broker *f, const Keten__V1__Query *q)
{
	Keten__V1__Answer a = KETEN__V1__ANSWER__INIT;
	Keten__V1__PolicyAnswer p = KETEN__V1__POLICY_ANSWER__INIT;

	if (q->body_case == KETEN__V1__QUERY__BODY_POLICY) {
		size_t from = (size_t)q->policy->from;
		size_t left = from > f->signed_policy.len ? 0
		    : f->signed_policy.len - from;

		p.index = 1;
		if (f->policy_page != 0 && left > f->policy_page)
			left = f->policy_page;
		p.envelope = pb_of(f->signed_policy.p + from, left);
		p.size = f->signed_policy.len + f->policy_more;
		a.body_case = KETEN__V1__ANSWER__BODY_POLICY;
		a.policy = &p;
		fb_answer(f, &a, q->id);
	} else if (q->body_case == KETEN__V1__QUERY__BODY_KEYS) {
		fb_keys(f, q->id, q->keys->partner);
	} else if (q->body_case == KETEN__V1__QUERY__BODY_RESOLVE) {
		fb_resolve(f, q->id);
	} else if (q->body_case == KETEN__V1__QUERY__BODY_CONSISTENCY) {
		fb_proof(f, q->id);
	} else {
		fb_refuse_query(f, q->id);
	}
}

static inline void
fb_submit(struct false_broker *f, struct slice envelope)
{
	struct envelope env;
	size_t n = f->n_submit;

	MUST(n < SEEN_MAX);
	MUST(envelope_parse(f->own, envelope, &env, NULL) == ERR_OK);
	MUST(envelope_check(&env, f->sign_b) == ERR_OK);
	MUST(statement_parse(f->own, env.kind, env.body, &f->st[n],
	    NULL) == ERR_OK);
	MUST(arena_copy(f->own, envelope, &f->envelope[n]) == 0);
	f->kind[n] = env.kind;
	f->n_submit++;
}

static inline void
fb_ack(struct false_broker *f, struct slice envelope)
{
	struct envelope env;
	Keten__V1__Ack *ack;

	MUST(envelope_parse(f->own, envelope, &env, NULL) == ERR_OK);
	MUST(envelope_check(&env, f->sign_b) == ERR_OK);
	MUST(statement_parse_ack(f->own, env.body, &ack, NULL) == ERR_OK);
	f->acked = ack->n;
	f->n_ack++;
}

/* Send something of the test's own. */
static inline void
fb_say_with(struct false_broker *f, Keten__V1__FromBroker *msg,
    struct slice content)
{
	MUST(pthread_mutex_lock(&f->lock) == 0);
	fb_send(f, msg, content);
	MUST(pthread_mutex_unlock(&f->lock) == 0);
}

static inline void
fb_say(struct false_broker *f, Keten__V1__FromBroker *msg)
{
	fb_say_with(f, msg, slice_of(NULL, 0));
}

static inline int64_t
fb_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return ((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

/* Deal with everything that waits. */
static inline void
fb_serve(struct false_broker *f)
{
	Keten__V1__ToBroker *m;
	struct frame in;

	frame_init(&in);
	while (frame_recv_router(f->sock, &in) == ERR_OK) {
		memcpy(f->route, in.route, sizeof(f->route));
		MUST(frame_parse_to(f->own, in.header, &m, NULL) == ERR_OK);
		f->n_heard += m->body_case != KETEN__V1__TO_BROKER__BODY_PONG;
		if (m->body_case == KETEN__V1__TO_BROKER__BODY_HELLO) {
			f->n_hello++;
			fb_welcome(f);
		} else if (m->body_case == KETEN__V1__TO_BROKER__BODY_QUERY) {
			fb_query(f, m->query);
		} else if (m->body_case ==
		    KETEN__V1__TO_BROKER__BODY_SUBMIT) {
			fb_submit(f, pb_slice(m->submit->envelope));
		} else if (m->body_case == KETEN__V1__TO_BROKER__BODY_ACK) {
			fb_ack(f, pb_slice(m->ack->envelope));
		} else if (m->body_case == KETEN__V1__TO_BROKER__BODY_PONG) {
			f->ponged = m->pong->n;
		}
	}
	frame_fini(&in);
}

static inline void *
fb_thread(void *cookie)
{
	struct false_broker *f = cookie;
	bool over = false;

	while (!over) {
		MUST(pthread_mutex_lock(&f->lock) == 0);
		fb_serve(f);
		over = f->is_over;
		MUST(pthread_mutex_unlock(&f->lock) == 0);
		(void)usleep(500);
	}
	return (NULL);
}

/* ---- the device ------------------------------------------------------------ */

static inline void
fb_key(struct false_broker *f, const char *name, enum keyfile_kind kind,
    uint8_t *pub)
{
	struct secret *s = keyfile_new(kind);
	struct keyfile_public p;
	char path[128], why[KEYFILE_WHY];

	(void)snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	assert_int_equal(keyfile_write(path, s, why), ERR_OK);
	if (pub != NULL) {
		assert_int_equal(keyfile_public(s, &p), ERR_OK);
		memcpy(pub, p.b, p.len);
	}
	keyfile_free(&s);
}

static inline void
fb_settings(struct false_broker *f, const char *endpoint,
    const uint8_t curve[32])
{
	char text[2048], curve_hex[65], introducer[65], vkey[NOTE_VKEY_MAX];
	struct note_key key;
	int n;

	hex_encode(curve, 32, curve_hex);
	hex_encode(sign_public(f->introducer), 32, introducer);
	assert_int_equal(note_key_make(ORIGIN, NOTE_LOG, sign_public(f->log),
	    &key), ERR_OK);
	(void)note_key_format(&key, vkey);
	n = snprintf(text, sizeof(text),
	    "origin: %s\npartner: %s\ndevice: adapter\nendpoint: %s\n"
	    "broker_key: \"%s\"\nintroducer_key: \"%s\"\nlog_vkey: %s\n"
	    "keys: .\nspool: spool\nspool_size: 16 MiB\nactor: TEAM-1\n"
	    "reconnect_max: 100 ms\n",
	    ORIGIN, B, endpoint, curve_hex, introducer, vkey);
	(void)snprintf(f->config, sizeof(f->config), "%s/keten.yaml", f->dir);
	assert_int_equal(file_write(f->config, text, (size_t)n, 0600),
	    ERR_OK);
}

/* A server without ZAP: this one lets everybody in. */
static inline void
fb_listen(struct false_broker *f, char endpoint[64], uint8_t curve[32])
{
	char public[41], secret[41];
	size_t len = 64;
	int one = 1, none = 0;

	f->zmq = zmq_ctx_new();
	f->sock = zmq_socket(f->zmq, ZMQ_ROUTER);
	assert_int_equal(zmq_curve_keypair(public, secret), 0);
	assert_non_null(zmq_z85_decode(curve, public));
	assert_int_equal(zmq_setsockopt(f->sock, ZMQ_CURVE_SERVER, &one,
	    sizeof(one)), 0);
	assert_int_equal(zmq_setsockopt(f->sock, ZMQ_LINGER, &none,
	    sizeof(none)), 0);
	assert_int_equal(zmq_setsockopt(f->sock, ZMQ_CURVE_SECRETKEY, secret,
	    41), 0);
	assert_int_equal(zmq_bind(f->sock, "tcp://127.0.0.1:*"), 0);
	assert_int_equal(zmq_getsockopt(f->sock, ZMQ_LAST_ENDPOINT, endpoint,
	    &len), 0);
}

static inline void
fb_checkpoint(struct false_broker *f, const struct signer *by, uint64_t size,
    uint8_t root, char *out)
{
	struct note_checkpoint c = { .size = size };
	size_t len;

	(void)snprintf(c.origin, sizeof(c.origin), "%s", ORIGIN);
	memset(c.root, root, sizeof(c.root));
	assert_int_equal(note_sign(&c, by, out, NOTE_MAX, &len), ERR_OK);
	(void)f;
}

/* What the device signs with: for statements it does not remember making. */
static inline struct signer *
fb_signer(const struct false_broker *f)
{
	char path[128], why[KEYFILE_WHY];
	struct secret *secret = NULL;
	struct signer *signer;

	(void)snprintf(path, sizeof(path), "%s/sign.key", f->dir);
	assert_int_equal(keyfile_read(path, KEYFILE_SIGN, &secret, why),
	    ERR_OK);
	signer = sign_new(secret->b);
	keyfile_free(&secret);
	return (signer);
}

static inline int
fb_set_up(void **state)
{
	struct false_broker *f = calloc(1, sizeof(*f));
	uint8_t curve[32], seal[64];
	char endpoint[64];

	f->a = arena_new(32 << 20);
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/keten-false-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->introducer = signer_of("introducer");
	f->identity_b = signer_of(B);
	f->identity_k = signer_of(K);
	f->device_k = signer_of("apparaat van k");
	f->log = signer_of("logboek");
	assert_int_equal(seal_key_new(&f->seal_k), ERR_OK);
	f->policy = demo_policy(NULL, NULL);
	assert_non_null(f->policy);
	assert_int_equal(envelope_make(f->a, ENVELOPE_POLICY,
	    policy_body(f->policy), f->introducer, &f->signed_policy),
	    ERR_OK);
	fb_key(f, "sign.key", KEYFILE_SIGN, f->sign_b);
	f->device_b = fb_signer(f);
	fb_key(f, "curve.key", KEYFILE_CURVE, NULL);
	fb_key(f, "seal.key", KEYFILE_SEAL, seal);
	fb_key(f, "spool.key", KEYFILE_SPOOL, NULL);
	memcpy(f->seal_b.x, seal, 32);
	memcpy(f->seal_b.y, seal + 32, 32);
	fb_listen(f, endpoint, curve);
	fb_settings(f, endpoint, curve);
	f->own = arena_new(32 << 20);
	MUST(pthread_mutex_init(&f->lock, NULL) == 0);
	MUST(pthread_create(&f->thread, NULL, fb_thread, f) == 0);
	*state = f;
	return (0);
}

static inline int
fb_tear_down(void **state)
{
	static const char *const names[] = { "sign.key", "curve.key",
		"seal.key", "spool.key", "keten.yaml", "spool/data.mdb",
		"spool/lock.mdb", "spool/engine.lock" };
	struct false_broker *f = *state;
	char path[128];

	keten_close(f->k);
	MUST(pthread_mutex_lock(&f->lock) == 0);
	f->is_over = true;
	MUST(pthread_mutex_unlock(&f->lock) == 0);
	MUST(pthread_join(f->thread, NULL) == 0);
	(void)zmq_close(f->sock);
	(void)zmq_ctx_term(f->zmq);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof(path), "%s/spool", f->dir);
	(void)rmdir(path);
	(void)rmdir(f->dir);
	sign_free(f->introducer);
	sign_free(f->identity_b);
	sign_free(f->identity_k);
	sign_free(f->device_b);
	sign_free(f->device_k);
	sign_free(f->log);
	policy_free(f->policy);
	arena_free(f->a);
	arena_free(f->own);
	free(f);
	return (0);
}

/* What is going on, as far as it can be seen from here. */
struct fb_sight {
	uint64_t n_heard;
	size_t n_held;
	enum steward_state state;
};

static inline struct fb_sight
fb_look(struct false_broker *f)
{
	const struct steward *s = f->k->steward;
	struct fb_sight sight = { .n_held = s->n_held, .state = s->state };

	MUST(pthread_mutex_lock(&f->lock) == 0);
	sight.n_heard = f->n_heard;
	MUST(pthread_mutex_unlock(&f->lock) == 0);
	return (sight);
}

/* Has the device something to do that it did not begin yet? */
static inline bool
fb_is_busy(const struct steward *s)
{
	const int64_t now = fb_now();

	if (s->state == STEWARD_OFF)
		return (s->due_mono <= now + FB_SOON_MS);
	return (s->state != STEWARD_UP || s->n_held > 0 || s->is_asking ||
	    s->ack_mono != 0 ||
	    (s->hold_mono > now && s->hold_mono <= now + FB_SOON_MS));
}

/* Was the last PING answered?  Then send the next. */
static inline bool
fb_ping(struct false_broker *f)
{
	Keten__V1__FromBroker m = KETEN__V1__FROM_BROKER__INIT;
	Keten__V1__Ping ping = KETEN__V1__PING__INIT;
	bool answered;

	MUST(pthread_mutex_lock(&f->lock) == 0);
	answered = f->ponged == f->pinged;
	if (answered) {
		ping.n = ++f->pinged;
		m.body_case = KETEN__V1__FROM_BROKER__BODY_PING;
		m.ping = &ping;
		fb_send(f, &m, slice_of(NULL, 0));
	}
	MUST(pthread_mutex_unlock(&f->lock) == 0);
	return (answered);
}

/* A PING of a line that is gone is not answered. */
static inline void
fb_forget_ping(struct false_broker *f)
{
	MUST(pthread_mutex_lock(&f->lock) == 0);
	f->ponged = f->pinged;
	MUST(pthread_mutex_unlock(&f->lock) == 0);
}

/* Open the device, if it is not, and let both talk until neither has anything
 * more to say; at most ${ms}.  The answer to a PING comes behind everything
 * that the device said before, and what was sent before the PING is dealt with
 * before the next one. */
static inline void
fb_talk(struct false_broker *f, int64_t ms)
{
	int64_t from = fb_now();
	struct fb_sight now, was = { .n_heard = 0 };

	if (f->k == NULL && keten_open(f->config, &f->k) != 0)
		fail_msg("%s", keten_error(NULL));
	for (int quiet = 0; quiet <= FB_QUIET && fb_now() - from < ms;) {
		assert_int_equal(keten_run(f->k, 10), 0);
		now = fb_look(f);
		if (fb_is_busy(f->k->steward) || now.n_heard != was.n_heard ||
		    now.state != was.state)
			quiet = 0;
		if (now.state != was.state)
			fb_forget_ping(f);
		was = now;
		if (fb_is_busy(f->k->steward))
			continue;
		if (now.state == STEWARD_OFF || fb_ping(f))
			quiet++;
	}
}

#endif /* !FALSE_BROKER_H_ */
