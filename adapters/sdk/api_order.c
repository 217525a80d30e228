/*
 * api -- orders.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/area.h"
#include "life/words.h"
#include "sdk/entry.h"
#include "sdk/handle.h"
#include "sdk/notecheck.h"
#include "sdk/orders.h"
#include "sdk/person.h"
#include "sdk/reader.h"
#include "sdk/scribe.h"
#include "sdk/sealer.h"
#include "sdk/steward.h"
#include "trust/digest.h"
#include "trust/seal.h"

/* All parts of one command together, as they travel. */
#define PARTS_MAX ((size_t)256 * 1024)

/* ---- is it well formed? --------------------------------------------------- */

static bool
is_given(const char *text)
{
	return (text != NULL && text[0] != '\0');
}

static int
check_submit(struct keten *k, const struct keten_order *o)
{
	if (!is_given(o->code))
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Geef een code (code), zoals SIG-101 of DST-101."));
	if (!is_given(o->area) || !area_is_valid(o->area))
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Geef een gebied (area): een CBS-code zoals WK085501."));
	if (o->urgency < KETEN_LOW || o->urgency > KETEN_EMERGENT)
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Geef de urgentie: kan wachten, gewoon, haast of spoed."));
	if (!is_given(o->basis))
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Geef de grondslag (basis), zoals G-TOE."));
	if (o->discussed < KETEN_AGREES || o->discussed > KETEN_NOT_ABLE)
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Geef aan of het met de persoon besproken is."));
	return (0);
}

/* What a step cannot do without. */
static int
check_step(struct keten *k, const struct keten_order *o)
{
	bool names = o->step == KETEN_HAND_OVER || o->step == KETEN_OFFER_MORE;

	if (!is_given(o->referral))
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Geef het nummer van de verwijzing."));
	if (names && !is_given(o->to))
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Noem de partner (to) aan wie het wordt aangeboden."));
	if (o->step == KETEN_RAISE_URGENCY &&
	    (o->urgency < KETEN_LOW || o->urgency > KETEN_EMERGENT))
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Geef de nieuwe urgentie."));
	if (o->step == KETEN_COMPLETE && !is_given(o->outcome))
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Geef de uitkomst (outcome), zoals UIT-01."));
	if (scribe_is_request(o->step) && !is_given(o->reason))
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Geef de reden (reason): een code uit het beleid."));
	if (o->step == KETEN_PAUSE && o->until_ms <= 0)
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Geef de datum (until) waarop er weer naar gekeken wordt."));
	return (0);
}

/* What is about the catalogue, and no referral. */
static int
check_public(struct keten *k, const struct keten_order *o)
{
	char why[ENTRY_WHY];
	enum err err;

	if (o->step == KETEN_MISSING) {
		if (!is_given(o->code) || !is_given(o->area) ||
		    !area_is_valid(o->area))
			return (handle_fail(k, KETEN_EARGUMENT,
			    "Geef de dienst (code) en het gebied (area) "
			    "waar niemand die biedt."));
		return (0);
	}
	if (!is_given(o->text))
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Geef de vermelding (text) als JSON."));
	err = entry_check(k->a, o->text, why);
	if (err == ERR_NOMEM)
		return (handle_err(k, err));
	return (err == ERR_OK ? 0
			      : handle_fail(k, err == ERR_NOT_ALLOWED ?
				    KETEN_EREFUSED : KETEN_EARGUMENT, "%s",
				    why));
}

static int
check_names(struct keten *k, const char *const *names)
{
	for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
		struct org o = org_of(names[i]);

		if (org_is_none(&o) || i == 16)
			return (handle_fail(k, KETEN_EARGUMENT,
			    "Een lijst van partners (first, never) noemt er "
			    "een die geen naam van een partner is, of te veel."));
	}
	return (0);
}

static int
check_actor(struct keten *k, const char *actor)
{
	size_t n = strlen(actor);

	if (n == 0 || n > 16 ||
	    strspn(actor, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != n)
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Geef wie het doet als functie of personeelsnummer: "
		    "hoogstens 16 hoofdletters, cijfers en '-'; geen naam."));
	return (0);
}

