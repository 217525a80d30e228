/*
 * session -- the connections there are, and who is reachable.
 */
#include <stdlib.h>
#include <string.h>

#include "ketend/names.h"
#include "ketend/session.h"

/* Whether a partner can be reached. */
struct presence {
	size_t open;	  /* sessions */
	int64_t since_ms; /* that it is 0 */
};

struct sessions {
	struct names *by_route;
	struct names *by_mailbox; /* partner NUL mailbox -> its consumer */
	struct names *presence;	  /* partner -> struct presence */
	uint64_t order;
	int64_t started_ms;
	size_t partners;
	struct session *first_ready;
	struct session **last_ready; /* where the next one is hung */
};

static const char *const end_names[] = {
	[SESSION_GONE] = "gone",
	[SESSION_REPLACED] = "replaced",
	[SESSION_MANY] = "replaced",
	[SESSION_REVOKED] = "revoked",
	[SESSION_REKEYED] = "rekeyed",
	[SESSION_DRAIN] = "drain",
	[SESSION_DONE] = "done",
};

_Static_assert(sizeof(end_names) / sizeof(end_names[0]) == SESSION_END__MAX,
    "every end has a name");

/* Mailboxes are named like partners, so two names make one key. */
struct mailbox_key {
	struct org partner;
	struct org mailbox;
};

_Static_assert(sizeof(struct mailbox_key) <= NAMES_KEY, "it is a key");

static struct mailbox_key
mailbox_key(const struct org *partner, const char *mailbox)
{
	return ((struct mailbox_key){ *partner, org_of(mailbox) });
}

static struct mailbox_key
key_of(const struct session *s)
{
	return ((struct mailbox_key){ s->partner, s->mailbox });
}

/* The place of a session that reads no mailbox: no mailbox has that name. */
static struct mailbox_key
nowhere(const struct session *s)
{
	struct mailbox_key key = { .partner = s->partner };

	key.mailbox.id[0] = '.';
	memcpy(key.mailbox.id + 1, s->device,
	    strnlen(s->device, sizeof(key.mailbox.id) - 2));
	return (key);
}

/**
 * sessions_new():
 * Return an empty table, or NULL.
 */
struct sessions *
sessions_new(void)
{
	struct sessions *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (NULL);
	t->last_ready = &t->first_ready;
	t->by_route = names_new();
	t->by_mailbox = names_new();
	t->presence = names_new();
	if (t->by_route == NULL || t->by_mailbox == NULL ||
	    t->presence == NULL) {
		sessions_free(t);
		return (NULL);
	}
	return (t);
}

/**
 * sessions_find(t, route):
 * Return the session of that connection, or NULL.
 */
struct session *
sessions_find(const struct sessions *t, const uint8_t route[FRAME_ROUTE_LEN])
{
	return (names_get(t->by_route, route, FRAME_ROUTE_LEN));
}

/* Split "partner/device". */
static enum err
split_user(const char *user, struct org *partner, char device[ORG_MAX + 1])
{
	const char *slash = strchr(user, '/');
	char head[ORG_MAX + 1] = "";
	struct org who, what;

	if (slash == NULL || (size_t)(slash - user) > ORG_MAX)
		return (ERR_MALFORMED);
	memcpy(head, user, (size_t)(slash - user));
	who = org_of(head);
	what = org_of(slash + 1);
	if (org_is_none(&who) || org_is_none(&what))
		return (ERR_MALFORMED);
	*partner = who;
	memcpy(device, what.id, sizeof(what.id));
	return (ERR_OK);
}

/**
 * sessions_add(t, f, mono_ms, s):
 * Make the session of the connection on which ${f} came.
 */
enum err
sessions_add(struct sessions *t, const struct frame *f, int64_t mono_ms,
    struct session **s)
{
	struct session *n;
	enum err err;

