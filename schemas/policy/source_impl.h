#ifndef SOURCE_IMPL_H_
#define SOURCE_IMPL_H_

#include <stdbool.h>

#include "keten/v1/policy.pb-c.h"

#include "base/conf.h"

/*
 * source_impl -- what the files of source share.  Nobody else includes this.
 *
 * This runs once, in a tool, and gives up when memory runs out.
 */
struct source {
	struct conf *conf;
};

/**
 * source_copy(text):
 * Return a copy of ${text} on the heap.
 */
char *source_copy(const char *text);

/**
 * source_read_scalar(s, node, field, slot):
 * Read the text of ${node} as a value of ${field} into ${slot}: numbers,
 * yes and no, dates, keys, words of an enum, texts.  What it is not is a
 * mistake.
 */
void source_read_scalar(struct source *s, const struct conf_node *node,
    const ProtobufCFieldDescriptor *field, void *slot);

/**
 * source_read_message(s, node, msg):
 * Fill ${msg} if it is one that people write in a form of its own (hours,
 * parties, candidates, spans, rungs as a list); false if it is not, and then
 * nothing was done.
 */
bool source_read_message(struct source *s, const struct conf_node *node,
    ProtobufCMessage *msg);

/**
 * source_read_special(s, node, field, msg):
 * Fill ${field} of ${msg} if it is one that takes more than one field of the
 * message; false if it is not.
 */
bool source_read_special(struct source *s, const struct conf_node *node,
    const ProtobufCFieldDescriptor *field, ProtobufCMessage *msg);

#endif /* !SOURCE_IMPL_H_ */
