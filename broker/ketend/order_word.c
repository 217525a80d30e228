/*
 * order -- what every handler says and asks about its request.
 */
#include <stdarg.h>
#include <stdio.h>

#include "ketend/order.h"

/**
 * order_no(o, err, fmt, ...):
 * Refuse the request.
 */
enum err
order_no(struct order *o, enum err err, const char *fmt, ...)
{
	va_list ap;

	o->no = err;
	va_start(ap, fmt);
	(void)vsnprintf(o->text, sizeof(o->text), fmt, ap); /* may be cut */
	va_end(ap);
	return (ERR_OK);
}

/**
 * order_text(o, name), order_number(o, name):
 * Return what the request says at ${name}.
 */
const char *
order_text(const struct order *o, const char *name)
{
	return (json_string_value(json_object_get(o->ask, name)));
}

int64_t
order_number(const struct order *o, const char *name)
{
	const json_t *v = json_object_get(o->ask, name);

	return (json_is_integer(v) ? json_integer_value(v) : -1);
}
