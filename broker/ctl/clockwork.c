/*
 * clockwork -- the broker's clock, and the guard over what it published.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ctl/ctl.h"
#include "ctl/tell.h"

static int
usage(const char *word, const char *text)
{
	fprintf(stderr, "ketenctl: '%s' %s\n", word, text);
	return (CTL_USAGE);
}

/* --- clock and guard ------------------------------------------------------------------------- */

/* A moved clock walks; wait until it is there. */
static int
walk(const struct ctl *c, json_t *ask)
{
	const struct timespec nap = { 0, 10000000 };
	json_t *data = NULL;
	int rc = ctl_ask(c, ask, &data);

	while (rc == CTL_DONE &&
	    json_is_true(json_object_get(data, "walking"))) {
		json_decref(data);
		data = NULL;
		(void)nanosleep(&nap, NULL); /* woken early: look early */
		rc = ctl_ask(c, json_pack("{s:s}", "cmd", "clock"), &data);
	}
	if (rc == CTL_DONE)
		ctl_show(c, data, tell_clock);
	json_decref(data);
	return (rc);
}

static int
clock_move(const struct ctl *c, bool jump)
{
	char *end;
	long long to;

	errno = 0;
	to = strtoll(c->arg[0], &end, 10);
	if (c->arg[0][0] == '\0' || *end != '\0' || errno != 0)
		return (usage(c->arg[0], "is geen aantal milliseconden"));
	return (walk(c, json_pack("{s:s, s:I, s:b}", "cmd", "clock move",
	    c->arg[0][0] == '+' ? "by_ms" : "to_ms", (json_int_t)to,
	    "jump", (int)jump)));
}

int
ctl_clock(const struct ctl *c)
{
	return (ctl_plain(c, json_pack("{s:s}", "cmd", "clock"), tell_clock));
}

int
ctl_clock_accept(const struct ctl *c)
{
	return (ctl_plain(c, json_pack("{s:s}", "cmd", "clock accept"),
	    tell_clock));
}

int
ctl_clock_set(const struct ctl *c)
{
	return (clock_move(c, false));
}

int
ctl_clock_jump(const struct ctl *c)
{
	return (clock_move(c, true));
}

/* What to do when nothing is signed. */
static void
say_way_on(const json_t *data)
{
	printf("\nEr wordt niets ondertekend; al het andere gaat door.\n"
	    "  1  Zoek een nieuwere kopie van het logboek, of de oude schijf, "
	    "en zet die terug\n"
	    "     (ketenctl restore).  Wie verder gaat, splitst het logboek, "
	    "en dat blijft zichtbaar.\n"
	    "  2  Is die er niet, beslis dan: noem grootte en wortel die "
	    "ketenctl restore noemde,\n"
	    "     of die van nu:\n"
	    "     ketenctl guard accept %lld %s\n"
	    "  3  Vertel partners diezelfde grootte en wortel, langs een "
	    "andere weg; zij gaan mee\n"
	    "     met keten sync --restored GROOTTE:WORTEL.\n",
	    (long long)ctl_number(data, "size"), ctl_text(data, "root"));
}

int
ctl_guard(const struct ctl *c)
{
	json_t *data = NULL;
	int rc = ctl_ask(c, json_pack("{s:s}", "cmd", "guard"), &data);

	if (rc == CTL_DONE)
		ctl_show(c, data, tell_guard);
	if (rc == CTL_DONE && !c->json &&
	    !json_is_true(json_object_get(data, "signing")))
		say_way_on(data);
	json_decref(data);
	return (rc);
}

int
ctl_guard_accept(const struct ctl *c)
{
	char *end;
	long long size;

	errno = 0;
	size = strtoll(c->arg[0], &end, 10);
	if (c->arg[0][0] == '\0' || *end != '\0' || size < 0 || errno != 0)
		return (usage(c->arg[0], "is geen grootte: een aantal regels"));
	return (ctl_plain(c, json_pack("{s:s, s:I, s:s}", "cmd",
	    "guard accept", "size", (json_int_t)size, "root", c->arg[1]),
	    tell_guard));
}
