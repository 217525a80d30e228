/*
 * commands -- what the commands of keten-audit share.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "audit/commands.h"
#include "audit/findings.h"
#include "core/record.h"
#include "core/refind.h"
#include "core/view.h"
#include "policy/policy.h"

#define POLICY_ARENA ((size_t)64 << 20)

enum err
command_open(const struct args *a, struct store **st)
{
	struct store_config c = { .path = a->store, .read_only = true,
		.origin = a->root.origin[0] == '\0' ? NULL : a->root.origin };
	enum err err;

	if (a->store == NULL) {
		(void)fprintf(stderr, "keten-audit: waar staat het logboek? "
				      "Noem de map met --store.\n");
		return (ERR_CONFIG);
	}
	err = store_open(&c, st);
	if (err == ERR_BAD_ORIGIN)
		(void)fprintf(stderr, "keten-audit: %s is een ander logboek "
				      "dan %s\n", a->store, a->root.origin);
	else if (err != ERR_OK)
		(void)fprintf(stderr, "keten-audit: %s: %s%s\n", a->store,
		    err == ERR_NOT_FOUND ? "daar staat geen logboek"
					 : err_text(err),
		    err == ERR_STORE || err == ERR_IO ? ".  Mag u erbij? "
		    "Neem anders een kopie, of doe dit als wie ketend draait"
						      : "");
	return (err);
}

/* What cannot be read is found by verify; here it only leads nowhere. */
static void
follow(struct txn *txn, struct arena *a, struct root *r)
{
	struct policy *p = NULL;
	struct record rec;
	uint64_t index;

	if (view_policy(txn, 0, &index) != ERR_OK ||
	    record_read(txn, index, a, &rec) != ERR_OK ||
	    record_check(&rec) != ERR_OK ||
	    policy_open(rec.envelope, r->introducer, &p) != ERR_OK)
		return;
	(void)root_follow(r, policy_doc(p)); /* or the key has to be that */
	policy_free(p);
}

void
command_follow(const struct args *a, struct txn *txn, struct root *r)
{
	struct arena *arena;

	*r = a->root;
	if (!r->has_log || !r->has_introducer || txn == NULL)
		return;
	arena = arena_new(POLICY_ARENA);
	if (arena != NULL)
		follow(txn, arena, r);
	arena_free(arena);
}

int
command_trouble(enum err err)
{
	(void)fprintf(stderr, "keten-audit: gestopt: %s\n", err_text(err));
	return ((int)VERDICT_USAGE);
}

enum err
command_put(const struct args *a, const char *name, uint64_t number,
    const char *text, size_t len)
{
	json_t *o;
	char *line;

	if (!a->json) {
		(void)fwrite(text, 1, len, stdout);
		return (ERR_OK);
	}
	o = json_pack("{s:I,s:s%}", name, (json_int_t)number, "text", text,
	    len);
	line = o == NULL ? NULL : json_dumps(o, JSON_COMPACT);
	if (line != NULL)
		(void)printf("%s\n", line);
	free(line);
	json_decref(o);
	return (line == NULL ? ERR_NOMEM : ERR_OK);
}

enum err
command_referral(struct txn *txn, const char *text, struct refid *id)
{
	char why[REFIND_WHY] = "";
	enum err err = refind(txn, text, id, why);

	if (err != ERR_OK)
		(void)fprintf(stderr, "keten-audit: %s\n",
		    why[0] != '\0' ? why : err_text(err));
	return (err == ERR_MALFORMED || err == ERR_CONFLICT ? ERR_CONFIG
							   : err);
}

enum err
command_find(struct txn *txn, const char *text, uint64_t *index,
    struct refid *id)
{
	struct view_more more;
	enum err err;

	memset(id, 0, sizeof(*id));
	/* The beginning of an id can be digits alone: then it is long. */
	if (args_number(text, index) && (*index < store_size(txn) ||
		strlen(text) < REFIND_DIGITS)) {
		if (*index < store_size(txn))
			return (ERR_OK);
		(void)fprintf(stderr, "keten-audit: record %" PRIu64
				      " is er niet; er zijn er %" PRIu64
				      ", en het eerste is 0\n",
		    *index, store_size(txn));
		return (ERR_NOT_FOUND);
	}
	if ((err = command_referral(txn, text, id)) != ERR_OK)
		return (err);
	err = view_more(txn, id, &more);
	if (err == ERR_OK)
		*index = more.newest_index;
	else
		(void)fprintf(stderr, "keten-audit: verwijzing %s: %s\n", text,
		    err_text(err));
	return (err);
}
