/*
 * chronicle -- a real little log: the machine behind it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../demo_policy.h"
#include "chronicle.h"
#include "chronicle_in.h"
#include "core/record.h"
#include "core/view.h"
#include "trust/digest.h"
#include "wire/envelope.h"
#include "wire/pb.h"

static const char *const cast[CHRONICLE_ALL] = { "lwdb-noord", "welzijn-w",
	"mantelzorg-m", "thuiszorg-t", "gemeente-r", "corporatie-c", "v-oost",
	"v-west", "v-zuid", "zorg-z", "vrijwilligers-v" };

/* A Monday morning in August 2026. */
#define BEGIN_MS INT64_C(1788160000000)

void
chronicle_must(enum err err, const char *what)
{
	if (err == ERR_OK)
		return;
	fprintf(stderr, "chronicle: %s: %s\n", what, err_name(err));
	abort();
}

static void *
must(void *p, const char *what)
{
	chronicle_must(p == NULL ? ERR_NOMEM : ERR_OK, what);
	return (p);
}

/* --- one record ----------------------------------------------------------- */

struct txn *
chronicle_read(struct chronicle *c, struct txn **own)
{
	*own = NULL;
	if (c->t == NULL)
		chronicle_must(store_read(c->st, own), "read");
	return (c->t != NULL ? c->t : *own);
}

void
chronicle_in(struct chronicle *c, struct decide_in *in)
{
	uint8_t *random;

	if (c->t == NULL)
		chronicle_must(store_begin(c->st, &c->t), "begin");
	arena_reset(c->work);
	random = must(arena_alloc(c->work, DECIDE_RANDOM), "random");
	chronicle_must(digest_random(random, DECIDE_RANDOM), "random");
	look_at(&c->look, c->t);
	*in = (struct decide_in){ .policy = c->policy, .view = &c->look.view,
		.arena = c->work, .now_ms = c->now_ms,
		.index = record_next_index(c->t),
		.random = (const uint8_t(*)[16])random };
}

void
chronicle_write(struct chronicle *c, const struct decision *d,
    struct slice envelope, const struct content *content)
{
	struct record_in in = { .facts = d->facts, .route = d->route,
		.envelope = envelope,
		.owner = refid_is_none(&d->referral) ? NULL : &d->referral,
		.content = d->err == ERR_OK ? content : NULL };
	struct record_out out;
	enum err err;

	chronicle_must(look_fault(&c->look), "look");
	if (c->lie != NULL)
		c->lie(d->facts, d->route);
	err = record_append(c->t, c->work, &in, &out);
	chronicle_must(c->lies_anyway ? ERR_OK : err, "append");
	c->n++;
	c->now_ms += c->pace_ms;
	if (++c->in_turn >= c->per_turn)
		chronicle_commit(c);
}

void
chronicle_commit(struct chronicle *c)
{
	if (c->t != NULL)
		chronicle_must(store_commit(&c->t), "commit");
	c->in_turn = 0;
}

/* --- beginning ------------------------------------------------------------- */

static void
write_policy(struct chronicle *c)
{
	struct decide_in in;
	struct decision d;
	struct slice envelope;

	arena_reset(c->a);
	chronicle_must(envelope_make(c->a, ENVELOPE_POLICY,
	    policy_body(c->policy), c->introducer, &envelope), "policy");
	chronicle_in(c, &in);
	chronicle_must(decide_policy(&in, &d), "decide policy");
	chronicle_write(c, &d, envelope, NULL);
}

void
chronicle_policy(struct chronicle *c, const char *old, const char *new)
{
	policy_free(c->policy);
	c->policy = demo_policy(old, new);
	write_policy(c);
}

