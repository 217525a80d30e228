/*
 * access -- what was done with one referral, by whom, for which organisation
 * and on which basis, in order of time: the answer to a person who asks.
 *
 * It is read from the whole log, not from the broker's tables: also what was
 * only delivered to somebody, looked at by the operator, or erased.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "audit/commands.h"
#include "audit/walk.h"
#include "base/noun.h"
#include "core/csvout.h"
#include "life/words.h"
#include "wire/pb.h"

#define RECEIVERS 600

struct access {
	const struct args *a;
	struct walk *w;
	struct refid id;
	char id_text[REFID_TEXT];
	uint64_t n;
	uint64_t n_unread;
	uint64_t n_owned; /* indexes of records about it, for erasures */
	uint64_t *owned;
	enum verdict worst;
};

/* One thing that was done. */
struct act {
	const struct walk_step *s;
	const struct walk_about *about; /* or NULL, before it exists */
	const char *covenant;
	const char *basis;
	const char *basis_label;
	const char *name; /* of the organisation */
	const char *role;
	char receivers[RECEIVERS];
};

/* --- is it about this one? ----------------------------------------------------- */

static bool
is_delivery_of(const struct access *x, const Keten__V1__Sent *sent)
{
	struct refid id;

	return (sent->referral.len == 16 &&
	    pb_refid(sent->referral, &id) == ERR_OK &&
	    refid_eq(&id, &x->id));
}

static bool
is_delivered(const struct access *x, const struct telling *t)
{
	for (size_t i = 0; t->route != NULL && i < t->route->n_deliveries; i++)
		if (is_delivery_of(x, t->route->deliveries[i]))
			return (true);
	return (false);
}

/* Does it erase one of the records that passed by? */
static bool
is_erased(const struct access *x, const Keten__V1__EraseFacts *e)
{
	for (size_t i = 0; e != NULL && i < e->n_ranges; i++)
		for (uint64_t k = 0; k < x->n_owned; k++)
			if (x->owned[k] >= e->ranges[i]->first &&
			    x->owned[k] - e->ranges[i]->first <
				e->ranges[i]->count)
				return (true);
	return (false);
}

static bool
is_about(const struct access *x, const struct telling *t)
{
	const Keten__V1__AccessFacts *seen = t->facts->access;

	return (refid_eq(&t->referral, &x->id) ||
	    telling_change(t, &x->id) != NULL || is_delivered(x, t) ||
	    is_erased(x, t->facts->erase) ||
	    (seen != NULL && strstr(seen->what, x->id_text) != NULL));
}

static MUST_CHECK enum err
own(struct access *x, uint64_t index)
{
	uint64_t *more = x->owned;

	if ((x->n_owned & (x->n_owned - 1)) == 0) /* a power of two: full */
		more = realloc(x->owned, (x->n_owned == 0 ? 1
			: 2 * (size_t)x->n_owned) * sizeof(*more));
	if (more == NULL)
		return (ERR_NOMEM);
	x->owned = more;
	x->owned[x->n_owned++] = index;
	return (ERR_OK);
}

/* --- in words ---------------------------------------------------------------------- */

static const char *
name_of(const struct access *x, const char *partner)
{
	const struct policy *p = walk_policy(x->w);
	struct org who = org_of(partner);
	const Keten__V1__PolicyPartner *found =
	    p == NULL ? NULL : policy_partner(p, &who);

	return (found == NULL ? partner : found->name);
}

/* "Welzijn W (kandidaat, 1 verzegeld deel); ...": who was told by this. */
static void
say_receivers(const struct access *x, struct act *act)
{
	const Keten__V1__RouteFacts *rf = act->s->t.route;
	size_t len = 0;

	for (size_t i = 0; rf != NULL && i < rf->n_deliveries; i++) {
		const Keten__V1__Sent *d = rf->deliveries[i];
		char parts[40] = "";
		int n;

		if (!is_delivery_of(x, d))
			continue;
		if (d->n_pieces > 0)
			(void)snprintf(parts, sizeof(parts),
			    ", %zu %s", d->n_pieces, noun_for(d->n_pieces,
			    "verzegeld deel", "verzegelde delen"));
		n = snprintf(act->receivers + len, RECEIVERS - len,
		    "%s%s (%s%s)", len == 0 ? "" : "; ",
		    name_of(x, d->partner), telling_role_nl(d->role), parts);
		if (n < 0 || (size_t)n >= RECEIVERS - len)
			return;
		len += (size_t)n;
	}
}

