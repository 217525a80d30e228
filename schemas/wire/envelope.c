/*
 * envelope -- DSSE around everything that is signed.
 */
#include <string.h>

#include "keten/v1/session.pb-c.h"
#include "trust/digest.h"
#include "wire/envelope.h"
#include "wire/pb.h"

#define TYPE(kind) { \
	.p = (const uint8_t *)"application/vnd.keten." kind ".v1+protobuf", \
	.len = sizeof("application/vnd.keten." kind ".v1+protobuf") - 1 }

/* The only payload types there are; batches have one that is no envelope's. */
static const struct {
	struct slice type;
	bool has_number;
} kinds[ENVELOPE__MAX] = {
	[ENVELOPE_NONE] = { { (const uint8_t *)"", 0 }, false },
	[ENVELOPE_COMMAND] = { TYPE("command"), true },
	[ENVELOPE_REWRAP] = { TYPE("rewrap"), true },
	[ENVELOPE_UNREADABLE] = { TYPE("unreadable"), true },
	[ENVELOPE_ERASE] = { TYPE("erase"), true },
	[ENVELOPE_ERASED] = { TYPE("erased"), true },
	[ENVELOPE_RETAIN] = { TYPE("retain"), true },
	[ENVELOPE_UNRETAIN] = { TYPE("unretain"), true },
	[ENVELOPE_CATALOGUE] = { TYPE("catalogue"), true },
	[ENVELOPE_MISSING] = { TYPE("missing"), true },
	[ENVELOPE_ACK] = { TYPE("ack"), false },
	[ENVELOPE_KEY] = { TYPE("key"), false },
	[ENVELOPE_POLICY] = { TYPE("policy"), false },
};

static bool
exists(enum envelope_kind kind)
{
	return (kind > ENVELOPE_NONE && kind < ENVELOPE__MAX);
}

/**
 * envelope_type(kind):
 * Return the payload type of ${kind}; "" for one that does not exist.
 */
const char *
envelope_type(enum envelope_kind kind)
{
	return ((const char *)
	    kinds[exists(kind) ? kind : ENVELOPE_NONE].type.p);
}

/**
 * envelope_kind_of(type):
 * Return the kind whose type is exactly ${type}, or ENVELOPE_NONE.
 */
enum envelope_kind
envelope_kind_of(struct slice type)
{
	for (int k = ENVELOPE_NONE + 1; k < ENVELOPE__MAX; k++)
		if (slice_eq(kinds[k].type, type))
			return ((enum envelope_kind)k);
	return (ENVELOPE_NONE);
}

/**
 * envelope_has_number(kind):
 * Tell whether statements of ${kind} carry a lane and a number.
 */
bool
envelope_has_number(enum envelope_kind kind)
{
	return (exists(kind) && kinds[kind].has_number);
}

/* How many hashes lead from place ${at} to the root of ${n}. */
static size_t
path_len(uint64_t at, uint64_t n)
{
	size_t len = 0;

	for (uint64_t last = n - 1; last > 0; last >>= 1, at >>= 1)
		if (at < last || (at & 1))
			len++;
	return (len);
}

static enum err
read_batch(const Keten__V1__Batch *b, struct envelope *env, const char **rule)
{
	if (b->n < 1 || b->n > BATCH_MAX || b->at >= b->n)
		return (pb_refuse(ERR_MALFORMED, "reeks: plaats buiten de reeks",
		    rule));
	if (b->n_path > BATCH_PATH_MAX ||
	    b->n_path != path_len(b->at, b->n))
		return (pb_refuse(ERR_MALFORMED, "reeks: pad te kort of te lang",
		    rule));
	if (pb_bytes(b->root, sizeof(env->root), env->root) != ERR_OK)
		return (pb_refuse(ERR_MALFORMED, "reeks: wortel is 32 bytes",
		    rule));
	for (size_t i = 0; i < b->n_path; i++)
		if (pb_bytes(b->path[i], sizeof(env->path[i]),
		    env->path[i]) != ERR_OK)
			return (pb_refuse(ERR_MALFORMED,
			    "reeks: pad is van 32 bytes elk", rule));
	env->is_batch = true;
	env->n = b->n;
	env->at = b->at;
	env->n_path = b->n_path;
	return (ERR_OK);
}

/**
 * envelope_parse(a, s, env, rule):
 * Read the serialised envelope ${s} into ${env} and check its shape.
 */
enum err
envelope_parse(struct arena *a, struct slice s, struct envelope *env,
    const char **rule)
{
	struct envelope e;
	Keten__V1__Envelope *m;
	enum err err;

	memset(&e, 0, sizeof(e));
	err = pb_unpack_why(a, &keten__v1__envelope__descriptor, s,
	    &prescan_envelope, &m, rule);
	if (err != ERR_OK)
		return (err);

	e.kind = envelope_kind_of(slice_str(m->type));
	e.type = kinds[e.kind].type;
	e.body = pb_slice(m->body);
	if (e.kind == ENVELOPE_NONE)
		return (pb_refuse(ERR_MALFORMED, "envelop: onbekend type",
		    rule));
	if (e.body.len == 0)
		return (pb_refuse(ERR_MALFORMED, "envelop: niets erin", rule));
	if (pb_bytes(m->key_id, sizeof(e.key_id), e.key_id) != ERR_OK)
		return (pb_refuse(ERR_MALFORMED, "envelop: key_id is 8 bytes",
		    rule));
	if (pb_bytes(m->signature, sizeof(e.signature), e.signature) != ERR_OK)
		return (pb_refuse(ERR_MALFORMED,
		    "envelop: handtekening is 64 bytes", rule));
	if (m->batch != NULL &&
	    (err = read_batch(m->batch, &e, rule)) != ERR_OK)
		return (err);
	*env = e;
	return (ERR_OK);
}

