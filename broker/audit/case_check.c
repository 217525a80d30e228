/*
 * case_check -- believe a case file as far as its bytes and signatures go.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "audit/case.h"
#include "audit/commands.h"
#include "audit/proven.h"
#include "audit/quorum.h"
#include "audit/report.h"
#include "audit/telling.h"
#include "core/keyring.h"
#include "life/apply.h"
#include "life/words.h"
#include "policy/policy.h"
#include "wire/pb.h"

#define ARENA ((size_t)32 << 20)
#define POLICIES_MAX 4096

struct epoch {
	uint64_t index; /* of its POLICY record */
	struct policy *policy;
};

struct checking {
	const struct args *a;
	struct findings *f;
	struct arena *arena;
	struct note_checkpoint point;
	struct quorum quorum;
	struct refid id;
	struct keyring *keys;
	size_t n_policies;
	struct epoch *policies;
	struct referral r;
	bool has_begun;
	bool is_lost;
	bool has_last;
	uint64_t last; /* index of the item before, in its list */
	size_t n_keys;
	size_t n_records;
	size_t n_signatures;
	size_t n_gone;
};

/* --- one item, whatever it is -------------------------------------------------------- */

/* Is it in the tree, and is it what the leaf commits to? */
static bool
is_bound(struct checking *c, const struct proven *p)
{
	const struct record *rec = &p->rec;

	if (tlog_check_inclusion(rec->index, c->point.size, rec->leaf_hash,
		(const uint8_t(*)[32])p->path, p->n_path, c->point.root) !=
	    ERR_OK) {
		findings_add(c->f, VERDICT_HASH, rec->index,
		    "het pad leidt niet naar de wortel van het controlepunt");
		return (false);
	}
	if (!p->is_gone && record_check(rec) != ERR_OK) {
		findings_add(c->f, VERDICT_HASH, rec->index,
		    "het record is niet wat het blad heeft vastgelegd");
		return (false);
	}
	return (true);
}

/* Does it say in words what it says in bytes? */
static void
check_words(struct checking *c, json_t *o, const struct proven *p)
{
	json_t *is = proven_tells(p, c->arena);

	if (is == NULL || !json_equal(is, json_object_get(o, "tells")))
		findings_add(c->f, VERDICT_HASH, p->rec.index,
		    "wat er in woorden bij staat, zeggen de bytes niet");
	json_decref(is);
}

static void
check_order(struct checking *c, uint64_t index)
{
	if (c->has_last && index <= c->last)
		findings_add(c->f, VERDICT_MALFORMED, index,
		    "de records staan niet op volgorde");
	c->has_last = true;
	c->last = index;
}

/* Read and check one item; false: nothing more can be said of it. */
static MUST_CHECK enum err
take_item(struct checking *c, json_t *o, struct proven *p, struct telling *t,
    bool *good)
{
	enum err err;

	*good = false;
	arena_reset(c->arena);
	err = proven_parse(o, c->arena, p);
	if (err == ERR_MALFORMED)
		findings_add(c->f, VERDICT_MALFORMED, FINDING_NOWHERE,
		    "een record in het dossier is niet te lezen");
	if (err != ERR_OK)
		return (err == ERR_MALFORMED ? ERR_OK : err);
	check_order(c, p->rec.index);
	if (!is_bound(c, p))
		return (ERR_OK);
	check_words(c, o, p);
	if (p->is_gone) {
		c->n_gone++;
		return (ERR_OK);
	}
	err = telling_of(&p->rec, c->arena, t);
	if (err == ERR_CORRUPT || (err == ERR_OK &&
		(t->facts->index != p->rec.index ||
		    t->facts->time_ms != p->rec.leaf.time_ms ||
		    (int)t->facts->kind != (int)p->rec.leaf.kind))) {
		findings_add(c->f, VERDICT_MALFORMED, p->rec.index,
		    "de feiten zijn niet te lezen of horen bij een ander "
		    "blad");
		return (ERR_OK);
	}
	*good = err == ERR_OK;
	return (err);
}

/* --- policies and certificates --------------------------------------------------------- */

static const struct policy *
policy_at(const struct checking *c, uint64_t index)
{
	const struct policy *p = NULL;

	for (size_t i = 0; i < c->n_policies; i++)
		if (c->policies[i].index < index)
			p = c->policies[i].policy;
	return (p);
}

/* The policy that record ${t} says was in force must be here. */
static void
check_policy(struct checking *c, const struct telling *t)
{
	const struct policy *p = policy_at(c, t->index);

	if (t->facts->policy_index == (p == NULL ? 0 : policy_index(p)))
		return;
	findings_add(c->f, VERDICT_MISSING, t->index,
	    "beleid %" PRIu64 ", dat van kracht was, zit niet in het dossier",
	    t->facts->policy_index);
}

