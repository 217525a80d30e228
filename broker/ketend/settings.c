/*
 * settings -- ketend's configuration file, from one table.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "ketend/settings.h"
#include "trust/keyfile.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define GIB (INT64_C(1) << 30)

/* clang-format off */
static const struct conf_setting table[] = {
	{ "origin", CONF_TEXT, 1, 128, true, NULL,
	    "De naam van het logboek, zoals die in het beleid staat." },
	{ "listen", CONF_LIST, 1, 128, true, NULL,
	    "De adressen waarop partners verbinden, tcp://0.0.0.0:7400." },
	{ "store.path", CONF_PATH, 1, 4000, true, NULL,
	    "De map met het logboek." },
	{ "store.map", CONF_SIZE, GIB / 16, 16384 * GIB, false, "64 GiB",
	    "Hoe groot het logboek hoogstens wordt; kost niets vooraf." },
	{ "store.inhand", CONF_PATH, 1, 4000, true, NULL,
	    "Het bestandje dat onthoudt welke opdracht in behandeling is." },
	{ "store.low", CONF_SIZE, 0, 1024 * GIB, false, "2 GiB",
	    "Bij minder vrije ruimte moeten nieuwe opdrachten wachten." },
	{ "store.ballast", CONF_SIZE, 0, 1024 * GIB, false, "64 MiB",
	    "Zo groot is het bestand dat weg mag als de schijf vol is." },
	{ "guard", CONF_PATH, 1, 4000, true, NULL,
	    "Het bewaakte controlepunt; buiten de opslag en de reservekopie." },
	{ "control", CONF_PATH, 1, 100, true, NULL,
	    "De plek waar ketenctl verbindt." },
	{ "keys.curve", CONF_PATH, 1, 4000, true, NULL,
	    "De geheime sleutel van de verbinding (curve25519)." },
	{ "keys.log", CONF_PATH, 1, 4000, true, NULL,
	    "De geheime sleutel die controlepunten ondertekent (log-ed25519)." },
	{ "keys.other_log", CONF_PATH, 1, 4000, false, NULL,
	    "De andere sleutel van het logboek, zolang de ene de andere vervangt." },
	{ "witness.folder", CONF_PATH, 1, 4000, false, NULL,
	    "De map met een postbus voor elke getuige in het beleid; anders vraagt niemand hun handtekening." },
	{ "witness.late", CONF_MS, 1000, 86400000, false, "10 min",
	    "Hoe lang getuigen achter mogen lopen voor dat een alarm is." },
	{ "witness.patience", CONF_MS, 100, 600000, false, "10 s",
	    "Na hoeveel tijd zonder antwoord een getuige opnieuw iets gevraagd wordt." },
	{ "policy.file", CONF_PATH, 1, 4000, true, NULL,
	    "Het ondertekende beleidsdocument." },
	{ "policy.introducer", CONF_TEXT, 64, 64, true, NULL,
	    "De openbare sleutel van beheer, 64 hexadecimale cijfers." },
	{ "limits.window", CONF_NUMBER, 1, 1024, false, "256",
	    "Hoeveel opdrachten een apparaat tegelijk onderweg mag hebben." },
	{ "limits.rate", CONF_NUMBER, 1, 1000000, false, "500",
	    "Hoeveel opdrachten per seconde een partner mag sturen." },
	{ "limits.burst", CONF_NUMBER, 1, 10000000, false, "2000",
	    "Hoeveel dat er even achter elkaar mogen zijn." },
	{ "limits.refusals", CONF_NUMBER, 10, 10000000, false, "50000",
	    "Hoeveel weigeringen een partner per dag mag krijgen." },
	{ "limits.lanes", CONF_NUMBER, 1, 256, false, "256",
	    "Hoeveel rijen (lanes) een partner mag openen." },
	{ "times.ping", CONF_MS, 100, 600000, false, "10 s",
	    "Hoe lang een verbinding stil mag zijn voor we vragen of zij er nog is." },
	{ "times.checkpoint", CONF_MS, 10, 60000, false, "200 ms",
	    "Hoeveel tijd er minstens tussen twee controlepunten zit." },
	{ "times.tick", CONF_MS, 1000, 86400000, false, "1 h",
	    "Na hoeveel stilte het logboek een tik krijgt." },
	{ "threads", CONF_NUMBER, 1, 64, false, "2",
	    "Hoeveel draden samen handtekeningen controleren." },
	{ "log.format", CONF_TEXT, 4, 4, false, "text",
	    "text of json." },
	{ "log.level", CONF_TEXT, 4, 5, false, "info",
	    "error, warn, info of debug." },
};
/* clang-format on */

/* The key files, what is in them, and where the table names them. */
static const struct {
	const char *path;
	enum keyfile_kind kind;
} key_files[] = {
	{ "keys.curve", KEYFILE_CURVE },
	{ "keys.log", KEYFILE_LOG },
	{ "keys.other_log", KEYFILE_LOG },
};

static bool
level_from(const char *text, enum say_level *level)
{
	static const char *const names[] = { "error", "warn", "info",
		"debug" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(names[i], text) == 0) {
			*level = (enum say_level)i;
			return (true);
		}
	return (false);
}

/* The node of "a.b", for the line of a mistake; NULL if it is not there. */
static const struct conf_node *
node_of(struct conf *c, const char *path)
{
	char head[64];
	const char *dot = strchr(path, '.');

	if (dot == NULL)
		return (conf_get(conf_root(c), path));
	memcpy(head, path, (size_t)(dot - path));
	head[dot - path] = '\0';
	return (conf_get(conf_get(conf_root(c), head), dot + 1));
}