	if ((n = calloc(1, sizeof(*n))) == NULL)
		return (ERR_NOMEM);
	memcpy(n->route, f->route, sizeof(n->route));
	memcpy(n->user, f->user, sizeof(n->user));
	n->fd = f->fd;
	n->order = ++t->order;
	n->heard_ms = mono_ms;
	err = split_user(n->user, &n->partner, n->device);
	if (err == ERR_OK)
		err = names_put(t->by_route, n->route, sizeof(n->route), n);
	if (err != ERR_OK) {
		free(n);
		return (err);
	}
	*s = n;
	return (ERR_OK);
}

/**
 * sessions_surplus(t, user):
 * Return the oldest connection of ${user} if there are too many.
 */
struct session *
sessions_surplus(const struct sessions *t, const char *user)
{
	struct session *oldest = NULL, *s;
	size_t at = 0, n = 0;

	while ((s = names_next(t->by_route, &at)) != NULL) {
		if (strcmp(s->user, user) != 0)
			continue;
		n++;
		if (oldest == NULL || s->order < oldest->order)
			oldest = s;
	}
	return (n > SESSION_PER_USER ? oldest : NULL);
}

static struct presence *
presence_of(const struct sessions *t, const struct org *partner)
{
	return (names_get(t->presence, partner, sizeof(*partner)));
}

static enum err
presence_make(struct sessions *t, const struct org *partner,
    struct presence **p)
{
	enum err err;

	if ((*p = presence_of(t, partner)) != NULL)
		return (ERR_OK);
	if ((*p = calloc(1, sizeof(**p))) == NULL)
		return (ERR_NOMEM);
	(*p)->since_ms = t->started_ms;
	err = names_put(t->presence, partner, sizeof(*partner), *p);
	if (err != ERR_OK)
		free(*p);
	return (err);
}

/**
 * sessions_leave(t, s, now_ms):
 * ${s} consumes its mailbox no longer.
 */
void
sessions_leave(struct sessions *t, struct session *s, int64_t now_ms)
{
	struct mailbox_key key = key_of(s);
	struct presence *p;

	if (!s->is_open)
		return;
	s->is_open = false;
	if (names_get(t->by_mailbox, &key, sizeof(key)) == s)
		(void)names_remove(t->by_mailbox, &key, sizeof(key));
	if ((p = presence_of(t, &s->partner)) == NULL || --p->open > 0)
		return;
	p->since_ms = now_ms;
	t->partners--;
}

/**
 * sessions_open(t, s, mailbox, now_ms, older):
 * ${s} said HELLO and consumes ${mailbox} from now on.
 */
enum err
sessions_open(struct sessions *t, struct session *s, const char *mailbox,
    int64_t now_ms, struct session **older)
{
	struct mailbox_key key = mailbox == NULL ? nowhere(s)
	    : mailbox_key(&s->partner, mailbox);
	struct session *before;
	struct presence *p;
	enum err err;

	sessions_leave(t, s, now_ms); /* a second HELLO on one connection */
	before = names_get(t->by_mailbox, &key, sizeof(key));
	if ((err = presence_make(t, &s->partner, &p)) != ERR_OK)
		return (err);
	err = names_put(t->by_mailbox, &key, sizeof(key), s);
	if (err != ERR_OK)
		return (err);
	s->mailbox = key.mailbox;
	s->is_open = true;
	if (p->open++ == 0)
		t->partners++;
	*older = before;
	return (ERR_OK);
}

/**
 * sessions_consumer(t, partner, mailbox):
 * Return the session that consumes that mailbox, or NULL.
 */
struct session *
sessions_consumer(const struct sessions *t, const struct org *partner,
    const char *mailbox)
{
	struct mailbox_key key = mailbox_key(partner, mailbox);

	return (names_get(t->by_mailbox, &key, sizeof(key)));
}

/**
 * sessions_any(t, partner):
 * Return the newest open session of ${partner}, or NULL.
 */
