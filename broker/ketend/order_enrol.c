/*
 * order_enrol -- certificates and their ends, as the operator brings them.
 */
#include <string.h>

#include "ketend/broker.h"
#include "ketend/certify.h"
#include "ketend/order.h"

/* Check it, write it down, say what it became. */
static enum err
enrol(struct broker *b, struct order *o, struct slice bytes)
{
	Keten__V1__KeyStatement *key = NULL;
	struct made *made = NULL;
	const char *fault = certify_fault(b, bytes, &key);
	enum err err;

	if (fault != NULL)
		return (order_no(o, ERR_KEY_NOT_VALID, "%s", fault));
	if ((err = certify_write(b, bytes, key, &made)) != ERR_OK)
		return (err);
	o->data = json_pack("{s:s, s:s, s:I}", "partner", key->partner,
	    "kind", certify_kind(key), "index", (json_int_t)made->out.index);
	return (ERR_OK);
}

/**
 * order_enrol(b, o):
 * Take one certificate, an envelope in base64.
 */
enum err
order_enrol(struct broker *b, struct order *o)
{
	const char *text = order_text(o, "envelope");
	uint8_t *bytes;
	size_t cap, len = 0;

	if (text == NULL)
		return (order_no(o, ERR_MALFORMED, "envelope is missing"));
	cap = strlen(text) / 4 * 3 + 3;
	if ((bytes = arena_alloc(b->turn->out, cap)) == NULL)
		return (order_no(o, ERR_TOO_BIG, "too long"));
	if (!base64_decode(text, strlen(text), bytes, cap, &len))
		return (order_no(o, ERR_MALFORMED, "not base64"));
	return (enrol(b, o, slice_of(bytes, len)));
}
