/*
 * api -- questions, and small things.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/pen.h"
#include "base/version.h"
#include "life/words.h"
#include "sdk/ckpt.h"
#include "sdk/desk_asks.h"
#include "sdk/dispatch.h"
#include "sdk/handle.h"
#include "sdk/resync.h"
#include "trust/digest.h"
#include "trust/leaf.h"
#include "trust/proof.h"

enum { NAP_MS = 100 };

static void
nap(void)
{
	struct timespec t = { .tv_nsec = NAP_MS * 1000000L };

	(void)nanosleep(&t, NULL); /* waking early is fine */
}

/* Give ${text}, which the handle takes over, to the caller. */
static int
give(struct keten *k, char *text, const char **out)
{
	free(k->text);
	k->text = text;
	*out = text;
	return (0);
}

/* ---- resolve -------------------------------------------------------------- */

static int
refused(struct keten *k, enum err err, const char *rule)
{
	if (!err_is_wire(err) && err != ERR_DIGEST)
		return (handle_err(k, err));
	return (handle_fail(k,
	    err == ERR_DIGEST ? KETEN_ETRUST : KETEN_EREFUSED, "%s%s%s%s",
	    err_text(err), rule == NULL || *rule == '\0' ? "" : " (",
	    rule == NULL ? "" : rule,
	    rule == NULL || *rule == '\0' ? "" : ")"));
}

/* The question that ${d} puts, through whoever has the connection. */
static MUST_CHECK enum err
ask_through(struct keten *k, struct draft *d, int timeout_ms,
    Keten__V1__ResolveAnswer **answer, const char **rule)
{
	Keten__V1__Query q = KETEN__V1__QUERY__INIT;
	Keten__V1__Resolve r = KETEN__V1__RESOLVE__INIT;
	Keten__V1__FromBroker *reply;
	enum err err;

	q.body_case = KETEN__V1__QUERY__BODY_RESOLVE;
	q.resolve = &r;
	r.header = &d->header;
	err = desk_ask(k, &q, timeout_ms, &reply, NULL);
	if (err_is_wire(err))
		*rule = reply->refusal->rule;
	if (err != ERR_OK)
		return (err);
	if (reply->answer->body_case != KETEN__V1__ANSWER__BODY_RESOLVE)
		return (ERR_DIGEST);
	*answer = reply->answer->resolve;
	return (dispatch_check(k, &d->header, handle_broker_now(k), *answer,
	    rule));
}

static MUST_CHECK enum err
resolve(struct keten *k, const struct keten_order *o, int timeout_ms,
    char **text, const char **rule)
{
	struct draft *d = arena_zero(k->a, 1, sizeof(*d));
	struct order *order = arena_zero(k->a, 1, sizeof(*order));
	Keten__V1__ResolveAnswer *answer;
	struct steward *s;
	enum err err;

	if (d == NULL || order == NULL)
		return (ERR_NOMEM);
	if ((err = desk_online(k, timeout_ms, &s)) != ERR_OK)
		return (err);
	if (s != NULL && (err = steward_policy(s)) != ERR_OK)
		return (err);
	if ((err = handle_refresh(k)) != ERR_OK)
		return (err);
	if (k->policy == NULL)
		return (ERR_TIMEOUT);
	order->want = *o;
	if ((err = scribe_header(k, k->a, order, d, rule)) != ERR_OK ||
	    (err = ask_through(k, d, timeout_ms, &answer, rule)) != ERR_OK)
		return (err);
	*text = strdup(answer->explain);
	return (*text == NULL ? ERR_NOMEM : ERR_OK);
}

int
keten_resolve(struct keten *k, const struct keten_order *o, int timeout_ms,
    const char **text)
{
	size_t mark = arena_used(k->a);
	const char *rule = NULL;
	char *out;
	enum err err;
	int rc;

	if (o->code == NULL || o->area == NULL || o->basis == NULL)
		return (handle_fail(k, KETEN_EARGUMENT,
		    "Geef ten minste code, gebied, grondslag, urgentie en of "
		    "het besproken is."));
	err = resolve(k, o, timeout_ms, &out, &rule);
	rc = err == ERR_OK ? give(k, out, text) : refused(k, err, rule);
	arena_rewind(k->a, mark);
	return (rc);
}

/* ---- words ---------------------------------------------------------------- */

const char *
keten_label(struct keten *k, const char *code)
{
	const Keten__V1__PolicyWord *w = NULL;
	const char *label;

	if (k->policy == NULL && handle_refresh(k) != ERR_OK)
		return ("");
	if (k->policy == NULL || code == NULL)
		return ("");
	for (int i = 0; w == NULL && i < POLICY_LIST__MAX; i++)
		w = policy_word(k->policy, (enum policy_list)i, code);
	if (w != NULL)
		return (w->label);
	label = policy_code_label(k->policy, code);
	return (strcmp(label, code) == 0 ? "" : label);
}

