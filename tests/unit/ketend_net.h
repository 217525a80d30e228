#ifndef KETEND_NET_H_
#define KETEND_NET_H_

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <zmq.h>

#include "base/file.h"
#include "demo_policy.h"
#include "ketend/broker.h"
#include "ketend/pipeline.h"
#include "ketend/service.h"
#include "keten/v1/keys.pb-c.h"
#include "keten/v1/session.pb-c.h"
#include "trust/digest.h"
#include "wire/content.h"
#include "wire/pb.h"
#include "wire/statement.h"

/*
 * ketend_net -- for tests: a whole broker in this process, in a folder of its
 * own with the demo's policy, and devices that speak to it over real sockets.
 * Its turns are taken by hand: net_turns().
 */
#define NET_PORT_TEXT "tcp://127.0.0.1:*"
#define NET_ORIGIN "keten.voorbeeld.nl/demo"

struct net {
	struct demo demo;
	char config[128];
	struct settings set;
	struct broker *b;
	char endpoint[64];
	uint8_t server_key[32];
	struct arena *a;
	void *ctx; /* of the devices */
};

struct device {
	struct net *net;
	const char *partner;
	struct secret *curve;
	struct signer *sign;
	struct seal_key seal;
	uint8_t lane[8];
	uint64_t number;
	void *sock;
	struct frame frame;
	struct arena *a;
};

static inline void
net_ok(enum err err, const char *what)
{
	if (err != ERR_OK)
		fail_msg("%s: %s", what, err_text(err));
}

static inline struct signer *
net_identity(const char *name)
{
	uint8_t seed[SIGN_SEED] = { 0 };

	(void)snprintf((char *)seed, sizeof(seed), "%s", name);
	return (sign_new(seed));
}

/* Sign the policy source of the demo with the introducer. */
static inline void
net_sign_policy(struct net *n)
{
	struct signer *introducer = net_identity("introducer");
	struct conf *conf = NULL;
	struct slice envelope;
	char path[160];
	uint8_t *body;
	size_t len;

	net_ok(source_compile(n->demo.path, &body, &len, &conf), "policy");
	conf_close(conf);
	net_ok(envelope_make(n->a, ENVELOPE_POLICY, slice_of(body, len),
	    introducer, &envelope), "sign");
	(void)snprintf(path, sizeof(path), "%s/policy.signed",
	    n->demo.folder);
	net_ok(file_write(path, envelope.p, envelope.len, 0644), path);
	free(body);
	sign_free(introducer);
}

static inline void
net_key(struct net *n, const char *name, enum keyfile_kind kind)
{
	char path[160], why[KEYFILE_WHY];
	struct secret *s = keyfile_new(kind);
	struct keyfile_public pub;

	(void)snprintf(path, sizeof(path), "%s/%s.key", n->demo.folder, name);
	net_ok(keyfile_write(path, s, why), path);
	if (kind == KEYFILE_CURVE) {
		net_ok(keyfile_public(s, &pub), "public");
		memcpy(n->server_key, pub.b, sizeof(n->server_key));
	}
	keyfile_free(&s);
}

static inline void
net_settings(struct net *n, const char *more)
{
	struct signer *introducer = net_identity("introducer");
	char hex[65], text[2048], path[160];

	hex_encode(sign_public(introducer), 32, hex);
	sign_free(introducer);
	(void)snprintf(path, sizeof(path), "%s/store", n->demo.folder);
	(void)mkdir(path, 0700);
	(void)snprintf(text, sizeof(text),
	    "origin: " NET_ORIGIN "\nlisten: [\"" NET_PORT_TEXT "\"]\n"
	    "store: {path: store, map: 64 MiB, inhand: inhand, low: 0, "
	    "ballast: 0}\n"
	    "guard: guard\ncontrol: control\n"
	    "keys: {curve: curve.key, log: log.key}\n"
	    "policy: {file: policy.signed, introducer: \"%s\"}\n"
	    "log: {level: error}\n%s", hex, more);
	(void)snprintf(n->config, sizeof(n->config), "%s/ketend.yaml",
	    n->demo.folder);
	net_ok(file_write(n->config, text, strlen(text), 0644), n->config);
}

static inline void
net_start(struct net *n)
{
	size_t len = sizeof(n->endpoint);

	if (settings_read(n->config, &n->set) != ERR_OK) {
		conf_print_mistakes(n->set.conf, stderr);
		fail_msg("settings");
	}
	say_set("t", SAY_LEVEL_ERROR, SAY_TEXT);
	net_ok(service_open(&n->set, CLOCKWORK_CONTROL, NULL, &n->b), "open");
	assert_int_equal(zmq_getsockopt(n->b->wire.router, ZMQ_LAST_ENDPOINT,
	    n->endpoint, &len), 0);
}

