/*
 * online -- the subcommands that are a request to the broker: one line of JSON
 * there, one line back.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "ctl/ctl.h"
#include "life/calendar.h"

#define FILE_MAX ((size_t)128 * 1024)

/* --- the socket ------------------------------------------------------------------- */

static int
reach(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(to.sun_path))
		return (-1);
	memcpy(to.sun_path, path, strlen(path) + 1);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return (-1);
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		return (fd);
	(void)close(fd); /* nothing was written */
	return (-1);
}

/* Send ${ask} and read the answer; NULL if that failed. */
static json_t *
exchange(int fd, json_t *ask)
{
	json_t *answer = NULL;
	FILE *f = fdopen(fd, "r+");

	if (f == NULL) {
		(void)close(fd); /* nothing was written */
		return (NULL);
	}
	if (json_dumpf(ask, f, JSON_COMPACT) == 0 && fputc('\n', f) != EOF &&
	    fflush(f) == 0)
		answer = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL);
	(void)fclose(f); /* all that mattered was read */
	return (answer);
}

static const char *
text_of(const json_t *j, const char *name)
{
	const char *text = json_string_value(json_object_get(j, name));

	return (text == NULL ? "" : text);
}

int
ctl_ask(const struct ctl *c, json_t *ask, json_t **data)
{
	int fd = reach(c->socket);
	json_t *answer = fd == -1 ? NULL : exchange(fd, ask);

	json_decref(ask);
	if (answer == NULL) {
		fprintf(stderr, "ketenctl: %s: de makelaar is niet te "
		    "bereiken (%s). Draait ketend, en bent u dezelfde "
		    "gebruiker?\n", c->socket, strerror(errno));
		return (CTL_UNREACHED);
	}
	if (!json_is_true(json_object_get(answer, "ok"))) {
		fprintf(stderr, "ketenctl: %s: %s\n", text_of(answer,
		    "error"), text_of(answer, "text"));
		/* What to do with a bad message is for who made it: us. */
		if (text_of(answer, "todo")[0] != '\0' &&
		    strcmp(text_of(answer, "error"), "MALFORMED") != 0)
			fprintf(stderr, "  %s\n", text_of(answer, "todo"));
		json_decref(answer);
		return (CTL_REFUSED);
	}
	*data = json_incref(json_object_get(answer, "data"));
	json_decref(answer);
	return (CTL_DONE);
}

/* --- showing ------------------------------------------------------------------------ */

/* Instants are written for people; 0 is "none". */
static bool
is_instant(const char *name)
{
	size_t len = strlen(name);

	return (len > 3 && strcmp(name + len - 3, "_ms") == 0);
}

static void show_block(const json_t *j, int depth);

static void
show_value(const char *name, const json_t *v, int depth)
{
	char text[CAL_TEXT];

	if ((json_is_array(v) && json_array_size(v) == 0) ||
	    (json_is_object(v) && json_object_size(v) == 0)) {
		printf(" geen\n");
		return;
	}
	if (json_is_array(v) || json_is_object(v)) {
		printf("\n");
		show_block(v, depth + 1);
		return;
	}
	if (json_is_string(v))
		printf(" %s", json_string_value(v));
	else if (json_is_boolean(v))
		printf(" %s", json_is_true(v) ? "ja" : "nee");
	else if (json_is_integer(v) && is_instant(name))
		printf(" %s", json_integer_value(v) == 0 ? "-" :
		    cal_text(json_integer_value(v), text));
	else if (json_is_integer(v))
		printf(" %" JSON_INTEGER_FORMAT, json_integer_value(v));
	printf("\n");
}

/* A line per field; members of a list are parted by a dash. */
static void
show_block(const json_t *j, int depth)
{
	const char *name;
	json_t *v;
	size_t i;

	if (json_is_array(j)) {
		json_array_foreach(j, i, v) {
			printf("%*s-", depth * 2, "");
			if (json_is_object(v)) {
				printf("\n");
				show_block(v, depth + 1);
			} else
				show_value("", v, depth);
		}
		return;
	}
	/* jansson keeps the order in which they came. */
	json_object_foreach((json_t *)(uintptr_t)j, name, v) {
		printf("%*s%s:", depth * 2, "", name);
		show_value(name, v, depth);
	}
}