static int
check_ids(struct keten *k, const struct keten_order *o)
{
	const char *const ids[] = { o->parent, o->relates, o->child };
	struct refid id;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (is_given(ids[i]) && !refid_parse(ids[i], &id))
			return (handle_fail(k, KETEN_EARGUMENT,
			    "Het nummer van een andere verwijzing (parent, "
			    "relates, child) heeft 36 tekens."));
	return (0);
}

/* How long the parts become once they are sealed; 0: one is too long. */
static int
check_size(struct keten *k, const struct keten_order *o)
{
	const char *const parts[] = { o->note, o->person, o->text };
	size_t sum = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		/* Escaped as JSON a text can become longer. */
		size_t len = parts[i] == NULL ? 0 : strlen(parts[i]);
		size_t padded = seal_padded(len + len / 8 + 128);

		if (parts[i] == NULL)
			continue;
		if (padded == 0 || (sum += padded + 1024) > PARTS_MAX)
			return (handle_fail(k, KETEN_EREFUSED,
			    "De tekst is te lang: samen hoogstens 256 KiB."));
	}
	return (0);
}

static int
check_person(struct keten *k, const char *person)
{
	json_t *o;
	bool ok;

	if (person == NULL)
		return (0);
	o = json_loads(person, JSON_REJECT_DUPLICATES, NULL);
	ok = json_is_object(o);
	json_decref(o);
	return (ok ? 0
		   : handle_fail(k, KETEN_EARGUMENT,
			 "Het persoonsdeel is geen JSON-object."));
}

/* ---- does the note give away who it is about? ------------------------------ */

/* The person part of a referral that is here, for comparing; NULL if it does
 * not open.  Nobody gets to see it, so it is not "opened" in the log. */
static char *
own_person(struct keten *k, const struct refid *id)
{
	struct spool_txn *txn = NULL;
	struct seal_opened opened;
	Keten__V1__UnreadableWhy why;
	struct piece p;
	size_t mark = arena_used(k->a);
	char *text = NULL;

	if (spool_begin(k->spool, false, &txn) != ERR_OK)
		return (NULL);
	if (casebook_piece_find(txn, k->a, id, KETEN__V1__PART_KIND__PERSON, 0,
		&p) == ERR_OK &&
	    sealer_open(&k->dev, id, &p, &opened, &why) == ERR_OK) {
		if ((text = malloc(opened.body.len + 1)) != NULL) {
			memcpy(text, opened.body.p, opened.body.len);
			text[opened.body.len] = '\0';
		}
		seal_opened_fini(&opened);
	}
	spool_abort(&txn);
	arena_rewind(k->a, mark);
	return (text);
}

static int
check_note(struct keten *k, const struct keten_order *o,
    const struct refid *id)
{
	char why[NOTECHECK_WHY];
	char *known = NULL;
	enum err err;

	if (o->note == NULL)
		return (0);
	if (o->step != KETEN_SUBMIT)
		known = own_person(k, id);
	err = notecheck(o->note, known != NULL ? known : o->person, why);
	keten_wipe(known, known == NULL ? 0 : strlen(known));
	if (err == ERR_NOMEM)
		return (handle_err(k, err));
	return (err == ERR_OK ? 0
			      : handle_fail(k, KETEN_EREFUSED, "%s", why));
}

/* ---- may it contain what it does? ------------------------------------------ */

static int
check_content(struct keten *k, const struct keten_order *o,
    const struct refid *id)
{
	unsigned more, may = 0;
	char *own = NULL;

	if (o->step != KETEN_SUBMIT && o->step != KETEN_HAND_OVER)
		return (0);
	if (o->step == KETEN_HAND_OVER)
		own = own_person(k, id);
	more = person_contains(own != NULL ? own : o->person);
	keten_wipe(own, own == NULL ? 0 : strlen(own));
	if (more != 0)
		may = keten_may_contain(k, o);
	if ((may & KETEN_MAY_UNKNOWN) != 0)
		return (handle_fail(k, KETEN_EREFUSED,
		    "In het persoonsdeel staat %s; of dat mag is nog niet "
		    "bekend, want er is nog geen beleid. Maak verbinding en "
		    "probeer het dan opnieuw.", person_word(more)));
	more &= ~may;
	return (more == 0 ? 0 : handle_fail(k, KETEN_EREFUSED,
	    o->step == KETEN_SUBMIT
		? "In het persoonsdeel staat %s; dat mag niet volgens het "
		  "convenant met wie deze verwijzing kan krijgen. Haal het weg."
		: "In het persoonsdeel staat %s; dat mag deze partner niet "
		  "krijgen volgens het convenant. Draag niet over, of kies "
		  "een andere partner.",
	    person_word(more)));
}