static void
write_key(struct chronicle *c, struct chronicle_who *w,
    const struct signer *by, Keten__V1__KeyStatement *ks)
{
	struct decide_in in;
	struct decision d;
	struct slice body, envelope;
	uint64_t index = c->n;

	ks->version = 1;
	ks->origin = pb_string(CHRONICLE_ORIGIN);
	ks->partner = pb_string(w->org.id);
	ks->made_ms = c->now_ms;
	arena_reset(c->a);
	chronicle_must(pb_pack(c->a, &ks->base, &body), "pack key");
	chronicle_must(envelope_make(c->a, ENVELOPE_KEY, body, by, &envelope), "sign key");
	chronicle_in(c, &in);
	chronicle_must(decide_key(&in, ks, &d), "decide key");
	chronicle_write(c, &d, envelope, NULL);
	/* Our own keys stay as they were if this is none: a broker that writes
	 * such a record down is what a test is about. */
	if (keyring_add(c->keys, index, envelope, c->work) != ERR_OK)
		c->n_no_keys++;
}

static void
write_device(struct chronicle *c, struct chronicle_who *w, uint8_t no,
    uint64_t serial, const uint8_t key[SIGN_PUB], const struct signer *by)
{
	Keten__V1__KeyStatement ks = KETEN__V1__KEY_STATEMENT__INIT;
	Keten__V1__DeviceCertificate dev =
	    KETEN__V1__DEVICE_CERTIFICATE__INIT;
	uint8_t curve[32] = { 9, no, (uint8_t)serial };

	dev.device = pb_string("adapter");
	dev.serial = serial;
	dev.curve_key = pb_of(curve, 32);
	dev.sign_key = pb_of(key, SIGN_PUB);
	dev.role = KETEN__V1__DEVICE_ROLE__FULL;
	ks.body_case = KETEN__V1__KEY_STATEMENT__BODY_DEVICE;
	ks.device = &dev;
	write_key(c, w, by, &ks);
}

static void
write_sealing(struct chronicle *c, struct chronicle_who *w, uint64_t serial,
    const struct signer *by)
{
	Keten__V1__KeyStatement ks = KETEN__V1__KEY_STATEMENT__INIT;
	Keten__V1__SealingCertificate seal =
	    KETEN__V1__SEALING_CERTIFICATE__INIT;

	seal.serial = serial;
	seal.key_x = pb_of(w->seal.pub.x, 32);
	seal.key_y = pb_of(w->seal.pub.y, 32);
	ks.body_case = KETEN__V1__KEY_STATEMENT__BODY_SEALING;
	ks.sealing = &seal;
	write_key(c, w, by, &ks);
}

static void
begin_who(struct chronicle_who *w, const char *name, uint8_t no)
{
	uint8_t seed[SIGN_SEED] = { 0 };
	uint8_t d[32] = { 0 };

	w->org = org_of(name);
	(void)snprintf((char *)seed, sizeof(seed), "%s", name);
	w->identity = must(sign_new(seed), "identity key");
	seed[31] = 1;
	w->sign = must(sign_new(seed), "signing key");
	d[31] = (uint8_t)(no + 1);
	chronicle_must(seal_key_from(d, &w->seal), "sealing key");
	seal_key_id(&w->seal.pub, w->seal_id);
	memset(w->lane, no + 1, sizeof(w->lane));
}

static struct signer *
fixed_signer(uint8_t first)
{
	uint8_t seed[SIGN_SEED] = { first };

	return (must(sign_new(seed), "key"));
}

static void
begin_trust(struct chronicle *c)
{
	struct note_key key;

	c->introducer = fixed_signer(1);
	c->log = fixed_signer(2);
	hex_encode(sign_public(c->introducer), 32, c->introducer_hex);
	chronicle_must(note_key_make(CHRONICLE_ORIGIN, NOTE_LOG,
	    sign_public(c->log), &key), "vkey");
	(void)note_key_format(&key, c->vkey);
}

/* The folder is there. */
static void
begin_log(struct chronicle *c, uint64_t map_size)
{
	struct store_config conf = { .path = c->dir,
		.origin = CHRONICLE_ORIGIN, .map_size = map_size };

	(void)snprintf(c->guard, sizeof(c->guard), "%s/guard", c->dir);
	c->pace_ms = 60000;
	c->a = must(arena_new((size_t)16 << 20), "arena");
	c->work = must(arena_new((size_t)64 << 20), "arena");
	c->keys = must(keyring_new(), "keyring");
	c->policy = demo_policy(NULL, NULL);
	c->now_ms = BEGIN_MS;
	begin_trust(c);
	chronicle_must(store_open(&conf, &c->st), "store");
	chronicle_must(checkpoint_new(c->st, c->log, NULL, c->guard, &c->cp),
	    "checkpointer");
	look_init(&c->look, c->keys, NULL, NULL);
	write_policy(c);
	for (uint8_t i = 0; i < c->n_who; i++) {
		begin_who(&c->who[i], cast[i], i);
		write_device(c, &c->who[i], i, 1,
		    sign_public(c->who[i].sign), c->who[i].identity);
		write_sealing(c, &c->who[i], 1, c->who[i].identity);
	}
	chronicle_tick(c);
}

