/*
 * opts -- the words of `ketenctl`, by two tables: of commands, and of options.
 */
#include <stdio.h>
#include <string.h>

#include "base/conf.h"
#include "ctl/opts.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define COMMANDS_MAX 64

/* Where an option's value goes: a text, or for a flag that it was given. */
struct option {
	const char *name;
	const char *value; /* NULL: a flag */
	size_t at;
	const char *help;
};

#define TEXT(name, value, field, help)                                        \
	{ name, value, offsetof(struct ctl, field), help }

static const struct option options[] = {
	TEXT("socket", "PAD", socket, "waar de makelaar luistert (of "
	    "$KETEN_CONTROL; anders run/control.sock)"),
	TEXT("json", NULL, json, "voor programma's: een object per regel"),
	TEXT("no-color", NULL, no_color, "geen kleur (die is er nu ook niet)"),
	TEXT("help", NULL, help, "deze uitleg"),
	TEXT("dir", "MAP", dir, "waar de sleutels komen; anders hier"),
	TEXT("key", "BESTAND", key, "sleutel van beheer, of bij partner die "
	    "van de partner zelf; policy check: introducer.pub"),
	TEXT("out", "BESTAND", out, "waar het resultaat komt"),
	TEXT("from", "PARTNER", from, "wie het zou insturen"),
	TEXT("code", "CODE", code, "SIG-101, DST-202 ..."),
	TEXT("area", "GEBIED", area, "CBS-code: WK085501 of GM0855"),
	TEXT("urgency", "U", urgency, "laag, normaal, hoog of spoed"),
	TEXT("basis", "G-..", basis, "grondslag; anders G-TOE"),
	TEXT("at", "TIJD", at, "op dat moment: '2026-04-27 08:30'"),
	TEXT("partner", "PARTNER", partner, "van of voor deze partner"),
	TEXT("device", "NAAM", device, "het apparaat waarvan de sleutel "
	    "eindigt"),
	TEXT("sealing", "ID", sealing, "de zegelsleutel die eindigt"),
	TEXT("reason", "REDEN", reason, "lost, stolen, replaced of ended"),
	TEXT("suspect-from", "RECORD", suspect_from, "vanaf dit record is "
	    "verdacht wat ermee ondertekend is"),
	TEXT("format", "VORM", format, "text, json of csv"),
	TEXT("store", "MAP", store, "het logboek, als er geen makelaar "
	    "draait"),
	TEXT("vault", "MAP", vault, "de sleutels, apart van de rest"),
	TEXT("to", "MAP", to, "waarheen"),
	TEXT("guard", "BESTAND", guard, "het wachtbestand, met ernaast wat "
	    "gewist is"),
	TEXT("without-journal", NULL, without_journal, "ook als niet meer "
	    "bekend is wat er gewist is"),
};

/* --- names ---------------------------------------------------------------- */

/* Is ${name} one of the words of ${list}? */
static bool
is_in(const char *list, const char *name)
{
	size_t len = strlen(name);
	const char *at = list;

	while ((at = strstr(at, name)) != NULL) {
		bool begins = at == list || at[-1] == ' ';

		if (begins && (at[len] == ' ' || at[len] == '\0'))
			return (true);
		at += len;
	}
	return (false);
}

static bool
is_taken(const struct command *c, const char *name)
{
	return (is_in(OPTS_ALWAYS, name) ||
	    (c != NULL && is_in(c->options, name)));
}

static void
say_guess(const char *word, const char *const *names, size_t n,
    const char *before)
{
	const char *near = conf_nearest(word, names, n);

	if (near != NULL)
		fprintf(stderr, "; bedoelde u %s%s?", before, near);
}

/* --- options -------------------------------------------------------------- */

static const struct option *
find_option(const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT(options); i++)
		if (strlen(options[i].name) == len &&
		    memcmp(options[i].name, name, len) == 0)
			return (&options[i]);
	return (NULL);
}

static bool
unknown_option(const char *name)
{
	const char *names[COUNT(options)];

	for (size_t i = 0; i < COUNT(options); i++)
		names[i] = options[i].name;
	fprintf(stderr, "ketenctl: de optie --%s is er niet", name);
	say_guess(name, names, COUNT(options), "--");
	fprintf(stderr, "  (ketenctl --help)\n");
	return (false);
}

static void
put(struct ctl *c, const struct option *op, const char *value)
{
	char *at = (char *)c + op->at;

	if (op->value == NULL)
		*(bool *)(void *)at = true;
	else
		*(const char **)(void *)at = value;
}

/* One option at ${*i}, and its value. */
static bool
read_option(int argc, char **argv, int *i, struct ctl *c,
    const struct option **given)
{
	const char *name = argv[*i] + 2, *equals = strchr(name, '=');
	size_t len = equals == NULL ? strlen(name) : (size_t)(equals - name);
	const struct option *op = find_option(name, len);
	const char *value = equals == NULL ? NULL : equals + 1;

	if (op == NULL)
		return (unknown_option(name));
	if (op->value != NULL && value == NULL && *i + 1 < argc)
		value = argv[++*i];
	if ((op->value == NULL) != (value == NULL)) {
		fprintf(stderr, "ketenctl: --%s heeft %s%s\n", op->name,
		    op->value == NULL ? "geen waarde" : "een waarde nodig: ",
		    op->value == NULL ? "" : op->value);
		return (false);
	}
	put(c, op, value);
	given[op - options] = op;
	return (true);
}

/* --- commands ------------------------------------------------------------- */