/* ---- ordering ------------------------------------------------------------- */

static int
check(struct keten *k, const struct keten_order *o)
{
	const char *actor = is_given(o->actor) ? o->actor : k->dev.actor;
	int rc;

	if (scribe_is_public(o->step)) {
		rc = check_public(k, o);
		return (rc != 0 ? rc : check_actor(k, actor));
	}
	if (!scribe_is_request(o->step) &&
	    (o->step < KETEN_SUBMIT || o->step > KETEN_REOPEN ||
		words_event_kind((enum event)o->step) != EVENT_COMMAND))
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Deze stap bestaat niet, of alleen de klok zet hem."));
	if ((rc = o->step == KETEN_SUBMIT ? check_submit(k, o)
					  : check_step(k, o)) != 0 ||
	    (rc = check_actor(k, actor)) != 0 ||
	    (rc = check_ids(k, o)) != 0 ||
	    (rc = check_names(k, o->first)) != 0 ||
	    (rc = check_names(k, o->never)) != 0 ||
	    (rc = check_person(k, o->person)) != 0)
		return (rc);
	return (check_size(k, o));
}

/* "" is as good as not given. */
static void
drop_empty(struct keten_order *o)
{
	const char **const texts[] = { &o->source, &o->actor, &o->code,
		&o->area, &o->basis, &o->frequency, &o->payer, &o->parent,
		&o->relates, &o->note, &o->person, &o->to, &o->reason,
		&o->outcome, &o->child, &o->outside, &o->text };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (*texts[i] != NULL && **texts[i] == '\0')
			*texts[i] = NULL;
}

/* The referral it is about; of a SUBMIT a new one. */
static int
which(struct keten *k, const struct keten_order *o, struct refid *id)
{
	struct spool_txn *txn = NULL;
	uint8_t random[10];
	enum err err;

	if (scribe_is_public(o->step)) {
		memset(id, 0, sizeof(*id));
		return (0);
	}
	if (o->step == KETEN_SUBMIT) {
		if (digest_random(random, sizeof(random)) != ERR_OK)
			return (handle_err(k, ERR_NOMEM));
		*id = refid_new(handle_now(), random);
		return (0);
	}
	if (refid_parse(o->referral, id))
		return (0);
	err = spool_begin(k->spool, false, &txn);
	if (err == ERR_OK)
		err = reader_find(txn, o->referral, id);
	spool_abort(&txn);
	if (reader_trouble(err) != NULL)
		return (handle_fail(k, err == ERR_NOT_FOUND ? KETEN_ENONE
							    : KETEN_EARGUMENT,
		    "%s", reader_trouble(err)));
	return (err == ERR_OK ? 0 : handle_err(k, err));
}

/*
 * Who decides, decides on what can be seen now, however late the order leaves:
 * if something else came first, the broker has to say CONFLICT.  Only a step
 * that waits for one of our own is about what that one leaves.
 */
