#ifndef DIFF_IN_H_
#define DIFF_IN_H_

#include <protobuf-c/protobuf-c.h>

#include "ctl/ctl.h"
#include "policy/policy.h"

/*
 * diff_in -- what the files of `ketenctl policy diff` share.
 */

/**
 * diff_word(field):
 * Return what people call a field of the policy; ${field} itself if there is
 * no word for it.
 */
const char *diff_word(const char *field);

/**
 * diff_text(d, m):
 * Return the field ${d} of ${m} as text, which the caller frees.
 */
char *diff_text(const ProtobufCFieldDescriptor *d, const ProtobufCMessage *m);

/**
 * diff_say(j):
 * Print ${j}, which is taken over, on a line of its own.
 */
void diff_say(json_t *j);

/**
 * diff_string(j, name):
 * Return the text at ${name}; "" if there is none.
 */
const char *diff_string(const json_t *j, const char *name);

/**
 * diff_open(c, file, p):
 * Ask the broker, whose policy lies in ${file}, what ${p} would mean to what
 * is open, and print it.  Return an exit status.
 */
int diff_open(const struct ctl *c, const char *file, const struct policy *p);

#endif /* !DIFF_IN_H_ */
