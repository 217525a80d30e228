/*
 * validate -- may this be decided at all?
 */
#include <string.h>

#include "base/say.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/roots.h"
#include "ketend/validate.h"
#include "trust/digest.h"

/* A lane in this turn: how far its messages go. */
struct lane {
	struct org partner;
	uint8_t lane[STATEMENT_LANE];
	uint64_t next;
};

/* One turn's work. */
struct round {
	struct broker *b;
	size_t n_lanes;
	struct lane lane[TURN_MESSAGES];
	size_t n_checks; /* signatures to be checked */
	struct message *check[TURN_MESSAGES];
	size_t n_under; /* under a root that is checked already */
	struct message *under[TURN_MESSAGES];
};

static enum err
refuse(struct message *m, enum err err, const char *rule)
{
	m->err = err;
	m->rule = rule;
	return (err);
}

/* --- numbers ----------------------------------------------------------------- */

/* A lane that is new may be one too many. */
static enum err
check_new_lane(struct broker *b, struct message *m)
{
	size_t lanes = 0;
	enum err err;

	err = view_n_lanes(b->turn->txn, &m->session->partner, &lanes);
	if (err != ERR_OK)
		return (err);
	if (lanes >= b->set->lanes)
		return (refuse(m, ERR_TOO_FAST,
		    "te veel rijen (lanes) voor deze partner"));
	return (ERR_OK);
}

/**
 * validate_number(b, m, is_repeat, index):
 * Look up the number of the statement ${m} in the turn's transaction.
 */
enum err
validate_number(struct broker *b, struct message *m, bool *is_repeat,
    uint64_t *index)
{
	const struct org *who = &m->session->partner;
	const uint8_t *lane = m->st->lane.data;
	uint64_t last = 0;
	uint8_t hash[32];
	enum err err;

	*is_repeat = false;
	if ((err = view_lane(b->turn->txn, who, lane, &last)) != ERR_OK)
		return (err);
	m->expected = last + 1;
	if (m->st->number > last)
		return (m->st->number == last + 1 ? ERR_OK : ERR_GAP);
	err = view_seen(b->turn->txn, who, lane, m->st->number, index, hash);
	if (err == ERR_NOT_FOUND) /* its record was erased, with its number */
		return (ERR_CONTENT_GONE);
	if (err != ERR_OK)
		return (err);
	if (!digest_eq(hash, m->body_hash))
		return (ERR_NUMBER_REUSED);
	*is_repeat = true;
	return (ERR_OK);
}

/* The place of the message's lane in this turn; NULL: not there yet. */
static struct lane *
find_lane(struct round *r, const struct message *m)
{
	for (size_t i = 0; i < r->n_lanes; i++) {
		struct lane *l = &r->lane[i];

		if (memcmp(l->lane, m->st->lane.data, STATEMENT_LANE) == 0 &&
		    org_eq(&l->partner, &m->session->partner))
			return (l);
	}
	return (NULL);
}

static const char *
number_rule(enum err err)
{
	switch ((int)err) {
	case ERR_GAP:
		return ("nummers stijgen met een");
	case ERR_NUMBER_REUSED:
		return ("dit nummer hoort bij andere bytes");
	case ERR_CONTENT_GONE:
		return ("het antwoord op dit nummer is gewist");
	default:
		return (NULL);
	}
}

/* Its number, given what came before it in this turn. */
static enum err
check_number(struct round *r, struct message *m)
{
	struct lane *l = find_lane(r, m);
	enum err err;

	/* Leans on a message before it: decide looks again. */
	if (l != NULL && m->st->number == l->next) {
		l->next++;
		return (ERR_OK);
	}
	err = validate_number(r->b, m, &m->is_repeat, &m->repeat_index);
	if (number_rule(err) != NULL) {
		/* The same number twice in one turn: decide knows. */
		if (l != NULL && m->st->number < l->next &&
		    m->st->number >= m->expected)
			return (ERR_OK);
		return (refuse(m, err, number_rule(err)));
	}
	if (err != ERR_OK || m->is_repeat || l != NULL)
		return (err);
	if (m->st->number == 1 &&
	    (err = check_new_lane(r->b, m)) != ERR_OK)
		return (err);
	l = &r->lane[r->n_lanes++];
	l->partner = m->session->partner;
	memcpy(l->lane, m->st->lane.data, STATEMENT_LANE);
	l->next = m->st->number + 1;
	return (ERR_OK);
}