void
ctl_show(const struct ctl *c, const json_t *data)
{
	json_t *v;
	size_t i;

	if (!c->json) {
		show_block(data, 0);
		return;
	}
	if (!json_is_array(data)) {
		(void)json_dumpf(data, stdout, JSON_COMPACT);
		printf("\n");
		return;
	}
	json_array_foreach(data, i, v) {
		(void)json_dumpf(v, stdout, JSON_COMPACT);
		printf("\n");
	}
}

/* One request without more ado. */
static int
plain(const struct ctl *c, json_t *ask)
{
	json_t *data = NULL;
	int status = ctl_ask(c, ask, &data);

	if (status == CTL_DONE)
		ctl_show(c, data);
	json_decref(data);
	return (status);
}

static int
usage(const char *text)
{
	fprintf(stderr, "ketenctl: %s\n", text);
	return (CTL_USAGE);
}

/* --- text as it is ------------------------------------------------------------------- */

static int
show_text(const struct ctl *c, json_t *ask)
{
	json_t *data = NULL;
	int status = ctl_ask(c, ask, &data);

	if (status == CTL_DONE && c->json)
		ctl_show(c, data);
	else if (status == CTL_DONE)
		printf("%s\n", text_of(data, "text"));
	json_decref(data);
	return (status);
}

static int
metrics(const struct ctl *c)
{
	return (show_text(c, json_pack("{s:s}", "cmd", "metrics")));
}

/* The protocol's word for an urgency, in Dutch or as it is; NULL: neither. */
static const char *
urgency_of(const char *text)
{
	static const char *const words[][2] = {
		{ "LOW", "laag" }, { "NORMAL", "normaal" },
		{ "NORMAL", "gewoon" }, { "HIGH", "hoog" },
		{ "EMERGENT", "spoed" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(text, words[i][0]) == 0 ||
		    strcasecmp(text, words[i][1]) == 0)
			return (words[i][0]);
	return (NULL);
}

static int
explain(const struct ctl *c)
{
	const char *urgency = c->urgency == NULL ? "NORMAL" :
	    urgency_of(c->urgency);
	int64_t at = 0;

	if (c->n_args > 0)
		return (show_text(c, json_pack("{s:s, s:s}", "cmd",
		    "explain", "referral", c->arg[0])));
	if (c->from == NULL || c->code == NULL || c->area == NULL)
		return (usage("explain VERWIJZING, of explain --from PARTNER "
		    "--code CODE --area GEBIED [--urgency HIGH] "
		    "[--basis G-TOE] [--at '2026-04-27 08:30']"));
	if (c->at != NULL && !cal_time_read(c->at, &at))
		return (usage("--at is een tijd zoals '2026-04-27 08:30'"));
	if (urgency == NULL)
		return (usage("--urgency is een van: laag normaal hoog spoed "
		    "(LOW, NORMAL, HIGH, EMERGENT)"));
	return (show_text(c, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I}",
	    "cmd", "explain", "from", c->from, "code", c->code,
	    "area", c->area, "urgency", urgency, "basis",
	    c->basis == NULL ? "G-TOE" : c->basis, "at_ms",
	    (json_int_t)at)));
}

/* --- tables ---------------------------------------------------------------------------- */

static json_int_t
number(const json_t *j, const char *name)
{
	return (json_integer_value(json_object_get(j, name)));
}

static void
queue_row(const json_t *r)
{
	char away[CAL_TEXT] = "-", old[CAL_TEXT] = "-";

	if (!json_is_true(json_object_get(r, "connected")))
		(void)cal_text(number(r, "away_since_ms"), away);
	if (number(r, "oldest_ms") != 0)
		(void)cal_text(number(r, "oldest_ms"), old);
	printf("%-24s %-8s %8lld %8lld  %-20s %s\n", text_of(r, "partner"),
	    text_of(r, "mailbox"), (long long)number(r, "waiting"),
	    (long long)number(r, "last"), old, away);
}

