/*
 * codes -- the codes of the policy: the verb that lists them, and whether a
 * word is one.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "cli/cli.h"

#define CODES_MAX 1024

/* Those of the policy; texts of the handle's. */
struct codes {
	const char *code[CODES_MAX];
	size_t n;
};

static void
code_one(void *cookie, const char *code, const char *label)
{
	const struct cli *c = cookie;

	if (c->json)
		(void)cli_put(json_pack("{s:s,s:s}", "code", code, "label",
		    label));
	else
		printf("%-10s %s\n", code, label);
}

int
cli_codes(struct cli *c)
{
	int rc = cli_catch_up(c);

	if (rc == 0)
		rc = keten_codes(c->k, c->o.n_args > 0 ? c->o.arg[0] : "",
		    code_one, c);
	return (rc == 0 ? EXIT_DONE : cli_fail(c, rc));
}

static void
keep(void *cookie, const char *code, const char *label)
{
	struct codes *all = cookie;

	(void)label;
	/* Reasons and outcomes are codes too, but nobody offers those. */
	if (all->n < CODES_MAX && (strncmp(code, "SIG-", 4) == 0 ||
		strncmp(code, "DST-", 4) == 0))
		all->code[all->n++] = code;
}

/* The codes of a group, if ${code} is one ("DST-100"). */
static bool
say_group(const struct codes *all, const char *code)
{
	size_t n = 0, len = strlen(code);

	if (len < 5 || strcmp(code + len - 2, "00") != 0)
		return (false);
	for (size_t i = 0; i < all->n; i++)
		if (strncmp(all->code[i], code, len - 2) == 0)
			fprintf(stderr, "%s %s", n++ == 0 ?
			    "; dat is een groep, noem er een van:" : ",",
			    all->code[i]);
	return (n > 0);
}

static void
say_unknown(const struct cli *c, const struct codes *all, const char *code)
{
	const char *near = conf_nearest(code, all->code, all->n);

	fprintf(stderr, "keten: de code '%s' staat niet in het beleid", code);
	if (!say_group(all, code) && near != NULL)
		fprintf(stderr, "; bedoelde u %s (%s)?", near,
		    keten_label(c->k, near));
	fprintf(stderr, "\nAlle codes: keten codes\n");
}

int
cli_check_code(struct cli *c, const char *code)
{
	struct codes all = { .n = 0 };
	int rc = keten_codes(c->k, "", keep, &all);

	/* The first time there is no policy here yet. */
	if (rc == KETEN_ENONE && (rc = cli_catch_up(c)) == 0)
		rc = keten_codes(c->k, "", keep, &all);
	if (rc != 0 && rc != KETEN_ENONE)
		return (cli_fail(c, rc));
	if (code == NULL || rc == KETEN_ENONE)
		return (EXIT_DONE);
	for (size_t i = 0; i < all.n; i++)
		if (strcmp(all.code[i], code) == 0)
			return (EXIT_DONE);
	say_unknown(c, &all, code);
	return (EXIT_USAGE);
}
