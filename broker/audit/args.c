/*
 * args -- the command line of keten-audit, from one table of options.
 */
#include <inttypes.h>
#include <string.h>

#include "audit/args.h"
#include "audit/pool.h"
#include "base/conf.h"

/* Take ${value}; a Dutch sentence in ${why} if it will not do. */
typedef bool take_fn(struct args *a, const char *value, const char **why);

bool
args_number(const char *text, uint64_t *n)
{
	uint64_t v = 0;

	if (text[0] == '\0')
		return (false);
	for (; *text != '\0'; text++) {
		uint64_t digit = (uint64_t)(unsigned char)*text - '0';

		if (*text < '0' || *text > '9' ||
		    v > (UINT64_MAX - digit) / 10)
			return (false);
		v = v * 10 + digit;
	}
	*n = v;
	return (true);
}

static bool
take_number(const char *value, uint64_t *n, const char **why)
{
	*why = "hier hoort een getal";
	return (args_number(value, n));
}

/* The options that are just a text: where it goes. */
#define TEXT(field)                                                           \
	static bool take_##field(struct args *a, const char *value,           \
	    const char **why)                                                 \
	{                                                                     \
		(void)why;                                                    \
		a->field = value;                                             \
		return (true);                                                \
	}
TEXT(store)
TEXT(out)
TEXT(guard)
TEXT(tiles)
TEXT(leaf)
TEXT(leaf_hash)
TEXT(check)
TEXT(seed)
TEXT(key)
TEXT(name)
TEXT(state)
TEXT(request)
TEXT(folder)
TEXT(cosignatures)
TEXT(partner)

static bool
take_json(struct args *a, const char *value, const char **why)
{
	(void)value;
	(void)why;
	a->json = true;
	return (true);
}

static bool
take_new(struct args *a, const char *value, const char **why)
{
	(void)value;
	(void)why;
	a->is_new = true;
	return (true);
}

static bool
take_help(struct args *a, const char *value, const char **why)
{
	(void)value;
	(void)why;
	a->help = true;
	return (true);
}

static bool
take_threads(struct args *a, const char *value, const char **why)
{
	uint64_t n;

	if (!take_number(value, &n, why))
		return (false);
	*why = "1 tot en met 64";
	if (n == 0 || n > POOL_WORKERS_MAX)
		return (false);
	a->threads = (size_t)n;
	return (true);
}

static bool
take_from(struct args *a, const char *value, const char **why)
{
	return (take_number(value, &a->from, why));
}

static bool
take_until(struct args *a, const char *value, const char **why)
{
	return (take_number(value, &a->until, why));
}

/* What it can be depends on the command. */
static bool
take_format(struct args *a, const char *value, const char **why)
{
	static const char *const formats[] = { "jsonl", "csv", "fhir", "tiles",
		"text", "json" };

	*why = "kies jsonl, csv, fhir, tiles, text of json";
	a->format = value;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(value, formats[i]) == 0)
			return (true);
	return (false);
}

static bool
take_policy(struct args *a, const char *value, const char **why)
{
	return (root_policy(&a->root, value, why) == ERR_OK);
}

static bool
take_number_of(struct args *a, const char *value, const char **why)
{
	return (take_number(value, &a->number, why) && a->number > 0);
}

static bool
take_watch(struct args *a, const char *value, const char **why)
{
	return (take_number(value, &a->watch, why) && a->watch > 0 &&
	    a->watch <= 86400);
}

static bool
take_checkpoint(struct args *a, const char *value, const char **why)
{
	*why = "hoogstens 16";
	if (a->n_checkpoints == ARGS_CHECKPOINTS_MAX)
		return (false);
	a->checkpoints[a->n_checkpoints++] = value;
	return (true);
}

static bool
take_trust(struct args *a, const char *value, const char **why)
{
	*why = "dit bestand is niet goed";
	return (root_load(&a->root, value) == ERR_OK);
}

static bool
take_vkey(struct args *a, const char *value, const char **why)
{
	return (root_vkey(&a->root, value, why) == ERR_OK);
}

static bool
take_introducer(struct args *a, const char *value, const char **why)
{
	return (root_introducer(&a->root, value, why) == ERR_OK);
}

static bool
take_origin(struct args *a, const char *value, const char **why)
{
	return (root_origin(&a->root, value, why) == ERR_OK);
}