/* Make everything and start the broker; ${more}: more settings. */
static inline void
net_open(struct net *n, const char *more)
{
	memset(n, 0, sizeof(*n));
	n->a = arena_new((size_t)16 << 20);
	assert_non_null(n->a);
	demo_begin(&n->demo);
	demo_write(&n->demo, NULL, NULL);
	net_sign_policy(n);
	net_key(n, "curve", KEYFILE_CURVE);
	net_key(n, "log", KEYFILE_LOG);
	net_settings(n, more);
	n->ctx = zmq_ctx_new();
	assert_non_null(n->ctx);
	net_start(n);
}

static inline void
net_stop(struct net *n)
{
	service_close(n->b);
	settings_free(&n->set);
	n->b = NULL;
}

static inline void
net_close(struct net *n)
{
	char command[160];

	net_stop(n);
	zmq_ctx_term(n->ctx);
	arena_free(n->a);
	(void)snprintf(command, sizeof(command), "rm -rf %s",
	    n->demo.folder);
	assert_int_equal(system(command), 0);
}

/* How long what has to come may take on a machine that is busy, in ms. */
#define NET_PATIENCE 60000

/* Take turns for ${ms}, or until ${sock} has something. */
static inline bool
net_turns(struct net *n, void *sock, int ms)
{
	int64_t until = clockwork_mono_ms() + ms;
	zmq_pollitem_t item = { sock, 0, ZMQ_POLLIN, 0 };

	do {
		control_read(n->b->control);
		net_ok(pipeline_turn(n->b), "turn");
		if (sock != NULL && zmq_poll(&item, 1, 0) > 0)
			return (true);
		zmq_poll(NULL, 0, 2);
	} while (clockwork_mono_ms() < until);
	return (false);
}

/* One request over the control socket; its data, or NULL if refused. */
static inline json_t *
net_ask(struct net *n, const char *request)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	json_t *answer, *data;
	char buf[65536];
	ssize_t len = -1;
	int fd;

	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s/control",
	    n->demo.folder);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_true(write(fd, request, strlen(request)) ==
	    (ssize_t)strlen(request));
	assert_true(write(fd, "\n", 1) == 1);
	for (int i = 0; i < NET_PATIENCE / 5 && len < 0; i++) {
		(void)net_turns(n, NULL, 5);
		len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	}
	assert_true(len > 0);
	close(fd);
	answer = json_loadb(buf, (size_t)len, JSON_DISABLE_EOF_CHECK, NULL);
	assert_non_null(answer);
	data = json_incref(json_object_get(answer, "data"));
	json_decref(answer);
	return (data);
}

/* --- devices ------------------------------------------------------------------ */

static inline json_t *
net_enrol(struct net *n, const Keten__V1__KeyStatement *key,
    const char *signed_by)
{
	struct signer *identity = net_identity(signed_by);
	struct slice body, envelope;
	char *text, request[8192];
	json_t *data;

	net_ok(pb_pack(n->a, &key->base, &body), "pack");
	net_ok(envelope_make(n->a, ENVELOPE_KEY, body, identity, &envelope),
	    "sign");
	sign_free(identity);
	text = malloc(BASE64_LEN(envelope.len));
	assert_non_null(text);
	(void)base64_encode(envelope.p, envelope.len, text);
	(void)snprintf(request, sizeof(request),
	    "{\"cmd\":\"enrol\",\"envelope\":\"%s\"}", text);
	free(text);
	data = net_ask(n, request);
	return (data);
}

static inline void
device_certify(struct device *d, uint64_t serial)
{
	Keten__V1__KeyStatement key = KETEN__V1__KEY_STATEMENT__INIT;
	Keten__V1__DeviceCertificate dev = KETEN__V1__DEVICE_CERTIFICATE__INIT;
	Keten__V1__SealingCertificate seal =
	    KETEN__V1__SEALING_CERTIFICATE__INIT;
	struct keyfile_public pub;
	json_t *data;

	key.version = 1;
	key.origin = pb_string(NET_ORIGIN);
	key.partner = pb_string(d->partner);
	key.made_ms = 1700000000000;
	key.body_case = KETEN__V1__KEY_STATEMENT__BODY_DEVICE;
	key.device = &dev;
	net_ok(keyfile_public(d->curve, &pub), "public");
	dev.device = pb_string("main");
	dev.serial = serial;
	dev.curve_key = pb_of(pub.b, 32);
	dev.sign_key = pb_of(sign_public(d->sign), 32);
	dev.role = KETEN__V1__DEVICE_ROLE__FULL;
	dev.not_after_ms = 4000000000000;
	data = net_enrol(d->net, &key, d->partner);
	assert_non_null(data);
	json_decref(data);

	key.body_case = KETEN__V1__KEY_STATEMENT__BODY_SEALING;
	key.sealing = &seal;
	seal.serial = serial;
	seal.key_x = pb_of(d->seal.pub.x, 32);
	seal.key_y = pb_of(d->seal.pub.y, 32);
	seal.not_after_ms = 4000000000000;
	data = net_enrol(d->net, &key, d->partner);
	assert_non_null(data);
	json_decref(data);
}

