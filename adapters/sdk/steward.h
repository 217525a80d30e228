#ifndef STEWARD_H_
#define STEWARD_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "keten/v1/session.pb-c.h"
#include "sdk/handle.h"
#include "sdk/line.h"
#include "wire/arena.h"

/*
 * steward -- the one process of a spool that has the connection.
 *
 * A turn reads what arrived, keeps it in order in memory, and then does, one
 * after another: what came in (intake.h), orders that wait (dispatch.h), what
 * has to be sent.  Reading never writes to the spool, so a question to the
 * broker may be asked anywhere no transaction is open.
 */
enum steward_state {
	STEWARD_OFF,	  /* no line; the next one at due_mono */
	STEWARD_TRYING,	  /* a line, no HELLO yet */
	STEWARD_GREETING, /* HELLO sent, no WELCOME yet */
	STEWARD_UP,
};

/* A message that arrived and is not dealt with yet. */
struct held {
	struct held *next;
	size_t header_len;
	size_t content_len;
	uint8_t bytes[];
};

#define STEWARD_FRESH 256

struct steward {
	struct keten *k;
	void *zmq;
	struct line *line;
	enum steward_state state;
	int64_t due_mono;
	int64_t backoff_ms;
	int64_t up_since_ms;
	char why[256];	     /* why there is no connection */

	/* what WELCOME said */
	bool is_told;	     /* what its clock said, and it is not written yet: */
	int64_t told_ahead_ms; /* so much was it ahead of ours */
	uint32_t window;
	uint64_t last_number;
	uint64_t policy_index; /* newest the broker spoke of */
	char *checkpoint;    /* not looked at yet; owned */
	bool is_newest;	     /* ... and it is the newest published */

	/* sending */
	uint64_t cursor;     /* next number to send */
	uint64_t first_out;  /* oldest without an answer */
	uint64_t back_to;    /* what a GAP last made us go back to */
	bool is_stuck;	     /* the spool was put back: no new numbers */
	bool is_careful;     /* one at a time, to see what is refused */
	uint64_t unused_from; /* numbers from here on were certainly not
				 consumed; 0: not known */
	int64_t hold_mono;   /* send nothing before */
	int64_t answer_mono; /* an answer must come before, or all again */
	uint64_t seen_stamp; /* of the spool, when orders were last looked at */
	int64_t look_mono;   /* look again then, whatever the stamp */

	/* receiving */
	struct held *first, **last;
	size_t n_held;
	struct held *answer;
	uint64_t query_id;
	bool is_asking;
	uint64_t acked;	     /* in this session */
	uint32_t uncredited;
	int64_t ack_mono;    /* send an ACK then; 0: nothing to acknowledge */
	int64_t heard_mono;
	int64_t ping_mono;
	uint64_t purge_stamp;	 /* of the spool, when purge.h last looked */
	int behind;		 /* times the newest was smaller than ours */
	int still;		 /* times the newest did not cover what waits */
	int64_t checkpoint_mono; /* ask for a checkpoint then */
	bool wants_sync;	 /* the mailbox has a past that we have not */
	int64_t sync_mono;	 /* ... if nothing came by then; 0: no */
	uint64_t sync_stamp;	 /* of the spool, when that was last looked at */

	/* whose certificates were asked since keys changed last */
	uint64_t keys_index; /* as the broker said */
	int64_t keys_mono;   /* look after our own keys then */
	size_t strange;	     /* times that the broker did not know our key */
	size_t n_fresh;
	struct org fresh[STEWARD_FRESH];
	int epoll_fd;
};

/* Deliveries that may be on their way to us. */
#define STEWARD_CREDIT 64

/**
 * steward_of(k):
 * Return the steward of ${k}, becoming it if nobody else is; NULL if another
 * process has the connection.
 */
struct steward *steward_of(struct keten *k);

/**
 * steward_free(s):
 * Close the line and free ${s}.  steward_free(NULL) does nothing.
 */
void steward_free(struct steward *s);

/**
 * steward_turn(s, timeout_ms):
 * Do what there is to do; wait at most ${timeout_ms} if there is nothing.
 */
MUST_CHECK enum err steward_turn(struct steward *s, int timeout_ms);

/**
 * steward_send(s, msg, content):
 * Send one message on the line; a line that does not take it is closed.
 */
MUST_CHECK enum err steward_send(struct steward *s,
    Keten__V1__ToBroker *msg, struct slice content);

/**
 * steward_ask(s, query, timeout_ms, a, reply, content):
 * Ask the broker and wait for its answer, while everything else that arrives
 * is kept for later.  No transaction may be open.  ${reply} and ${content}
 * (may be NULL) are in ${a}.  The code of a refusal, with ${reply} then the
 * refusal; ERR_TIMEOUT.
 */
MUST_CHECK enum err steward_ask(struct steward *s, Keten__V1__Query *query,
    int timeout_ms, struct arena *a, Keten__V1__FromBroker **reply,
    struct slice *content);

/**
 * steward_hang_up(s, wait_ms, fmt, ...):
 * Close the line, say why, and try again after about ${wait_ms} (0: the next
 * step of the backoff).
 */
void steward_hang_up(struct steward *s, int64_t wait_ms, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * steward_now(s):
 * Return the broker's time, as far as it is known.
 */
int64_t steward_now(const struct steward *s);

/**
 * steward_certs(s, partner, again):
 * See that the certificates of ${partner} are known: asked once until the
 * broker says that keys have changed, or again if ${again}.
 */
MUST_CHECK enum err steward_certs(struct steward *s,
    const struct org *partner, bool again);

/**
 * steward_policy(s):
 * See that the policy is the newest the broker spoke of.
 */
MUST_CHECK enum err steward_policy(struct steward *s);

/**
 * steward_unhold(s):
 * Let go of the oldest message that is kept.
 */
void steward_unhold(struct steward *s);

/**
 * steward_rekeyed(s):
 * Something changed, or was refused because of a key: look again, in the
 * folder and at the broker, before anything else is sent.
 */
void steward_rekeyed(struct steward *s);

/**
 * steward_fd(s):
 * Return a descriptor that is readable when there may be work; -1 if the
 * system gives none.
 */
int steward_fd(struct steward *s);

#endif /* !STEWARD_H_ */
