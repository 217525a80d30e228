/*
 * load -- what 16 partners send at once, to Keten and to the bare loop.
 *
 *	load CONFIG
 *
 * CONFIG has lines "word value ...":
 *	keten E   bare E        (where they listen; one may be left out)
 *	server_key HEX   origin O
 *	policy N   code C   area A   basis B   messages N   single N   window N
 *	batch N                 (statements under one signature; 1: single)
 *	client PARTNER DIR      (up to 16: keys of its device "main")
 *	candidate PARTNER DIR   (connected, takes and acknowledges deliveries)
 *	recipient PARTNER DIR   (whom the parts are sealed for besides)
 *
 * Everything is sealed and signed before the clock starts, and both get the
 * same bytes.  First ${single} messages go one at a time, then the rest with
 * ${window} in flight on each connection.  The clock stops at the last receipt;
 * how many deliveries had arrived by then, for each command, is told too.  One
 * line of JSON comes out.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <zmq.h>

#include "base/bytes.h"
#include "help/goods.h"
#include "trust/digest.h"
#include "trust/keyfile.h"
#include "trust/leaf.h"
#include "wire/envelope.h"
#include "wire/frame.h"
#include "wire/pb.h"
#include "wire/zkeys.h"

#define CLIENTS 16
#define CANDIDATES 4
#define RECIPIENTS 8
#define ACK_EVERY 64
#define CREDIT 4096

struct peer {
	struct org name;
	struct signer *signer;
	struct secret *curve;
	struct keyfile_public curve_pub;
	struct seal_key seal;
	void *sock;
	uint8_t lane[8];
	struct goods *out; /* clients: what to send */
	size_t n_out, sent, answered, refused;
	uint64_t seq, acked, granted; /* candidates */
	uint8_t running[32];
};

static struct {
	bool bare; /* whom it talks to now */
	char to_keten[128], to_bare[128], origin[128], code[16], area[16], basis[16];
	uint8_t server_key[32];
	uint64_t policy;
	size_t messages, single, window, batch;
	struct peer clients[CLIENTS], candidates[CANDIDATES];
	struct peer recipients[RECIPIENTS];
	size_t n_clients, n_candidates, n_recipients;
	struct arena *arena;
	void *ctx;
} w;