struct session *
sessions_any(const struct sessions *t, const struct org *partner)
{
	const struct presence *p = presence_of(t, partner);
	struct session *newest = NULL, *s;
	size_t at = 0;

	if (p == NULL || p->open == 0)
		return (NULL);
	if ((s = sessions_consumer(t, partner, "main")) != NULL)
		return (s);
	while ((s = names_next(t->by_mailbox, &at)) != NULL)
		if (org_eq(&s->partner, partner) &&
		    (newest == NULL || s->order > newest->order))
			newest = s;
	return (newest);
}

/**
 * sessions_since(t, partner):
 * Return since when ${partner} has no open session; 0 if it has one.
 */
int64_t
sessions_since(const struct sessions *t, const struct org *partner)
{
	const struct presence *p = presence_of(t, partner);

	if (p == NULL)
		return (t->started_ms);
	return (p->open > 0 ? 0 : p->since_ms);
}

/**
 * sessions_started(t, now_ms):
 * Say when the broker started.
 */
void
sessions_started(struct sessions *t, int64_t now_ms)
{
	t->started_ms = now_ms;
}

/**
 * sessions_ready(t, s), sessions_take_ready(t), sessions_has_ready(t):
 * The row of those that may be sent deliveries.
 */
void
sessions_ready(struct sessions *t, struct session *s)
{
	if (s->is_ready)
		return;
	s->is_ready = true;
	s->next_ready = NULL;
	*t->last_ready = s;
	t->last_ready = &s->next_ready;
}

struct session *
sessions_take_ready(struct sessions *t)
{
	struct session *s = t->first_ready;

	if (s == NULL)
		return (NULL);
	t->first_ready = s->next_ready;
	if (t->first_ready == NULL)
		t->last_ready = &t->first_ready;
	s->is_ready = false;
	return (s);
}

bool
sessions_has_ready(const struct sessions *t)
{
	return (t->first_ready != NULL);
}

/* Take ${s} out of the row, wherever it stands. */
static void
unready(struct sessions *t, struct session *s)
{
	struct session **at = &t->first_ready;

	if (!s->is_ready)
		return;
	while (*at != s)
		at = &(*at)->next_ready;
	*at = s->next_ready;
	if (*at == NULL)
		t->last_ready = at;
}

/**
 * sessions_end(t, s, now_ms):
 * Forget ${s} and free it.
 */
void
sessions_end(struct sessions *t, struct session *s, int64_t now_ms)
{
	sessions_leave(t, s, now_ms);
	unready(t, s);
	(void)names_remove(t->by_route, s->route, sizeof(s->route));
	free(s);
}

/**
 * sessions_next(t, at):
 * Walk: return a session and move ${*at}.
 */
struct session *
sessions_next(const struct sessions *t, size_t *at)
{
	return (names_next(t->by_route, at));
}

/**
 * sessions_count(t), sessions_partners(t):
 * Return how many connections there are; how many partners are reachable.
 */
size_t
sessions_count(const struct sessions *t)
{
	return (names_count(t->by_route));
}

size_t
sessions_partners(const struct sessions *t)
{
	return (t->partners);
}

/**
 * sessions_end_name(why):
 * Return ${why} as it travels in BYE.
 */
const char *
sessions_end_name(enum session_end why)
{
	return (end_names[why]);
}

/**
 * sessions_free(t):
 * Free ${t} with all its sessions.
 */
void
sessions_free(struct sessions *t)
{
	void *thing;
	size_t at;

	if (t == NULL)
		return;
	for (at = 0; t->by_route != NULL &&
	    (thing = names_next(t->by_route, &at)) != NULL;)
		free(thing);
	for (at = 0; t->presence != NULL &&
	    (thing = names_next(t->presence, &at)) != NULL;)
		free(thing);
	names_free(t->by_route);
	names_free(t->by_mailbox);
	names_free(t->presence);
	free(t);
}
