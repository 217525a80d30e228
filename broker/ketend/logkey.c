/*
 * logkey -- the keys that sign checkpoints, beside those that the policy names.
 */
#include <string.h>

#include "ketend/logkey.h"
#include "trust/note.h"

/**
 * logkey_init(k, origin, first, second):
 * What the log signs with.
 */
void
logkey_init(struct logkey *k, const char *origin, const struct signer *first,
    const struct signer *second)
{
	k->origin = origin;
	k->n = second == NULL ? 1 : 2;
	memcpy(k->pub[0], sign_public(first), 32);
	if (second != NULL)
		memcpy(k->pub[1], sign_public(second), 32);
}

static bool
holds(const struct logkey *k, const char *vkey)
{
	struct note_key key;

	if (note_key_parse(vkey, &key) != ERR_OK || key.type != NOTE_LOG ||
	    strcmp(key.name, k->origin) != 0)
		return (false);
	for (size_t i = 0; i < k->n; i++)
		if (memcmp(key.pub, k->pub[i], 32) == 0)
			return (true);
	return (false);
}

static bool
names_former(const Keten__V1__Policy *doc, const char *vkey)
{
	for (size_t i = 0; i < doc->n_former_log_vkey; i++)
		if (strcmp(doc->former_log_vkey[i], vkey) == 0)
			return (true);
	return (false);
}

/* Another key than before: the old one has to vouch for it. */
static const char *
check_change(const struct logkey *k, const char *old,
    const Keten__V1__Policy *next)
{
	if (next->log_vkey[0] == '\0')
		return ("het vorige beleid noemde de sleutel van het logboek, "
			"dit noemt er geen (log_vkey)");
	if (!names_former(next, old))
		return ("het beleid noemt een nieuwe sleutel van het logboek "
			"maar de vorige niet (former_log_vkey)");
	if (!holds(k, old))
		return ("de vorige sleutel van het logboek is er niet: zonder "
			"haar handtekening kan niemand de nieuwe volgen "
			"(keys.log en keys.other_log)");
	return (NULL);
}

/**
 * logkey_check(k, old, next, why):
 * May ${next} come into force after ${old}?
 */
enum err
logkey_check(const struct logkey *k, const Keten__V1__Policy *old,
    const Keten__V1__Policy *next, const char **why)
{
	const char *no = NULL;

	if (next->log_vkey[0] != '\0' && !holds(k, next->log_vkey))
		no = "de sleutel die het beleid noemt (log_vkey) is er niet: "
		     "niet in keys.log en niet in keys.other_log";
	else if (old != NULL && old->log_vkey[0] != '\0' &&
	    strcmp(old->log_vkey, next->log_vkey) != 0)
		no = check_change(k, old->log_vkey, next);
	if (no == NULL)
		return (ERR_OK);
	*why = no;
	return (ERR_CONFIG);
}
