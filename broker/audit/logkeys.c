/*
 * logkeys -- with which key each checkpoint has to be signed.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/logkeys.h"

/* From the record ${from} on, ${key} signs. */
struct span {
	uint64_t from;
	struct note_key key;
};

struct logkeys {
	const struct root *root;
	struct findings *f;
	size_t n;
	struct span *spans;
	size_t next; /* the change that no published checkpoint covered yet */
};

static bool
is_same(const struct note_key *a, const struct note_key *b)
{
	return (strcmp(a->name, b->name) == 0 && a->type == b->type &&
	    memcmp(a->pub, b->pub, sizeof(a->pub)) == 0);
}

/* Does the document name ${key} as the log's, now or before? */
static bool
names(const Keten__V1__Policy *doc, const struct note_key *key)
{
	struct note_key is;

	for (size_t i = 0; i <= doc->n_former_log_vkey; i++) {
		const char *vkey = i == 0 ? doc->log_vkey
					  : doc->former_log_vkey[i - 1];

		if (vkey[0] != '\0' && note_key_parse(vkey, &is) == ERR_OK &&
		    is_same(&is, key))
			return (true);
	}
	return (false);
}

/* The key that ${doc} names begins, or goes on, at the record ${index}. */
static void
take(struct logkeys *k, const Keten__V1__Policy *doc, uint64_t index)
{
	struct note_key key;

	if (doc->log_vkey[0] == '\0')
		return;
	if (note_key_parse(doc->log_vkey, &key) != ERR_OK ||
	    key.type != NOTE_LOG ||
	    strcmp(key.name, k->root->log.name) != 0) {
		findings_add(k->f, VERDICT_KEY, index,
		    "dit beleid noemt een sleutel die niet van dit logboek is "
		    "(log_vkey)");
		return;
	}
	if (k->n > 0 && is_same(&k->spans[k->n - 1].key, &key))
		return;
	if (k->n > 0 && !names(doc, &k->spans[k->n - 1].key))
		findings_add(k->f, VERDICT_KEY, index,
		    "dit beleid noemt een nieuwe sleutel van het logboek, "
		    "maar de vorige niet");
	k->spans[k->n++] = (struct span){ index, key };
}

/* Does anything lead from the auditor's key to those of the policies? */
static void
check_root(const struct logkeys *k, const struct history *h)
{
	uint64_t index = 0;

	for (size_t i = 0; i < k->n; i++)
		if (is_same(&k->spans[i].key, &k->root->log))
			return;
	for (size_t i = 0; i < history_n_policies(h); i++)
		if (names(policy_doc(history_nth(h, i, &index)),
			&k->root->log))
			return;
	if (k->n > 0)
		findings_add(k->f, VERDICT_KEY, k->spans[0].from,
		    "geen beleid noemt de sleutel van het logboek die u "
		    "opgaf");
}

struct logkeys *
logkeys_new(const struct root *root, const struct history *h,
    struct findings *f)
{
	struct logkeys *k = calloc(1, sizeof(*k));
	uint64_t index;

	if (k == NULL)
		return (NULL);
	k->root = root;
	k->f = f;
	k->next = 1;
	k->spans = calloc(history_n_policies(h) + 1, sizeof(*k->spans));
	if (k->spans == NULL) {
		logkeys_free(k);
		return (NULL);
	}
	for (size_t i = 0; i < history_n_policies(h); i++) {
		const struct policy *p = history_nth(h, i, &index);

		take(k, policy_doc(p), index);
	}
	check_root(k, h);
	return (k);
}

void
logkeys_free(struct logkeys *k)
{
	if (k == NULL)
		return;
	free(k->spans);
	free(k);
}

/* The key of the tree of ${size} records. */
static const struct note_key *
key_at(const struct logkeys *k, uint64_t size)
{
	size_t i = k->n;

	if (k->n == 0)
		return (&k->root->log);
	/* The last one that begins before its last record, or the first. */
	while (i > 1 && k->spans[i - 1].from >= size)
		i--;
	return (&k->spans[i - 1].key);
}

enum err
logkeys_check(const struct logkeys *k, struct slice bytes,
    struct note_checkpoint *c)
{
	struct note note;
	enum err err = note_parse(bytes, &note);

	return (err != ERR_OK ? err
			      : note_check(bytes, key_at(k,
				    note.checkpoint.size), c));
}

enum err
logkeys_published(struct logkeys *k, struct slice bytes,
    struct note_checkpoint *c)
{
	struct note_checkpoint same;
	enum err err = logkeys_check(k, bytes, c);

	if (err != ERR_OK)
		return (err);
	for (; k->next < k->n && k->spans[k->next].from < c->size; k->next++)
		if (note_check(bytes, &k->spans[k->next - 1].key, &same) !=
		    ERR_OK)
			findings_add(k->f, VERDICT_SIGNATURE,
			    k->spans[k->next].from,
			    "het eerste controlepunt over de nieuwe sleutel "
			    "van het logboek (%llu records) is niet ook met "
			    "de vorige getekend",
			    (unsigned long long)c->size);
	return (ERR_OK);
}

size_t
logkeys_changes(const struct logkeys *k)
{
	return (k->n > 1 ? k->n - 1 : 0);
}