/* Is the alarm about ${code}? */
static bool
is_about(const Keten__V1__PolicyAlarm *a, const char *code)
{
	for (size_t i = 0; i < a->n_codes; i++)
		if (strcmp(a->codes[i], code) == 0)
			return (true);
	return (false);
}

const char *
keten_warning(struct keten *k, const char *code)
{
	const Keten__V1__Policy *d;
	struct pen t = { k->warning, sizeof(k->warning), 0 };

	if (k->policy == NULL && handle_refresh(k) != ERR_OK)
		return ("");
	if (k->policy == NULL || code == NULL)
		return ("");
	d = policy_doc(k->policy);
	k->warning[0] = '\0';
	for (size_t i = 0; i < d->n_alarms; i++) {
		const Keten__V1__PolicyAlarm *a = d->alarms[i];

		if (!is_about(a, code))
			continue;
		pen_put(&t, "%s: %s.", a->label, a->phone);
		for (size_t s = 0; s < a->n_steps; s++)
			pen_put(&t, " %zu. %s", s + 1, a->steps[s]);
		pen_put(&t, "\n");
	}
	return (k->warning);
}

const char *
keten_partner(struct keten *k, const char *partner)
{
	const Keten__V1__PolicyPartner *w;
	struct org org = org_of(partner);

	if (k->policy == NULL && handle_refresh(k) != ERR_OK)
		return ("");
	w = k->policy == NULL ? NULL : policy_partner(k->policy, &org);
	return (w == NULL ? "" : w->name);
}

bool
keten_matches(struct keten *k, const char *pattern, const char *code)
{
	const char *header;

	if (strcmp(pattern, code) == 0)
		return (true);
	if (k->policy == NULL && handle_refresh(k) != ERR_OK)
		return (false);
	header = k->policy == NULL ? NULL : policy_header_code(k->policy, code);
	return (header != NULL && policy_code_in(k->policy, pattern, header));
}

bool
keten_protected(struct keten *k, const char *code)
{
	const char *header;

	if (k->policy == NULL && handle_refresh(k) != ERR_OK)
		return (true);
	header = k->policy == NULL ? NULL : policy_header_code(k->policy, code);
	return (header == NULL || policy_is_protected(k->policy, header));
}

const char *
keten_reason(struct keten *k, enum keten_step step)
{
	const Keten__V1__Policy *d;
	const char *fits = "";

	if (k->policy == NULL && handle_refresh(k) != ERR_OK)
		return ("");
	if (k->policy == NULL)
		return ("");
	d = policy_doc(k->policy);
	for (size_t i = 0; i < d->n_reasons; i++) {
		const Keten__V1__PolicyWord *w = d->reasons[i];

		if (w->n_events == 0)
			return (w->code);
		if (fits[0] == '\0' && policy_reason_fits(k->policy, w->code,
			keten_step_name(step)))
			fits = w->code;
	}
	return (fits);
}

struct telling {
	const char *prefix;
	void (*each)(void *cookie, const char *code, const char *label);
	void *cookie;
};

static void
tell(const struct telling *t, const char *code, const char *label)
{
	if (strncmp(code, t->prefix, strlen(t->prefix)) == 0)
		t->each(t->cookie, code, label);
}

static void
tell_words(const struct telling *t, Keten__V1__PolicyWord *const *words,
    size_t n)
{
	for (size_t i = 0; i < n; i++)
		tell(t, words[i]->code, words[i]->label);
}

int
keten_codes(struct keten *k, const char *prefix,
    void (*each)(void *cookie, const char *code, const char *label),
    void *cookie)
{
	struct telling t = { prefix, each, cookie };
	const Keten__V1__Policy *p;
	enum err err = handle_refresh(k);

	if (err != ERR_OK)
		return (handle_err(k, err));
	if (k->policy == NULL)
		return (handle_fail(k, KETEN_ENONE,
		    "Het beleid is nog niet binnen. Maak eerst verbinding."));
	p = policy_doc(k->policy);
	for (size_t i = 0; i < p->n_codes; i++)
		tell(&t, p->codes[i]->code, p->codes[i]->label);
	tell_words(&t, p->declines, p->n_declines);
	tell_words(&t, p->outcomes, p->n_outcomes);
	tell_words(&t, p->bases, p->n_bases);
	tell_words(&t, p->reasons, p->n_reasons);
	tell_words(&t, p->payers, p->n_payers);
	tell_words(&t, p->outsides, p->n_outsides);
	return (0);
}

/* ---- receipts ------------------------------------------------------------- */

