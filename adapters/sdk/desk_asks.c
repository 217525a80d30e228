/*
 * desk_asks -- questions to the broker from whatever process.
 */
#include <string.h>
#include <time.h>

#include "sdk/desk_asks.h"
#include "sdk/rows.h"
#include "wire/frame.h"
#include "wire/pb.h"

enum { ASKED = 0, ANSWERED = 1, ASK_MS = 10000, OLD_MS = 60000, NAP_MS = 10 };

/* ---- rows ----------------------------------------------------------------- */

static MUST_CHECK enum err
put_ask(struct spool_txn *txn, struct spool_key key, uint32_t state,
    struct slice query, struct slice header, struct slice content)
{
	struct row row;
	enum err err;

	row_init(&row);
	row_u32(&row, state);
	row_u64(&row, (uint64_t)handle_now());
	row_bytes(&row, query);
	row_bytes(&row, header);
	row_bytes(&row, content);
	err = row.bad ? ERR_NOMEM
		      : spool_put(txn, SPOOL_ASK, key, row_slice(&row));
	row_fini(&row);
	return (err);
}

struct ask_row {
	uint32_t state;
	int64_t made_ms;
	struct slice query, header, content;
};

static MUST_CHECK enum err
get_ask(struct spool_txn *txn, struct arena *a, struct spool_key key,
    struct ask_row *r)
{
	struct row_reader row;
	struct slice value;
	enum err err = spool_get(txn, SPOOL_ASK, key, a, &value);

	if (err != ERR_OK)
		return (err);
	row = row_read(value);
	r->state = row_get_u32(&row);
	r->made_ms = (int64_t)row_get_u64(&row);
	r->query = row_get_bytes(&row);
	r->header = row_get_bytes(&row);
	r->content = row_get_bytes(&row);
	return (row.bad ? ERR_CORRUPT : ERR_OK);
}

/* ---- the steward's side --------------------------------------------------- */

static MUST_CHECK enum err
write_answer(struct keten *k, struct spool_key key, struct slice header,
    struct slice content)
{
	struct spool_txn *txn = NULL;
	enum err err = spool_begin(k->spool, true, &txn);

	if (err == ERR_OK)
		err = put_ask(txn, key, ANSWERED, slice_of(NULL, 0), header,
		    content);
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	return (err);
}

static MUST_CHECK enum err
forget(struct keten *k, struct spool_key key)
{
	struct spool_txn *txn = NULL;
	enum err err = spool_begin(k->spool, true, &txn);

	if (err == ERR_OK)
		err = spool_del(txn, SPOOL_ASK, key);
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	return (err);
}

static MUST_CHECK enum err
serve(struct steward *s, struct spool_key key, const struct ask_row *r)
{
	struct arena *a = s->k->a;
	Keten__V1__FromBroker *reply;
	Keten__V1__Query *q;
	struct slice header, content = slice_of(NULL, 0);
	enum err err;

	err = pb_unpack(a, &keten__v1__query__descriptor, r->query,
	    &prescan_session, &q);
	if (err != ERR_OK)
		return (forget(s->k, key));
	err = steward_ask(s, q, ASK_MS, a, &reply, &content);
	if (err != ERR_OK && !err_is_wire(err))
		return (err);
	if ((err = frame_pack_from(a, reply, &header)) != ERR_OK)
		return (err);
	return (write_answer(s->k, key, header, content));
}

