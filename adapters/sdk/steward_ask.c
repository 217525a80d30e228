/*
 * steward -- questions to the broker, and the trust that comes from answers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/say.h"
#include "sdk/steward.h"
#include "sdk/steward_in.h"
#include "sdk/tidings.h"
#include "wire/frame.h"
#include "wire/pb.h"
#include "wire/prescan.h"

enum { ASK_MS = 10000, PATIENCE_MS = 200, KEYS_MAX = 512 };

/* Take the answer that arrived into ${a}. */
static MUST_CHECK enum err
take_answer(struct steward *s, struct arena *a, Keten__V1__FromBroker **reply,
    struct slice *content)
{
	struct held *h = s->answer;
	enum err err;

	s->answer = NULL;
	err = frame_parse_from(a, slice_of(h->bytes, h->header_len), reply,
	    NULL);
	if (err == ERR_OK && content != NULL &&
	    arena_copy(a, slice_of(h->bytes + h->header_len, h->content_len),
		content) != 0)
		err = ERR_NOMEM;
	free(h);
	return (err);
}

/* The refusal of a question, as an error of ours. */
static enum err
refusal_of(const Keten__V1__FromBroker *reply)
{
	enum err err;

	if (reply->body_case != KETEN__V1__FROM_BROKER__BODY_REFUSAL)
		return (ERR_OK);
	err = (enum err)reply->refusal->code;
	return (err_is_wire(err) ? err : ERR_INTERNAL);
}

static MUST_CHECK enum err
wait_answer(struct steward *s, int64_t end)
{
	enum err err = ERR_OK;

	while (err == ERR_OK && s->answer == NULL) {
		int64_t left = end - handle_mono();
		bool did = false;

		if (left <= 0 || s->state != STEWARD_UP ||
		    line_state(s->line) != LINE_OPEN)
			return (ERR_TIMEOUT);
		err = steward_pump(s, &did);
		if (err == ERR_OK && !did)
			line_wait(s->line, -1, left > 200 ? 200 : (int)left);
	}
	return (err);
}

static MUST_CHECK enum err
ask_once(struct steward *s, Keten__V1__Query *query, int64_t end,
    struct arena *a, Keten__V1__FromBroker **reply, struct slice *content)
{
	Keten__V1__ToBroker msg = KETEN__V1__TO_BROKER__INIT;
	enum err err;

	if (s->state != STEWARD_UP)
		return (ERR_TIMEOUT);
	free(s->answer);
	s->answer = NULL;
	query->id = ++s->query_id;
	msg.body_case = KETEN__V1__TO_BROKER__BODY_QUERY;
	msg.query = query;
	s->is_asking = true;
	err = steward_send(s, &msg, slice_of(NULL, 0));
	if (err == ERR_OK)
		err = wait_answer(s, end);
	s->is_asking = false;
	if (err == ERR_OK)
		err = take_answer(s, a, reply, content);
	return (err == ERR_OK ? refusal_of(*reply) : err);
}

/* Wait while the broker is asked too much, reading on. */
static MUST_CHECK enum err
be_patient(struct steward *s)
{
	int64_t end = handle_mono() + PATIENCE_MS, left;
	enum err err = ERR_OK;

	while (err == ERR_OK && s->state == STEWARD_UP &&
	    (left = end - handle_mono()) > 0) {
		bool did = false;

		line_wait(s->line, -1, (int)left);
		err = steward_pump(s, &did);
	}
	return (err);
}

enum err
steward_ask(struct steward *s, Keten__V1__Query *query, int timeout_ms,
    struct arena *a, Keten__V1__FromBroker **reply, struct slice *content)
{
	int64_t end = handle_mono() + timeout_ms;
	size_t mark = arena_used(a);
	enum err err;

	while ((err = ask_once(s, query, end, a, reply, content)) ==
	    ERR_TOO_FAST && handle_mono() + PATIENCE_MS < end) {
		arena_rewind(a, mark);
		if ((err = be_patient(s)) != ERR_OK)
			break;
	}
	return (err);
}

/* ---- the policy ----------------------------------------------------------- */

/* A document that is being got, page by page. */
struct document {
	uint8_t *bytes;
	size_t len, size;
	uint64_t index;
};

