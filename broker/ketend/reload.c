/*
 * reload -- the policy document: reading it, and letting a new one come into
 * force.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/say.h"
#include "core/view.h"
#include "ketend/broker.h"
#include "ketend/ledger.h"
#include "ketend/logkey.h"
#include "ketend/reload.h"
#include "trust/note.h"
#include "wire/envelope.h"
#include "wire/prescan.h"

static enum err
no(char why[RELOAD_WHY], enum err err, const char *path, const char *text)
{
	(void)snprintf(why, RELOAD_WHY, "%s: %s", path, text); /* may be cut */
	return (err);
}

static const char *
open_text(enum err err)
{
	switch ((int)err) {
	case ERR_BAD_SIGNATURE:
	case ERR_KEY_NOT_VALID:
		return ("niet ondertekend met de sleutel van beheer "
			"(policy.introducer)");
	case ERR_CONFIG:
		return ("het beleid breekt een regel; draai "
			"ketenctl policy check op de bron");
	default:
		return ("dit is geen ondertekend beleidsdocument");
	}
}

/**
 * reload_read(set, policy, envelope, len, why):
 * Read and check the policy that ${set} names.
 */
enum err
reload_read(const struct settings *set, struct policy **policy,
    uint8_t **envelope, size_t *len, char why[RELOAD_WHY])
{
	struct policy *p = NULL;
	uint8_t *bytes = NULL;
	size_t n = 0;
	enum err err;

	err = file_read(set->policy, PRESCAN_POLICY_MAX, &bytes, &n);
	if (err != ERR_OK)
		return (no(why, err, set->policy, err == ERR_FULL ?
		    "groter dan 2 MiB" : "kan niet worden gelezen"));
	err = policy_open(slice_of(bytes, n), set->introducer, &p);
	if (err != ERR_OK) {
		free(bytes);
		return (no(why, err, set->policy, open_text(err)));
	}
	if (strcmp(policy_origin(p), set->origin) != 0) {
		policy_free(p);
		free(bytes);
		return (no(why, ERR_BAD_ORIGIN, set->policy,
		    "dit beleid is voor een ander logboek (origin)"));
	}
	*policy = p;
	*envelope = bytes;
	*len = n;
	return (ERR_OK);
}

/**
 * reload_flaws(set, to):
 * Report ${to} every flaw of the signed policy.
 */
void
reload_flaws(const struct settings *set, const struct flaws *to)
{
	struct arena *a = NULL;
	struct policy *p = NULL;
	struct envelope env;
	uint8_t *bytes = NULL;
	const char *rule;
	size_t n = 0;

	if (file_read(set->policy, PRESCAN_POLICY_MAX, &bytes, &n) == ERR_OK &&
	    (a = arena_new(4 * n + 65536)) != NULL &&
	    envelope_parse(a, slice_of(bytes, n), &env, &rule) == ERR_OK &&
	    policy_read(env.body, &p) == ERR_OK)
		(void)flaws_find(p, to); /* who asks counts them */
	policy_free(p);
	arena_free(a);
	free(bytes);
}

static void
say_doubt(void *cookie, const char *path, const char *text)
{
	(void)cookie;
	(void)path;
	say(SAY_POLICY_DOUBT, NULL, "%s", text);
}

/* Somebody may still want to change what is hardly meant. */
static void
say_doubts(const struct policy *p)
{
	static const struct flaws to = { .report = say_doubt };

	(void)flaws_doubts(p, &to); /* each was said */
}

/* The signed bytes of a policy, as they are in the log. */
static enum err
write_policy(struct broker *b, struct slice envelope)
{
	struct ledger_with with = { .sender = NULL };
	struct decide_in in;
	struct decision d;
	enum err err;

	/* Deliveries of this turn may still look at it. */
	if (arena_copy(b->turn->out, envelope, &with.envelope) != 0)
		return (ERR_NOMEM);
	if ((err = ledger_in(b, &in)) != ERR_OK ||
	    (err = decide_policy(&in, &d)) != ERR_OK ||
	    (err = ledger_write(b, &d, &with, NULL)) != ERR_OK)
		return (err);
	b->turn->policy_changed = true;
	succession_look(b);
	return (ERR_OK);
}

/* --- at start ----------------------------------------------------------------------- */

/* The policy in force, from the log; NULL: there is none yet. */
static enum err
in_force(struct broker *b, struct policy **old)
{
	struct arena *a = b->turn->pack;
	struct record rec;
	uint64_t index;
	enum err err;

	*old = NULL;
	err = view_policy(b->turn->txn, 0, &index);
	if (err == ERR_NOT_FOUND)
		return (ERR_OK);
	if (err != ERR_OK)
		return (err);
	if ((err = record_read(b->turn->txn, index, a, &rec)) != ERR_OK)
		return (err);
	return (policy_open(rec.envelope, b->set->introducer, old));
}

/* Can the broker sign as ${next} says, and as ${old} said (NULL: either)? */
static enum err
can_sign(const struct broker *b, const struct policy *old,
    const struct policy *next, const char **why)
{
	struct logkey keys;

	logkey_init(&keys, b->set->origin, b->signer, b->second);
	return (logkey_check(&keys, old == NULL ? NULL : policy_doc(old),
	    policy_doc(next), why));
}

static enum err
follow(struct broker *b, const struct policy *old, const char **why)
{
	enum err err = ERR_OK;

	if (old != NULL)
		err = policy_check_next(old, b->policy, why);
	return (err != ERR_OK ? err : can_sign(b, old, b->policy, why));
}