static void
must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "load: %s failed\n", what);
		exit(1);
	}
}

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return ((double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

/* ---- set-up ------------------------------------------------------------------ */

static struct secret *
key(const char *dir, const char *name, enum keyfile_kind kind)
{
	char path[512], why[KEYFILE_WHY];
	struct secret *s = NULL;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (keyfile_read(path, kind, &s, why) != ERR_OK) {
		fprintf(stderr, "load: %s\n", why);
		exit(1);
	}
	return (s);
}

static void
add_peer(struct peer *list, size_t *n, size_t max, const char *name,
    const char *dir)
{
	struct peer *p = &list[(*n)++];
	struct secret *s;

	must(*n <= max, "room for one more peer");
	p->name = org_of(name);
	s = key(dir, "sign.key", KEYFILE_SIGN);
	p->signer = sign_new(s->b);
	keyfile_free(&s);
	s = key(dir, "seal.key", KEYFILE_SEAL);
	must(keyfile_seal_key(s, &p->seal) == ERR_OK, "a sealing key");
	keyfile_free(&s);
	p->curve = key(dir, "curve.key", KEYFILE_CURVE);
	must(keyfile_public(p->curve, &p->curve_pub) == ERR_OK, "a key");
	must(digest_random(p->lane, sizeof(p->lane)) == ERR_OK, "chance");
}

static void
read_line(const char *word, const char *a, const char *b)
{
	if (strcmp(word, "keten") == 0)
		(void)snprintf(w.to_keten, sizeof(w.to_keten), "%.127s", a);
	else if (strcmp(word, "bare") == 0)
		(void)snprintf(w.to_bare, sizeof(w.to_bare), "%.127s", a);
	else if (strcmp(word, "origin") == 0)
		(void)snprintf(w.origin, sizeof(w.origin), "%.127s", a);
	else if (strcmp(word, "server_key") == 0)
		must(hex_decode(a, w.server_key, 32), "the server's key");
	else if (strcmp(word, "code") == 0)
		(void)snprintf(w.code, sizeof(w.code), "%.15s", a);
	else if (strcmp(word, "area") == 0)
		(void)snprintf(w.area, sizeof(w.area), "%.15s", a);
	else if (strcmp(word, "basis") == 0)
		(void)snprintf(w.basis, sizeof(w.basis), "%.15s", a);
	else if (strcmp(word, "policy") == 0)
		w.policy = strtoull(a, NULL, 10);
	else if (strcmp(word, "messages") == 0)
		w.messages = strtoul(a, NULL, 10);
	else if (strcmp(word, "single") == 0)
		w.single = strtoul(a, NULL, 10);
	else if (strcmp(word, "window") == 0)
		w.window = strtoul(a, NULL, 10);
	else if (strcmp(word, "batch") == 0)
		w.batch = strtoul(a, NULL, 10);
	else if (strcmp(word, "client") == 0)
		add_peer(w.clients, &w.n_clients, CLIENTS, a, b);
	else if (strcmp(word, "candidate") == 0)
		add_peer(w.candidates, &w.n_candidates, CANDIDATES, a, b);
	else if (strcmp(word, "recipient") == 0)
		add_peer(w.recipients, &w.n_recipients, RECIPIENTS, a, b);
	else
		must(false, word);
}

static void
read_config(const char *path)
{
	char line[1024], word[64], a[512], b[512];
	FILE *f = fopen(path, "re");

	must(f != NULL, "opening the configuration");
	while (fgets(line, sizeof(line), f) != NULL) {
		b[0] = '\0';
		if (sscanf(line, "%63s %511s %511s", word, a, b) >= 2)
			read_line(word, a, b);
	}
	(void)fclose(f);
}

/* ---- making what is sent --------------------------------------------------------- */

static void
make_all(void)
{
	struct seal_public to[RECIPIENTS];
	const struct goods_plan plan = { .origin = w.origin, .code = w.code,
		.area = w.area, .basis = w.basis, .policy = w.policy,
		.batch = w.batch, .n_to = w.n_recipients, .to = to };

	for (size_t i = 0; i < w.n_recipients; i++)
		to[i] = w.recipients[i].seal.pub;
	for (size_t c = 0; c < w.n_clients; c++) {
		struct peer *p = &w.clients[c];
		const struct goods_sender from = { .name = &p->name,
			.signer = p->signer, .seal = &p->seal,
			.lane = p->lane };
		size_t single = c == 0 ? w.single : 0;

		p->n_out = w.messages / w.n_clients + single;
		p->out = calloc(p->n_out, sizeof(*p->out));
		must(p->out != NULL, "memory");
		goods_make(w.arena, &plan, &from, single, p->n_out, p->out);
	}
}

/* ---- talking ------------------------------------------------------------------------ */

static void
send_to(struct peer *p, Keten__V1__ToBroker *to)
{
	struct slice header;

	must(frame_pack_to(w.arena, to, &header) == ERR_OK &&
		frame_send_dealer(p->sock, header, slice_of(NULL, 0)) ==
		    ERR_OK,
	    "sending");
}

static void
give_credit(struct peer *p)
{
	Keten__V1__ToBroker to = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__Credit credit = KETEN__V1__CREDIT__INIT;

	credit.n = CREDIT;
	p->granted += credit.n;
	to.body_case = KETEN__V1__TO_BROKER__BODY_CREDIT;
	to.credit = &credit;
	send_to(p, &to);
}

static void
send_ack(struct peer *p)
{
	Keten__V1__ToBroker to = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__SendAck send = KETEN__V1__SEND_ACK__INIT;
	Keten__V1__Ack ack = KETEN__V1__ACK__INIT;
	struct slice body, envelope;

	ack.version = 1;
	ack.origin = pb_string(w.origin);
	ack.partner = pb_string(p->name.id);
	ack.device = pb_string("main");
	ack.mailbox = pb_string("main");
	ack.n = p->seq;
	ack.running_hash = pb_of(p->running, 32);
	ack.made_ms = goods_now_ms();
	must(pb_pack(w.arena, &ack.base, &body) == ERR_OK &&
		envelope_make(w.arena, ENVELOPE_ACK, body, p->signer,
		    &envelope) == ERR_OK,
	    "signing an acknowledgement");
	send.envelope = pb_data(envelope);
	to.body_case = KETEN__V1__TO_BROKER__BODY_ACK;
	to.ack = &send;
	send_to(p, &to);
	p->acked = p->seq;
}

/* A candidate takes a delivery: the chain of its mailbox, then the ACK. */
static void
take_delivery(struct peer *p, const Keten__V1__Delivery *d)
{
	uint8_t leaf[32];

	must(d->record != NULL && d->seq == p->seq + 1, "the mailbox's order");
	digest_leaf(pb_slice(d->record->leaf), leaf);
	leaf_running(p->running, d->seq, leaf, p->running);
	must(d->running_hash.len == 32 &&
		memcmp(d->running_hash.data, p->running, 32) == 0,
	    "the running hash");
	p->seq = d->seq;
	if (p->seq - p->acked >= ACK_EVERY)
		send_ack(p);
	if (p->granted - p->seq < CREDIT / 2)
		give_credit(p);
}

static void
take_answer(struct peer *p, const struct frame *f)
{
	Keten__V1__FromBroker *from;

	arena_reset(w.arena);
	must(frame_parse_from(w.arena, f->header, &from, NULL) == ERR_OK,
	    "reading an answer");
	if (from->body_case == KETEN__V1__FROM_BROKER__BODY_RECEIPT)
		p->answered++;
	else if (from->body_case == KETEN__V1__FROM_BROKER__BODY_DELIVERY)
		take_delivery(p, from->delivery);
	else if (from->body_case == KETEN__V1__FROM_BROKER__BODY_REFUSAL) {
		if (p->refused++ == 0)
			fprintf(stderr, "load: refused: %d %s %s\n",
			    (int)from->refusal->code, from->refusal->rule,
			    from->refusal->text);
		p->answered++;
	}
}

/* Take whatever came in for ${p}. */
static void
drain(struct peer *p, struct frame *f)
{
	while (frame_recv_dealer(p->sock, f) == ERR_OK) {
		if (w.bare)
			p->answered++;
		else
			take_answer(p, f);
	}
}

static void
say_hello(struct peer *p)
{
	Keten__V1__ToBroker to = KETEN__V1__TO_BROKER__INIT;
	Keten__V1__Hello hello = KETEN__V1__HELLO__INIT;
	struct frame f;
	zmq_pollitem_t item = { .socket = p->sock, .events = ZMQ_POLLIN };

	arena_reset(w.arena);
	hello.lane = pb_of(p->lane, sizeof(p->lane));
	hello.mailbox = pb_string("main");
	hello.software = pb_string("bench/1.0");
	hello.credit = CREDIT;
	p->granted = CREDIT;
	to.body_case = KETEN__V1__TO_BROKER__BODY_HELLO;
	to.hello = &hello;
	send_to(p, &to);
	frame_init(&f);
	must(zmq_poll(&item, 1, 5000) == 1 &&
		frame_recv_dealer(p->sock, &f) == ERR_OK,
	    "waiting for WELCOME");
	frame_fini(&f);
}

static void
connect_peer(struct peer *p)
{
	int hwm = 0;

	p->sock = zmq_socket(w.ctx, ZMQ_DEALER);
	must(p->sock != NULL &&
		zkeys_client(p->sock, w.server_key, p->curve_pub.b,
		    p->curve->b) == ERR_OK &&
		zmq_setsockopt(p->sock, ZMQ_SNDHWM, &hwm, sizeof(hwm)) == 0 &&
		zmq_setsockopt(p->sock, ZMQ_RCVHWM, &hwm, sizeof(hwm)) == 0 &&
		zmq_connect(p->sock, w.bare ? w.to_bare : w.to_keten) ==
		    0,
	    "connecting");
	if (!w.bare)
		say_hello(p);
}

static void
push(struct peer *p)
{
	const struct goods *m = &p->out[p->sent++];

	must(frame_send_dealer(p->sock, slice_of(m->header, m->header_len),
		 slice_of(m->content, m->content_len)) == ERR_OK,
	    "sending");
}

/* Wait until something is readable, and read it. */
static void
wait_all(struct frame *f)
{
	zmq_pollitem_t items[CLIENTS + CANDIDATES];
	struct peer *peers[CLIENTS + CANDIDATES];
	size_t n = 0;

	for (size_t i = 0; i < w.n_clients; i++)
		peers[n++] = &w.clients[i];
	for (size_t i = 0; !w.bare && i < w.n_candidates; i++)
		peers[n++] = &w.candidates[i];
	for (size_t i = 0; i < n; i++)
		items[i] = (zmq_pollitem_t){ .socket = peers[i]->sock,
			.events = ZMQ_POLLIN };
	must(zmq_poll(items, (int)n, 20000) > 0, "waiting for an answer");
	for (size_t i = 0; i < n; i++)
		if ((items[i].revents & ZMQ_POLLIN) != 0)
			drain(peers[i], f);
}

/* ---- measuring ------------------------------------------------------------------------ */

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x < y ? -1 : x > y);
}