static void
fill(const struct access *x, const struct walk_step *s, struct act *act)
{
	const struct policy *p = walk_policy(x->w);
	const Keten__V1__PolicyWord *word = NULL;
	struct org who = org_of(s->t.partner);

	memset(act, 0, sizeof(*act));
	act->s = s;
	act->about = walk_about(x->w, &x->id);
	act->covenant = act->basis = act->basis_label = "";
	act->name = s->t.partner[0] == '\0' ? "de makelaar"
					    : name_of(x, s->t.partner);
	act->role = walk_role(act->about, s->t.partner);
	if (act->about != NULL) {
		act->basis = act->about->basis;
		act->covenant = walk_covenant(x->w, act->about, &who,
		    s->t.time_ms);
		if (p != NULL)
			word = policy_word(p, POLICY_BASES, act->basis);
	}
	if (word != NULL)
		act->basis_label = word->label;
	say_receivers(x, act);
}

/* --- three ways to write it ------------------------------------------------------------ */

static void
print_text(const struct access *x, const struct act *act)
{
	const struct telling *t = &act->s->t;
	char when[CAL_TEXT];

	(void)x;
	(void)printf("%s  %s", cal_text(t->time_ms, when), act->name);
	if (t->actor[0] != '\0')
		(void)printf(", functie %s", t->actor);
	if (act->role[0] != '\0')
		(void)printf(", %s", act->role);
	(void)printf("\n%21s%s  (record %" PRIu64 ")\n", "", t->what,
	    t->index);
	if (act->basis[0] != '\0' && t->partner[0] != '\0')
		(void)printf("%21sgrondslag %s %s%s%s\n", "", act->basis,
		    act->basis_label,
		    act->covenant[0] == '\0' ? "" : ", convenant ",
		    act->covenant);
	if (act->receivers[0] != '\0')
		(void)printf("%21sbericht aan %s\n", "", act->receivers);
}

static void
print_json(const struct access *x, const struct act *act)
{
	const struct telling *t = &act->s->t;
	char when[TELLING_ISO];
	char *text;
	json_t *o = json_pack("{s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,"
			      "s:s,s:s}", "index", (json_int_t)t->index,
	    "time", telling_iso(t->time_ms, when), "referral", x->id_text,
	    "partner", t->partner, "name", act->name, "device", t->device,
	    "actor", t->actor, "role", act->role, "event", t->event, "what",
	    t->what, "basis", act->basis, "covenant", act->covenant,
	    "receivers", act->receivers);

	text = json_dumps(o, JSON_COMPACT);
	if (text != NULL)
		(void)printf("%s\n", text);
	free(text);
	json_decref(o);
}

static void
print_csv(const struct access *x, const struct act *act)
{
	const struct telling *t = &act->s->t;
	char when[CAL_TEXT], index[24];
	const char *cells[] = { cal_text(t->time_ms, when), act->name,
		t->partner, t->actor, t->device, act->role, t->event, t->what,
		act->basis, act->basis_label, act->covenant, act->receivers,
		index };

	(void)x;
	(void)snprintf(index, sizeof(index), "%" PRIu64, t->index);
	csvout_row(stdout, cells, sizeof(cells) / sizeof(cells[0]));
}

static void
begin_text(const struct access *x)
{
	(void)printf("Wat er met verwijzing %s gedaan is\n\n", x->id_text);
}

static void
begin_csv(const struct access *x)
{
	static const char *const names[] = { "tijd", "organisatie",
		"partner", "functie", "apparaat", "rol", "handeling",
		"omschrijving", "grondslag", "naam grondslag", "convenant",
		"bericht aan", "record" };

	(void)x;
	csvout_begin(stdout);
	csvout_row(stdout, names, sizeof(names) / sizeof(names[0]));
}

