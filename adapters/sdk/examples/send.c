/*
 * send -- report one signal, and wait until it stands in the log.
 *
 *	send adapter.yaml SIG-101 WK085501 "Gordijnen blijven dicht."
 */
#include <stdio.h>

#include "sdk/keten.h"

static int
fail(struct keten *k)
{
	fprintf(stderr, "%s\n", keten_error(k));
	keten_close(k);
	return (1);
}

int
main(int argc, char **argv)
{
	struct keten *k;
	struct keten_outcome out;
	uint64_t ticket;

	if (argc != 5) {
		fprintf(stderr, "gebruik: send INSTELLINGEN CODE GEBIED "
		    "TOELICHTING\n");
		return (2);
	}
	struct keten_order order = {
		.step = KETEN_SUBMIT,
		.code = argv[2],
		.area = argv[3],
		.urgency = KETEN_NORMAL,
		.basis = "G-TOE",
		.discussed = KETEN_AGREES,
		.note = argv[4],
		.person = "{\"name\":\"Voorbeeld, A.\",\"street\":"
			  "\"Dorpsstraat\",\"number\":\"12\"}",
	};

	/* From here on it cannot be lost: it stands in the spool. */
	if (keten_open(argv[1], &k) != 0 ||
	    keten_order(k, &order, &ticket) != 0)
		return (fail(k));

	if (keten_wait(k, ticket, 30000, &out) != 0)
		return (fail(k));
	if (out.status == KETEN_DONE)
		printf("%s staat in het logboek op plaats %llu\n",
		    out.referral, (unsigned long long)out.index);
	else
		printf("niet aangenomen: %s %s %s %s\n", out.code, out.rule,
		    out.text, out.todo);
	keten_close(k);
	return (out.status == KETEN_DONE ? 0 : 1);
}
