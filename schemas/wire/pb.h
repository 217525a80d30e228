#ifndef PB_H_
#define PB_H_

#include <protobuf-c/protobuf-c.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/org.h"
#include "wire/arena.h"
#include "wire/prescan.h"

/*
 * pb -- protobuf in and out of an arena, and the small conversions around it.
 *
 * This is the only way in which bytes from outside become structures: none is
 * taken that the pre-scan (prescan.h) would refuse.  Never call a generated
 * ..__unpack() elsewhere.
 */

/**
 * pb_unpack(a, d, s, limits, msg):
 * Pre-scan ${s} as a message of type ${d}, unpack it into ${a} and store the
 * pointer to it in ${msg}, which is a pointer to a pointer of the generated
 * type (Keten__V1__Statement *m; ... &m).  The message is valid as long as
 * the arena's memory; it does not point into ${s}.  Return ERR_MALFORMED or
 * ERR_TOO_BIG, or ERR_NOMEM if ${a} is too full.
 */
enum err pb_unpack(struct arena *a, const ProtobufCMessageDescriptor *d,
    struct slice s, const struct prescan_limits *limits,
    void *msg) MUST_CHECK;

/**
 * pb_unpack_why(a, d, s, limits, msg, rule):
 * The same; on failure point ${rule} at constant Dutch text.
 */
enum err pb_unpack_why(struct arena *a, const ProtobufCMessageDescriptor *d,
    struct slice s, const struct prescan_limits *limits, void *msg,
    const char **rule) MUST_CHECK;

/**
 * pb_pack(a, msg, out):
 * Serialise ${msg} (pass &m->base) into ${a} and point ${out} at the bytes,
 * which are valid as long as the arena's memory.  Return ERR_NOMEM if they do
 * not fit.
 */
enum err pb_pack(struct arena *a, const ProtobufCMessage *msg,
    struct slice *out) MUST_CHECK;

/**
 * pb_pack_behind(a, head, msg, out):
 * The same, behind a copy of ${head}; ${out} is both.
 */
enum err pb_pack_behind(struct arena *a, struct slice head,
    const ProtobufCMessage *msg, struct slice *out) MUST_CHECK;

/**
 * pb_pack_within(a, most, msg, out):
 * The same as pb_pack() if that makes at most ${most} bytes; else return
 * ERR_TOO_BIG, whether they would have fitted or not.
 */
enum err pb_pack_within(struct arena *a, size_t most,
    const ProtobufCMessage *msg, struct slice *out) MUST_CHECK;

/**
 * pb_slice(field), pb_data(s):
 * The bytes of a field as a slice; a slice as a field to be packed.  Both
 * borrow.
 */
struct slice pb_slice(ProtobufCBinaryData field);
ProtobufCBinaryData pb_data(struct slice s);

/**
 * pb_of(p, len):
 * The ${len} bytes at ${p} as a field to be packed; borrows.
 */
ProtobufCBinaryData pb_of(const void *p, size_t len);

/**
 * pb_bytes(field, n, out):
 * Copy ${field} into ${out} if it has exactly ${n} bytes; else return
 * ERR_MALFORMED.
 */
enum err pb_bytes(ProtobufCBinaryData field, size_t n, void *out) MUST_CHECK;

/**
 * pb_string(text):
 * ${text} as a string field to be packed; NULL becomes "".  Borrows;
 * protobuf-c's structures have no const, and packing does not write.
 */
char *pb_string(const char *text);

/**
 * pb_org(text, org):
 * Read a partner's name; ERR_MALFORMED if it is not one.
 */
enum err pb_org(const char *text, struct org *org) MUST_CHECK;

/**
 * pb_refid(field, id):
 * Read a referral's id; ERR_MALFORMED if it is not 16 bytes of a UUIDv7.
 */
enum err pb_refid(ProtobufCBinaryData field, struct refid *id) MUST_CHECK;

/**
 * pb_refuse(err, text, rule):
 * Point ${rule} at ${text}, if it is not NULL, and return ${err}.
 */
enum err pb_refuse(enum err err, const char *text,
    const char **rule) MUST_CHECK;

#endif /* !PB_H_ */