struct chronicle *
chronicle_new(void)
{
	struct chronicle *c = must(calloc(1, sizeof(*c)), "memory");

	(void)snprintf(c->dir, sizeof(c->dir), "/tmp/keten-chronicle-XXXXXX");
	must(mkdtemp(c->dir), "folder");
	c->n_who = CHRONICLE_WHO;
	begin_log(c, UINT64_C(1) << 30);
	return (c);
}

struct chronicle *
chronicle_new_large(const char *dir, uint64_t per_turn)
{
	struct chronicle *c = must(calloc(1, sizeof(*c)), "memory");
	int n = snprintf(c->dir, sizeof(c->dir), "%s", dir);

	chronicle_must(n < (int)sizeof(c->dir) ? ERR_OK : ERR_IO, "folder");
	c->n_who = CHRONICLE_ALL;
	c->per_turn = per_turn;
	c->sealed = must(calloc(CHRONICLE_SEALED * c->n_who,
	    sizeof(*c->sealed)), "memory");
	begin_log(c, 0);
	return (c);
}

void
chronicle_free(struct chronicle *c)
{
	for (size_t i = 0; c->sealed != NULL && i < CHRONICLE_SEALED * c->n_who;
	     i++)
		seal_made_fini(&c->sealed[i]);
	free(c->sealed);
	for (size_t i = 0; i < c->n_who; i++) {
		sign_free(c->who[i].identity);
		sign_free(c->who[i].sign);
		seal_key_wipe(&c->who[i].seal);
	}
	checkpoint_free(c->cp);
	store_close(c->st);
	keyring_free(c->keys);
	policy_free(c->policy);
	sign_free(c->introducer);
	sign_free(c->log);
	arena_free(c->a);
	arena_free(c->work);
	free(c);
}

struct signer *
chronicle_rotate(struct chronicle *c, enum chronicle_cast who,
    const struct signer *by)
{
	struct chronicle_who *w = &c->who[who];
	struct signer *old = w->sign;
	uint8_t seed[SIGN_SEED] = { 77, (uint8_t)who };

	w->sign = must(sign_new(seed), "signing key");
	chronicle_device(c, who, 2, sign_public(w->sign), by);
	return (old);
}

void
chronicle_device(struct chronicle *c, enum chronicle_cast who,
    uint64_t serial, const uint8_t key[32], const struct signer *by)
{
	struct chronicle_who *w = &c->who[who];

	write_device(c, w, (uint8_t)who, serial, key,
	    by == NULL ? w->identity : by);
}

void
chronicle_sealing(struct chronicle *c, enum chronicle_cast who,
    const struct signer *by)
{
	write_sealing(c, &c->who[who], 2, by);
}

void
chronicle_revoke(struct chronicle *c, enum chronicle_cast who,
    uint64_t serial)
{
	Keten__V1__KeyStatement ks = KETEN__V1__KEY_STATEMENT__INIT;
	Keten__V1__Revoke r = KETEN__V1__REVOKE__INIT;

	r.device = pb_string("adapter");
	r.serial = serial;
	r.reason = pb_string("stolen");
	ks.body_case = KETEN__V1__KEY_STATEMENT__BODY_REVOKE;
	ks.revoke = &r;
	write_key(c, &c->who[who], c->who[who].identity, &ks);
}

/* --- folders ----------------------------------------------------------------- */

static const char *const files[] = { "data.mdb", "lock.mdb", "vault.keys",
	"broker.lock", "ballast", "guard" };