static MUST_CHECK enum err
take_policy(struct checking *c, json_t *o)
{
	struct policy *policy = NULL;
	struct proven p;
	struct telling t;
	bool good;
	enum err err = take_item(c, o, &p, &t, &good);

	if (err != ERR_OK || !good)
		return (err);
	if (t.kind != LEAF_POLICY || c->n_policies == POLICIES_MAX) {
		findings_add(c->f, VERDICT_MALFORMED, t.index,
		    "dit is geen beleidsdocument");
		return (ERR_OK);
	}
	err = policy_open(p.rec.envelope, c->a->root.introducer, &policy);
	if (err == ERR_NOMEM)
		return (err);
	if (err != ERR_OK || strcmp(policy_origin(policy),
		c->point.origin) != 0) {
		findings_add(c->f, VERDICT_SIGNATURE, t.index,
		    "dit beleid is niet getekend met de sleutel van beheer "
		    "die u opgaf, of is voor een ander logboek");
		policy_free(policy);
		return (ERR_OK);
	}
	c->policies[c->n_policies++] = (struct epoch){ t.index, policy };
	return (ERR_OK);
}

/* Is the certificate signed by who may: the partner's identity key, or, to
 * revoke, the introducer? */
static bool
is_authorised(struct checking *c, const struct telling *t)
{
	const struct policy *p = policy_at(c, t->index);
	struct org who = org_of(t->ks->partner);
	const uint8_t *identity = p == NULL ? NULL
	    : policy_identity_key(p, &who);

	if (identity != NULL && envelope_check(&t->env, identity) == ERR_OK)
		return (true);
	return (t->ks->body_case == KETEN__V1__KEY_STATEMENT__BODY_REVOKE &&
	    envelope_check(&t->env, c->a->root.introducer) == ERR_OK);
}

static MUST_CHECK enum err
take_key(struct checking *c, json_t *o)
{
	struct proven p;
	struct telling t;
	const char *rule = "";
	bool good;
	enum err err = take_item(c, o, &p, &t, &good);

	if (err != ERR_OK || !good)
		return (err);
	if (t.ks == NULL) {
		findings_add(c->f, VERDICT_MALFORMED, t.index,
		    "dit is geen certificaat");
		return (ERR_OK);
	}
	check_policy(c, &t);
	if (strcmp(t.ks->origin, c->point.origin) != 0 ||
	    !is_authorised(c, &t)) {
		findings_add(c->f, VERDICT_KEY, t.index,
		    "het certificaat van %.31s is niet getekend met zijn "
		    "identiteitssleutel uit het beleid", t.ks->partner);
		return (ERR_OK);
	}
	if (keyring_check(c->keys, t.ks, &rule) != ERR_OK) {
		findings_add(c->f, VERDICT_KEY, t.index,
		    "dit certificaat had niet toegelaten mogen worden: %s",
		    rule);
		return (ERR_OK);
	}
	c->n_keys++;
	return (keyring_add(c->keys, t.index, p.rec.envelope, c->arena));
}

/* --- the chain -------------------------------------------------------------------------- */

static void
check_signer(struct checking *c, const struct telling *t)
{
	const struct keyring_device *d =
	    keyring_by_sign(c->keys, t->env.key_id, t->index);

	if (d == NULL || strcmp(d->partner.id, t->partner) != 0 ||
	    strcmp(d->device, t->device) != 0) {
		findings_add(c->f, VERDICT_KEY, t->index,
		    "getekend met een sleutel die in dit dossier niet die van "
		    "%.31s/%.31s was", t->partner, t->device);
		return;
	}
	if (envelope_check(&t->env, d->sign_key) != ERR_OK) {
		findings_add(c->f, VERDICT_SIGNATURE, t->index,
		    "de handtekening van %.31s/%.31s klopt niet", t->partner,
		    t->device);
		return;
	}
	c->n_signatures++;
	if (d->suspect_from != KEYRING_NEVER && t->index >= d->suspect_from)
		findings_note(c->f, t->index,
		    "getekend met de sleutel van %s/%s, die verdacht is vanaf "
		    "record %" PRIu64 ": het telt, maar kijk ernaar",
		    t->partner, t->device, d->suspect_from);
}

