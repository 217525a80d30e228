/*
 * backup -- a backup of the store while the broker runs, and the way back.
 *
 * Making one asks the broker where its store is, which also writes in the log
 * that it was copied; the copying is done here, so that the broker goes on.
 * Putting back needs no broker, and must not have one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/instant.h"
#include "base/noun.h"
#include "core/backup.h"
#include "ctl/ctl.h"
#include "life/calendar.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* One line that is written over, on a terminal only. */
static void
show_progress(void *cookie, const char *what, uint64_t done, uint64_t of)
{
	static const uint64_t mib = (uint64_t)1 << 20;

	(void)cookie;
	fprintf(stderr, "\r  %-12s %6" PRIu64 " van %" PRIu64 " MiB  ", what,
	    done / mib, of / mib);
}

static const struct backup_progress *
progress(void)
{
	static const struct backup_progress shown = { show_progress, NULL };

	return (isatty(STDERR_FILENO) ? &shown : NULL);
}

static void
end_progress(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%60s\r", "");
}

/* What went wrong, with an exit status that fits. */
static int
failed(enum err err, const char *why)
{
	end_progress();
	fprintf(stderr, "ketenctl: %s\n", why[0] != '\0' ? why
							 : err_text(err));
	return (err == ERR_FULL || err == ERR_DIGEST || err == ERR_NOT_FOUND ||
		    err == ERR_BUSY ? CTL_REFUSED : CTL_FILE);
}

/* --- making -------------------------------------------------------------------- */

/* Where the store is, which the broker knows; the caller frees it. */
static int
ask_store(const struct ctl *c, char **store)
{
	json_t *data = NULL;
	int rc = ctl_ask(c, json_pack("{s:s, s:s}", "cmd", "backup", "to",
	    c->arg[0]), &data);
	const char *path = json_string_value(json_object_get(data, "store"));

	if (rc == CTL_UNREACHED)
		fprintf(stderr, "  Draait er geen makelaar, noem dan de map "
		    "van het logboek: --store MAP\n");
	if (rc == CTL_DONE && (path == NULL ||
	    (*store = strdup(path)) == NULL))
		rc = CTL_FILE;
	json_decref(data);
	return (rc);
}

static void
say_made(const struct ctl *c, const struct backup *b, const char *vault)
{
	char root[65], until[CAL_TEXT];
	json_t *j;

	hex_encode(b->root, 32, root);
	if (!c->json) {
		(void)cal_text(b->made_ms + BACKUP_VAULT_DAYS * DAY_MS, until);
		printf("%s: %" PRIu64 " %s, wortel %s\n"
		    "Bewaar %s apart van de rest, en vernietig het voor %s.\n"
		    "Het wachtbestand en wat ernaast staat horen niet bij een "
		    "reservekopie.\n", c->arg[0], b->size, noun_for(b->size, "record",
		    "records"), root, vault, until);
		return;
	}
	j = json_pack("{s:s, s:s, s:s, s:I, s:s, s:I, s:I, s:I}",
	    "backup", c->arg[0], "vault", vault, "origin", b->origin,
	    "size", (json_int_t)b->size, "root", root,
	    "bytes", (json_int_t)(b->store_bytes + b->vault_bytes),
	    "made_ms", (json_int_t)b->made_ms, "vault_until_ms",
	    (json_int_t)(b->made_ms + BACKUP_VAULT_DAYS * DAY_MS));
	ctl_json(j);
	json_decref(j);
}

int
ctl_backup(const struct ctl *c)
{
	char why[BACKUP_WHY] = "", *store = NULL, own[4400];
	struct backup b;
	int rc = CTL_DONE;
	enum err err;

	if (c->store != NULL)
		store = strdup(c->store);
	else if ((rc = ask_store(c, &store)) != CTL_DONE)
		return (rc);
	if (store == NULL)
		return (failed(ERR_NOMEM, why));
	err = backup_make(store, c->arg[0], c->vault, instant_ms(CLOCK_REALTIME), progress(), &b,
	    why);
	free(store);
	if (err != ERR_OK)
		return (failed(err, why));
	end_progress();
	(void)snprintf(own, sizeof(own), "%s/vault", c->arg[0]);
	say_made(c, &b, c->vault != NULL ? c->vault : own);
	return (CTL_DONE);
}

/* --- putting back ---------------------------------------------------------------- */

