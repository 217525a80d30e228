/*
 * oversight -- what a regisseur oversees: a report as the broker makes it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

/* Counting a large month takes the broker a while. */
#define WAIT_S 120

static void
show_progress(void *cookie, uint64_t done, uint64_t of)
{
	(void)cookie;
	if (isatty(STDERR_FILENO) != 1)
		return;
	if (of > 0)
		fprintf(stderr, "\rgelezen: %" PRIu64 " van %" PRIu64 "   ",
		    done, of);
	else
		fprintf(stderr, "\rgelezen: %" PRIu64 "   ", done);
}

static void
end_progress(void)
{
	if (isatty(STDERR_FILENO) == 1)
		fprintf(stderr, "\r\033[K");
}

int
cli_oversight(struct cli *c)
{
	const struct keten_report_ask ask = { .what = c->o.arg[0],
		.period = c->o.n_args > 1 ? c->o.arg[1] : NULL,
		.format = c->json ? "json" : cli_get(c, OPT_FORMAT) != NULL ?
		    cli_get(c, OPT_FORMAT) : "text",
		.progress = show_progress };
	static const char *const whats[] = { "open", "figures", "gaps" };
	const char *text;
	size_t len, i = 0;
	long wait = WAIT_S;
	int rc;

	if (cli_get(c, OPT_WAIT) != NULL &&
	    !opts_number(cli_get(c, OPT_WAIT), &wait)) {
		fprintf(stderr, "keten: --wait is een aantal seconden\n");
		return (EXIT_USAGE);
	}
	while (i < 3 && strcmp(ask.what, whats[i]) != 0)
		i++;
	if (i == 3) {
		fprintf(stderr, "keten oversight: '%s' is er niet; kies open, "
				"figures of gaps\n", ask.what);
		return (EXIT_USAGE);
	}
	rc = keten_report(c->k, &ask, (int)(wait * 1000), &text, &len);
	end_progress();
	if (rc != 0)
		return (cli_fail(c, rc));
	if (fwrite(text, 1, len, stdout) != len || fflush(stdout) != 0) {
		fprintf(stderr, "keten: het rapport kan niet worden "
				"geschreven\n");
		return (EXIT_SETTINGS);
	}
	return (EXIT_DONE);
}