void
chronicle_remove(const char *dir)
{
	char path[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

void
chronicle_copy(const char *dir, char to[64])
{
	char command[256];

	(void)snprintf(to, 64, "/tmp/keten-chronicle-XXXXXX");
	must(mkdtemp(to), "folder");
	/* Sparse files stay sparse; the lock file is made anew. */
	(void)snprintf(command, sizeof(command),
	    "cp -a --sparse=always %s/data.mdb %s/vault.keys %s/ && "
	    "cp -a %s/guard %s/ 2>/dev/null; true", dir, dir, to, dir, to);
	chronicle_must(system(command) == 0 ? ERR_OK : ERR_IO, "copy");
}

/* --- the clock ------------------------------------------------------------------ */

void
chronicle_tick(struct chronicle *c)
{
	struct decide_in in;
	struct decision d;

	chronicle_in(c, &in);
	chronicle_must(decide_tick(&in, KETEN__V1__TICK_WHY__TICK_IDLE, &d),
	    "tick");
	chronicle_write(c, &d, slice_of("", 0), NULL);
}

bool
chronicle_is_due(struct chronicle *c)
{
	struct txn *own, *t = chronicle_read(c, &own);
	struct view_due due;
	size_t n = 0;

	chronicle_must(view_due(t, c->now_ms, NULL, &due, 1, &n), "due");
	store_done(&own);
	return (n > 0);
}

void
chronicle_referral(struct chronicle *c, const struct refid *id,
    struct referral *r)
{
	struct txn *own, *t = chronicle_read(c, &own);

	chronicle_must(view_referral(t, id, r), "referral");
	store_done(&own);
}

void
chronicle_fire(struct chronicle *c)
{
	struct decide_in in;
	struct decision d;
	struct view_due due;
	size_t n = 0;

	chronicle_in(c, &in);
	chronicle_must(view_due(c->t, INT64_MAX, NULL, &due, 1, &n), "due");
	chronicle_must(n == 1 ? ERR_OK : ERR_NOT_FOUND, "due");
	if (due.at_ms > c->now_ms)
		c->now_ms = due.at_ms;
	in.now_ms = c->now_ms;
	chronicle_must(decide_timer(&in, &due.referral, due.term, due.offer,
	    &d), "timer");
	chronicle_write(c, &d, slice_of("", 0), NULL);
}

void
chronicle_succeed(struct chronicle *c, const struct refid *id,
    enum chronicle_cast old)
{
	struct decide_in in;
	struct decision d;

	chronicle_in(c, &in);
	chronicle_must(decide_succeed(&in, id, &c->who[old].org, &d),
	    "succeed");
	chronicle_write(c, &d, slice_of("", 0), NULL);
}

#define RESTART_MAX 64

void
chronicle_restart(struct chronicle *c, int64_t gap_ms)
{
	struct view_due due[RESTART_MAX];
	struct decide_in in;
	struct decision d;
	int64_t from_ms = c->now_ms, until_ms;
	size_t n = 0;
	enum err err;

	until_ms = c->now_ms += gap_ms;
	chronicle_in(c, &in);
	chronicle_must(view_due(c->t, INT64_MAX, NULL, due, RESTART_MAX, &n),
	    "due");
	chronicle_must(decide_restart(&in, from_ms, until_ms, &d), "restart");
	chronicle_write(c, &d, slice_of("", 0), NULL);
	for (size_t i = 0; i < n; i++) {
		chronicle_in(c, &in);
		err = decide_shift(&in, from_ms, until_ms, &due[i].referral,
		    &d);
		if (err == ERR_NOT_FOUND)
			continue;
		chronicle_must(err, "shift");
		chronicle_write(c, &d, slice_of("", 0), NULL);
	}
}

/* --- checkpoints ------------------------------------------------------------------- */

void
chronicle_publish(struct chronicle *c)
{
	chronicle_commit(c);
	chronicle_must(checkpoint_make(c->cp, &c->point), "checkpoint");
	chronicle_must(store_begin(c->st, &c->t), "begin");
	chronicle_must(checkpoint_put(c->t, &c->point), "checkpoint");
	chronicle_must(store_commit(&c->t), "commit");
}