/* Put the page ${p} behind what there is.  A page that does not go on where
 * the last one stopped, of the same document, is none. */
static MUST_CHECK enum err
take_page(struct document *d, const Keten__V1__PolicyAnswer *p)
{
	uint8_t *more;

	/* Who knows no pages says no size. */
	if (d->len == 0) {
		d->index = p->index;
		d->size = p->size == 0 ? p->envelope.len : (size_t)p->size;
	}
	if (p->envelope.len == 0 || d->size > PRESCAN_POLICY_MAX ||
	    p->index != d->index || (p->size != 0 && p->size != d->size) ||
	    p->envelope.len > d->size - d->len)
		return (ERR_CORRUPT);
	if ((more = realloc(d->bytes, d->len + p->envelope.len)) == NULL)
		return (ERR_NOMEM);
	memcpy(more + d->len, p->envelope.data, p->envelope.len);
	d->bytes = more;
	d->len += p->envelope.len;
	return (ERR_OK);
}

static MUST_CHECK enum err
ask_page(struct steward *s, struct document *d)
{
	Keten__V1__Query q = KETEN__V1__QUERY__INIT;
	Keten__V1__PolicyQuery pq = KETEN__V1__POLICY_QUERY__INIT;
	struct arena *a = s->k->a;
	size_t mark = arena_used(a);
	Keten__V1__FromBroker *reply;
	enum err err;

	q.body_case = KETEN__V1__QUERY__BODY_POLICY;
	q.policy = &pq;
	pq.index = d->index;
	pq.from = d->len;
	err = steward_ask(s, &q, ASK_MS, a, &reply, NULL);
	if (err == ERR_OK)
		err = reply->answer->body_case ==
			KETEN__V1__ANSWER__BODY_POLICY
		    ? take_page(d, reply->answer->policy)
		    : ERR_CORRUPT;
	arena_rewind(a, mark);
	return (err);
}

/* Say that the policy shown is no good, and wait for a better one. */
static void
distrust(struct steward *s, const char *why)
{
	tidings_alarm(s->k, NULL, why);
	steward_hang_up(s, s->k->dev.reconnect_max_ms,
	    "Het beleid dat de makelaar toont is niet te vertrouwen (%s). "
	    "Bel beheer.", why);
}

#define CHECKPOINT_MS 1000

static MUST_CHECK enum err
take_policy(struct steward *s, struct slice envelope)
{
	struct spool_txn *txn = NULL;
	struct note_key key;
	const char *why = "";
	enum err err;

	if ((err = spool_begin(s->k->spool, true, &txn)) != ERR_OK)
		return (err);
	err = handle_take_policy(s->k, txn, envelope, &why);
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	if (err == ERR_OK) {
		say(SAY_POLICY, NULL, "policy %llu",
		    (unsigned long long)policy_index(s->k->policy));
		/* A new key of the log: look soon whether both sign. */
		if (handle_log_pending(s->k, &key))
			s->checkpoint_mono = handle_mono() + CHECKPOINT_MS;
	} else if (err != ERR_STORE && err != ERR_NOMEM) {
		distrust(s, why);
		err = ERR_TIMEOUT;
	}
	return (err);
}

enum err
steward_policy(struct steward *s)
{
	struct document d = { .bytes = NULL };
	enum err err;

	if (s->k->policy != NULL &&
	    policy_index(s->k->policy) >= s->policy_index)
		return (ERR_OK);
	do
		err = ask_page(s, &d);
	while (err == ERR_OK && d.len < d.size);
	if (err == ERR_OK)
		err = take_policy(s, slice_of(d.bytes, d.len));
	free(d.bytes);
	if (err == ERR_CORRUPT) {
		distrust(s, "het beleid komt niet heel over");
		return (ERR_TIMEOUT);
	}
	/* The broker may only ever have spoken of one it then shows. */
	if (err == ERR_OK && s->k->policy != NULL &&
	    policy_index(s->k->policy) < s->policy_index)
		s->policy_index = policy_index(s->k->policy);
	return (err_is_wire(err) ? ERR_TIMEOUT : err);
}

/* ---- certificates --------------------------------------------------------- */