/* Only the broker's own clock says things that nobody signed. */
static void
check_signed(struct checking *c, const struct telling *t)
{
	bool needs = t->kind != LEAF_CLOCK && t->kind != LEAF_TICK &&
	    t->kind != LEAF_ACCESS && t->kind != LEAF_ERASE;
	const char *origin = t->st != NULL ? t->st->origin
	    : t->ack != NULL		   ? t->ack->origin
					   : NULL;

	if (!needs && !t->has_envelope)
		return;
	if (origin == NULL) {
		if (t->kind != LEAF_POLICY && t->kind != LEAF_KEY)
			findings_add(c->f, VERDICT_SIGNATURE, t->index,
			    "niemand heeft dit record ondertekend");
		return;
	}
	if (strcmp(origin, c->point.origin) != 0)
		findings_add(c->f, VERDICT_SIGNATURE, t->index,
		    "getekend voor een ander logboek");
	check_signer(c, t);
}

/* Follow the referral: its versions must join. */
static void
follow(struct checking *c, const struct telling *t)
{
	const Keten__V1__Change *change = telling_change(t, &c->id);
	const Keten__V1__RouteChange *names = NULL;
	struct refid is;
	enum err err = ERR_OK;

	for (size_t i = 0; t->route != NULL && i < t->route->n_changes; i++)
		if (pb_refid(t->route->changes[i]->referral, &is) == ERR_OK &&
		    refid_eq(&is, &c->id))
			names = t->route->changes[i];
	if (change == NULL || c->is_lost)
		return;
	if (!c->has_begun)
		err = t->facts->header == NULL ? ERR_CORRUPT
		    : apply_header(&c->r, &c->id, t->facts->header, t->route);
	if (err == ERR_OK)
		err = apply_change(&c->r, change, names);
	c->has_begun = true;
	if (err == ERR_OK)
		return;
	c->is_lost = true;
	findings_add(c->f, VERDICT_GAP, t->index,
	    "deze stap sluit niet aan op de vorige in dit dossier");
}

static void
print_step(const struct checking *c, const struct telling *t)
{
	char when[CAL_TEXT], made[CAL_TEXT];

	(void)printf("%8" PRIu64 "  %s  %s\n", t->index,
	    cal_text(t->time_ms, when), t->what);
	(void)printf("%10s%-20s  door %s%s%s%s%s%s%s\n", "",
	    t->made_ms > 0 ? cal_text(t->made_ms, made) : "",
	    t->partner[0] == '\0' ? "de klok" : t->partner,
	    t->device[0] == '\0' ? "" : "/", t->device,
	    t->actor[0] == '\0' ? "" : " (", t->actor,
	    t->actor[0] == '\0' ? "" : ")", "");
	if (telling_change(t, &c->id) != NULL && !c->is_lost)
		(void)printf("%10s%-20s  %s; houder %s\n", "", "",
		    words_state_nl(c->r.state), c->r.h.id);
}

static MUST_CHECK enum err
take_record(struct checking *c, json_t *o)
{
	struct proven p;
	struct telling t;
	bool good;
	enum err err = take_item(c, o, &p, &t, &good);

	if (err != ERR_OK)
		return (err);
	c->n_records++;
	if (!good) {
		c->is_lost = true;
		return (ERR_OK);
	}
	if (!refid_eq(&t.referral, &c->id) &&
	    telling_change(&t, &c->id) == NULL)
		findings_add(c->f, VERDICT_MALFORMED, t.index,
		    "dit record gaat niet over deze verwijzing");
	check_policy(c, &t);
	check_signed(c, &t);
	follow(c, &t);
	if (!c->a->json)
		print_step(c, &t);
	return (ERR_OK);
}

/* --- the file ------------------------------------------------------------------------------ */

static MUST_CHECK enum err
each(struct checking *c, json_t *list,
    enum err (*take)(struct checking *c, json_t *o))
{
	enum err err = ERR_OK;
	json_t *o;
	size_t i;

	c->has_last = false;
	if (!json_is_array(list))
		findings_add(c->f, VERDICT_MALFORMED, FINDING_NOWHERE,
		    "er ontbreekt een lijst in het dossier");
	json_array_foreach(list, i, o)
		if (err == ERR_OK)
			err = take(c, o);
	return (err);
}

/* The checkpoint that everything hangs on; false: nothing can be said. */
static bool
take_point(struct checking *c, json_t *o)
{
	json_t *note = json_object_get(o, "checkpoint");
	const char *id = json_string_value(json_object_get(o, "referral"));
	const char *format = json_string_value(json_object_get(o, "format"));
	enum err err;

	if (format == NULL || strcmp(format, CASE_FORMAT) != 0 ||
	    !json_is_string(note) || id == NULL ||
	    !refid_parse(id, &c->id)) {
		findings_add(c->f, VERDICT_MALFORMED, FINDING_NOWHERE,
		    "dit is geen dossier (" CASE_FORMAT ")");
		return (false);
	}
	err = root_note_check(&c->a->root, slice_of(json_string_value(note),
	    json_string_length(note)), &c->point);
	if (err != ERR_OK) {
		findings_add(c->f, err == ERR_MALFORMED ? VERDICT_MALFORMED
							: VERDICT_SIGNATURE,
		    FINDING_NOWHERE, "het controlepunt: %s", err_text(err));
		return (false);
	}
	quorum_add(&c->quorum, quorum_mask(&c->quorum,
	    slice_of(json_string_value(note), json_string_length(note))),
	    c->point.size);
	return (true);
}