static void
mistake(struct settings *s, const char *path, const char *text)
{
	conf_mistake(s->conf, node_of(s->conf, path), "%s: %s", path, text);
}

/* What the table cannot say. */
static void
check_more(struct settings *s)
{
	if (!hex_decode(conf_text(s->conf, "policy.introducer"), s->introducer,
	    sizeof(s->introducer)))
		mistake(s, "policy.introducer",
		    "dit zijn geen 64 hexadecimale cijfers");
	if (!say_format_from(conf_text(s->conf, "log.format"), &s->format))
		mistake(s, "log.format", "kies text of json");
	if (!level_from(conf_text(s->conf, "log.level"), &s->level))
		mistake(s, "log.level", "kies error, warn, info of debug");
	if (s->n_listen == 0)
		mistake(s, "listen", "noem minstens een adres");
	for (size_t i = 0; i < s->n_listen; i++)
		if (strncmp(settings_listen(s, i), "tcp://", 6) != 0 &&
		    strncmp(settings_listen(s, i), "ipc://", 6) != 0)
			mistake(s, "listen",
			    "een adres begint met tcp:// of ipc://");
}

/*
 * Where a key is.  A bare name is a credential of systemd if there is one of
 * that name; else it stands beside the settings, as every path does.
 */
static const char *
key_path(struct conf *c, const char *path)
{
	const char *name = conf_scalar(node_of(c, path));
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char full[4096];

	if (name == NULL || dir == NULL || strchr(name, '/') != NULL)
		return (conf_text(c, path));
	(void)snprintf(full, sizeof(full), "%s/%s", dir, name);
	return (access(full, F_OK) == 0 ? name : conf_text(c, path));
}

static void
take(struct settings *s)
{
	struct conf *c = s->conf;

	s->origin = conf_text(c, "origin");
	s->n_listen = conf_count(c, "listen");
	s->store = conf_text(c, "store.path");
	s->map_size = (uint64_t)conf_number(c, "store.map");
	s->inhand = conf_text(c, "store.inhand");
	s->low_space = (uint64_t)conf_number(c, "store.low");
	s->ballast = (uint64_t)conf_number(c, "store.ballast");
	s->guard = conf_text(c, "guard");
	s->control = conf_text(c, "control");
	s->curve_key = key_path(c, "keys.curve");
	s->log_key = key_path(c, "keys.log");
	if (conf_has(c, "keys.other_log"))
		s->other_log_key = key_path(c, "keys.other_log");
	if (conf_has(c, "witness.folder"))
		s->witnesses = conf_text(c, "witness.folder");
	s->witness_late_ms = conf_number(c, "witness.late");
	s->witness_patience_ms = conf_number(c, "witness.patience");
	s->policy = conf_text(c, "policy.file");
	s->window = (uint32_t)conf_number(c, "limits.window");
	s->rate = (uint32_t)conf_number(c, "limits.rate");
	s->burst = (uint32_t)conf_number(c, "limits.burst");
	s->refusals = (uint32_t)conf_number(c, "limits.refusals");
	s->lanes = (uint32_t)conf_number(c, "limits.lanes");
	s->ping_ms = conf_number(c, "times.ping");
	s->checkpoint_ms = conf_number(c, "times.checkpoint");
	s->tick_ms = conf_number(c, "times.tick");
	s->helpers = (uint32_t)conf_number(c, "threads") - 1;
}

/**
 * settings_read(path, s):
 * Read and check ${path} into ${s}.
 */
enum err
settings_read(const char *path, struct settings *s)
{
	enum err err;

	memset(s, 0, sizeof(*s));
	if ((err = conf_open(path, &s->conf)) != ERR_OK)
		return (err);
	if ((err = conf_check(s->conf, table, COUNT(table))) != ERR_OK)
		return (err);
	take(s);
	check_more(s);
	return (conf_mistakes(s->conf) == 0 ? ERR_OK : ERR_CONFIG);
}

/**
 * settings_listen(s, i):
 * Return the ${i}th address to listen on.
 */
const char *
settings_listen(const struct settings *s, size_t i)
{
	return (conf_item(s->conf, "listen", i));
}

/* The folder in which a file is to be made has to be there. */
static void
check_folder(struct settings *s, const char *path)
{
	const char *file = conf_text(s->conf, path);
	char folder[4096];
	struct stat st;

	if (file == NULL)
		return;
	if (file_beside(file, ".", folder, sizeof(folder)) != ERR_OK ||
	    stat(folder, &st) != 0 || !S_ISDIR(st.st_mode))
		mistake(s, path, "de map hiervan bestaat niet");
}

/**
 * settings_check_files(s):
 * Look at the files that ${s} names.
 */
size_t
settings_check_files(struct settings *s)
{
	static const char *const made[] = { "store.path",
		"store.inhand", "guard", "control", "witness.folder" };
	char why[KEYFILE_WHY];
	struct secret *key;

	for (size_t i = 0; i < COUNT(key_files); i++) {
		key = NULL;
		if (!conf_has(s->conf, key_files[i].path))
			continue; /* one that need not be there */
		if (keyfile_read(key_path(s->conf, key_files[i].path),
		    key_files[i].kind, &key, why) != ERR_OK)
			mistake(s, key_files[i].path, why);
		keyfile_free(&key);
	}
	for (size_t i = 0; i < COUNT(made); i++)
		check_folder(s, made[i]);
	return (conf_mistakes(s->conf));
}

/**
 * settings_manual(to):
 * Write the manual of the configuration file.
 */
void
settings_manual(FILE *to)
{
	conf_manual(table, COUNT(table), to);
}

/**
 * settings_free(s):
 * Free what ${s} holds.
 */
void
settings_free(struct settings *s)
{
	conf_close(s->conf);
	s->conf = NULL;
}
