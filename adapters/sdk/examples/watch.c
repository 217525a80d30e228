/*
 * watch -- print everything that arrives, once, until it is stopped.
 *
 *	watch adapter.yaml
 */
#include <stdio.h>

#include "sdk/keten.h"

static const char *const roles[] = { "", "bron", "kandidaat", "houder",
	"regisseur", "bewaarder", "was erbij", "ter kennisgeving" };

/* Each reader has its own place: after a crash it goes on where it was. */
static int
print_news(struct keten *k)
{
	struct keten_news n;
	int rc;

	while ((rc = keten_next(k, "watch", &n)) == 0) {
		printf("%-16s %.8s %s\n", roles[n.role], n.referral, n.text);
		fflush(stdout);
		if ((rc = keten_read(k, "watch", n.seq)) != 0)
			return (rc);
	}
	return (rc == KETEN_ENONE ? 0 : rc);
}

int
main(int argc, char **argv)
{
	struct keten *k = NULL;
	int rc = argc == 2 ? keten_open(argv[1], &k) : KETEN_EARGUMENT;

	while (rc == 0) {
		rc = keten_run(k, 10000);
		if (rc == 0)
			rc = print_news(k);
	}
	fprintf(stderr, "%s\n", keten_error(k));
	keten_close(k);
	return (1);
}
