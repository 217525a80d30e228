/*
 * order_report -- the operator asks for what a regisseur oversees.
 */
#include "ketend/broker.h"
#include "ketend/order.h"
#include "ketend/reports.h"

static const char *
text_or(const struct order *o, const char *name, const char *other)
{
	const char *text = order_text(o, name);

	return (text == NULL ? other : text);
}

/**
 * order_report(b, o):
 * A report, or how far it is.
 */
enum err
order_report(struct broker *b, struct order *o)
{
	const struct reports_ask ask = {
		.what = text_or(o, "what", ""),
		.period = text_or(o, "period", ""),
		.format = text_or(o, "format", "text"),
		.who = org_of(order_text(o, "partner")),
		.to = "ketenctl",
	};
	struct reports_answer out;
	enum err err;

	if (order_text(o, "partner") != NULL && org_is_none(&ask.who))
		return (order_no(o, ERR_UNKNOWN_PARTNER, "%s",
		    err_text(ERR_UNKNOWN_PARTNER)));
	err = reports_make(b, &ask, &out);
	if (err != ERR_OK)
		return (err);
	if (out.no != ERR_OK)
		return (order_no(o, out.no, "%s", out.rule));
	if (!out.ready)
		o->data = json_pack("{s:b, s:I, s:I}", "ready", 0, "done",
		    (json_int_t)out.progress.done, "of",
		    (json_int_t)out.progress.of);
	else
		o->data = json_pack("{s:b, s:s%}", "ready", 1, "text",
		    out.text, out.len);
	return (o->data != NULL ? ERR_OK : ERR_NOMEM);
}
