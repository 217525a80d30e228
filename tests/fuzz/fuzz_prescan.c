/*
 * fuzz_prescan -- whatever the pre-scan takes must unpack, in exactly the
 * memory it foretold; whatever it refuses must say why.  The first byte picks
 * the message and the limits.
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *a;
	ProtobufCMessage *msg;
	struct prescan found;
	const char *rule = NULL;
	struct slice s, again;
	size_t t;

	if (a == NULL && (a = arena_new((size_t)24 << 20)) == NULL)
		abort();
	if (size == 0)
		return (0);
	t = data[0] % N_TARGETS;
	s = slice_of(data + 1, size - 1);
	if (prescan_message(targets[t].d, s, targets[t].limits, &found,
	    &rule) != ERR_OK) {
		assert(rule != NULL);
		return (0);
	}
	assert(pb_unpack(a, targets[t].d, s, targets[t].limits, &msg) ==
	    ERR_OK);
	assert(arena_used(a) == found.memory);

	/* What we pack ourselves we take again. */
	assert(pb_pack(a, msg, &again) == ERR_OK);
	if (again.len <= targets[t].limits->len)
		assert(prescan_message(targets[t].d, again, targets[t].limits,
		    &found, NULL) == ERR_OK);
	arena_reset(a);
	return (0);
}