/* --- keys ---------------------------------------------------------------------- */

static bool
is_submit_only(const struct broker *b, const struct session *s)
{
	const struct keyring_device *d = keyring_device(b->keys, &s->partner,
	    s->device);

	return (d != NULL && d->role == KETEN__V1__DEVICE_ROLE__SUBMIT_ONLY);
}

/* What it may ask: whatever is everybody's, and nothing of its partner's. */
static bool
may_ask_submit_only(const Keten__V1__Query *q)
{
	switch ((int)q->body_case) {
	case KETEN__V1__QUERY__BODY_REFERRAL:
	case KETEN__V1__QUERY__BODY_OPEN_WORK:
	case KETEN__V1__QUERY__BODY_RESYNC:
	case KETEN__V1__QUERY__BODY_CONTENT:
	case KETEN__V1__QUERY__BODY_REPORT:
		return (false);
	case KETEN__V1__QUERY__BODY_RESOLVE: /* for what it may submit */
		return (q->resolve->referral.len == 0);
	default:
		return (true);
	}
}

static enum err
check_key(struct broker *b, struct message *m)
{
	const struct session *s = m->session;

	m->key = keyring_device(b->keys, &s->partner, s->device);
	if (m->key == NULL)
		return (refuse(m, ERR_KEY_NOT_VALID,
		    "dit apparaat heeft geen geldig certificaat"));
	if (keyring_has_expired(m->key->not_after_ms, b->turn->now_ms))
		return (refuse(m, ERR_KEY_NOT_VALID,
		    "het certificaat van dit apparaat is verlopen"));
	if (memcmp(m->envelope.key_id, m->key->key_id, SIGN_KEY_ID) != 0)
		return (refuse(m, ERR_KEY_NOT_VALID,
		    "ondertekend met een andere sleutel dan de geldige"));
	if (m->st != NULL && !keyring_may_say(m->key->role, m->st))
		return (refuse(m, ERR_KEY_NOT_VALID,
		    "dit apparaat mag alleen indienen"));
	return (ERR_OK);
}

/* What is signed has to be for this log and by this device. */
static enum err
check_origin(struct broker *b, struct message *m, const char *origin,
    const char *partner, const char *device)
{
	if (strcmp(origin, b->set->origin) != 0)
		return (refuse(m, ERR_BAD_ORIGIN, b->set->origin));
	if (strcmp(partner, m->session->partner.id) != 0 ||
	    strcmp(device, m->session->device) != 0)
		return (refuse(m, ERR_KEY_NOT_VALID,
		    "de verbinding is van een ander dan de afzender"));
	return (ERR_OK);
}

/* --- the kinds ------------------------------------------------------------------ */

static enum err
check_submit(struct round *r, struct message *m)
{
	struct broker *b = r->b;
	enum err err;

	err = check_origin(b, m, m->st->origin, m->st->partner, m->st->device);
	if (err != ERR_OK || (err = check_number(r, m)) != ERR_OK)
		return (err);
	if (m->is_repeat)
		return (ERR_OK);
	if (b->is_busy || b->clock_is_off || b->is_draining)
		return (refuse(m, ERR_BUSY, b->is_busy ? "de schijf is vol" :
		    b->clock_is_off ? "de klok wordt nagekeken" :
		    "de makelaar stopt"));
	if (!limits_allow(b->limits, &m->session->partner,
	    m->frame.content.len, b->turn->mono_ms))
		return (refuse(m, ERR_TOO_FAST,
		    "meer dan de afgesproken opdrachten"));
	return (check_key(b, m));
}

static enum err
check_ack(struct round *r, struct message *m)
{
	enum err err;

	err = check_origin(r->b, m, m->ack->origin, m->ack->partner,
	    m->ack->device);
	if (err != ERR_OK)
		return (err);
	if (!policy_has_mailbox(r->b->policy, &m->session->partner,
	    m->ack->mailbox))
		return (refuse(m, ERR_MALFORMED,
		    "deze brievenbus staat niet in het beleid"));
	/* Only who is given deliveries can say that they are safe. */
	if (strcmp(m->ack->mailbox, m->session->mailbox.id) != 0)
		return (refuse(m, ERR_MALFORMED,
		    "ack: deze verbinding leest een andere brievenbus"));
	/* Checking a signature that is wrong costs more than making it up. */
	if (limits_is_spent(r->b->limits, &m->session->partner,
	    r->b->turn->mono_ms))
		return (refuse(m, ERR_TOO_FAST,
		    "te veel dat vandaag geweigerd is"));
	return (check_key(r->b, m));
}