static MUST_CHECK enum err
check(struct checking *c, json_t *o)
{
	enum err err;

	if (!take_point(c, o))
		return (ERR_OK);
	if (!c->a->json)
		(void)printf("Verwijzing %s\n\n  record  tijd van de makelaar; "
			     "daaronder die van de afzender\n",
		    json_string_value(json_object_get(o, "referral")));
	err = each(c, json_object_get(o, "policies"), take_policy);
	if (err == ERR_OK)
		err = each(c, json_object_get(o, "keys"), take_key);
	if (err == ERR_OK)
		err = each(c, json_object_get(o, "records"), take_record);
	if (err == ERR_OK && !c->has_begun && c->n_gone == 0)
		findings_add(c->f, VERDICT_MISSING, FINDING_NOWHERE,
		    "het begin van de verwijzing zit niet in het dossier");
	if (!c->a->json)
		(void)printf("\n");
	return (err);
}

/* --- telling --------------------------------------------------------------------------------- */

static int
tell(struct checking *c)
{
	struct report r = { .command = "case", .origin = c->point.origin,
		.path = c->a->check, .size = c->point.size,
		.root = c->point.size > 0 ? c->point.root : NULL,
		.trust = &c->a->root, .f = c->f };

	report_done(&r, "records", c->n_records,
	    "records van deze verwijzing, elk met zijn pad");
	report_done(&r, "signatures", c->n_signatures,
	    "handtekeningen met een sleutel die toen geldig was");
	report_done(&r, "keys", c->n_keys, "certificaten");
	report_done(&r, "policies", c->n_policies, "beleidsdocumenten");
	report_not(&r, "of er nog andere stappen zijn: daarvoor is het hele "
		       "logboek nodig (replay)");
	report_not(&r, "of een certificaat eerder is ingetrokken dan hier "
		       "staat: ook dat zegt alleen het hele logboek");
	report_not(&r, "of de beslissingen volgen uit de regels: dat doet "
		       "replay");
	report_not(&r, "wat er in de verzegelde delen staat");
	return (report_print(&r, quorum_verdict(&c->a->root,
	    quorum_size(&c->quorum), c->n_gone > 0,
	    findings_worst(c->f)), c->a->json));
}

static void
end(struct checking *c)
{
	for (size_t i = 0; i < c->n_policies; i++)
		policy_free(c->policies[i].policy);
	free(c->policies);
	keyring_free(c->keys);
	arena_free(c->arena);
	findings_free(c->f);
	free(c);
}

static MUST_CHECK enum err
begin(struct checking *c, const struct args *a)
{
	c->a = a;
	c->f = findings_new();
	c->arena = arena_new(ARENA);
	c->keys = keyring_new();
	c->policies = calloc(POLICIES_MAX, sizeof(*c->policies));
	if (c->f == NULL || c->arena == NULL || c->keys == NULL ||
	    c->policies == NULL)
		return (ERR_NOMEM);
	quorum_init(&c->quorum, &a->root);
	return (ERR_OK);
}

int
case_check(const struct args *a)
{
	struct checking *c;
	json_error_t why;
	json_t *o;
	int code;
	enum err err;

	if (!a->root.has_log || !a->root.has_introducer) {
		(void)fprintf(stderr, "keten-audit: een dossier nakijken gaat "
				      "met --vkey en --introducer, of "
				      "--trust\n");
		return ((int)VERDICT_USAGE);
	}
	o = json_load_file(a->check, JSON_REJECT_DUPLICATES, &why);
	if (o == NULL) {
		(void)fprintf(stderr, "keten-audit: %s: %s (regel %d)\n",
		    a->check, why.text, why.line);
		return (why.line < 1 ? (int)VERDICT_USAGE
				     : (int)VERDICT_MALFORMED);
	}
	c = calloc(1, sizeof(*c));
	if (c == NULL) {
		json_decref(o);
		return (command_trouble(ERR_NOMEM));
	}
	err = begin(c, a);
	if (err == ERR_OK)
		err = check(c, o);
	code = err == ERR_OK ? tell(c) : command_trouble(err);
	end(c);
	json_decref(o);
	return (code);
}
