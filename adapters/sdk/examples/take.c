/*
 * take SETTINGS -- accept the first offer, and read who it is about.
 */
#include <stdio.h>

#include "sdk/keten.h"

/* The person part opens as soon as somebody who has it has wrapped it. */
static int
read_person(struct keten *k, const char *referral)
{
	char *person;
	size_t len;

	while (keten_open_part(k, referral, KETEN_PERSON, NULL, 0, &person,
	    &len) != 0)
		if (keten_run(k, 1000) != 0)
			return (1);
	printf("%s\n", person);
	keten_wipe(person, len);
	return (0);
}

static int
take(struct keten *k, const struct keten_news *news)
{
	struct keten_order order = { .step = KETEN_ACCEPT,
		.referral = news->referral };
	struct keten_outcome out;
	uint64_t ticket;

	printf("%s\n", news->text);
	if (keten_order(k, &order, &ticket) != 0 ||
	    keten_wait(k, ticket, 30000, &out) != 0)
		return (1);
	return (out.status == KETEN_DONE ? read_person(k, out.referral) : 1);
}

int
main(int argc, char **argv)
{
	struct keten *k = NULL;
	struct keten_news news = { 0 };
	int rc = argc == 2 ? keten_open(argv[1], &k) : KETEN_EARGUMENT;

	while (rc == 0 && news.role != KETEN_CANDIDATE) {
		rc = keten_next(k, "take", &news);
		if (rc == KETEN_ENONE)
			rc = keten_run(k, 1000);
		else if (rc == 0)
			rc = keten_read(k, "take", news.seq);
	}
	if (rc == 0)
		rc = take(k, &news);
	if (rc != 0)
		fprintf(stderr, "%s\n", keten_error(k));
	keten_close(k);
	return (rc == 0 ? 0 : 1);
}
