/*
 * report -- what a regisseur oversees, for the operator.
 *
 * The broker counts in a thread of its own and says how far it is; ask until
 * it is done.  What it gives is written as it is.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl/ctl.h"

#define NAP_MS 50

static json_t *
request(const struct ctl *c)
{
	json_t *ask = json_pack("{s:s, s:s, s:s, s:s}", "cmd", "report",
	    "what", c->n_args > 0 ? c->arg[0] : "figures", "period",
	    c->n_args > 1 ? c->arg[1] : "", "format",
	    c->json ? "json" : c->format != NULL ? c->format : "text");

	if (c->partner != NULL)
		(void)json_object_set_new(ask, "partner",
		    json_string(c->partner));
	return (ask);
}

static void
show_progress(const json_t *data)
{
	json_int_t done = json_integer_value(json_object_get(data, "done"));
	json_int_t of = json_integer_value(json_object_get(data, "of"));

	if (isatty(STDERR_FILENO) != 1)
		return;
	if (of > 0)
		fprintf(stderr, "\rgelezen: %" JSON_INTEGER_FORMAT " van %"
		    JSON_INTEGER_FORMAT "   ", done, of);
	else
		fprintf(stderr, "\rgelezen: %" JSON_INTEGER_FORMAT "   ",
		    done);
}

static void
end_progress(void)
{
	if (isatty(STDERR_FILENO) == 1)
		fprintf(stderr, "\r\033[K");
}

static int
put(const json_t *data)
{
	const json_t *text = json_object_get(data, "text");
	size_t len = json_string_length(text);

	/* That all of it arrives is seen to in the end. */
	(void)fwrite(json_string_value(text), 1, len, stdout);
	return (CTL_DONE);
}

int
ctl_report(const struct ctl *c)
{
	const struct timespec nap = { 0, NAP_MS * 1000000L };
	json_t *data = NULL;
	int rc;

	while ((rc = ctl_ask(c, request(c), &data)) == CTL_DONE &&
	    !json_is_true(json_object_get(data, "ready"))) {
		show_progress(data);
		json_decref(data);
		data = NULL;
		(void)nanosleep(&nap, NULL); /* woken early: look early */
	}
	end_progress();
	if (rc == CTL_DONE)
		rc = put(data);
	json_decref(data);
	return (rc);
}
