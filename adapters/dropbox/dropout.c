#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "dropbox/answer.h"
#include "dropbox/dropout.h"
#include "map/json.h"
#include "map/read.h"

/* --- claiming ------------------------------------------------------------ */

static enum err
add_work(struct dropout *out, const char *name)
{
	struct work *more = reallocarray(out->work, out->n_work + 1,
	    sizeof(*more));

	if (more == NULL)
		return (ERR_NOMEM);
	out->work = more;
	memset(&more[out->n_work], 0, sizeof(*more));
	more[out->n_work].name = strdup(name);
	more[out->n_work].tried = UINT64_MAX;
	if (more[out->n_work].name == NULL)
		return (ERR_NOMEM);
	out->n_work++;
	return (ERR_OK);
}

/* Claimed names begin with the time, so their order is that of arrival. */
static int
by_name(const void *a, const void *b)
{
	return (strcmp(((const struct work *)a)->name,
	    ((const struct work *)b)->name));
}

enum err
dropout_open(struct dropout *out)
{
	char **names = NULL;
	size_t n = 0;
	enum err err = folder_list(out->l->f, PLACE_OUT_BUSY, &names, &n);

	out->work = NULL;
	out->n_work = 0;
	out->decided = out->taken = out->refused = 0;
	for (size_t i = 0; err == ERR_OK && i < n; i++)
		if (work_original(names[i])[0] != '\0')
			err = add_work(out, names[i]);
	folder_names_free(names, n);
	if (out->n_work > 1)
		qsort(out->work, out->n_work, sizeof(*out->work), by_name);
	if (err != ERR_OK)
		dropout_close(out);
	return (err);
}

/* Rule B, 1.  Not too many at once: each is read whole. */
#define HANDS 200

static enum err
claim(struct dropout *out, int64_t now_ms)
{
	const struct folder *f = out->l->f;
	char name[WORK_NAME_MAX];
	char **names = NULL;
	size_t n = 0;
	enum err err = folder_list(f, PLACE_OUT_NEW, &names, &n);

	for (size_t i = 0; err == ERR_OK && i < n && out->n_work < HANDS;
	     i++) {
		/* One more each, so that they sort as they came. */
		err = work_name(now_ms * 1000 + (int64_t)i, names[i], name);
		if (err == ERR_OK)
			err = folder_move(f, PLACE_OUT_NEW, names[i],
			    PLACE_OUT_BUSY, name);
		if (err == ERR_NOT_FOUND) {
			err = ERR_OK;
			continue;
		}
		if (err == ERR_OK)
			err = add_work(out, name);
	}
	folder_names_free(names, n);
	return (err);
}

/* --- reading ------------------------------------------------------------- */

static bool
world_known(void *cookie, const char *key, char referral[KETEN_ID_TEXT])
{
	const struct dropout *out = cookie;

	return (ledger_known(out->l, key, referral));
}

static bool
world_show(void *cookie, const char *referral, struct keten_referral *r)
{
	const struct dropout *out = cookie;

	return (keten_show(out->k, referral, r) == 0);
}

static unsigned
world_may_contain(void *cookie, const struct map_order *o)
{
	const struct dropout *out = cookie;
	struct map_hold hold;
	struct keten_order ko;
	unsigned may = 0;

	if (map_to_keten(o, NULL, &hold, &ko) == ERR_OK)
		may = keten_may_contain(out->k, &ko);
	map_hold_fini(&hold);
	return (may);
}

/* The name in done/ or failed/: the original one, if it is still free. */
static const char *
destination(const struct dropout *out, const struct work *w, enum place place)
{
	const char *name = work_original(w->name);

	return (folder_has(out->l->f, place, name) ? w->name : name);
}

static enum err
put_away(struct dropout *out, struct work *w, enum place place,
    const char *name)
{
	enum err err = folder_move(out->l->f, PLACE_OUT_BUSY, w->name, place,
	    name);

	/* Taken away under our hands: then there is nothing to move. */
	if (err == ERR_NOT_FOUND)
		err = ERR_OK;
	if (err == ERR_OK)
		err = ledger_plan_done(out->l, w->name);
	if (err != ERR_OK)
		return (err);
	out->decided++;
	if (place == PLACE_DONE) {
		out->taken++;
		say(SAY_FILE_TAKEN, NULL, "een bestand is verwerkt; %llu "
		    "tot nu toe", (unsigned long long)out->taken);
	} else {
		out->refused++;
		say(SAY_FILE_REFUSED, NULL, "een bestand is geweigerd; de "
		    "reden staat in failed/");
	}
	return (ERR_OK);
}

/* Rule B, 2: a mistake anywhere, and nothing of it is sent. */
static enum err
refuse(struct dropout *out, struct work *w, const char *why, bool abuse)
{
	const char *name = destination(out, w, PLACE_FAILED);
	enum err err = answer_refuse(out->l->f, name, why, abuse);

	if (err == ERR_OK)
		err = put_away(out, w, PLACE_FAILED, name);
	if (err == ERR_OK)
		work_fini(w);
	return (err);
}

