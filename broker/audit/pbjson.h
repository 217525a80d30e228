#ifndef PBJSON_H_
#define PBJSON_H_

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

/*
 * pbjson -- any of our messages as JSON, for people and for comparing.
 *
 * Made from the generated descriptors, so that a new field shows itself
 * without anybody writing it down here.  Fields that are absent or zero are
 * left out; bytes are hexadecimal, referrals UUIDs; enums have their names.
 * The order of the keys is that of the .proto file.
 */

/**
 * pbjson_of(msg):
 * Return ${msg} (pass &m->base) as an object, or NULL if there is no memory.
 * The caller owns it.
 */
json_t *pbjson_of(const ProtobufCMessage *msg);

/**
 * pbjson_difference(was, is, out, cap):
 * Write where ${was} and ${is} first differ, "change.after.holder: \"a\" en
 * niet \"b\"", to ${out}.  Return false if they do not.
 */
bool pbjson_difference(json_t *was, json_t *is, char *out, size_t cap);

#endif /* !PBJSON_H_ */
