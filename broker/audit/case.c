/*
 * case -- one file that proves the chain of one referral to somebody who has
 * neither the log nor a network: every record of it, the certificates of who
 * signed them, the policy that was in force, and the paths to one checkpoint.
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
#include "audit/recordjson.h"
#include "audit/telling.h"
#include "base/file.h"
#include "base/noun.h"
#include "core/checkpoint.h"
#include "core/view.h"
#include "wire/envelope.h"
#include "wire/statement.h"

#define ARENA ((size_t)32 << 20)
#define PAGE 64
#define NAMES_MAX 256

/* What a reader must know before believing more than the file can say. */
static const char *const says[] = {
	"Dit dossier bewijst de stappen die erin staan: wie ze tekende, wat er "
	"beslist is en waar ze in het logboek staan.",
	"Dat er geen andere stappen zijn, bewijst het niet: daarvoor is het "
	"hele logboek nodig (keten-audit replay).",
	"Dat een certificaat niet eerder is ingetrokken, bewijst het evenmin: "
	"ook daarvoor is het hele logboek nodig (keten-audit verify).",
	"Elk record heeft twee klokken: time is die van de makelaar, "
	"sender_time die van de afzender.",
};

struct making {
	const struct args *a;
	struct txn *txn;
	struct arena *arena;
	struct root trust;
	struct checkpoint point;
	struct refid id;
	json_t *records;
	json_t *keys;
	json_t *policies;
	size_t n_names;
	struct org names[NAMES_MAX]; /* who signed something here */
	size_t n_policies;
	uint64_t *policy; /* indexes of the documents that are needed */
	enum verdict worst;
};

/* --- what is needed ----------------------------------------------------------- */

static MUST_CHECK enum err
need_partner(struct making *m, const char *partner)
{
	struct org who = org_of(partner);

	if (org_is_none(&who))
		return (ERR_OK);
	for (size_t i = 0; i < m->n_names; i++)
		if (org_eq(&m->names[i], &who))
			return (ERR_OK);
	if (m->n_names == NAMES_MAX)
		return (ERR_FULL);
	m->names[m->n_names++] = who;
	return (ERR_OK);
}

static MUST_CHECK enum err
need_policy(struct making *m, uint64_t index)
{
	uint64_t *more;

	if (index == 0)
		return (ERR_OK);
	for (size_t i = 0; i < m->n_policies; i++)
		if (m->policy[i] == index)
			return (ERR_OK);
	more = realloc(m->policy, (m->n_policies + 1) * sizeof(*more));
	if (more == NULL)
		return (ERR_NOMEM);
	m->policy = more;
	m->policy[m->n_policies++] = index;
	return (ERR_OK);
}

/* --- the records ------------------------------------------------------------------ */

/* Add record ${index} to ${list}, and note what it needs to be believed. */
static MUST_CHECK enum err
add(struct making *m, json_t *list, uint64_t index)
{
	struct proven p;
	struct telling t;
	enum err err = ERR_NOT_FOUND;

	arena_reset(m->arena);
	if (index < m->point.size)
		err = proven_read(m->txn, index, m->point.size, m->arena, &p);
	if (err == ERR_OK && !p.is_gone) {
		err = telling_of(&p.rec, m->arena, &t);
		if (err == ERR_OK && (t.st != NULL || t.ack != NULL))
			err = need_partner(m, t.partner);
		if (err == ERR_OK)
			err = need_policy(m, t.facts->policy_index);
	}
	if (err != ERR_OK) {
		(void)fprintf(stderr, "keten-audit: record %" PRIu64 ": %s\n",
		    index, index >= m->point.size
		    ? "nog niet gedekt door een gepubliceerd controlepunt"
		    : verdict_text(recordjson_verdict(err)));
		return (err);
	}
	if (p.is_gone)
		m->worst = verdict_worse(m->worst, VERDICT_ERASURES);
	(void)json_array_append_new(list, proven_json(&p, m->arena));
	return (ERR_OK);
}

static MUST_CHECK enum err
add_trail(struct making *m)
{
	struct view_trail page[PAGE];
	uint64_t from = 0;
	size_t n;
	enum err err;

	do {
		err = view_trail(m->txn, &m->id, from, page, PAGE, &n);
		for (size_t i = 0; i < n && err == ERR_OK; i++) {
			err = add(m, m->records, page[i].index);
			from = page[i].index + 1;
		}
	} while (err == ERR_OK && n == PAGE);
	return (err);
}

/* Is this certificate of somebody who signed something here? */
static bool
is_needed(struct making *m, struct slice envelope)
{
	Keten__V1__KeyStatement *ks;
	struct envelope env;

	arena_reset(m->arena);
	if (envelope_parse(m->arena, envelope, &env, NULL) != ERR_OK ||
	    statement_parse_key(m->arena, env.body, &ks, NULL) != ERR_OK)
		return (false);
	for (size_t i = 0; i < m->n_names; i++)
		if (strcmp(m->names[i].id, ks->partner) == 0)
			return (true);
	return (false);
}

static MUST_CHECK enum err
add_keys(struct making *m)
{
	struct slice envelope;
	uint64_t index = 0;
	enum err err;

	while ((err = view_key(m->txn, index, &index, &envelope)) == ERR_OK &&
	    index < m->point.size) {
		if (is_needed(m, envelope))
			err = add(m, m->keys, index);
		if (err != ERR_OK)
			return (err);
		index++;
	}
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static int
compare(const void *a, const void *b)
{
	uint64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x < y ? -1 : x > y);
}