/* What to do now, by what the guard says. */
static void
say_next(const struct backup *b, const struct backup_to *to)
{
	char root[65];

	hex_encode(b->root, 32, root);
	printf("%s\n", guard_text(to->verdict));
	if (to->verdict == GUARD_FITS) {
		printf("Alles wat gepubliceerd was, staat erin.  Start ketend."
		    "\nWat in de laatste ogenblikken daarna kwam, kan er niet "
		    "in staan: een partner\ndie daar een ontvangstbewijs van "
		    "heeft, slaat alarm en gaat verder met\n"
		    "keten sync --new-lane.\n");
		return;
	}
	if (to->was.size > b->size)
		printf("Gepubliceerd: %" PRIu64 " %s; daarvan %s %" PRIu64
		    " niet in deze kopie.\n", to->was.size,
		    noun_for(to->was.size, "record", "records"),
		    noun_for(to->was.size - b->size, "staat de laatste",
		    "staan de laatste"), to->was.size - b->size);
	printf("De makelaar ondertekent niets tot u beslist:\n"
	    "  1  Zoek eerst een nieuwere kopie, of de oude schijf.\n"
	    "  2  Is die er niet: start ketend.  Wat na de kopie gewist was, "
	    "wordt gewist\n"
	    "     voordat er iemand verbindt.\n"
	    "     Certificaten en intrekkingen van daarna worden opnieuw "
	    "aangenomen.\n"
	    "  3  Beslis, en neem precies deze kopie:\n"
	    "     ketenctl guard accept %" PRIu64 " %s\n"
	    "     Dat besluit komt in het logboek; een auditor ziet daar een "
	    "splitsing (22).\n"
	    "  4  Noem partners die grootte en wortel, langs een andere weg.  "
	    "Zij gaan verder\n"
	    "     met keten sync --restored %" PRIu64 ":%s\n"
	    "     en zien dan wat zij opnieuw moeten doen.\n", b->size, root,
	    b->size, root);
}

static void
say_restored(const struct ctl *c, const struct backup *b,
    const struct backup_to *to)
{
	char root[65];
	json_t *j;

	hex_encode(b->root, 32, root);
	if (c->json) {
		j = json_pack("{s:s, s:s, s:I, s:s, s:I, s:b, s:I, s:b, s:s, "
		    "s:I}", "store", to->store, "origin", b->origin,
		    "size", (json_int_t)b->size, "root", root,
		    "made_ms", (json_int_t)b->made_ms,
		    "journal", (int)to->has_journal,
		    "erased_again", (json_int_t)to->wiped,
		    "may_sign", (int)(to->verdict == GUARD_FITS),
		    "guard", guard_text(to->verdict),
		    "guard_size", (json_int_t)to->was.size);
		ctl_json(j);
		json_decref(j);
		return;
	}
	printf("%s: %" PRIu64 " %s teruggezet.\n", to->store, b->size,
	    noun_for(b->size, "record", "records"));
	if (to->has_journal)
		printf("Opnieuw gewist, want gewist na de kopie: de inhoud van "
		    "%" PRIu64 " %s.\n", to->wiped, noun_for(to->wiped,
		    "record", "records"));
	say_next(b, to);
}

static void
warn_old(const struct backup *b)
{
	char when[CAL_TEXT];

	if (b->made_ms + BACKUP_VAULT_DAYS * DAY_MS >= instant_ms(CLOCK_REALTIME))
		return;
	(void)cal_text(b->made_ms, when);
	fprintf(stderr, "ketenctl: deze kopie is van %s; haar sleutels hadden "
	    "na %d dagen vernietigd moeten zijn.\n", when, BACKUP_VAULT_DAYS);
}

int
ctl_restore(const struct ctl *c)
{
	struct backup_to to = { .dir = c->arg[0], .vault = c->vault,
		.store = c->to, .guard = c->guard,
		.without_journal = c->without_journal };
	char why[BACKUP_WHY] = "";
	struct backup b;
	enum err err;

	if (c->to == NULL || c->guard == NULL) {
		fprintf(stderr, "ketenctl restore: noem ook %s\n",
		    c->to == NULL ? "waarheen: --to MAP-VAN-HET-LOGBOEK" :
		    "het wachtbestand: --guard BESTAND");
		return (CTL_USAGE);
	}
	err = backup_restore(&to, progress(), &b, why);
	if (err != ERR_OK)
		return (failed(err, why));
	end_progress();
	warn_old(&b);
	say_restored(c, &b, &to);
	return (CTL_DONE);
}
