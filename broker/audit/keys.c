/*
 * keys -- every certificate there ever was: whose, from which record until
 * which, and what is suspect.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "audit/commands.h"
#include "audit/findings.h"
#include "audit/history.h"
#include "audit/telling.h"
#include "audit/tree.h"

/* Devices and sealing keys in one shape. */
struct line {
	const char *partner;
	const char *name; /* of the device, or of the sealing key */
	bool is_device;
	bool may_all; /* a device that may say everything */
	uint64_t serial;
	int64_t not_after_ms;
	uint64_t added;
	uint64_t ended;
	uint64_t suspect_from;
};

static void
print_text(const struct line *l)
{
	char when[CAL_TEXT], until[32] = "nu";

	if (l->ended != KEYRING_NEVER)
		(void)snprintf(until, sizeof(until), "record %" PRIu64,
		    l->ended);
	(void)printf("%-20s %-10s %-20s nr %-4" PRIu64
		     " geldig na record %" PRIu64 " tot en met %s",
	    l->partner, l->is_device ? "apparaat" : "verzegelen", l->name,
	    l->serial, l->added, until);
	if (l->is_device && !l->may_all)
		(void)printf("; mag alleen indienen");
	if (l->not_after_ms > 0)
		(void)printf("; verloopt %s",
		    cal_text(l->not_after_ms, when));
	if (l->suspect_from != KEYRING_NEVER)
		(void)printf("; VERDACHT vanaf record %" PRIu64,
		    l->suspect_from);
	(void)printf("\n");
}

static void
set_index(json_t *o, const char *name, uint64_t index)
{
	if (index != KEYRING_NEVER)
		(void)json_object_set_new(o, name,
		    json_integer((json_int_t)index));
}

static void
print_json(const struct line *l)
{
	char when[TELLING_ISO];
	char *text;
	json_t *o = json_pack("{s:s,s:s,s:s,s:I,s:I}", "partner", l->partner,
	    "kind", l->is_device ? "device" : "sealing", "name", l->name,
	    "serial", (json_int_t)l->serial, "added", (json_int_t)l->added);

	set_index(o, "ended", l->ended);
	set_index(o, "suspect_from", l->suspect_from);
	if (l->not_after_ms > 0)
		(void)json_object_set_new(o, "not_after",
		    json_string(telling_iso(l->not_after_ms, when)));
	if (l->is_device)
		(void)json_object_set_new(o, "role",
		    json_string(l->may_all ? "full" : "submit-only"));
	text = json_dumps(o, JSON_COMPACT);
	if (text != NULL)
		(void)printf("%s\n", text);
	free(text);
	json_decref(o);
}

static void
print_all(const struct args *a, const struct keyring *keys)
{
	void (*print)(const struct line *l) = a->json ? print_json
						      : print_text;

	for (size_t i = 0; i < keyring_n_devices(keys); i++) {
		const struct keyring_device *d = keyring_device_nth(keys, i);
		const struct line l = { d->partner.id, d->device, true,
			d->role != KETEN__V1__DEVICE_ROLE__SUBMIT_ONLY,
			d->serial, d->not_after_ms, d->added, d->ended,
			d->suspect_from };

		print(&l);
	}
	for (size_t i = 0; i < keyring_n_seals(keys); i++) {
		const struct keyring_seal *k = keyring_seal_nth(keys, i);
		const struct line l = { k->partner.id, k->key_id, false, false,
			k->serial, k->not_after_ms, k->added, k->ended,
			k->suspect_from };

		print(&l);
	}
}

static void
print_findings(struct findings *f)
{
	for (size_t i = 0; i < findings_kept(f); i++) {
		const struct finding *one = findings_nth(f, i);

		(void)fprintf(stderr, "keten-audit: [%d] ",
		    (int)one->verdict);
		if (one->index != FINDING_NOWHERE)
			(void)fprintf(stderr, "record %" PRIu64 ": ",
			    one->index);
		(void)fprintf(stderr, "%s\n", one->text);
	}
}

int
command_keys(const struct args *a)
{
	struct findings *f = findings_new();
	struct store *st = NULL;
	struct txn *txn = NULL;
	struct tree *tree = NULL;
	struct history *h = NULL;
	int code = (int)VERDICT_USAGE;
	enum err err = f == NULL ? ERR_NOMEM : ERR_OK;

	if (!a->root.has_introducer) {
		(void)fprintf(stderr, "keten-audit: wie sleutels mocht "
				      "toelaten, staat in het beleid; geef de "
				      "sleutel van beheer met --introducer of "
				      "--trust\n");
		err = ERR_CONFIG;
	}
	if (err == ERR_OK)
		err = command_open(a, &st);
	if (err == ERR_OK)
		err = store_read(st, &txn);
	if (err == ERR_OK)
		err = tree_check(txn, store_size(txn), f, &tree);
	if (err == ERR_OK)
		err = history_read(txn, tree, &a->root, f, &h);
	if (err == ERR_OK) {
		print_all(a, history_keys(h));
		print_findings(f);
		code = (int)findings_worst(f);
	}
	history_free(h);
	tree_free(tree);
	store_done(&txn);
	store_close(st);
	findings_free(f);
	return (code);
}