static MUST_CHECK enum err
add_policies(struct making *m)
{
	enum err err = ERR_OK;

	if (m->n_policies > 0)
		qsort(m->policy, m->n_policies, sizeof(*m->policy), compare);
	for (size_t i = 0; i < m->n_policies && err == ERR_OK; i++) {
		uint64_t index;

		err = view_policy(m->txn, m->policy[i], &index);
		if (err == ERR_OK)
			err = add(m, m->policies, index);
	}
	return (err);
}

/* --- the file ------------------------------------------------------------------------- */

static json_t *
whole(struct making *m)
{
	char id[REFID_TEXT];
	json_t *o = json_pack("{s:s,s:s,s:s}", "format", CASE_FORMAT,
	    "origin", store_origin(store_of(m->txn)), "referral",
	    refid_text(&m->id, id));
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++)
		(void)json_array_append_new(list, json_string(says[i]));
	(void)json_object_set_new(o, "says", list);
	(void)json_object_set_new(o, "checkpoint",
	    json_stringn(m->point.note, m->point.len));
	(void)json_object_set(o, "policies", m->policies);
	(void)json_object_set(o, "keys", m->keys);
	(void)json_object_set(o, "records", m->records);
	return (o);
}

static MUST_CHECK enum err
write_down(struct making *m)
{
	json_t *o = whole(m);
	char *text = json_dumps(o, JSON_INDENT(1));
	enum err err = text == NULL ? ERR_NOMEM : ERR_OK;

	if (err == ERR_OK && m->a->out == NULL) {
		(void)printf("%s\n", text);
	} else if (err == ERR_OK) {
		err = file_write(m->a->out, text, strlen(text), 0600);
		if (err != ERR_OK)
			(void)fprintf(stderr, "keten-audit: %s is niet te "
					      "schrijven\n", m->a->out);
		else
			(void)fprintf(stderr, "%zu %s, %zu %s en %zu %s in %s\n",
			    json_array_size(m->records),
			    noun_for(json_array_size(m->records), "record",
				"records"), json_array_size(m->keys),
			    noun_for(json_array_size(m->keys), "certificaat",
				"certificaten"), json_array_size(m->policies),
			    noun_for(json_array_size(m->policies),
				"beleidsdocument", "beleidsdocumenten"),
			    m->a->out);
	}
	free(text);
	json_decref(o);
	return (err);
}

/* The last record of the chain. */
static MUST_CHECK enum err
last_of_trail(struct making *m, uint64_t *last)
{
	struct view_trail page[PAGE];
	uint64_t from = 0;
	size_t n;
	enum err err;

	*last = 0;
	do {
		err = view_trail(m->txn, &m->id, from, page, PAGE, &n);
		if (err == ERR_OK && n > 0) {
			*last = page[n - 1].index;
			from = *last + 1;
		}
	} while (err == ERR_OK && n == PAGE);
	return (err);
}

/* Rather a checkpoint that the witnesses know, if it holds the whole chain. */
static MUST_CHECK enum err
choose_point(struct making *m)
{
	uint64_t last;
	enum err err = last_of_trail(m, &last);

	command_follow(m->a, m->txn, &m->trust);
	if (err == ERR_OK)
		err = quorum_point(&m->trust, m->txn, last, &m->point);
	if (err == ERR_OK && m->trust.n_witnesses > 0 &&
	    !quorum_has_signed(&m->trust, slice_of(m->point.note,
		m->point.len)))
		(void)fprintf(stderr, "keten-audit: het nieuwste is nog niet "
		    "door genoeg getuigen gezien: maak het dossier straks "
		    "opnieuw, dan tekenen zij mee\n");
	return (err);
}

static MUST_CHECK enum err
make(struct making *m)
{
	uint64_t index;
	enum err err = command_find(m->txn, m->a->targets[0], &index, &m->id);

	if (err == ERR_OK && refid_is_none(&m->id)) {
		(void)fprintf(stderr, "keten-audit: een dossier gaat over een "
				      "verwijzing\n");
		return (ERR_CONFIG);
	}
	if (err != ERR_OK)
		return (err);
	err = checkpoint_newest(m->txn, &m->point);
	if (err != ERR_OK)
		(void)fprintf(stderr, "keten-audit: er is nog geen "
				      "controlepunt gepubliceerd\n");
	if (err == ERR_OK)
		err = choose_point(m);
	if (err == ERR_OK)
		err = add_trail(m);
	if (err == ERR_OK)
		err = add_keys(m);
	if (err == ERR_OK)
		err = add_policies(m);
	return (err == ERR_OK ? write_down(m) : err);
}

static int
make_case(const struct args *a)
{
	struct making *m = calloc(1, sizeof(*m));
	struct store *st = NULL;
	enum err err = ERR_NOMEM;
	int code;

	if (m == NULL)
		return (command_trouble(ERR_NOMEM));
	m->a = a;
	m->records = json_array();
	m->keys = json_array();
	m->policies = json_array();
	m->arena = arena_new(ARENA);
	if (m->arena != NULL)
		err = command_open(a, &st);
	if (err == ERR_OK)
		err = store_read(st, &m->txn);
	if (err == ERR_OK)
		err = make(m);
	code = err == ERR_OK ? (int)m->worst
	    : err == ERR_DIGEST || err == ERR_CORRUPT ? (int)VERDICT_HASH
						      : (int)VERDICT_USAGE;
	store_done(&m->txn);
	store_close(st);
	json_decref(m->records);
	json_decref(m->keys);
	json_decref(m->policies);
	arena_free(m->arena);
	free(m->policy);
	free(m);
	return (code);
}

int
command_case(const struct args *a)
{
	if (a->check != NULL)
		return (case_check(a));
	if (a->n_targets == 1)
		return (make_case(a));
	(void)fprintf(stderr, "keten-audit: noem een verwijzing, of een "
			      "dossier met --check\n");
	return ((int)VERDICT_USAGE);
}