static inline void
device_connect(struct device *d)
{
	struct keyfile_public pub;

	net_ok(keyfile_public(d->curve, &pub), "public");
	d->sock = zmq_socket(d->net->ctx, ZMQ_DEALER);
	net_ok(zkeys_client(d->sock, d->net->server_key, pub.b, d->curve->b),
	    "client");
	assert_int_equal(zmq_connect(d->sock, d->net->endpoint), 0);
}

/* A device with new keys, not certified yet. */
static inline void
device_make(struct device *d, struct net *n, const char *partner)
{
	uint8_t seed[32];

	memset(d, 0, sizeof(*d));
	d->net = n;
	d->partner = partner;
	d->curve = keyfile_new(KEYFILE_CURVE);
	net_ok(digest_random(seed, sizeof(seed)), "random");
	d->sign = sign_new(seed);
	net_ok(seal_key_new(&d->seal), "seal");
	net_ok(digest_random(d->lane, sizeof(d->lane)), "random");
	d->a = arena_new((size_t)8 << 20);
	assert_true(d->curve != NULL && d->sign != NULL && d->a != NULL);
	frame_init(&d->frame);
}

/* End the connection; not with LINGER 0, see wire_close(). */
static inline void
device_hang_up(void *sock)
{
	const int linger = 100;

	(void)zmq_setsockopt(sock, ZMQ_LINGER, &linger, sizeof(linger));
	zmq_close(sock);
}

static inline void
device_close(struct device *d)
{
	frame_fini(&d->frame);
	if (d->sock != NULL)
		device_hang_up(d->sock);
	keyfile_free(&d->curve);
	sign_free(d->sign);
	arena_free(d->a);
}

static inline void
device_send(struct device *d, Keten__V1__ToBroker *msg, struct slice content)
{
	struct slice header;

	net_ok(frame_pack_to(d->a, msg, &header), "pack");
	net_ok(frame_send_dealer(d->sock, header, content), "send");
}

/* The next message that is not a ping; NULL if none comes. */
static inline Keten__V1__FromBroker *
device_recv(struct device *d, int ms)
{
	Keten__V1__FromBroker *msg;

	for (;;) {
		if (!net_turns(d->net, d->sock, ms))
			return (NULL);
		net_ok(frame_recv_dealer(d->sock, &d->frame), "recv");
		net_ok(frame_parse_from(d->a, d->frame.header, &msg, NULL),
		    "parse");
		if (msg->body_case != KETEN__V1__FROM_BROKER__BODY_PING)
			return (msg);
	}
}

/* HELLO; the WELCOME. */
static inline Keten__V1__Welcome *
device_hello(struct device *d, uint64_t last_delivery)
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__Hello h = KETEN__V1__HELLO__INIT;
	Keten__V1__FromBroker *got;

	msg.body_case = KETEN__V1__TO_BROKER__BODY_HELLO;
	msg.hello = &h;
	h.lane = pb_of(d->lane, sizeof(d->lane));
	h.last_delivery = last_delivery;
	h.credit = 100;
	device_send(d, &msg, slice_of(NULL, 0));
	got = device_recv(d, NET_PATIENCE);
	if (got == NULL || got->body_case !=
	    KETEN__V1__FROM_BROKER__BODY_WELCOME) {
		fail_msg("no WELCOME for %s", d->partner);
		abort(); /* it does not come back: the compiler may know */
	}
	d->number = got->welcome->last_number;
	return (got->welcome);
}

/* A device that is certified and welcome. */
static inline void
device_open(struct device *d, struct net *n, const char *partner)
{
	device_make(d, n, partner);
	device_certify(d, 1);
	device_connect(d);
	(void)device_hello(d, 0);
}