enum err
desk_asks_turn(struct steward *s, bool *did)
{
	struct spool_key key = { 0 };
	enum err err = ERR_OK;

	while (err == ERR_OK && s->state == STEWARD_UP) {
		size_t mark = arena_used(s->k->a);
		struct spool_txn *txn = NULL;
		struct ask_row r = { 0 };

		if ((err = spool_begin(s->k->spool, false, &txn)) != ERR_OK)
			return (err);
		err = spool_after(txn, SPOOL_ASK, &key);
		if (err == ERR_OK)
			err = get_ask(txn, s->k->a, key, &r);
		spool_abort(&txn);
		if (err == ERR_OK && handle_now() - r.made_ms > OLD_MS) {
			err = forget(s->k, key);
		} else if (err == ERR_OK && r.state == ASKED) {
			*did = true;
			err = serve(s, key, &r);
		}
		arena_rewind(s->k->a, mark);
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

/* ---- whoever asks --------------------------------------------------------- */

static void
nap(void)
{
	struct timespec t = { .tv_nsec = NAP_MS * 1000000L };

	(void)nanosleep(&t, NULL); /* waking early is fine */
}

enum err
desk_online(struct keten *k, int timeout_ms, struct steward **s)
{
	int64_t end = handle_mono() + timeout_ms;
	enum err err = ERR_OK;

	for (;;) {
		struct keten_connection c;

		*s = steward_of(k);
		if (*s != NULL && (*s)->state == STEWARD_UP)
			return (ERR_OK);
		if (*s == NULL && keten_connected(k, &c) == 0 && c.connected)
			return (ERR_OK);
		if (handle_mono() >= end)
			return (ERR_TIMEOUT);
		if (*s == NULL)
			nap();
		else if ((err = steward_turn(*s, 50)) != ERR_OK)
			return (err);
	}
}

/* Leave the question in the spool. */
static MUST_CHECK enum err
leave(struct keten *k, const Keten__V1__Query *query, struct spool_key *key)
{
	struct spool_txn *txn = NULL;
	size_t mark = arena_used(k->a);
	struct slice packed;
	enum err err = pb_pack(k->a, &query->base, &packed);

	*key = (struct spool_key){ 0 };
	if (err == ERR_OK)
		err = spool_begin(k->spool, true, &txn);
	if (err == ERR_OK) {
		err = spool_last(txn, SPOOL_ASK, key);
		*key = spool_key_num(
		    err == ERR_OK ? spool_key_get_num(key) + 1 : 1);
		if (err == ERR_NOT_FOUND)
			err = ERR_OK;
	}
	if (err == ERR_OK)
		err = put_ask(txn, *key, ASKED, packed, slice_of(NULL, 0),
		    slice_of(NULL, 0));
	if (err == ERR_OK)
		err = spool_commit(&txn);
	spool_abort(&txn);
	arena_rewind(k->a, mark);
	spool_wake(k->spool);
	return (err);
}

static MUST_CHECK enum err
look(struct keten *k, struct spool_key key, struct ask_row *r)
{
	struct spool_txn *txn = NULL;
	enum err err = spool_begin(k->spool, false, &txn);

	if (err == ERR_OK)
		err = get_ask(txn, k->a, key, r);
	spool_abort(&txn);
	return (err);
}

static MUST_CHECK enum err
ask_through(struct keten *k, const Keten__V1__Query *query, int64_t end,
    Keten__V1__FromBroker **reply, struct slice *content)
{
	struct spool_key key;
	struct ask_row r = { 0 };
	enum err err = leave(k, query, &key);

	while (err == ERR_OK) {
		size_t mark = arena_used(k->a);

		if ((err = look(k, key, &r)) != ERR_OK ||
		    r.state == ANSWERED)
			break;
		arena_rewind(k->a, mark);
		if (handle_mono() >= end)
			err = ERR_TIMEOUT;
		else
			nap();
	}
	if (err == ERR_OK)
		err = frame_parse_from(k->a, r.header, reply, NULL);
	if (err == ERR_OK && content != NULL)
		*content = r.content;
	if (forget(k, key) != ERR_OK && err == ERR_OK)
		err = ERR_STORE;
	return (err);
}

enum err
desk_ask(struct keten *k, Keten__V1__Query *query, int timeout_ms,
    Keten__V1__FromBroker **reply, struct slice *content)
{
	int64_t end = handle_mono() + timeout_ms;
	struct steward *s;
	enum err err = desk_online(k, timeout_ms, &s);

	if (err != ERR_OK)
		return (err);
	if (s != NULL)
		return (steward_ask(s, query, (int)(end - handle_mono()), k->a,
		    reply, content));
	err = ask_through(k, query, end, reply, content);
	if (err == ERR_OK && (*reply)->body_case ==
		KETEN__V1__FROM_BROKER__BODY_REFUSAL)
		err = (enum err)(*reply)->refusal->code;
	return (err);
}
