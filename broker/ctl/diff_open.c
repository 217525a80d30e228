/*
 * diff_open -- what another policy would mean to what is open: asked from the
 * running broker, page after page.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/noun.h"
#include "ctl/diff_in.h"

/* Rows of one kind that are printed as text; --json has all. */
#define SHOWN 20

static const struct {
	const char *what;
	const char *one, *many;
} kinds[] = {
	{ "no-route", "open verwijzing zou haar route verliezen",
	    "open verwijzingen zouden hun route verliezen" },
	{ "succession", "open verwijzing gaat over op een opvolger",
	    "open verwijzingen gaan over op een opvolger" },
	{ "take-over", "open verwijzing wacht dan op de regisseur",
	    "open verwijzingen wachten dan op de regisseur" },
	{ "ended", "open aanbieding eindigt, zonder opvolger",
	    "open aanbiedingen eindigen, zonder opvolger" },
};

const char *
diff_string(const json_t *j, const char *name)
{
	const char *text = json_string_value(json_object_get(j, name));

	return (text == NULL ? "" : text);
}

static void
say_open(const json_t *row)
{
	printf("    %s  %s %s %s, houder %s%s%s%s%s%s%s\n",
	    diff_string(row, "referral"), diff_string(row, "code"),
	    diff_string(row, "area"), diff_string(row, "state"),
	    diff_string(row, "holder"), diff_string(row, "partner")[0] != '\0' ?
	    "; " : "", diff_string(row, "partner"),
	    diff_string(row, "successor")[0] != '\0' ? " -> " : "",
	    diff_string(row, "successor"), diff_string(row, "text")[0] != '\0' ?
	    ": " : "", diff_string(row, "text"));
}

static void
say_kind(const json_t *rows, const char *what, const char *one,
    const char *many)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(rows); i++)
		n += strcmp(diff_string(json_array_get(rows, i), "what"),
		    what) == 0;
	if (n == 0)
		return;
	printf("! %zu %s\n", n, noun_for(n, one, many));
	n = 0;
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		if (strcmp(diff_string(row, "what"), what) != 0)
			continue;
		if (n++ < SHOWN)
			say_open(row);
	}
	if (n > SHOWN)
		printf("    ... en %zu meer (--json toont alle)\n", n - SHOWN);
}

/* Ask page after page; the rows of all of them in ${rows}. */
static int
ask_all(const struct ctl *c, json_t *rows, size_t *looked)
{
	json_t *next = json_object(), *data;
	int rc = CTL_DONE;

	while (rc == CTL_DONE && json_is_object(next)) {
		(void)json_object_set_new(next, "cmd",
		    json_string("policy impact"));
		data = NULL;
		rc = ctl_ask(c, next, &data);
		next = NULL;
		if (rc != CTL_DONE)
			break;
		(void)json_array_extend(rows, json_object_get(data, "rows"));
		*looked += (size_t)json_integer_value(json_object_get(data,
		    "looked"));
		next = json_incref(json_object_get(data, "next"));
		json_decref(data);
		if (!c->json && isatty(STDERR_FILENO))
			fprintf(stderr, "\r%zu open %s bekeken%s",
			    *looked, noun_for(*looked, "verwijzing",
			    "verwijzingen"), json_is_object(next) ? "" : "\n");
	}
	json_decref(next);
	return (rc);
}

int
diff_open(const struct ctl *c, const char *file, const struct policy *p)
{
	struct slice body = policy_body(p);
	char path[1200];
	json_t *rows = json_array();
	size_t looked = 0;
	int rc = CTL_FILE;

	(void)snprintf(path, sizeof(path), "%s.diff", file);
	if (file_write(path, body.p, body.len, 0644) != ERR_OK)
		fprintf(stderr, "ketenctl: %s kan niet worden geschreven\n", path);
	else
		rc = ask_all(c, rows, &looked);
	(void)unlink(path); /* it is of no use to anybody else */
	for (size_t i = 0; rc == CTL_DONE && c->json &&
	     i < json_array_size(rows); i++)
		diff_say(json_incref(json_array_get(rows, i)));
	if (rc == CTL_DONE && !c->json) {
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			say_kind(rows, kinds[i].what, kinds[i].one,
			    kinds[i].many);
		printf("%zu open %s bekeken; open aanbiedingen "
		       "houden de termijn waaronder ze zijn gedaan.\n",
		    looked, noun_for(looked, "verwijzing", "verwijzingen"));
	}
	json_decref(rows);
	return (rc);
}