/* Sign and send a command under ${number}. */
static inline void
device_command(struct device *d, uint64_t number, const struct refid *id,
    Keten__V1__Command *c, struct slice content)
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__Statement st = KETEN__V1__STATEMENT__INIT;
	Keten__V1__Submit submit = KETEN__V1__SUBMIT__INIT;
	struct slice body, envelope;
	uint8_t nonce[32];

	net_ok(digest_random(nonce, sizeof(nonce)), "random");
	st.version = 1;
	st.origin = pb_string(NET_ORIGIN);
	st.partner = pb_string(d->partner);
	st.device = pb_string("main");
	st.lane = pb_of(d->lane, sizeof(d->lane));
	st.number = number;
	st.nonce = pb_of(nonce, sizeof(nonce));
	st.referral = pb_of(id->b, sizeof(id->b));
	st.policy_index = 1;
	st.actor = pb_string("TEST-01");
	st.made_ms = 1700000000000;
	st.body_case = KETEN__V1__STATEMENT__BODY_COMMAND;
	st.command = c;
	net_ok(pb_pack(d->a, &st.base, &body), "pack");
	net_ok(envelope_make(d->a, ENVELOPE_COMMAND, body, d->sign,
	    &envelope), "sign");
	msg.body_case = KETEN__V1__TO_BROKER__BODY_SUBMIT;
	msg.submit = &submit;
	submit.envelope = pb_data(envelope);
	device_send(d, &msg, content);
}

/* A part sealed for some devices, and its piece. */
static inline void
device_part(struct device *d, const struct refid *id,
    Keten__V1__PartKind kind, const char *text, struct device *const *to,
    size_t n, Keten__V1__Part *part, struct content_piece *piece)
{
	static const char *const names[] = { "", "note", "person", "text" };
	struct seal_public keys[SEAL_WRAPS_MAX];
	struct org from = org_of(d->partner);
	struct seal_made *made = arena_zero(d->a, 1, sizeof(*made));
	uint8_t *nonce = arena_zero(d->a, 2, 16 + 32);
	char aad[SEAL_AAD_MAX];
	size_t len;

	net_ok(digest_random(nonce, 16), "random");
	for (size_t i = 0; i < n; i++)
		keys[i] = to[i]->seal.pub;
	net_ok(seal_aad(NET_ORIGIN, &from, id, names[kind], nonce, aad, &len),
	    "aad");
	net_ok(seal_make(slice_str(text), slice_of(aad, len), keys, n, made),
	    "seal");
	keten__v1__part__init(part);
	memset(piece, 0, sizeof(*piece));
	net_ok(content_pack_sealed(d->a, &made->sealed, &piece->bytes,
	    piece->sha256), "sealed");
	piece->kind = kind;
	piece->n_wraps = n;
	piece->wraps = made->wraps;
	part->kind = kind;
	part->sha256 = pb_of(piece->sha256, 32);
	part->length = (uint32_t)made->sealed.ciphertext.len;
	part->plain_commit = pb_of(made->plain_commit, 32);
	part->nonce = pb_of(nonce, 16);
	part->n_wrapped_for = n;
	part->wrapped_for = arena_zero(d->a, n, sizeof(char *));
	for (size_t i = 0; i < n; i++)
		part->wrapped_for[i] = made->wraps[i].key_id;
	free(made->mem);
	made->mem = NULL;
}

/* Submit a SIG-101 with a note for ${to} and a person part for itself. */
static inline struct refid
device_submit(struct device *d, uint64_t number, struct device *const *to,
    size_t n)
{
	Keten__V1__Command c = KETEN__V1__COMMAND__INIT;
	Keten__V1__Header h = KETEN__V1__HEADER__INIT;
	Keten__V1__Part part[2], *parts[2] = { &part[0], &part[1] };
	struct content_piece *piece = arena_zero(d->a, 2, sizeof(*piece));
	struct slice content;
	uint8_t random[10];
	struct refid id;

	net_ok(digest_random(random, sizeof(random)), "random");
	id = refid_new(1700000000000, random);
	c.event = KETEN__V1__EVENT__SUBMIT;
	c.header = &h;
	h.code = pb_string("SIG-101");
	h.area = pb_string("WK085501");
	h.area_year = 2025;
	h.urgency = KETEN__V1__URGENCY__NORMAL;
	h.basis = pb_string("G-TOE");
	h.discussed = KETEN__V1__DISCUSSED__AGREES;
	device_part(d, &id, KETEN__V1__PART_KIND__NOTE,
	    "{\"text\":\"Gordijnen dicht.\"}", to, n, &part[0], &piece[0]);
	device_part(d, &id, KETEN__V1__PART_KIND__PERSON,
	    "{\"name\":\"Petronella Testmans\"}", to, 1, &part[1], &piece[1]);
	piece[1].part = 1;
	c.parts = parts;
	c.n_parts = 2;
	net_ok(content_pack(d->a, piece, 2, &content), "content");
	device_command(d, number, &id, &c, content);
	return (id);
}

#endif /* !KETEND_NET_H_ */