static int
queue(const struct ctl *c)
{
	json_t *data = NULL, *row;
	size_t i;
	int status;

	status = ctl_ask(c, json_pack("{s:s}", "cmd", "queue"), &data);
	if (status == CTL_DONE && c->json)
		ctl_show(c, data);
	else if (status == CTL_DONE) {
		printf("%-24s %-8s %8s %8s  %-20s %s\n", "partner", "bus",
		    "wacht", "laatste", "oudste sinds", "weg sinds");
		json_array_foreach(data, i, row)
			queue_row(row);
	}
	json_decref(data);
	return (status);
}

static int
show(const struct ctl *c)
{
	if (c->n_args != 1)
		return (usage("show VERWIJZING"));
	return (plain(c, json_pack("{s:s, s:s}", "cmd", "show", "referral",
	    c->arg[0])));
}

static int
status(const struct ctl *c)
{
	return (plain(c, json_pack("{s:s}", "cmd", "status")));
}

/* --- certificates ------------------------------------------------------------------------ */

int
ctl_enrol_bytes(const struct ctl *c, const void *p, size_t len)
{
	char *text = malloc(BASE64_LEN(len));
	int rc;

	if (text == NULL) {
		fprintf(stderr, "ketenctl: geen geheugen\n");
		return (CTL_FILE);
	}
	(void)base64_encode(p, len, text);
	rc = plain(c, json_pack("{s:s, s:s}", "cmd", "enrol", "envelope",
	    text));
	free(text);
	return (rc);
}

int
ctl_enrol_file(const struct ctl *c, const char *path)
{
	uint8_t *bytes = NULL;
	size_t len = 0;
	int rc;

	if (file_read(path, FILE_MAX, &bytes, &len) != ERR_OK) {
		fprintf(stderr, "ketenctl: %s kan niet worden gelezen\n", path);
		return (CTL_FILE);
	}
	rc = ctl_enrol_bytes(c, bytes, len);
	if (rc == CTL_REFUSED)
		fprintf(stderr, "  in %s\n", path);
	free(bytes);
	return (rc);
}

/* All of them; the worst outcome counts. */
static int
enrol(const struct ctl *c)
{
	int rc, worst = CTL_DONE;

	if (c->n_args == 0)
		return (usage("enrol BESTAND..."));
	for (int i = 0; i < c->n_args; i++) {
		rc = ctl_enrol_file(c, c->arg[i]);
		if (rc > worst)
			worst = rc;
	}
	return (worst);
}

/* --- policy --------------------------------------------------------------------------------- */

/* A file, or that there was none. */
struct kept {
	char *path;
	uint8_t *bytes;
	size_t len;
};

/* Put a signed document where the broker reads it, and keep what was there. */
static int
put_policy(const struct ctl *c, const char *path, struct kept *was)
{
	json_t *data = NULL;
	uint8_t *bytes = NULL;
	size_t len = 0;
	int rc;

	rc = ctl_ask(c, json_pack("{s:s}", "cmd", "policy"), &data);
	if (rc == CTL_DONE &&
	    ((was->path = strdup(text_of(data, "file"))) == NULL ||
	    file_read(was->path, FILE_MAX, &was->bytes, &was->len) != ERR_OK ||
	    file_read(path, FILE_MAX, &bytes, &len) != ERR_OK ||
	    file_write(was->path, bytes, len, 0644) != ERR_OK)) {
		fprintf(stderr, "ketenctl: %s kan niet in de plaats komen van "
		    "%s\n",
		    path, text_of(data, "file"));
		rc = CTL_FILE;
	}
	free(bytes);
	json_decref(data);
	return (rc);
}

/* A document that is refused does not stay: the next start would stumble. */
static void
put_back(const struct kept *was)
{
	if (file_write(was->path, was->bytes, was->len, 0644) != ERR_OK)
		fprintf(stderr, "ketenctl: het oude beleid kan niet terug in "
		    "%s\n", was->path);
}