static bool
is_fresh(const struct steward *s, const struct org *partner)
{
	for (size_t i = 0; i < s->n_fresh; i++)
		if (org_eq(&s->fresh[i], partner))
			return (true);
	return (false);
}

/* Check each certificate; keep those that are new and count. */
static MUST_CHECK enum err
take_certs(struct steward *s, const Keten__V1__Keys *keys)
{
	struct keten *k = s->k;
	struct spool_txn *txn = NULL;
	bool some = false;
	enum err err = spool_begin(k->spool, true, &txn);

	for (size_t i = 0; err == ERR_OK && i < keys->n_rows &&
	     i < KEYS_MAX; i++) {
		const Keten__V1__KeyRow *row = keys->rows[i];
		struct org partner;
		bool is_new = false;

		err = certs_add(k->certs, k->a, k->policy,
		    k->dev.introducer_key, row->index,
		    pb_slice(row->envelope), &partner, &is_new);
		/* One that does not count is no reason to doubt the rest. */
		if (err != ERR_OK && err != ERR_NOMEM) {
			say(SAY_KEY, NULL, "certificate %llu does not count: "
			    "%s", (unsigned long long)row->index,
			    err_name(err));
			err = ERR_OK;
		}
		if (err == ERR_OK && is_new)
			err = certs_keep(txn, row->index, &partner,
			    pb_slice(row->envelope));
		some = some || is_new;
	}
	if (err == ERR_OK && some)
		err = handle_trust_changed(txn);
	if (err == ERR_OK && some)
		err = spool_commit(&txn);
	spool_abort(&txn);
	return (err);
}

enum err
steward_certs(struct steward *s, const struct org *partner, bool again)
{
	Keten__V1__Query q = KETEN__V1__QUERY__INIT;
	Keten__V1__KeysQuery kq = KETEN__V1__KEYS_QUERY__INIT;
	struct arena *a = s->k->a;
	size_t mark = arena_used(a);
	Keten__V1__FromBroker *reply;
	bool more;
	enum err err;

	if (org_is_none(partner) || s->k->policy == NULL ||
	    (is_fresh(s, partner) && !again))
		return (ERR_OK);
	q.body_case = KETEN__V1__QUERY__BODY_KEYS;
	q.keys = &kq;
	kq.partner = pb_string(partner->id);
	do {
		const Keten__V1__Keys *keys = NULL;

		err = steward_ask(s, &q, ASK_MS, a, &reply, NULL);
		if (err == ERR_OK &&
		    reply->answer->body_case == KETEN__V1__ANSWER__BODY_KEYS)
			keys = reply->answer->keys;
		if (keys != NULL)
			err = take_certs(s, keys);
		more = err == ERR_OK && keys != NULL && keys->more &&
		    keys->n_rows > 0 &&
		    keys->rows[keys->n_rows - 1]->index > kq.after;
		if (more)
			kq.after = keys->rows[keys->n_rows - 1]->index;
		arena_rewind(a, mark);
	} while (more);
	if (err == ERR_OK && !is_fresh(s, partner) &&
	    s->n_fresh < STEWARD_FRESH)
		s->fresh[s->n_fresh++] = *partner;
	/* A partner the broker does not know has no keys. */
	return (err_is_wire(err) ? ERR_OK : err);
}

/* ---- waiting in somebody else's loop -------------------------------------- */

static void
watch(int epoll, int fd, uint32_t how)
{
	struct epoll_event e = { .events = how, .data = { .fd = fd } };

	/* One that is watched already is fine. */
	if (fd >= 0)
		(void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
}

int
steward_fd(struct steward *s)
{
	int fds[2];

	if (s->epoll_fd < 0) {
		s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
		if (s->epoll_fd < 0)
			return (-1);
		watch(s->epoll_fd, spool_wake_fd(s->k->spool), EPOLLIN);
	}
	/* Descriptors of a closed line leave the set by themselves. */
	if (s->line != NULL) {
		line_fds(s->line, fds);
		watch(s->epoll_fd, fds[0], EPOLLIN);
		watch(s->epoll_fd, fds[1], EPOLLIN);
	}
	return (s->epoll_fd);
}