/* The command that ${word}, or ${word} and ${next}, name. */
static const struct command *
find_command(const struct command *commands, size_t n, const char *word,
    const char *next, int *used)
{
	const struct command *found = NULL;
	size_t len = strlen(word);

	for (size_t i = 0; i < n; i++) {
		const char *name = commands[i].name;

		if (strcmp(name, word) == 0) {
			found = &commands[i];
			*used = 1;
		}
		if (next != NULL && strncmp(name, word, len) == 0 &&
		    name[len] == ' ' && strcmp(name + len + 1, next) == 0) {
			*used = 2;
			return (&commands[i]);
		}
	}
	return (found);
}

/* The second words of the commands that begin with ${word}. */
static size_t
second_words(const struct command *commands, size_t n, const char *word,
    const char **names)
{
	size_t len = strlen(word), count = 0;

	for (size_t i = 0; i < n; i++)
		if (strncmp(commands[i].name, word, len) == 0 &&
		    commands[i].name[len] == ' ')
			names[count++] = commands[i].name + len + 1;
	return (count);
}

static bool
unknown_command(const struct command *commands, size_t n, const char *word,
    const char *next)
{
	const char *names[COMMANDS_MAX];
	size_t count = second_words(commands, n, word, names);

	if (count > 0 && next == NULL) {
		fprintf(stderr, "ketenctl %s: noem ook wat:", word);
		for (size_t i = 0; i < count; i++)
			fprintf(stderr, "%s %s", i > 0 ? "," : "", names[i]);
		fprintf(stderr, "  (ketenctl %s --help)\n", word);
		return (false);
	}
	if (count > 0) {
		fprintf(stderr, "ketenctl %s: '%s' is er niet", word, next);
		say_guess(next, names, count, "");
		fprintf(stderr, "  (ketenctl %s --help)\n", word);
		return (false);
	}
	for (size_t i = 0; i < n && i < COMMANDS_MAX; i++)
		names[i] = commands[i].name;
	fprintf(stderr, "ketenctl: onbekende opdracht %s", word);
	say_guess(word, names, n, "");
	fprintf(stderr, "  (ketenctl --help)\n");
	return (false);
}

/* A word too many, or too few, is no small matter: it meant something. */
static bool
has_its_words(const struct command *commands, size_t n,
    const struct command *command, const struct ctl *c)
{
	const char *names[COMMANDS_MAX];
	size_t count = second_words(commands, n, command->name, names);

	if (c->n_args < command->min) {
		fprintf(stderr, "ketenctl %s: noem ook %s  (ketenctl %s "
		    "--help)\n", command->name, command->words,
		    command->name);
		return (false);
	}
	if (c->n_args > command->max) {
		fprintf(stderr, "ketenctl %s: '%s' hoort hier niet",
		    command->name, c->arg[command->max]);
		say_guess(c->arg[command->max], names, count, "");
		fprintf(stderr, "  (ketenctl %s --help)\n", command->name);
		return (false);
	}
	return (true);
}

static bool
has_its_options(const struct command *command, const struct option **given)
{
	for (size_t i = 0; i < COUNT(options); i++)
		if (given[i] != NULL && !is_taken(command, given[i]->name)) {
			fprintf(stderr, "ketenctl %s: --%s hoort hier niet  "
			    "(ketenctl %s --help)\n", command->name,
			    given[i]->name, command->name);
			return (false);
		}
	return (true);
}

/* --- all of it ------------------------------------------------------------ */

static bool
read_words(int argc, char **argv, struct ctl *c, struct opts *o,
    const struct option **given)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--version") == 0)
			o->version = true;
		else if (strcmp(argv[i], "-h") == 0)
			c->help = true;
		else if (strncmp(argv[i], "--", 2) == 0) {
			if (!read_option(argc, argv, &i, c, given))
				return (false);
		} else if (argv[i][0] == '-' && argv[i][1] != '\0')
			return (unknown_option(argv[i] + 1));
		else if (c->n_args == CTL_ARGS) {
			fprintf(stderr, "ketenctl: hoogstens %d woorden\n",
			    CTL_ARGS);
			return (false);
		} else
			c->arg[c->n_args++] = argv[i];
	}
	o->help = c->help;
	return (true);
}

static void
drop_words(struct ctl *c, int used)
{
	c->n_args -= used;
	memmove(c->arg, c->arg + used, (size_t)c->n_args * sizeof(c->arg[0]));
	c->arg[c->n_args] = NULL;
}

bool
opts_read(int argc, char **argv, const struct command *commands, size_t n,
    struct ctl *c, struct opts *o)
{
	const struct option *given[COUNT(options)] = { NULL };
	const char *next;
	int used = 0;

	memset(o, 0, sizeof(*o));
	if (!read_words(argc, argv, c, o, given))
		return (false);
	if (c->n_args == 0)
		return (true);
	o->topic = c->arg[0];
	next = c->n_args > 1 ? c->arg[1] : NULL;
	o->command = find_command(commands, n, o->topic, next, &used);
	if (o->help || o->version)
		return (true);
	if (o->command == NULL)
		return (unknown_command(commands, n, o->topic, next));
	drop_words(c, used);
	return (has_its_words(commands, n, o->command, c) &&
	    has_its_options(o->command, given));
}

void
opts_print(const char *list)
{
	char left[40];

	for (size_t i = 0; i < COUNT(options); i++) {
		const struct option *op = &options[i];

		if (!is_in(list, op->name))
			continue;
		(void)snprintf(left, sizeof(left), "--%s%s%s", op->name,
		    op->value == NULL ? "" : " ",
		    op->value == NULL ? "" : op->value);
		printf("  %-22s %s\n", left, op->help);
	}
}