static int
policy(const struct ctl *c)
{
	struct kept was = { NULL, NULL, 0 };
	int rc = CTL_DONE;

	if (c->n_args == 0 || strcmp(c->arg[0], "load") != 0)
		return (plain(c, json_pack("{s:s}", "cmd", "policy")));
	if (c->n_args > 1)
		rc = put_policy(c, c->arg[1], &was);
	if (rc == CTL_DONE) {
		rc = plain(c, json_pack("{s:s}", "cmd", "policy reload"));
		if (rc == CTL_REFUSED && was.path != NULL)
			put_back(&was);
	}
	free(was.path);
	free(was.bytes);
	return (rc);
}

/* --- erasing --------------------------------------------------------------------------------- */

/* Only the policy's rules: who wants one referral erased signs for that. */
static int
erase(const struct ctl *c)
{
	if (c->n_args == 0)
		return (plain(c, json_pack("{s:s}", "cmd", "erase")));
	if (c->n_args == 1 && strcmp(c->arg[0], "list") == 0)
		return (plain(c, json_pack("{s:s}", "cmd", "erase list")));
	if (c->n_args == 1 && strcmp(c->arg[0], "status") == 0)
		return (plain(c, json_pack("{s:s}", "cmd", "erase status")));
	return (usage("erase [list|status]; een enkele verwijzing laat wie "
	    "verantwoordelijk is wissen, met keten erase"));
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
		ctl_show(c, data);
	json_decref(data);
	return (rc);
}

static int
clock_move(const struct ctl *c, bool jump)
{
	char *end;
	long long to;

	if (c->n_args != 2 || c->arg[1][0] == '\0')
		return (usage("clock set|jump MILLISECONDEN (met + ervoor: "
		    "zoveel verder)"));
	to = strtoll(c->arg[1], &end, 10);
	if (*end != '\0')
		return (usage("dat is geen getal"));
	return (walk(c, json_pack("{s:s, s:I, s:b}", "cmd", "clock move",
	    c->arg[1][0] == '+' ? "by_ms" : "to_ms", (json_int_t)to,
	    "jump", (int)jump)));
}

static int
clock_cmd(const struct ctl *c)
{
	if (c->n_args == 0)
		return (plain(c, json_pack("{s:s}", "cmd", "clock")));
	if (strcmp(c->arg[0], "accept") == 0)
		return (plain(c, json_pack("{s:s}", "cmd", "clock accept")));
	if (strcmp(c->arg[0], "set") == 0)
		return (clock_move(c, false));
	if (strcmp(c->arg[0], "jump") == 0)
		return (clock_move(c, true));
	return (usage("clock [accept], of bij een testklok: clock set|jump"));
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
	    (long long)number(data, "size"), text_of(data, "root"));
}

static int
show_guard(const struct ctl *c)
{
	json_t *data = NULL;
	int rc = ctl_ask(c, json_pack("{s:s}", "cmd", "guard"), &data);

	if (rc == CTL_DONE)
		ctl_show(c, data);
	if (rc == CTL_DONE && !c->json &&
	    !json_is_true(json_object_get(data, "signing")))
		say_way_on(data);
	json_decref(data);
	return (rc);
}

static int
guard(const struct ctl *c)
{
	char *end;
	long long size;

	if (c->n_args == 0)
		return (show_guard(c));
	if (c->n_args != 3 || strcmp(c->arg[0], "accept") != 0)
		return (usage("guard [accept GROOTTE WORTEL]"));
	size = strtoll(c->arg[1], &end, 10);
	if (*end != '\0' || size < 0)
		return (usage("dat is geen grootte"));
	return (plain(c, json_pack("{s:s, s:I, s:s}", "cmd", "guard accept",
	    "size", (json_int_t)size, "root", c->arg[2])));
}

int
ctl_online(const struct ctl *c, const char *name)
{
	static const struct {
		const char *name;
		int (*run)(const struct ctl *c);
	} what[] = {
		{ "status", status },
		{ "queue", queue },
		{ "show", show },
		{ "explain", explain },
		{ "enrol", enrol },
		{ "policy", policy },
		{ "metrics", metrics },
		{ "erase", erase },
		{ "clock", clock_cmd },
		{ "guard", guard },
	};

	for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++)
		if (strcmp(what[i].name, name) == 0)
			return (what[i].run(c));
	return (CTL_USAGE);
}