static double
one_at_a_time(struct frame *f)
{
	double *took = calloc(w.single + 1, sizeof(*took)), median;
	struct peer *p = &w.clients[0];

	must(took != NULL, "memory");
	for (size_t i = 0; i < w.single; i++) {
		double began = now();

		push(p);
		while (p->answered < i + 1)
			wait_all(f);
		took[i] = now() - began;
	}
	qsort(took, w.single, sizeof(*took), by_size);
	median = took[w.single / 2];
	free(took);
	return (median);
}

static bool
all_answered(void)
{
	for (size_t i = 0; i < w.n_clients; i++)
		if (w.clients[i].answered < w.clients[i].n_out)
			return (false);
	return (true);
}

static double
cpu(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return ((double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6);
}

static double
many_in_flight(struct frame *f)
{
	double began = now();

	while (!all_answered()) {
		for (size_t i = 0; i < w.n_clients; i++) {
			struct peer *p = &w.clients[i];

			while (p->sent < p->n_out &&
			    p->sent - p->answered < w.window)
				push(p);
		}
		wait_all(f);
	}
	return (now() - began);
}

/* How many deliveries the candidates have, for each command. */
static double
delivered(void)
{
	uint64_t n = 0;

	for (size_t i = 0; i < w.n_candidates; i++)
		n += w.candidates[i].seq;
	return ((double)n / (double)(w.messages + w.single));
}

static size_t
refusals(void)
{
	size_t n = 0;

	for (size_t i = 0; i < w.n_clients; i++)
		n += w.clients[i].refused;
	return (n);
}

static void
start(const char *path)
{
	must(zkeys_seed() == ERR_OK, "starting");
	w.arena = arena_new((size_t)16 << 20);
	w.ctx = zmq_ctx_new();
	must(w.arena != NULL && w.ctx != NULL, "starting");
	w.batch = 1;
	read_config(path);
	make_all();
}

static void
connect_all(void)
{
	for (size_t i = 0; i < w.n_clients; i++)
		connect_peer(&w.clients[i]);
	for (size_t i = 0; !w.bare && i < w.n_candidates; i++)
		connect_peer(&w.candidates[i]);
}

/* Leave, so that the other one can be talked to with the same messages. */
static void
disconnect_all(void)
{
	for (size_t i = 0; i < w.n_clients; i++) {
		(void)zmq_close(w.clients[i].sock); /* it is a socket */
		w.clients[i].sent = w.clients[i].answered = 0;
		w.clients[i].refused = 0;
	}
	for (size_t i = 0; !w.bare && i < w.n_candidates; i++)
		(void)zmq_close(w.candidates[i].sock); /* as above */
}

/* All there is to measure of one of the two. */
static void
measure(const char *name)
{
	struct frame f;
	double median, took, used;

	frame_init(&f);
	connect_all();
	median = one_at_a_time(&f);
	used = cpu();
	took = many_in_flight(&f);
	used = cpu() - used;
	must(refusals() == 0, "being taken");
	printf("\"%s\":{\"median_ms\":%.4f,\"per_second\":%.1f,"
	       "\"load_cpu_us\":%.1f,\"delivered\":%.2f},",
	    name, median * 1000, (double)w.messages / took,
	    used / (double)w.messages * 1e6, w.bare ? 0 : delivered());
	disconnect_all();
	frame_fini(&f);
}

int
main(int argc, char **argv)
{
	must(argc == 2, "reading the arguments");
	start(argv[1]);
	printf("{");
	if (w.to_keten[0] != '\0')
		measure("keten");
	w.bare = true;
	if (w.to_bare[0] != '\0')
		measure("bare");
	printf("\"messages\":%zu,\"single\":%zu,\"batch\":%zu,"
	       "\"bytes\":%zu}\n",
	    w.messages, w.single, w.batch,
	    w.clients[0].out[0].header_len + w.clients[0].out[0].content_len);
	return (0);
}