/* Documents may leave out numbers; so many are looked for. */
#define BEFORE_MAX 64

/* The document before the one in force; NULL if there is none. */
static enum err
read_before(struct broker *b, struct policy **before)
{
	uint64_t number = policy_index(b->policy), index;
	struct record rec;
	enum err err = ERR_NOT_FOUND;

	*before = NULL;
	for (uint64_t i = 1; err == ERR_NOT_FOUND && i < number &&
	    i <= BEFORE_MAX; i++)
		err = view_policy(b->turn->txn, number - i, &index);
	if (err != ERR_OK)
		return (err == ERR_NOT_FOUND ? ERR_OK : err);
	err = record_read(b->turn->txn, index, b->turn->pack, &rec);
	if (err != ERR_OK)
		return (err);
	return (policy_open(rec.envelope, b->set->introducer, before));
}

/*
 * Nothing changed since the last stop.  But if no checkpoint covers the
 * document in force yet, the first that does carries both signatures.
 */
static enum err
go_on(struct broker *b, const char **why)
{
	struct policy *before = NULL;
	struct checkpoint *cp = arena_zero(b->turn->pack, 1, sizeof(*cp));
	uint64_t index;
	enum err err = cp == NULL ? ERR_NOMEM
				  : view_policy(b->turn->txn, 0, &index);

	if (err == ERR_OK)
		err = checkpoint_covering(b->turn->txn, index + 1, cp);
	/* One that is signed anew in this turn is not published yet. */
	if (err == ERR_OK && b->turn->has_checkpoint &&
	    cp->size == b->turn->checkpoint.size)
		err = ERR_NOT_FOUND;
	if (err == ERR_NOT_FOUND)
		err = read_before(b, &before);
	if (err == ERR_OK)
		err = can_sign(b, before, b->policy, why);
	policy_free(before);
	return (err);
}

static bool
is_same(const struct policy *a, const struct policy *b)
{
	return (a != NULL && policy_index(a) == policy_index(b) &&
	    memcmp(policy_hash(a), policy_hash(b), 32) == 0);
}

/**
 * reload_start(b):
 * At start: compare b->policy with the one in force in the log.
 */
enum err
reload_start(struct broker *b)
{
	struct policy *p = NULL, *old = NULL;
	uint8_t *envelope = NULL;
	char text[RELOAD_WHY];
	const char *why = "";
	size_t len = 0;
	enum err err;

	succession_look(b);
	if ((err = in_force(b, &old)) != ERR_OK) {
		say(SAY_POLICY_BAD, NULL, "the policy in the log: %s",
		    err_text(err));
		return (err);
	}
	if (is_same(old, b->policy)) {
		policy_free(old);
		if ((err = go_on(b, &why)) != ERR_OK)
			say(SAY_POLICY_BAD, NULL, "%s: %s", b->set->policy,
			    why);
		else
			say_doubts(b->policy);
		return (err);
	}
	if ((err = follow(b, old, &why)) != ERR_OK)
		say(SAY_POLICY_BAD, NULL, "%s: %s", b->set->policy, why);
	if (err == ERR_OK)
		err = reload_read(b->set, &p, &envelope, &len, text);
	if (err == ERR_OK)
		err = write_policy(b, slice_of(envelope, len));
	if (err == ERR_OK) {
		say(SAY_POLICY, NULL, "document %llu",
		    (unsigned long long)policy_index(b->policy));
		say_doubts(b->policy);
	}
	policy_free(p);
	policy_free(old);
	free(envelope);
	return (err);
}

/* --- while running -------------------------------------------------------------------- */

/* A document says from when it holds; loaded before, it would hold at once. */
static bool
is_early(const struct broker *b, const struct policy *next,
    const char **rule)
{
	if (policy_doc(next)->valid_from_ms <= b->turn->now_ms)
		return (false);
	*rule = "dit beleid gaat later in (valid_from); laad het dan";
	return (true);
}

/* The old one stays: that is counted, and said. */
static enum err
stays(struct broker *b, const char *why)
{
	b->metrics.reload_failures++;
	say(SAY_RELOAD_FAILED, NULL, "%s", why);
	return (ERR_CONFIG);
}

/**
 * reload_turn(b, why):
 * Read the file again and, if it may follow, let it come into force.
 */
enum err
reload_turn(struct broker *b, char why[RELOAD_WHY])
{
	struct policy *old = b->policy, *next = NULL;
	uint8_t *envelope = NULL;
	const char *rule = "";
	size_t len = 0;
	enum err err;

	if (reload_read(b->set, &next, &envelope, &len, why) != ERR_OK)
		return (stays(b, why));
	if (policy_check_next(old, next, &rule) != ERR_OK ||
	    is_early(b, next, &rule) ||
	    can_sign(b, old, next, &rule) != ERR_OK) {
		(void)no(why, ERR_CONFIG, b->set->policy, rule);
		policy_free(next);
		free(envelope);
		return (stays(b, why));
	}
	b->policy = next;
	err = write_policy(b, slice_of(envelope, len));
	free(envelope);
	if (err != ERR_OK) {
		b->policy = old;
		policy_free(next);
		return (err);
	}
	/* If the commit fails the process ends, so the old one is not needed
	 * any more. */
	policy_free(old);
	b->metrics.reloads++;
	say(SAY_POLICY, NULL, "document %llu",
	    (unsigned long long)policy_index(b->policy));
	say_doubts(b->policy);
	return (ERR_OK);
}
