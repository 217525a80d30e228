/*
 * scribe -- from an order to a draft.
 */
#include <string.h>

#include "base/area.h"
#include "sdk/entry.h"
#include "sdk/person.h"
#include "sdk/scribe.h"
#include "wire/pb.h"
#include "wire/statement.h"

/* A district: WK and the first six positions of its area. */
#define DISTRICT_CHARS 8

static MUST_CHECK enum err
no(enum err err, const char **rule, const char *text)
{
	*rule = text;
	return (err);
}

static MUST_CHECK enum err
put_id(struct arena *a, const char *text, ProtobufCBinaryData *out)
{
	struct refid id;
	struct slice s;

	if (text == NULL)
		return (ERR_OK);
	if (!refid_parse(text, &id))
		return (ERR_MALFORMED);
	if (arena_copy(a, slice_of(id.b, sizeof(id.b)), &s) != 0)
		return (ERR_NOMEM);
	*out = pb_data(s);
	return (ERR_OK);
}

static size_t
count_names(const char *const *names)
{
	size_t n = 0;

	while (names != NULL && names[n] != NULL)
		n++;
	return (n);
}

static MUST_CHECK enum err
put_names(struct arena *a, const char *const *names, char ***out, size_t *n)
{
	*n = count_names(names);
	*out = arena_zero(a, *n, sizeof(**out));
	if (*out == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = pb_string(names[i]);
	return (ERR_OK);
}

/* ---- SUBMIT --------------------------------------------------------------- */

/*
 * As coarse as the header may be: a municipality for protected codes, a
 * district for others.  What is lost stands in the sealed note.
 */
static MUST_CHECK enum err
coarse_area(struct arena *a, bool is_protected, const char *area,
    const char **out)
{
	char gm[AREA_MAX + 1], wk[DISTRICT_CHARS + 1];
	const char *use = area;

	if (is_protected && area_municipality(area, gm)) {
		use = gm;
	} else if (area_kind(area) == AREA_BU) {
		memcpy(wk, area, DISTRICT_CHARS);
		memcpy(wk, "WK", 2);
		wk[DISTRICT_CHARS] = '\0';
		use = wk;
	}
	*out = arena_text(a, slice_str(use));
	return (*out == NULL ? ERR_NOMEM : ERR_OK);
}

static uint32_t
area_edition(const struct policy *p, const char *area)
{
	const Keten__V1__Policy *doc = policy_doc(p);

	for (size_t i = 0; i < doc->n_areas; i++)
		if (strcmp(doc->areas[i]->code, area) == 0)
			return (doc->areas[i]->edition);
	return (0);
}

/* A protected code names one function; lists of partners do not go with it. */
static MUST_CHECK enum err
put_code(const struct keten *k, struct arena *a, const struct order *o,
    Keten__V1__Header *h, const char **rule)
{
	const char *code = policy_header_code(k->policy, o->want.code);
	const char *area;
	enum err err;

	if (code == NULL)
		return (no(ERR_BAD_CODE, rule, "code: staat niet in het beleid"));
	if ((err = policy_check_code(k->policy, code, rule)) != ERR_OK)
		return (err);
	err = coarse_area(a, policy_is_protected(k->policy, code),
	    o->want.area, &area);
	if (err != ERR_OK)
		return (err);
	/* A copy: a newer policy may come while the draft is made. */
	if ((h->code = arena_text(a, slice_str(code))) == NULL)
		return (ERR_NOMEM);
	h->area = pb_string(area);
	h->area_year = area_edition(k->policy, area);
	return (policy_check_area(k->policy, code, area, h->area_year, rule));
}

/* Some codes say too little without words. */
static MUST_CHECK enum err
check_text(const struct keten *k, const struct order *o, const char **rule)
{
	const Keten__V1__PolicyCode *c = policy_code(k->policy, o->want.code);
	const Keten__V1__PolicyWord *basis = policy_word(k->policy,
	    POLICY_BASES, o->want.basis);

	if (c != NULL && c->text_required && o->want.note == NULL &&
	    o->want.person == NULL && o->want.text == NULL)
		return (no(ERR_NOT_ALLOWED, rule,
		    "deze code vraagt om een toelichting of verhaal"));
	if (basis == NULL)
		return (no(ERR_NO_BASIS, rule,
		    "grondslag: staat niet in het beleid"));
	if (basis->anonymous && o->want.person != NULL)
		return (no(ERR_NO_BASIS, rule,
		    "zonder persoonsgegevens (deze grondslag) gaat geen "
		    "persoonsdeel mee"));
	return (ERR_OK);
}

enum err
scribe_header(const struct keten *k, struct arena *a, const struct order *o,
    struct draft *d, const char **rule)
{
	Keten__V1__Header *h = &d->header;
	enum err err;

	*rule = NULL;
	keten__v1__header__init(h);
	if ((err = put_code(k, a, o, h, rule)) != ERR_OK ||
	    (err = check_text(k, o, rule)) != ERR_OK ||
	    (err = put_id(a, o->want.parent, &h->parent)) != ERR_OK ||
	    (err = put_id(a, o->want.relates, &h->relates)) != ERR_OK ||
	    (err = put_names(a, o->want.first, &h->first, &h->n_first)) !=
		ERR_OK ||
	    (err = put_names(a, o->want.never, &h->never, &h->n_never)) !=
		ERR_OK)
		return (err);
	h->urgency = (Keten__V1__Urgency)o->want.urgency;
	h->basis = pb_string(o->want.basis);
	h->discussed = (Keten__V1__Discussed)o->want.discussed;
	h->units = o->want.units;
	h->frequency = pb_string(o->want.frequency);
	h->end_ms = o->want.end_ms;
	h->payer = pb_string(o->want.payer);

	keten__v1__command__init(&d->command);
	d->command.event = KETEN__V1__EVENT__SUBMIT;
	d->command.header = h;
	return (ERR_OK);
}

/* ---- every other step ----------------------------------------------------- */

/* A candidate's step names its offer, every other one the version it saw. */
void
scribe_saw(const struct keten *k, const struct dossier *c,
    struct keten_order *want)
{
	const struct offer *own = referral_open_offer(&c->r, &k->dev.partner);

	if (want->version != 0 || want->offer != 0)
		return;
	if (own != NULL)
		want->offer = own->number;
	else
		want->version = c->r.version;
}

enum err
scribe_step(const struct keten *k, struct arena *a, const struct order *o,
    const struct dossier *c, struct draft *d, const char **rule)
{
	Keten__V1__Command *cmd = &d->command;
	struct keten_order saw = o->want;

	*rule = NULL;
	keten__v1__command__init(cmd);
	if (c != NULL)
		scribe_saw(k, c, &saw);
	else if (o->want.version == 0 && o->want.offer == 0)
		return (no(ERR_UNKNOWN_REFERRAL, rule,
		    "deze verwijzing staat niet in de eigen opslag"));
	cmd->event = (Keten__V1__Event)o->want.step;
	cmd->offer = saw.offer;
	cmd->seen_version = saw.version;
	cmd->to = pb_string(o->want.to);
	cmd->reason = pb_string(o->want.reason);
	cmd->outcome = pb_string(o->want.outcome);
	cmd->until_ms = o->want.until_ms;
	cmd->units_done = o->want.units_done;
	cmd->units_total = o->want.units_total;
	cmd->outside = pb_string(o->want.outside);
	cmd->urgency = (Keten__V1__Urgency)o->want.urgency;
	cmd->basis = pb_string(o->want.basis);
	return (put_id(a, o->want.child, &cmd->child));
}

/* ---- requests that are no step --------------------------------------------- */

bool
scribe_is_request(enum keten_step step)
{
	return (step == KETEN_ERASE || step == KETEN_RETAIN ||
	    step == KETEN_UNRETAIN);
}

void
scribe_request(const struct order *o, struct draft *d)
{
	if (o->want.step == KETEN_ERASE) {
		d->kind = ENVELOPE_ERASE;
		keten__v1__erase__init(&d->erase);
		d->erase.rule = pb_string(o->want.reason);
		d->erase.level = 1;
	} else if (o->want.step == KETEN_RETAIN) {
		d->kind = ENVELOPE_RETAIN;
		keten__v1__retain__init(&d->retain);
		d->retain.reason = pb_string(o->want.reason);
		d->retain.until_ms = o->want.until_ms;
	} else {
		d->kind = ENVELOPE_UNRETAIN;
		keten__v1__unretain__init(&d->unretain);
		d->unretain.reason = pb_string(o->want.reason);
	}
}

/* ---- the catalogue --------------------------------------------------------- */

bool
scribe_is_public(enum keten_step step)
{
	return (step == KETEN_PUBLISH || step == KETEN_MISSING);
}

static MUST_CHECK enum err
put_entry(const struct keten *k, struct arena *a, const struct order *o,
    int64_t made_ms, struct draft *d, const char **rule)
{
	char *why = arena_zero(a, 1, ENTRY_WHY);
	struct entry_now now = { .now_ms = made_ms,
		.actor = o->want.actor };
	enum err err;

	if (why == NULL)
		return (ERR_NOMEM);
	err = entry_read(a, o->want.text, &now, &d->catalogue, why);
	if (err != ERR_OK)
		return (no(err, rule, why));
	d->kind = ENVELOPE_CATALOGUE;
	if (policy_code(k->policy, d->catalogue->service) == NULL ||
	    policy_is_signal(k->policy, d->catalogue->service))
		return (no(ERR_BAD_CODE, rule,
		    "dienst: staat niet in het beleid"));
	return (ERR_OK);
}

enum err
scribe_public(const struct keten *k, struct arena *a, const struct order *o,
    int64_t made_ms, struct draft *d, const char **rule)
{
	const char *area;
	enum err err;

	if (o->want.step == KETEN_PUBLISH)
		return (put_entry(k, a, o, made_ms, d, rule));
	err = coarse_area(a, false, o->want.area, &area);
	if (err != ERR_OK)
		return (err);
	d->kind = ENVELOPE_MISSING;
	keten__v1__missing__init(&d->missing);
	d->missing.code = pb_string(o->want.code);
	d->missing.area = pb_string(area);
	d->missing.area_year = area_edition(k->policy, area);
	return (policy_check_area(k->policy, o->want.code, area,
	    d->missing.area_year, rule));
}

/* ---- parts ---------------------------------------------------------------- */

static MUST_CHECK enum err
add_part(const struct keten *k, struct arena *a, struct draft *d,
    Keten__V1__PartKind kind, const char *body, const struct sealer_keys *keys)
{
	Keten__V1__Command *c = &d->command;
	enum err err;

	if (d->n_pieces == STATEMENT_PARTS_MAX)
		return (ERR_TOO_BIG);
	err = sealer_make(a, &k->dev, &d->referral, kind, slice_str(body),
	    keys, &d->pieces[d->n_pieces], &c->parts[c->n_parts]);
	if (err != ERR_OK)
		return (err);
	if (kind == KETEN__V1__PART_KIND__PERSON)
		c->parts[c->n_parts]->contains = person_contains(body);
	d->pieces[d->n_pieces].part = (uint32_t)d->n_pieces;
	d->n_pieces++;
	c->n_parts++;
	return (ERR_OK);
}

/* A note is made also where only the exact code or area has to be told. */
static bool
needs_note(const struct order *o, const struct draft *d)
{
	if (o->want.note != NULL)
		return (true);
	return (o->want.step == KETEN_SUBMIT &&
	    (strcmp(d->header.code, o->want.code) != 0 ||
		strcmp(d->header.area, o->want.area) != 0));
}

static MUST_CHECK enum err
add_body(const struct keten *k, struct arena *a, struct draft *d,
    Keten__V1__PartKind kind, const char *text, const char *code,
    const char *area, const struct sealer_keys *keys)
{
	char *body = NULL;
	enum err err = sealer_body(text, code, area, &body);

	if (err == ERR_OK)
		err = add_part(k, a, d, kind, body, keys);
	keten_wipe(body, body == NULL ? 0 : strlen(body));
	return (err);
}

enum err
scribe_parts(const struct keten *k, struct arena *a, const struct order *o,
    const struct readers *r, struct draft *d)
{
	const struct keten_order *w = &o->want;
	bool is_new = w->step == KETEN_SUBMIT;
	enum err err = ERR_OK;

	d->command.parts = arena_zero(a, STATEMENT_PARTS_MAX,
	    sizeof(*d->command.parts));
	if (d->command.parts == NULL)
		return (ERR_NOMEM);
	if (needs_note(o, d))
		err = add_body(k, a, d, KETEN__V1__PART_KIND__NOTE, w->note,
		    is_new ? w->code : NULL, is_new ? w->area : NULL,
		    &r->note);
	if (err == ERR_OK && is_new && w->person != NULL)
		err = add_part(k, a, d, KETEN__V1__PART_KIND__PERSON,
		    w->person, &r->person);
	if (err == ERR_OK && w->text != NULL)
		err = add_body(k, a, d, KETEN__V1__PART_KIND__TEXT, w->text,
		    NULL, NULL, &r->text);
	return (err);
}