/* HELLO opens the session, so that what comes behind it is heard. */
static enum err
check_hello(struct round *r, struct message *m)
{
	Keten__V1__Hello *h = m->to->hello;
	struct broker *b = r->b;
	struct session *older = NULL;
	struct session *s = m->session;
	struct say_ctx ctx = { .partner = &s->partner, .device = s->user };
	const char *mailbox = h->mailbox[0] == '\0' ? "main" : h->mailbox;
	enum err err;

	if (h->lane.len != STATEMENT_LANE)
		return (refuse(m, ERR_MALFORMED, "hello: lane is 8 bytes"));
	if (!policy_has_mailbox(b->policy, &s->partner, mailbox))
		return (refuse(m, ERR_MALFORMED,
		    "hello: deze brievenbus staat niet in het beleid"));
	/* A device that may only submit takes no mailbox from one that reads
	 * it, and is sent nothing. */
	if (is_submit_only(b, s))
		mailbox = NULL;
	err = sessions_open(b->sessions, s, mailbox, b->turn->now_ms, &older);
	if (err != ERR_OK)
		return (refuse(m, ERR_BUSY, "geen geheugen"));
	memcpy(s->lane, h->lane.data, sizeof(s->lane));
	s->credit = 0; /* until it was welcomed */
	if (older != NULL && older != s)
		wire_replaced(b, older);
	say(SAY_CONNECT, &ctx, "mailbox %s", s->mailbox.id);
	return (ERR_OK);
}

/* How much reading a message asks for; 0: none worth counting. */
static uint32_t
cost_of(const struct message *m)
{
	if (m->to->body_case == KETEN__V1__TO_BROKER__BODY_HELLO)
		return (16);
	if (m->to->body_case != KETEN__V1__TO_BROKER__BODY_QUERY)
		return (0);
	switch ((int)m->to->query->body_case) {
	case KETEN__V1__QUERY__BODY_RESYNC:
	case KETEN__V1__QUERY__BODY_OPEN_WORK:
		return (32);
	case KETEN__V1__QUERY__BODY_RESOLVE:
	case KETEN__V1__QUERY__BODY_KEYS:
	case KETEN__V1__QUERY__BODY_CONTENT:
	case KETEN__V1__QUERY__BODY_CATALOGUE:
		return (4);
	default:
		return (1);
	}
}

static enum err
check_cost(struct round *r, struct message *m)
{
	uint32_t cost = cost_of(m);

	if (cost == 0 || limits_ask(r->b->limits, &m->session->partner, cost,
	    r->b->turn->mono_ms))
		return (ERR_OK);
	return (refuse(m, ERR_TOO_FAST, "te veel vragen achter elkaar"));
}

static enum err
check_query(struct round *r, struct message *m)
{
	if (may_ask_submit_only(m->to->query) ||
	    !is_submit_only(r->b, m->session))
		return (ERR_OK);
	return (refuse(m, ERR_NOT_ALLOWED,
	    "dit apparaat mag alleen indienen"));
}

static enum err
check_one(struct round *r, struct message *m)
{
	enum err err;

	if (!m->is_known)
		return (refuse(m, ERR_KEY_NOT_VALID,
		    "dit apparaat is ingetrokken of zijn certificaat "
		    "is verlopen"));
	if (m->err != ERR_OK)
		return (m->err);
	if ((err = check_cost(r, m)) != ERR_OK)
		return (err);
	if (m->to->body_case == KETEN__V1__TO_BROKER__BODY_HELLO)
		return (check_hello(r, m));
	if (!m->session->is_open)
		return (refuse(m, ERR_HELLO_FIRST, "eerst HELLO"));
	if (m->st != NULL)
		return (check_submit(r, m));
	if (m->ack != NULL)
		return (check_ack(r, m));
	if (m->to->body_case == KETEN__V1__TO_BROKER__BODY_QUERY)
		return (check_query(r, m));
	return (ERR_OK);
}