static bool
take_witness(struct args *a, const char *value, const char **why)
{
	return (root_witness(&a->root, value, why) == ERR_OK);
}

static bool
take_quorum(struct args *a, const char *value, const char **why)
{
	uint64_t n;

	if (!take_number(value, &n, why) || n == 0 || n > ROOT_WITNESSES_MAX)
		return (false);
	a->root.quorum = (size_t)n;
	return (true);
}

/* Everything there is; a command takes some of it. */
static const struct option {
	const char *name;
	const char *value; /* NULL: it has none */
	take_fn *take;
	const char *help;
} options_table[] = {
	{ "store", "MAP", take_store,
	    "de map met het logboek (store.path van de makelaar, of een "
	    "kopie)" },
	{ "trust", "BESTAND", take_trust,
	    "wie u vertrouwt: origin, vkey, introducer, witnesses, quorum" },
	{ "vkey", "SLEUTEL", take_vkey,
	    "de openbare sleutel van het logboek, of een bestand daarmee" },
	{ "introducer", "SLEUTEL", take_introducer,
	    "de openbare sleutel van beheer (64 cijfers), of een bestand" },
	{ "origin", "NAAM", take_origin, "de naam van het logboek" },
	{ "witness", "SLEUTEL", take_witness,
	    "de sleutel van een getuige; mag vaker" },
	{ "quorum", "N", take_quorum,
	    "hoeveel getuigen nodig zijn; anders allemaal" },
	{ "guard", "BESTAND", take_guard,
	    "het bewaakte controlepunt van de makelaar, om te vergelijken" },
	{ "checkpoint", "BESTAND", take_checkpoint,
	    "een controlepunt dat u elders kreeg; mag vaker" },
	{ "threads", "N", take_threads,
	    "hoeveel kernen; anders alle die er zijn" },
	{ "from", "INDEX", take_from, "vanaf dit record" },
	{ "until", "INDEX", take_until, "tot aan dit record" },
	{ "out", "PAD", take_out,
	    "waar het resultaat komt; anders op het scherm" },
	{ "format", "SOORT", take_format,
	    "jsonl, csv, fhir, tiles, text of json; zie de uitleg van de "
	    "opdracht" },
	{ "tiles", "MAP", take_tiles,
	    "een export in tegels in plaats van het logboek zelf" },
	{ "leaf", "BESTAND", take_leaf,
	    "de bytes van het blad, als het bewijs die niet noemt" },
	{ "leaf-hash", "HASH", take_leaf_hash,
	    "de hash van het blad, als 64 cijfers of base64" },
	{ "check", "BESTAND", take_check, "kijk een dossier na" },
	{ "number", "N", take_number_of, "hoeveel; ook -n" },
	{ "seed", "TEKST", take_seed,
	    "dezelfde tekst geeft dezelfde steekproef" },
	{ "key", "BESTAND", take_key, "de geheime sleutel van de getuige" },
	{ "name", "NAAM", take_name, "de naam van de getuige" },
	{ "state", "BESTAND", take_state,
	    "waar de getuige onthoudt wat hij zag" },
	{ "new", NULL, take_new,
	    "begin: er is nog geen bestand met wat de getuige zag" },
	{ "request", "BESTAND", take_request,
	    "een verzoek: het oude controlepunt, het bewijs en het nieuwe" },
	{ "policy", "BESTAND", take_policy,
	    "een ondertekend beleid dat de vorige en de nieuwe sleutel van "
	    "het logboek noemt" },
	{ "folder", "MAP", take_folder,
	    "de postbus waarin de makelaar zijn verzoeken legt" },
	{ "watch", "SECONDEN", take_watch,
	    "blijf kijken, telkens na zoveel seconden" },
	{ "cosignatures", "MAP", take_cosignatures,
	    "controlepunten met handtekeningen van getuigen" },
	{ "partner", "PARTNER", take_partner,
	    "wat deze partner ervan mag zien" },
	{ "json", NULL, take_json, "het resultaat als JSON, een regel per "
				   "onderdeel" },
	{ "help", NULL, take_help, "deze uitleg" },
};

#define N_OPTIONS (sizeof(options_table) / sizeof(options_table[0]))

