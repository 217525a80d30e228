#ifndef PRESCAN_H_
#define PRESCAN_H_

#include <stdbool.h>
#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

#include "base/bytes.h"
#include "base/err.h"

/*
 * prescan -- look through the bytes of a message before anything is unpacked.
 *
 * protobuf-c unpacks what it is given: 1 MiB of empty sub-messages becomes
 * 68 MiB of structures, the last of two singular fields wins, an enum may hold
 * any number and a string may contain NUL.  Two readers that forgive such
 * things in different ways would read two messages out of one signature.  The
 * pre-scan walks the bytes once, with the generated descriptor as its map and
 * without allocating, and refuses
 *
 *   a depth, length, number of fields or of members of a list above the limit;
 *   a tag or number in more bytes than it needs, or outside its type's range
 *   (a bool is 0 or 1, an enum one of its values and not 0);
 *   a wire type that is not the field's; groups; field number 0;
 *   a singular field twice; two members of one oneof;
 *   text that is not UTF-8 or contains NUL;
 *   bytes that end early;
 *   fields the descriptor does not know, unless ${unknown_ok};
 *   whatever would need more than ${memory} bytes once unpacked.
 */

/* Deeper than any message of ours: policy and answers reach 6. */
#define PRESCAN_DEPTH_MAX 10

/* The widest message of ours has fewer; asserted against the descriptors. */
#define PRESCAN_WIDTH_MAX 128

/* A policy document in its envelope: some 15,000 routes.  Everything else that
 * is signed comes in a header frame, which is far smaller. */
#define PRESCAN_POLICY_MAX ((size_t)2 * 1024 * 1024)

struct prescan_limits {
	size_t len;		/* bytes of the whole message */
	size_t depth;		/* messages within messages, itself included */
	size_t fields;		/* fields in the whole message */
	size_t repeat;		/* members of one list */
	size_t text;		/* bytes of one string */
	size_t memory;		/* bytes in an arena, once unpacked */
	bool unknown_ok;	/* pass over fields that are not known */
};

/*
 * The sets of limits there are.  What is signed is strict; what only passes
 * between two programs may hold fields of a later version.
 */
extern const struct prescan_limits prescan_statement; /* what is signed */
extern const struct prescan_limits prescan_envelope;  /* DSSE around it */
extern const struct prescan_limits prescan_session;   /* header to broker */
extern const struct prescan_limits prescan_answer;    /* header from broker */
extern const struct prescan_limits prescan_content;   /* content frames */
extern const struct prescan_limits prescan_policy;    /* policy documents */
extern const struct prescan_limits prescan_stored;    /* facts, own rows */

struct prescan {
	size_t memory;		/* an arena gives exactly this on unpacking */
	size_t fields;
};

/**
 * prescan_message(d, s, limits, found, rule):
 * Look through ${s} as a message of type ${d}.  Return ERR_OK and fill in
 * ${found}; or ERR_TOO_BIG (a limit on length or memory) or ERR_MALFORMED, and
 * point ${rule} (may be NULL) at constant Dutch text that says which rule.
 * Needs bounded stack and time linear in the bytes, whatever they are.
 */
enum err prescan_message(const ProtobufCMessageDescriptor *d, struct slice s,
    const struct prescan_limits *limits, struct prescan *found,
    const char **rule) MUST_CHECK;

/**
 * prescan_utf8(s):
 * Tell whether ${s} is well-formed UTF-8 (no surrogates, nothing overlong)
 * without NUL.
 */
bool prescan_utf8(struct slice s);

#endif /* !PRESCAN_H_ */
