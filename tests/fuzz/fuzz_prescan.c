/*
 * fuzz_prescan -- whatever the pre-scan takes must unpack, in exactly the
 * memory it foretold, and to the same in one walk as in two; whatever it
 * refuses must say why, and be refused for that.  What was unpacked packs as
 * protobuf-c packs it.  The first byte picks the message and the limits.
 */
#include <assert.h>

#include "keten/v1/content.pb-c.h"
#include "keten/v1/facts.pb-c.h"
#include "keten/v1/keys.pb-c.h"
#include "keten/v1/policy.pb-c.h"
#include "keten/v1/session.pb-c.h"
#include "keten/v1/statement.pb-c.h"
#include "standalone.h"
#include "wire/pb.h"
#include "wire/unpack.h"

static const struct {
	const ProtobufCMessageDescriptor *d;
	const struct prescan_limits *limits;
} targets[] = {
	{ &keten__v1__statement__descriptor, &prescan_statement },
	{ &keten__v1__envelope__descriptor, &prescan_envelope },
	{ &keten__v1__to_broker__descriptor, &prescan_session },
	{ &keten__v1__from_broker__descriptor, &prescan_answer },
	{ &keten__v1__content__descriptor, &prescan_content },
	{ &keten__v1__key_statement__descriptor, &prescan_statement },
	{ &keten__v1__policy__descriptor, &prescan_policy },
	{ &keten__v1__facts__descriptor, &prescan_stored },
};

#define N_TARGETS (sizeof(targets) / sizeof(targets[0]))

/* The bytes that protobuf-c makes of a message. */
static struct slice
as_protobuf_c(struct arena *a, const ProtobufCMessage *m)
{
	const size_t len = protobuf_c_message_get_packed_size(m);
	uint8_t *p = arena_alloc(a, len);

	assert(p != NULL);
	assert(protobuf_c_message_pack(m, p) == len);
	return (slice_of(p, len));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *a;
	ProtobufCMessage *msg, *two;
	struct prescan found;
	const char *rule = NULL, *why = NULL;
	struct slice s, again;
	enum err err;
	size_t t;

	if (a == NULL && (a = arena_new((size_t)64 << 20)) == NULL)
		abort();
	if (size == 0)
		return (0);
	t = data[0] % N_TARGETS;
	s = slice_of(data + 1, size - 1);
	err = prescan_message(targets[t].d, s, targets[t].limits, &found,
	    &rule);
	assert(pb_unpack_why(a, targets[t].d, s, targets[t].limits, &msg,
	    &why) == err);
	if (err != ERR_OK) {
		assert(rule != NULL && why == rule);
		assert(arena_used(a) == 0);
		return (0);
	}
	assert(arena_used(a) == found.memory);
	two = unpack_message(a, targets[t].d, s);
	assert(two != NULL && arena_used(a) == 2 * found.memory);

	/* What we pack ourselves we take again. */
	assert(pb_pack(a, msg, &again) == ERR_OK);
	assert(slice_eq(again, as_protobuf_c(a, msg)));
	assert(slice_eq(again, as_protobuf_c(a, two)));
	if (again.len <= targets[t].limits->len)
		assert(prescan_message(targets[t].d, again, targets[t].limits,
		    &found, NULL) == ERR_OK);
	arena_reset(a);
	return (0);
}