/**
 * envelope_check_path(env):
 * Check that the statement of ${env} is under the root it names.
 */
enum err
envelope_check_path(const struct envelope *env)
{
	if (!env->is_batch)
		return (ERR_OK);
	return (batch_check_path(env->root, env->n, env->at,
	    (const uint8_t (*)[32])env->path, env->n_path, env->type,
	    env->body));
}

/**
 * envelope_check_root(env, public_key):
 * Check that the signature of ${env} is that of ${public_key}.
 */
enum err
envelope_check_root(const struct envelope *env,
    const uint8_t public_key[SIGN_PUB])
{
	const struct slice sig = slice_of(env->signature, SIGN_SIG);
	const struct slice pub = slice_of(public_key, SIGN_PUB);

	if (env->is_batch)
		return (batch_check(env->root, env->n, sig, pub));
	return (sign_check(env->type, env->body, sig, pub));
}

/**
 * envelope_check(env, public_key):
 * Check that ${env} names ${public_key} and is signed by it.
 */
enum err
envelope_check(const struct envelope *env, const uint8_t public_key[SIGN_PUB])
{
	uint8_t id[SIGN_KEY_ID];
	enum err err;

	sign_key_id(public_key, id);
	if (memcmp(id, env->key_id, sizeof(id)) != 0)
		return (ERR_KEY_NOT_VALID);
	if ((err = envelope_check_path(env)) != ERR_OK)
		return (err);
	return (envelope_check_root(env, public_key));
}

static enum err
pack(struct arena *a, enum envelope_kind kind, struct slice body,
    const struct signer *signer, const uint8_t sig[SIGN_SIG],
    Keten__V1__Batch *batch, struct slice *out)
{
	Keten__V1__Envelope m;
	uint8_t id[SIGN_KEY_ID];

	keten__v1__envelope__init(&m);
	sign_key_id(sign_public(signer), id);
	m.type = pb_string(envelope_type(kind));
	m.body = pb_data(body);
	m.key_id = pb_of(id, sizeof(id));
	m.signature = pb_of(sig, SIGN_SIG);
	m.batch = batch;
	return (pb_pack(a, &m.base, out));
}

/**
 * envelope_make(a, kind, body, signer, out):
 * Sign ${body} and point ${out} at the serialised envelope in ${a}.
 */
enum err
envelope_make(struct arena *a, enum envelope_kind kind, struct slice body,
    const struct signer *signer, struct slice *out)
{
	uint8_t sig[SIGN_SIG];
	enum err err;

	if (!exists(kind))
		return (ERR_NOT_FOUND);
	err = sign_make(signer, kinds[kind].type, body, sig);
	if (err != ERR_OK)
		return (err);
	return (pack(a, kind, body, signer, sig, NULL, out));
}

/* The tree over ${n} statements; the hashes are needed only to make it. */
static enum err
plant(struct arena *a, const enum envelope_kind *kind,
    const struct slice *bodies, size_t n, struct batch **tree)
{
	const size_t mark = arena_used(a);
	uint8_t (*pae)[32] = arena_zero(a, n, sizeof(*pae));

	if (pae == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < n; i++) {
		if (!exists(kind[i]))
			return (ERR_NOT_FOUND);
		sign_pae_hash(kinds[kind[i]].type, bodies[i], pae[i]);
	}
	*tree = batch_new((const uint8_t (*)[32])pae, n);
	arena_rewind(a, mark);
	return (*tree == NULL ? ERR_NOMEM : ERR_OK);
}

/* Envelope ${i} of the batch ${tree}. */
static enum err
pack_leaf(struct arena *a, const struct batch *tree, size_t i, size_t n,
    enum envelope_kind kind, struct slice body, const struct signer *signer,
    const uint8_t sig[SIGN_SIG], struct slice *out)
{
	Keten__V1__Batch m = KETEN__V1__BATCH__INIT;
	ProtobufCBinaryData fields[BATCH_PATH_MAX];
	uint8_t path[BATCH_PATH_MAX][32];
	enum err err;

	if ((err = batch_path(tree, i, path, &m.n_path)) != ERR_OK)
		return (err);
	for (size_t j = 0; j < m.n_path; j++)
		fields[j] = pb_of(path[j], sizeof(path[j]));
	m.root = pb_of(batch_root(tree), 32);
	m.n = n;
	m.at = i;
	m.path = fields;
	return (pack(a, kind, body, signer, sig, &m, out));
}

/**
 * envelope_make_batch(a, kinds, bodies, n, signer, out):
 * Sign ${n} statements at once into ${n} envelopes in ${a}.
 */
enum err
envelope_make_batch(struct arena *a, const enum envelope_kind *kind,
    const struct slice *bodies, size_t n, const struct signer *signer,
    struct slice *out)
{
	struct batch *tree = NULL;
	uint8_t sig[SIGN_SIG];
	enum err err;

	if (n < 1 || n > BATCH_MAX)
		return (ERR_FULL);
	if (n == 1)
		return (envelope_make(a, kind[0], bodies[0], signer, out));

	err = plant(a, kind, bodies, n, &tree);
	if (err == ERR_OK)
		err = batch_sign(signer, batch_root(tree), n, sig);
	for (size_t i = 0; err == ERR_OK && i < n; i++)
		err = pack_leaf(a, tree, i, n, kind[i], bodies[i], signer, sig,
		    &out[i]);
	batch_free(tree);
	return (err);
}