/* --- signatures ------------------------------------------------------------------ */

static const char signed_rule[] = "Ed25519 over de bytes van het bericht";

/* Any thread: writes only to its own message. */
static void
check_whole(void *cookie, size_t i)
{
	const struct round *r = cookie;
	struct message *m = r->check[i];

	m->err = envelope_check(&m->envelope, m->key->sign_key);
	m->rule = signed_rule;
}

/* As above, for one whose root is good. */
static void
check_path(void *cookie, size_t i)
{
	const struct round *r = cookie;
	struct message *m = r->under[i];

	m->err = envelope_check_path(&m->envelope);
	m->rule = "het pad naar de wortel van de partij klopt niet";
}

/*
 * Statements of one batch share a signature: the first that came under a root
 * is checked whole, and the others only need their path to it.  ${first}: by
 * the root's first byte, place in check[] + 1.  Two roots in one place only
 * cost a check.
 */
static bool
waits_for_root(const struct round *r, size_t first[256], struct message *m)
{
	size_t *place = &first[m->envelope.root[0]];
	const struct envelope *e;

	if (*place == 0) {
		*place = r->n_checks + 1;
		return (false);
	}
	e = &r->check[*place - 1]->envelope;
	return (m->key == r->check[*place - 1]->key &&
	    m->envelope.n == e->n && digest_eq(m->envelope.root, e->root) &&
	    memcmp(m->envelope.signature, e->signature, SIGN_SIG) == 0);
}

/* Was its signature checked ahead, with the key that counts? */
static bool
is_checked(struct message *m)
{
	if (m->by == NULL || m->by != m->key || !m->is_decoded)
		return (false);
	m->err = m->signed_err;
	m->rule = signed_rule;
	return (true);
}

/* Which have to be checked whole; which only need their path. */
static void
sort_checks(struct round *r, size_t n)
{
	const struct roots *roots = r->b->roots;
	size_t first[256] = { 0 };

	for (size_t i = 0; i < n; i++) {
		struct message *m = &r->b->turn->message[i];

		if (m->session == NULL || m->err != ERR_OK ||
		    m->key == NULL || is_checked(m))
			continue;
		if (m->envelope.is_batch &&
		    (roots_has(roots, &m->envelope, m->key->sign_key) ||
		    waits_for_root(r, first, m)))
			r->under[r->n_under++] = m;
		else
			r->check[r->n_checks++] = m;
	}
}

/* Remember the good roots; whoever leans on a bad one is checked itself, and
 * hears what is wrong with it. */
static void
keep_roots(struct round *r)
{
	size_t left = 0;

	for (size_t i = 0; i < r->n_checks; i++)
		if (r->check[i]->envelope.is_batch &&
		    r->check[i]->err == ERR_OK)
			roots_add(r->b->roots, &r->check[i]->envelope,
			    r->check[i]->key->sign_key);
	r->n_checks = 0;
	for (size_t i = 0; i < r->n_under; i++) {
		struct message *m = r->under[i];

		if (roots_has(r->b->roots, &m->envelope, m->key->sign_key))
			r->under[left++] = m;
		else
			r->check[r->n_checks++] = m;
	}
	r->n_under = left;
}

static void
check_signatures(struct round *r)
{
	crew_run(r->b->crew, r->n_checks, check_whole, r);
	keep_roots(r);
	crew_run(r->b->crew, r->n_under, check_path, r);
	crew_run(r->b->crew, r->n_checks, check_whole, r);
}

/**
 * validate_turn(b, n):
 * Look at the first ${n} messages of the turn.
 */
enum err
validate_turn(struct broker *b, size_t n)
{
	struct round *r;
	enum err err;

	if ((r = arena_zero(b->turn->in, 1, sizeof(*r))) == NULL)
		return (ERR_NOMEM);
	r->b = b;
	for (size_t i = 0; i < n; i++) {
		struct message *m = &b->turn->message[i];

		if (m->session == NULL)
			continue;
		err = check_one(r, m);
		if (err != m->err) /* not the partner's fault but ours */
			return (err);
	}
	sort_checks(r, n);
	check_signatures(r);
	return (ERR_OK);
}