/* Is ${name} one of the words of ${list}? */
static bool
is_in(const char *list, const char *name, size_t len)
{
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
is_taken(const char *list, const struct option *o)
{
	size_t len = strlen(o->name);

	return (strcmp(o->name, "help") == 0 || is_in(list, o->name, len) ||
	    is_in(ARGS_ALWAYS, o->name, len));
}

/* Find the option that ${arg} (without the dashes) names. */
static const struct option *
find(const char *list, const char *arg, size_t len)
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (strlen(options_table[i].name) == len &&
		    memcmp(options_table[i].name, arg, len) == 0 &&
		    is_taken(list, &options_table[i]))
			return (&options_table[i]);
	return (NULL);
}

static enum err
unknown(const char *list, const char *arg)
{
	const char *names[N_OPTIONS];
	const char *near;
	size_t n = 0;

	for (size_t i = 0; i < N_OPTIONS; i++)
		if (is_taken(list, &options_table[i]))
			names[n++] = options_table[i].name;
	near = conf_nearest(arg, names, n);
	(void)fprintf(stderr,
	    "keten-audit: de optie --%s is er hier niet%s%s%s\n", arg,
	    near == NULL ? "" : "; bedoelde u --", near == NULL ? "" : near,
	    near == NULL ? "" : "?");
	return (ERR_CONFIG);
}

/* One option; ${i} moves over its value if that is a word of its own. */
static MUST_CHECK enum err
parse_long(int argc, char **argv, int *i, const char *list, const char *arg,
    struct args *a)
{
	const char *is = strchr(arg, '=');
	size_t len = is == NULL ? strlen(arg) : (size_t)(is - arg);
	const struct option *o = find(list, arg, len);
	const char *value = is == NULL ? NULL : is + 1;
	const char *why = "";

	if (o == NULL)
		return (unknown(list, arg));
	if (o->value != NULL && value == NULL && *i + 1 < argc)
		value = argv[++*i];
	if ((o->value == NULL) != (value == NULL)) {
		(void)fprintf(stderr, "keten-audit: --%s %s\n", o->name,
		    o->value == NULL ? "heeft geen waarde"
				     : "heeft een waarde nodig");
		return (ERR_CONFIG);
	}
	if (!o->take(a, value, &why)) {
		(void)fprintf(stderr, "keten-audit: --%s %s: %s\n", o->name,
		    value == NULL ? "" : value, why);
		return (ERR_CONFIG);
	}
	return (ERR_OK);
}

enum err
args_parse(int argc, char **argv, const char *options, struct args *a)
{
	const char *why = "";
	enum err err = ERR_OK;

	memset(a, 0, sizeof(*a));
	a->until = UINT64_MAX;
	for (int i = 0; i < argc && err == ERR_OK; i++) {
		if (strncmp(argv[i], "--", 2) == 0)
			err = parse_long(argc, argv, &i, options,
			    argv[i] + 2, a);
		else if (strcmp(argv[i], "-h") == 0)
			a->help = true;
		else if (strcmp(argv[i], "-n") == 0)
			err = parse_long(argc, argv, &i, options, "number", a);
		else if (argv[i][0] == '-' && argv[i][1] != '\0')
			err = unknown(options, argv[i] + 1);
		else if (a->n_targets < ARGS_TARGETS_MAX)
			a->targets[a->n_targets++] = argv[i];
		else {
			(void)fprintf(stderr, "keten-audit: hoogstens %d "
			    "woorden\n", ARGS_TARGETS_MAX);
			err = ERR_CONFIG;
		}
	}
	if (err != ERR_OK || a->help)
		return (err);
	if (root_complete(&a->root, &why) != ERR_OK) {
		(void)fprintf(stderr, "keten-audit: %s\n", why);
		return (ERR_CONFIG);
	}
	return (ERR_OK);
}

void
args_print_options(const char *options, FILE *to)
{
	for (size_t i = 0; i < N_OPTIONS; i++) {
		const struct option *o = &options_table[i];
		char left[40];

		if (!is_in(options, o->name, strlen(o->name)))
			continue;
		(void)snprintf(left, sizeof(left), "--%s%s%s", o->name,
		    o->value == NULL ? "" : " ",
		    o->value == NULL ? "" : o->value);
		(void)fprintf(to, "  %-22s %s\n", left, o->help);
	}
}
