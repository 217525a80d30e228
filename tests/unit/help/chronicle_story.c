/*
 * chronicle -- a story that has something of everything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chronicle_in.h"

static void
expect(const struct chronicle *c, enum err is, enum err should,
    const char *what)
{
	if (is == should)
		return;
	fprintf(stderr, "chronicle: %s: %s instead of %s: %s\n", what,
	    err_name(is), err_name(should), c->rule == NULL ? "" : c->rule);
	chronicle_must(ERR_CORRUPT, what);
}

/* Taken, opened, done, read. */
static void
good_end(struct chronicle *c, struct refid *id)
{
	uint64_t submitted = c->n;

	expect(c, chronicle_submit(c, LWDB, "SIG-101", id), ERR_OK, "submit");
	chronicle_ack(c, WELZIJN);
	expect(c, chronicle_say(c, WELZIJN, id, KETEN__V1__EVENT__REVIEW, NULL),
	    ERR_OK, "review");
	c->use_batch = true;
	expect(c, chronicle_say(c, WELZIJN, id, KETEN__V1__EVENT__ACCEPT, NULL),
	    ERR_OK, "accept");
	c->use_batch = false;
	expect(c, chronicle_rewrap(c, LWDB, WELZIJN, id, submitted), ERR_OK,
	    "rewrap");
	chronicle_ack(c, WELZIJN);
	chronicle_publish(c);
	expect(c, chronicle_say_stale(c, WELZIJN, id, KETEN__V1__EVENT__START),
	    ERR_CONFLICT, "stale");
	expect(c, chronicle_say(c, WELZIJN, id, KETEN__V1__EVENT__START, NULL),
	    ERR_OK, "start");
	expect(c, chronicle_say(c, WELZIJN, id, KETEN__V1__EVENT__COMPLETE,
	    "UIT-01"), ERR_OK, "complete");
	chronicle_ack(c, LWDB);
	expect(c, chronicle_say(c, LWDB, id, KETEN__V1__EVENT__ACKNOWLEDGE,
	    NULL), ERR_OK, "acknowledge");
}

/* Nobody answers, then somebody declines, then it is the municipality's. */
static void
silence(struct chronicle *c)
{
	struct refid id;

	expect(c, chronicle_submit(c, THUISZORG, "SIG-301", &id), ERR_OK,
	    "submit");
	chronicle_ack(c, MANTELZORG);
	chronicle_restart(c, INT64_C(2) * 3600 * 1000);
	chronicle_fire(c);
	expect(c, chronicle_say(c, WELZIJN, &id, KETEN__V1__EVENT__DECLINE,
	    "AFW-01"), ERR_OK, "decline");
	chronicle_fire(c);
	expect(c, chronicle_say(c, GEMEENTE, &id, KETEN__V1__EVENT__CONFIRM,
	    NULL), ERR_OK, "confirm");
	chronicle_ack(c, GEMEENTE);
}

void
chronicle_story(struct chronicle *c, struct refid *last)
{
	struct refid id, other;

	good_end(c, &id);
	chronicle_publish(c);
	silence(c);
	chronicle_tick(c);
	expect(c, chronicle_submit(c, LWDB, "SIG-999", &other), ERR_BAD_CODE,
	    "no such code");
	c->bad_content = true;
	expect(c, chronicle_submit(c, LWDB, "SIG-101", &other), ERR_DIGEST,
	    "bad content");
	c->bad_content = false;
	good_end(c, &id);
	silence(c);
	chronicle_ack(c, THUISZORG);
	good_end(c, last == NULL ? &id : last);
	chronicle_publish(c);
}