/* Does an earlier file that is not decided speak about the same? */
static bool
must_wait(const struct dropout *out, size_t i)
{
	const struct map_list *list = &out->work[i].list;

	for (size_t j = 0; j < i; j++)
		for (size_t k = 0; k < list->n; k++)
			if (work_clash(&out->work[j], SIZE_MAX,
			    &list->items[k]))
				return (true);
	return (false);
}

/* Rule B, 3. */
static enum err
plan(struct dropout *out, size_t i, struct map_list *list)
{
	struct work *w = &out->work[i];
	enum err err = work_plan(w, list);

	if (err != ERR_OK || must_wait(out, i))
		return (err);
	err = ledger_plan(out->l, w->name, &w->list);
	w->planned = err == ERR_OK;
	return (err);
}

static enum err
read_file(struct dropout *out, size_t i, int64_t now_ms)
{
	struct work *w = &out->work[i];
	struct map_world world = {out, world_known, world_show, now_ms,
	    world_may_contain};
	struct map_trouble trouble;
	struct map_list list = {0};
	char *data = NULL;
	size_t len = 0;
	enum err err;

	err = folder_read(out->l->f, PLACE_OUT_BUSY, w->name, MAP_FILE_MAX,
	    &data, &len);
	if (err == ERR_FULL)
		return (refuse(out, w, "Het bestand is groter dan 1024 kB; "
		    "splits het.", false));
	if (err == ERR_NOT_FOUND) {
		work_fini(w);
		return (ERR_OK);
	}
	if (err != ERR_OK)
		return (err);
	err = map_read(out->use, &world, data, len, &list, &trouble);
	/* Without a policy nobody knows what may go along: it waits. */
	if (err == ERR_BUSY) {
		w->tried = UINT64_MAX;
		err = ERR_OK;
	} else if (err == ERR_MALFORMED)
		err = refuse(out, w, trouble.text,
		    memmem(data, len, "SIG-303", 7) != NULL);
	else if (err == ERR_OK)
		err = plan(out, i, &list);
	map_list_fini(&list);
	explicit_bzero(data, len);
	free(data);
	return (err);
}

static enum err
prepare(struct dropout *out, size_t i, int64_t now_ms)
{
	struct work *w = &out->work[i];
	struct map_list list = {0};
	enum err err;

	/* Nothing was decided since it was last made to wait. */
	if (w->planned || w->tried == out->decided)
		return (ERR_OK);
	w->tried = out->decided;
	err = ledger_plan_read(out->l, w->name, &list);
	if (err == ERR_OK) {
		err = work_plan(w, &list);
		w->planned = err == ERR_OK;
		map_list_fini(&list);
		return (err);
	}
	/* A plan that cannot be read is made again: nothing else is lost. */
	if (err != ERR_NOT_FOUND && err != ERR_CORRUPT)
		return (err);
	return (read_file(out, i, now_ms));
}

/* --- sending ------------------------------------------------------------- */

static void
decide_here(struct work_item *item, enum keten_status status,
    const char *text)
{
	item->state = WORK_FINAL;
	item->out.status = status;
	(void)snprintf(item->out.text, sizeof(item->out.text), "%s", text);
}

/*
 * The SDK itself refuses one item: what was ordered of this file a moment ago
 * has no number yet, and is taken back.
 */
static void
take_back(struct dropout *out, struct work *w)
{
	for (size_t i = 0; i < w->list.n; i++) {
		struct work_item *item = &w->items[i];

		if (item->state == WORK_ASKED &&
		    keten_cancel(out->k, item->ticket) != 0)
			continue;
		if (item->state != WORK_FINAL)
			decide_here(item, KETEN_FAILED, "Niet verstuurd, want "
			    "een andere regel van dit bestand is geweigerd.");
	}
}

/* Rule B, 4: the same key again gives the same ticket. */
static enum err
send_item(struct dropout *out, struct work *w, size_t i, bool *refused)
{
	struct work_item *item = &w->items[i];
	struct map_hold hold;
	struct keten_order ko;
	char source[WORK_NAME_MAX + 64];
	enum err err;
	int rc;

	(void)snprintf(source, sizeof(source), "%s:%s#%zu", out->source,
	    w->name, i);
	err = map_to_keten(&w->list.items[i], source, &hold, &ko);
	if (err == ERR_OK) {
		if (ko.actor == NULL)
			ko.actor = out->actor;
		rc = keten_order(out->k, &ko, &item->ticket);
		if (rc == 0)
			item->state = WORK_ASKED;
		else if (rc == KETEN_ESPOOL || rc == KETEN_ENOMEM ||
		    rc == KETEN_ETIMEOUT)
			err = ERR_STORE;
		else {
			decide_here(item, KETEN_FAILED, keten_error(out->k));
			*refused = true;
		}
	}
	map_hold_fini(&hold);
	return (err);
}

static void
nothing_to_send(struct work *w, size_t i)
{
	struct work_item *item = &w->items[i];
	const char *referral = map_get(&w->list.items[i], MAP_REFERRAL);

	item->nothing = true;
	decide_here(item, KETEN_DONE, "");
	(void)snprintf(item->out.referral, sizeof(item->out.referral), "%s",
	    referral == NULL ? "" : referral);
}