/* Ask until the newest checkpoint covers the leaf. */
static MUST_CHECK enum err
prove(struct keten *k, const struct order *o, int64_t end, struct slice *note,
    uint8_t path[TLOG_PATH_MAX][32], size_t *n)
{
	struct steward *s;
	uint8_t leaf_hash[32];
	enum err err = desk_online(k, (int)(end - handle_mono()), &s);

	if (err != ERR_OK)
		return (err);
	digest_leaf(o->leaf, leaf_hash);
	while ((err = ckpt_proof(k, s, o->index, leaf_hash, note, path, n)) ==
		ERR_BUSY &&
	    handle_mono() < end)
		nap();
	return (err == ERR_BUSY ? ERR_TIMEOUT : err);
}

static MUST_CHECK enum err
receipt(struct keten *k, const struct order *o, int64_t end, char **text)
{
	uint8_t path[TLOG_PATH_MAX][32];
	uint8_t extra[LEAF_LEN + LEAF_SALT];
	struct slice note;
	char *out;
	size_t n, len;
	enum err err;

	if (o->leaf.len != LEAF_LEN)
		return (ERR_NOT_FOUND);
	memcpy(extra, o->leaf.p, LEAF_LEN);
	memcpy(extra + LEAF_LEN, o->salt, LEAF_SALT);
	if ((err = prove(k, o, end, &note, path, &n)) != ERR_OK)
		return (err);
	if ((out = malloc(PROOF_MAX)) == NULL)
		return (ERR_NOMEM);
	err = proof_make(o->index, (const uint8_t(*)[32])path, n,
	    slice_of(extra, sizeof(extra)), note, out, PROOF_MAX, &len);
	if (err != ERR_OK) {
		free(out);
		return (err);
	}
	*text = out;
	return (ERR_OK);
}

int
keten_receipt(struct keten *k, uint64_t ticket, int timeout_ms,
    const char **text)
{
	size_t mark = arena_used(k->a);
	struct order o;
	char *out;
	enum err err = orders_read(k->spool, k->a, ticket, &o);
	int rc;

	if (err == ERR_OK)
		err = receipt(k, &o, handle_mono() + timeout_ms, &out);
	if (err == ERR_OK)
		rc = give(k, out, text);
	else if (err == ERR_NOT_FOUND)
		rc = handle_fail(k, KETEN_ENONE,
		    "Deze opdracht staat (nog) niet in het logboek.");
	else if (err == ERR_DIGEST)
		rc = handle_fail(k, KETEN_ETRUST,
		    "Het bewijs van de makelaar klopt niet. Bel beheer.");
	else
		rc = handle_err(k, err);
	arena_rewind(k->a, mark);
	return (rc);
}

int
keten_sync(struct keten *k, int timeout_ms)
{
	int64_t end = handle_mono() + timeout_ms;
	bool wanted = true;
	enum err err = resync_want(k);

	while (err == ERR_OK && wanted) {
		int64_t left = end - handle_mono();
		int rc;

		if (left <= 0)
			return (handle_err(k, ERR_TIMEOUT));
		if ((rc = keten_run(k, left > 500 ? 500 : (int)left)) != 0)
			return (rc);
		err = resync_is_wanted(k, &wanted);
	}
	return (err == ERR_OK ? 0 : handle_err(k, err));
}

/* ---- small things --------------------------------------------------------- */

/* Steps that are no event of the life cycle. */
static const struct {
	enum keten_step step;
	const char *name;
	const char *label;
} others[] = {
	{ KETEN_CONTENT, "CONTENT", "inhoud te openen" },
	{ KETEN_ERASED, "ERASED", "inhoud gewist" },
	{ KETEN_ALARM, "ALARM", "alarm" },
	{ KETEN_CHANGED, "CHANGED", "volgt een andere partij" },
	{ KETEN_TRUST, "TRUST", "over sleutels of beleid" },
	{ KETEN_ERASE, "ERASE", "vraagt om te wissen" },
	{ KETEN_RETAIN, "RETAIN", "vraagt om te bewaren" },
	{ KETEN_UNRETAIN, "UNRETAIN", "hoeft niet meer bewaard" },
	{ KETEN_PUBLISH, "PUBLISH", "op de sociale kaart" },
	{ KETEN_MISSING, "MISSING", "ontbreekt op de sociale kaart" },
};

#define N_OTHERS (sizeof(others) / sizeof(others[0]))

const char *
keten_step_name(enum keten_step step)
{
	for (size_t i = 0; i < N_OTHERS; i++)
		if (others[i].step == step)
			return (others[i].name);
	return (words_event((enum event)step));
}

enum keten_step
keten_step_of(const char *name)
{
	enum event ev = words_event_from(name);

	for (size_t i = 0; i < N_OTHERS; i++)
		if (strcmp(others[i].name, name) == 0)
			return (others[i].step);
	return (ev > EV_REOPEN ? (enum keten_step)0 : (enum keten_step)ev);
}

const char *
keten_step_label(enum keten_step step)
{
	for (size_t i = 0; i < N_OTHERS; i++)
		if (others[i].step == step)
			return (others[i].label);
	return (words_event_nl((enum event)step));
}

const char *
keten_version(void)
{
	return (VERSION);
}
