#ifndef ONEWALK_H_
#define ONEWALK_H_

#include <protobuf-c/protobuf-c.h>

#include "wire/arena.h"
#include "wire/prescan.h"

/*
 * onewalk -- pre-scan and unpacking in one walk over the bytes.
 *
 * Nearly all bytes that come by are good, and in the form in which they are
 * usually written.  For those the rules of prescan.h are held here while the
 * structures are made, so that each byte is looked at once.  Whatever this walk
 * does not take (bytes that break a rule, but also fields that are not known
 * and lists whose members do not stand together) it leaves to the two walks of
 * prescan.c and unpack.c, which know why.  It never takes what the pre-scan
 * would refuse, and uses the arena to the byte as unpack.c does; t_onewalk and
 * the fuzzer compare.
 *
 * Each byte is read once or, if twice, looked at after the last time: bytes that
 * somebody changes meanwhile cannot become text that is no UTF-8, an enum
 * outside its list or anything else that the rules keep out.
 */

/**
 * onewalk_unpack(a, d, s, limits):
 * Return the message of type ${d} that is in ${s}, made in ${a}; or NULL, with
 * ${a} as it was: then ask prescan_message(), which may yet take it.
 */
ProtobufCMessage *onewalk_unpack(struct arena *a,
    const ProtobufCMessageDescriptor *d, struct slice s,
    const struct prescan_limits *limits);

#endif /* !ONEWALK_H_ */
