/*
 * bare -- the floor under every figure: ROUTER + CURVE + LMDB, nothing else.
 *
 *	bare ENDPOINT SECRET_HEX DIRECTORY
 *
 * It reads whatever is readable, puts each message into one table under the
 * next number, commits once, and answers every message with its number.  No
 * ZAP, no signature, no tree, no state, no outbox.  What Keten does besides is
 * measured against this.
 */
#include <lmdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zmq.h>

#include "base/bytes.h"

#define TURN 1024

struct one {
	zmq_msg_t route, header, content;
};

static MDB_env *env;
static MDB_dbi dbi;
static uint64_t number;
static volatile sig_atomic_t stop;

static void
on_term(int sig)
{
	(void)sig;
	stop = 1;
}

static void
must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "bare: %s failed\n", what);
		exit(1);
	}
}

static void
open_store(const char *dir)
{
	MDB_txn *txn;

	(void)mkdir(dir, 0700);
	must(mdb_env_create(&env) == 0 &&
		mdb_env_set_mapsize(env, (size_t)8 << 30) == 0 &&
		mdb_env_open(env, dir, 0, 0600) == 0 &&
		mdb_txn_begin(env, NULL, 0, &txn) == 0 &&
		mdb_dbi_open(txn, NULL, 0, &dbi) == 0 &&
		mdb_txn_commit(txn) == 0,
	    "opening the store");
}

/* Read one message if there is one. */
static bool
take(void *sock, struct one *m)
{
	zmq_msg_init(&m->route);
	zmq_msg_init(&m->header);
	zmq_msg_init(&m->content);
	if (zmq_msg_recv(&m->route, sock, ZMQ_DONTWAIT) < 0)
		return (false);
	must(zmq_msg_recv(&m->header, sock, 0) >= 0, "receiving");
	if (zmq_msg_more(&m->header))
		must(zmq_msg_recv(&m->content, sock, 0) >= 0, "receiving");
	return (true);
}

static void
put(MDB_txn *txn, uint64_t n, uint8_t part, zmq_msg_t *msg)
{
	uint8_t key[9];
	MDB_val k = { sizeof(key), key };
	MDB_val v = { zmq_msg_size(msg), zmq_msg_data(msg) };

	be64_put(key, n);
	key[8] = part;
	if (v.mv_size > 0)
		must(mdb_put(txn, dbi, &k, &v, MDB_APPEND) == 0, "writing");
}

static void
turn(void *sock, struct one *m, size_t n)
{
	MDB_txn *txn;

	must(mdb_txn_begin(env, NULL, 0, &txn) == 0, "beginning");
	for (size_t i = 0; i < n; i++) {
		put(txn, number + i, 0, &m[i].header);
		put(txn, number + i, 1, &m[i].content);
	}
	must(mdb_txn_commit(txn) == 0, "committing");
	for (size_t i = 0; i < n; i++) {
		uint8_t answer[8];

		be64_put(answer, number + i);
		(void)zmq_msg_send(&m[i].route, sock, ZMQ_SNDMORE);
		(void)zmq_send(sock, answer, sizeof(answer), 0);
		zmq_msg_close(&m[i].header);
		zmq_msg_close(&m[i].content);
	}
	number += n;
}

int
main(int argc, char **argv)
{
	static struct one m[TURN];
	uint8_t secret[32];
	int one = 1, max = 4096;
	void *ctx = zmq_ctx_new(), *sock = zmq_socket(ctx, ZMQ_ROUTER);

	must(argc == 4 && hex_decode(argv[2], secret, sizeof(secret)),
	    "reading the arguments");
	(void)signal(SIGTERM, on_term);
	open_store(argv[3]);
	zmq_setsockopt(sock, ZMQ_CURVE_SERVER, &one, sizeof(one));
	zmq_setsockopt(sock, ZMQ_CURVE_SECRETKEY, secret, sizeof(secret));
	zmq_setsockopt(sock, ZMQ_RCVHWM, &max, sizeof(max));
	zmq_setsockopt(sock, ZMQ_SNDHWM, &max, sizeof(max));
	must(zmq_bind(sock, argv[1]) == 0, "binding");
	puts("ready");
	fflush(stdout);
	while (!stop) {
		zmq_pollitem_t p = { .socket = sock, .events = ZMQ_POLLIN };
		size_t n = 0;

		(void)zmq_poll(&p, 1, 200);
		while (n < TURN && take(sock, &m[n]))
			n++;
		if (n > 0)
			turn(sock, m, n);
	}
	mdb_env_close(env);
	return (0);
}