static void
end_text(const struct access *x)
{
	(void)printf("\n%" PRIu64 " %s, gelezen uit het hele "
		     "logboek.\n\nNiet nagekeken\n"
		     "  - wie binnen een organisatie het persoonsdeel opende: "
		     "dat staat in het\n    verzegelde logboek van die "
		     "organisatie zelf\n"
		     "  - of het logboek zelf klopt: dat doet keten-audit "
		     "verify\n"
		     "  - wie buiten de makelaar om bij de bestanden kon\n",
	    x->n, noun_for(x->n, "handeling", "handelingen"));
	if (x->n_unread > 0)
		(void)printf("  - %" PRIu64 " %s niet te lezen; of het "
			     "hierover ging is niet meer\n    te zien\n",
		    x->n_unread, noun_for(x->n_unread,
		    "record dat gewist is, of", "records, gewist of"));
}

static void
nothing(const struct access *x)
{
	(void)x;
}

static const struct form {
	const char *name;
	void (*begin)(const struct access *x);
	void (*print)(const struct access *x, const struct act *act);
	void (*end)(const struct access *x);
} forms[] = {
	{ "text", begin_text, print_text, end_text },
	{ "jsonl", nothing, print_json, nothing },
	{ "csv", begin_csv, print_csv, nothing },
};

static const struct form *
form_of(const struct args *a)
{
	const char *name = a->json ? "jsonl" : a->format == NULL ? "text"
								 : a->format;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(forms[i].name, name) == 0)
			return (&forms[i]);
	return (NULL);
}

/* --- all of it ---------------------------------------------------------------------------- */

static MUST_CHECK enum err
look(struct access *x, const struct form *form, const struct walk_step *s)
{
	struct act act;

	if (!s->has) {
		/* A record that nobody can read may have been about it. */
		x->n_unread++;
		if (s->verdict != VERDICT_ERASURES)
			x->worst = verdict_worse(x->worst, s->verdict);
		return (ERR_OK);
	}
	if (!is_about(x, &s->t))
		return (ERR_OK);
	if (x->n == 0)
		form->begin(x);
	x->worst = verdict_worse(x->worst, s->verdict);
	x->n++;
	fill(x, s, &act);
	form->print(x, &act);
	return (own(x, s->index));
}

/* What was erased altogether is in no table; the records may still name it. */
static MUST_CHECK enum err
find(struct access *x, struct txn *txn, const char *text)
{
	enum err err = ERR_OK;

	if (!refid_parse(text, &x->id))
		err = command_referral(txn, text, &x->id);
	(void)refid_text(&x->id, x->id_text);
	return (err);
}

static MUST_CHECK enum err
run(struct access *x, struct txn *txn, const struct form *form)
{
	struct walk_step s;
	enum err err = walk_new(txn, UINT64_MAX, &x->w);

	while (err == ERR_OK && (err = walk_next(x->w, &s)) == ERR_OK)
		err = look(x, form, &s);
	if (err == ERR_NOT_FOUND && x->n > 0) {
		form->end(x);
		return (ERR_OK);
	}
	/* A page with nothing on it would be read as an answer. */
	if (err == ERR_NOT_FOUND)
		(void)fprintf(stderr, "keten-audit: verwijzing %s staat in "
		    "geen enkel record; kijk het nummer na%s\n", x->id_text,
		    x->n_unread > 0 ? " (of alles erover is gewist)" : "");
	return (err);
}

int
command_access(const struct args *a)
{
	const struct form *form = form_of(a);
	struct access x = { .a = a, .worst = VERDICT_WITNESSED };
	struct store *st = NULL;
	struct txn *txn = NULL;
	enum err err;

	if (form == NULL) {
		(void)fprintf(stderr, "keten-audit: --format is hier text, "
				      "jsonl of csv\n");
		return ((int)VERDICT_USAGE);
	}
	err = command_open(a, &st);
	if (err != ERR_OK)
		return ((int)VERDICT_USAGE);
	err = store_read(st, &txn);
	if (err == ERR_OK)
		err = find(&x, txn, a->targets[0]);
	if (err == ERR_OK)
		err = run(&x, txn, form);
	walk_free(x.w);
	free(x.owned);
	store_done(&txn);
	store_close(st);
	return (err == ERR_OK ? (int)x.worst : (int)VERDICT_USAGE);
}