static MUST_CHECK enum err
saw(struct keten *k, const struct refid *id, struct keten_order *o)
{
	struct spool_txn *txn = NULL;
	size_t mark = arena_used(k->a);
	struct dossier c;
	uint64_t earlier;
	enum err err;

	if (o->step == KETEN_SUBMIT || scribe_is_public(o->step))
		return (ERR_OK);
	err = spool_begin(k->spool, false, &txn);
	if (err == ERR_OK &&
	    (err = orders_on(txn, id, &earlier)) == ERR_NOT_FOUND &&
	    (err = casebook_get(txn, k->a, id, &c)) == ERR_OK)
		scribe_saw(k, &c, o);
	spool_abort(&txn);
	arena_rewind(k->a, mark);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

int
keten_order(struct keten *k, const struct keten_order *order,
    uint64_t *ticket)
{
	struct keten_order o = *order;
	struct refid id;
	size_t mark = arena_used(k->a);
	enum err err;
	int rc;

	drop_empty(&o);
	if ((rc = check(k, &o)) != 0 || (rc = which(k, &o, &id)) != 0 ||
	    (rc = check_note(k, &o, &id)) != 0 ||
	    (rc = check_content(k, &o, &id)) != 0)
		return (rc);
	err = saw(k, &id, &o);
	if (err == ERR_OK)
		err = orders_add(k->spool, k->a, &o,
		    o.actor != NULL ? o.actor : k->dev.actor, &id,
		    handle_now(), ticket);
	arena_rewind(k->a, mark);
	if (err != ERR_OK)
		return (handle_err(k, err));
	spool_wake(k->spool);
	return (0);
}

/* ---- what became of it ---------------------------------------------------- */

int
keten_outcome(struct keten *k, uint64_t ticket, struct keten_outcome *out)
{
	struct spool_txn *txn = NULL;
	size_t mark = arena_used(k->a);
	struct order o;
	enum err err = spool_begin(k->spool, false, &txn);

	if (err == ERR_OK)
		err = orders_get(txn, k->a, ticket, &o);
	spool_abort(&txn);
	if (err == ERR_OK)
		orders_tell(&o, out);
	arena_rewind(k->a, mark);
	return (err == ERR_OK ? 0 : handle_err(k, err));
}

int
keten_wait(struct keten *k, uint64_t ticket, int timeout_ms,
    struct keten_outcome *out)
{
	int64_t end = handle_mono() + timeout_ms;
	int rc;

	for (;;) {
		int64_t left;

		if ((rc = keten_outcome(k, ticket, out)) != 0)
			return (rc);
		if (out->status != KETEN_WAITING && out->status != KETEN_SENT)
			return (0);
		left = end - handle_mono();
		if (left <= 0)
			return (handle_fail(k, KETEN_ETIMEOUT,
			    "Het antwoord laat op zich wachten; de opdracht "
			    "blijft in de opslag en gaat vanzelf verder."));
		if ((rc = keten_run(k, left > 500 ? 500 : (int)left)) != 0)
			return (rc);
	}
}

static MUST_CHECK enum err
cancel(struct keten *k, uint64_t ticket, bool *done)
{
	struct spool_txn *txn = NULL;
	size_t mark = arena_used(k->a);
	struct order o;
	enum err err = spool_begin(k->spool, true, &txn);

	if (err == ERR_OK)
		err = orders_get(txn, k->a, ticket, &o);
	*done = err == ERR_OK && o.status == KETEN_WAITING;
	if (*done) {
		o.status = KETEN_FAILED;
		o.text = "Teruggenomen voordat het verstuurd was.";
		o.rule = o.todo = NULL;
		if ((err = orders_put(txn, &o)) == ERR_OK)
			err = spool_commit(&txn);
	}
	spool_abort(&txn);
	arena_rewind(k->a, mark);
	return (err);
}

int
keten_cancel(struct keten *k, uint64_t ticket)
{
	bool done = false;
	enum err err = cancel(k, ticket, &done);

	if (err != ERR_OK)
		return (handle_err(k, err));
	return (done ? 0
		     : handle_fail(k, KETEN_EARGUMENT,
			   "Deze opdracht heeft al een nummer en is niet terug "
			   "te nemen."));
}

int
keten_orders(struct keten *k,
    void (*each)(void *cookie, const struct keten_outcome *out), void *cookie)
{
	uint64_t ticket = 0;
	enum err err = ERR_OK;

	while (err == ERR_OK) {
		struct spool_txn *txn = NULL;
		struct keten_outcome out;
		size_t mark = arena_used(k->a);
		struct order o;

		err = spool_begin(k->spool, false, &txn);
		if (err == ERR_OK)
			err = orders_next(txn, &ticket);
		if (err == ERR_OK)
			err = orders_get(txn, k->a, ticket, &o);
		spool_abort(&txn);
		if (err == ERR_OK)
			orders_tell(&o, &out);
		arena_rewind(k->a, mark);
		if (err == ERR_OK)
			each(cookie, &out);
	}
	return (err == ERR_NOT_FOUND ? 0 : handle_err(k, err));
}