static enum err
send_all(struct dropout *out, struct work *w)
{
	bool refused = false;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && !refused && i < w->list.n; i++) {
		const struct map_order *o = &w->list.items[i];

		if (w->items[i].state != WORK_NEW)
			continue;
		if (strcmp(map_get(o, MAP_STEP), MAP_NO_STEP) == 0)
			nothing_to_send(w, i);
		else if (!work_clash(w, i, o))
			err = send_item(out, w, i, &refused);
	}
	if (refused)
		take_back(out, w);
	return (err);
}

/* The referral is known to the ledger before news about it is written. */
static enum err
poll_item(struct dropout *out, struct work *w, size_t i)
{
	struct work_item *item = &w->items[i];
	int rc = keten_outcome(out->k, item->ticket, &item->out);

	if (rc == KETEN_ENONE) {
		decide_here(item, KETEN_FAILED, "De eigen opslag kent deze "
		    "opdracht niet meer; kijk of hij in de keten staat.");
		return (ERR_OK);
	}
	if (rc != 0)
		return (ERR_STORE);
	if (item->out.status == KETEN_WAITING ||
	    item->out.status == KETEN_SENT)
		return (ERR_OK);
	item->state = WORK_FINAL;
	/* What is about no referral leaves nothing to learn. */
	if (item->out.status != KETEN_DONE || item->out.referral[0] == '\0')
		return (ERR_OK);
	return (ledger_learn(out->l, item->out.referral, &w->list.items[i],
	    w->name, PLACE_OUT_BUSY));
}

static enum err
poll_all(struct dropout *out, struct work *w)
{
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < w->list.n; i++)
		if (w->items[i].state == WORK_ASKED)
			err = poll_item(out, w, i);
	return (err);
}

/* --- finishing ----------------------------------------------------------- */

static enum err
learn_all(struct dropout *out, const struct work *w, enum place place,
    const char *name)
{
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < w->list.n; i++) {
		const struct map_order *o = &w->list.items[i];
		const char *referral = w->items[i].out.referral;
		bool done = w->items[i].out.status == KETEN_DONE;

		if (referral[0] == '\0')
			referral = map_get(o, MAP_REFERRAL);
		if (referral != NULL)
			err = ledger_learn(out->l, referral, done ? o : NULL,
			    name, place);
	}
	return (err);
}

static enum err
write_answer(struct dropout *out, const struct work *w, enum place place,
    const char *name)
{
	struct answer a = {.k = out->k, .l = out->l, .use = out->use,
	    .n = w->list.n, .is_many = w->list.is_many};
	struct answer_item *items = calloc(w->list.n + 1, sizeof(*items));
	enum err err;

	if (items == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < w->list.n; i++) {
		items[i].o = &w->list.items[i];
		items[i].out = w->items[i].out;
		items[i].nothing = w->items[i].nothing;
	}
	a.items = items;
	err = answer_write(&a, place, name);
	free(items);
	return (err);
}

/* Rule B, 5. */
static enum err
finish(struct dropout *out, struct work *w)
{
	enum place place = PLACE_DONE;
	const char *name;
	enum err err;

	for (size_t i = 0; i < w->list.n; i++)
		if (w->items[i].out.status != KETEN_DONE)
			place = PLACE_FAILED;
	name = destination(out, w, place);
	err = learn_all(out, w, place, name);
	if (err == ERR_OK)
		err = write_answer(out, w, place, name);
	if (err == ERR_OK)
		err = put_away(out, w, place, name);
	if (err == ERR_OK)
		work_fini(w);
	return (err);
}

static void
drop_finished(struct dropout *out)
{
	size_t n = 0;

	for (size_t i = 0; i < out->n_work; i++)
		if (out->work[i].name != NULL)
			out->work[n++] = out->work[i];
	out->n_work = n;
}

static enum err
step_one(struct dropout *out, size_t i, int64_t now_ms)
{
	struct work *w = &out->work[i];
	enum err err = prepare(out, i, now_ms);

	if (err != ERR_OK || w->name == NULL || !w->planned)
		return (err);
	err = send_all(out, w);
	if (err == ERR_OK)
		err = poll_all(out, w);
	if (err == ERR_OK && work_is_final(w))
		err = finish(out, w);
	return (err);
}

enum err
dropout_step(struct dropout *out, int64_t now_ms)
{
	enum err err = claim(out, now_ms);

	for (size_t i = 0; err == ERR_OK && i < out->n_work; i++)
		err = step_one(out, i, now_ms);
	drop_finished(out);
	return (err);
}

bool
dropout_is_idle(const struct dropout *out)
{
	return (out->n_work == 0);
}

void
dropout_close(struct dropout *out)
{
	for (size_t i = 0; i < out->n_work; i++)
		work_fini(&out->work[i]);
	free(out->work);
	out->work = NULL;
	out->n_work = 0;
}
