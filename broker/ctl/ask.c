/*
 * ask -- one request to the broker: a line of JSON there, a line back.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl/ctl.h"

/* --- the socket ------------------------------------------------------------------- */

static int
reach(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd, why;

	if (strlen(path) >= sizeof(to.sun_path)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	memcpy(to.sun_path, path, strlen(path) + 1);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return (-1);
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		return (fd);
	why = errno;
	(void)close(fd); /* nothing was written */
	errno = why;
	return (-1);
}

/* Send ${ask} and read the answer; NULL if that failed, with errno, which is 0
 * if the broker went without saying anything. */
static json_t *
exchange(int fd, json_t *ask)
{
	json_t *answer = NULL;
	FILE *f = fdopen(fd, "r+");
	int why;

	if (f == NULL) {
		(void)close(fd); /* nothing was written */
		return (NULL);
	}
	errno = 0;
	if (json_dumpf(ask, f, JSON_COMPACT) == 0 && fputc('\n', f) != EOF &&
	    fflush(f) == 0)
		answer = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL);
	why = errno;
	(void)fclose(f); /* all that mattered was read */
	errno = why;
	return (answer);
}

const char *
ctl_text(const json_t *j, const char *name)
{
	const char *text = json_string_value(json_object_get(j, name));

	return (text == NULL ? "" : text);
}

static const char *
what_to_do(int why)
{
	static const struct {
		int why;
		const char *text;
	} rows[] = {
		{ EACCES, "Doe dit als de gebruiker van ketend, of als root." },
		{ EPERM, "Doe dit als de gebruiker van ketend, of als root." },
		{ ECONNREFUSED, "Hij is gestopt: start ketend." },
		{ ENOENT, "Start ketend, of noem met --socket waar hij "
		    "luistert (control in ketend.yaml)." },
		{ ENOTSOCK, "Dit is een gewoon bestand: noem met --socket "
		    "waar ketend luistert." },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].why == why)
			return (rows[i].text);
	return ("Draait ketend, en luistert hij hier?");
}

/* What to do about these is written for a partner with a referral; what the
 * operator has to know stands in the text. */
static bool
is_of_use(const char *error)
{
	static const char *const others[] = { "MALFORMED", "WRONG_STATE",
		"NOT_ALLOWED", "NOT_FOUND", "UNKNOWN_REFERRAL",
		"KEY_NOT_VALID" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(error, others[i]) == 0)
			return (false);
	return (true);
}

int
ctl_ask(const struct ctl *c, json_t *ask, json_t **data)
{
	json_t *answer;
	int fd, why;

	if (ask == NULL) {
		fprintf(stderr, "ketenctl: geen geheugen, of een woord is "
		    "geen gewone tekst (UTF-8)\n");
		return (CTL_FILE);
	}
	fd = reach(c->socket);
	answer = fd == -1 ? NULL : exchange(fd, ask);
	why = errno;
	json_decref(ask);
	if (answer == NULL) {
		fprintf(stderr, "ketenctl: %s: de makelaar is niet te "
		    "bereiken (%s). %s\n", c->socket,
		    why == 0 ? "geen antwoord" : strerror(why),
		    what_to_do(why));
		return (CTL_UNREACHED);
	}
	if (!json_is_true(json_object_get(answer, "ok"))) {
		fprintf(stderr, "ketenctl: %s (%s)\n", ctl_text(answer,
		    "text"), ctl_text(answer, "error"));
		if (ctl_text(answer, "todo")[0] != '\0' &&
		    is_of_use(ctl_text(answer, "error")))
			fprintf(stderr, "  %s\n", ctl_text(answer, "todo"));
		json_decref(answer);
		return (CTL_REFUSED);
	}
	*data = json_incref(json_object_get(answer, "data"));
	json_decref(answer);
	return (CTL_DONE);
}

json_int_t
ctl_number(const json_t *j, const char *name)
{
	return (json_integer_value(json_object_get(j, name)));
}

/* --- showing ------------------------------------------------------------------------ */

static void
put_line(const json_t *j)
{
	char *text = json_dumps(j, JSON_COMPACT | JSON_ENCODE_ANY);

	if (text != NULL)
		puts(text);
	free(text);
}

void
ctl_json(const json_t *data)
{
	json_t *v;
	size_t i;

	if (!json_is_array(data)) {
		put_line(data);
		return;
	}
	json_array_foreach(data, i, v)
		put_line(v);
}

void
ctl_show(const struct ctl *c, const json_t *data, ctl_tell_fn *tell)
{
	if (c->json)
		ctl_json(data);
	else
		tell(data);
}

int
ctl_plain(const struct ctl *c, json_t *ask, ctl_tell_fn *tell)
{
	json_t *data = NULL;
	int status = ctl_ask(c, ask, &data);

	if (status == CTL_DONE)
		ctl_show(c, data, tell);
	json_decref(data);
	return (status);
}
