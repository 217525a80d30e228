#ifndef UNPACK_H_
#define UNPACK_H_

#include <protobuf-c/protobuf-c.h>

#include "base/bytes.h"
#include "wire/arena.h"

/*
 * unpack -- make protobuf-c's structures from bytes that the pre-scan has
 * looked through.
 *
 * protobuf-c's own unpacking sorts all fields into tables first and looks
 * everything up again, because it must expect anything.  After the pre-scan
 * there is nothing left to expect, and reading a log is mostly unpacking.  What
 * comes out is what protobuf-c would make, but for fields that are not known:
 * they are left out.  It does not rely on the bytes being those that were
 * scanned (they may lie in a file that somebody else writes to): other bytes
 * give another message or none.
 */

/**
 * unpack_message(a, d, s):
 * Return the message of type ${d} that is in ${s}, made in ${a}, or NULL if
 * there is no room (or ${s} never passed the pre-scan).  It does not point into
 * ${s}.
 */
ProtobufCMessage *unpack_message(struct arena *a,
    const ProtobufCMessageDescriptor *d, struct slice s);

#endif /* !UNPACK_H_ */
