#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/noun.h"
#include "base/org.h"
#include "base/say.h"
#include "dropbox/dropin.h"
#include "map/write.h"

/* What was opened for one news; everything is wiped afterwards. */
struct opened {
	struct keten_referral r;
	bool has_referral;
	char code_label[128], outcome_label[128], reason_label[128];
	char *note, *text, *person, *key;
	json_t *context;
};

static void
wipe(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void
opened_fini(struct opened *o)
{
	wipe(o->note);
	wipe(o->text);
	wipe(o->person);
	free(o->key);
	json_decref(o->context);
}

/* A part that cannot be opened is simply not shown: it comes later, or never
 * was for us. */
static enum err
open_part(struct dropin *in, const struct keten_news *news,
    enum keten_part part, char **out)
{
	uint64_t seq = part == KETEN_TEXT ? news->seq : 0;
	char *json = NULL;
	size_t len = 0;
	int rc;

	rc = keten_open_part(in->k, news->referral, part, in->actor, seq,
	    &json, &len);
	if (rc == KETEN_ESPOOL || rc == KETEN_ENOMEM)
		return (ERR_STORE);
	if (rc != 0)
		return (ERR_OK);
	*out = part == KETEN_PERSON ? strdup(json) : map_part_text(json);
	keten_wipe(json, len);
	return (ERR_OK);
}

static bool
has_part(const struct keten_news *news, enum keten_part part)
{
	return ((news->part_mask >> part & 1) != 0);
}

/*
 * The person part is opened for the holder only, when it comes or when the
 * responsibility does: each opening is a line in the spool's own log.
 */
static bool
want_person(const struct dropin *in, const struct keten_news *news,
    const struct keten_referral *r)
{
	if ((r->openable >> KETEN_PERSON & 1) == 0 ||
	    strcmp(r->holder, in->partner) != 0 ||
	    strcmp(r->originator, in->partner) == 0)
		return (false);
	return (has_part(news, KETEN_PERSON) || news->step == KETEN_CONTENT ||
	    (strcmp(news->by, in->partner) == 0 &&
	    (news->step == KETEN_ACCEPT || news->step == KETEN_CONFIRM ||
	    news->step == KETEN_TAKE_OVER)));
}

static void
label(struct dropin *in, const char *code, char out[128])
{
	const char *text = code[0] == '\0' ? "" : keten_label(in->k, code);

	(void)snprintf(out, 128, "%s", text == NULL ? "" : text);
}

static enum err
open_all(struct dropin *in, const struct keten_news *news, struct opened *o)
{
	enum err err = ERR_OK;
	int rc;

	if (news->referral[0] == '\0')
		return (ERR_OK);
	rc = keten_show(in->k, news->referral, &o->r);
	if (rc == KETEN_ESPOOL)
		return (ERR_STORE);
	o->has_referral = rc == 0;
	ledger_about(in->l, news->referral, &o->key, &o->context);
	if (!o->has_referral || news->step == KETEN_ERASED)
		return (ERR_OK);
	label(in, o->r.code, o->code_label);
	label(in, o->r.outcome, o->outcome_label);
	label(in, o->r.reason, o->reason_label);
	if (has_part(news, KETEN_NOTE) || news->role == KETEN_CANDIDATE)
		err = open_part(in, news, KETEN_NOTE, &o->note);
	if (err == ERR_OK && has_part(news, KETEN_TEXT))
		err = open_part(in, news, KETEN_TEXT, &o->text);
	if (err == ERR_OK && want_person(in, news, &o->r))
		err = open_part(in, news, KETEN_PERSON, &o->person);
	return (err);
}

/* What happened, as a part of a file name. */
static void
step_word(const struct keten_news *news, bool person, char out[64])
{
	static const char *const others[] = {"te-openen", "gewist", "alarm"};
	const char *step = keten_step_name(news->step);
	size_t n = 0;

	if (news->step >= KETEN_CONTENT && news->step <= KETEN_ALARM) {
		(void)snprintf(out, 64, "%s", person ? "persoonsdeel" :
		    others[news->step - KETEN_CONTENT]);
		return;
	}
	for (; step[n] != '\0' && n < 40; n++)
		out[n] = step[n] == '_' ? '-' : (char)(step[n] | 0x20);
	(void)snprintf(out + n, 64 - n, "%s", person ? "-persoonsdeel" : "");
}

/* Names follow from the place in the log: the same news, the same names. */
static void
base_name(const struct keten_news *news, bool person, char out[160])
{
	char word[64];

	step_word(news, person, word);
	if (news->index == 0)
		(void)snprintf(out, 160, "alarm-%010llu%s%s",
		    (unsigned long long)news->seq,
		    news->referral[0] == '\0' ? "" : "-", news->referral);
	else
		(void)snprintf(out, 160, "%012llu-%s-%s",
		    (unsigned long long)news->index,
		    news->referral[0] == '\0' ? "algemeen" : news->referral,
		    word);
}

/* Rule A, 1 and 2. */
static enum err
make_ready(struct dropin *in, const struct keten_news *news,
    struct map_file files[MAP_FILES], size_t n, bool person)
{
	char *names[MAP_FILES] = {NULL};
	char base[160];
	enum err err = ERR_OK;

	base_name(news, person, base);
	for (size_t i = 0; err == ERR_OK && i < n; i++) {
		if (asprintf(&names[i], "%s%s", base, files[i].ending) < 0) {
			names[i] = NULL;
			err = ERR_NOMEM;
			break;
		}
		err = folder_write(in->l->f, PLACE_IN_TMP, names[i],
		    files[i].data, files[i].len);
	}
	if (err == ERR_OK)
		err = ledger_ready(in->l, news, names, n);
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	return (err);
}

/* Rule A, 3: what is not in in/tmp/ any more has been in in/. */
static enum err
publish(struct dropin *in, bool *wrote)
{
	const struct folder *f = in->l->f;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < in->l->n_files; i++) {
		const char *name = in->l->files[i];

		err = folder_move(f, PLACE_IN_TMP, name, PLACE_IN, name);
		if (err == ERR_OK)
			*wrote = true;
		/* The very same news lies there unread already. */
		else if (err == ERR_FULL)
			err = folder_remove(f, PLACE_IN_TMP, name);
		else if (err == ERR_NOT_FOUND)
			err = ERR_OK;
	}
	return (err);
}

static enum err
write_news(struct dropin *in, const struct keten_news *news)
{
	struct opened o = {0};
	struct map_file files[MAP_FILES];
	struct map_news m = {.news = news, .partner = in->partner};
	size_t n = 0;
	enum err err = open_all(in, news, &o);

	m.r = o.has_referral ? &o.r : NULL;
	m.code_label = o.code_label;
	m.outcome_label = o.outcome_label;
	m.reason_label = o.reason_label;
	m.note = o.note;
	m.text = o.text;
	m.person = o.person;
	m.key = o.key;
	m.context = o.context;
	if (err == ERR_OK)
		err = map_write(in->use, &m, files, &n);
	if (err == ERR_OK) {
		err = make_ready(in, news, files, n, o.person != NULL);
		map_files_fini(files, n);
	}
	opened_fini(&o);
	return (err);
}

/* Before the news itself: what it tells of is gone when it is read. */
static enum err
erase(struct dropin *in, const struct keten_news *news)
{
	size_t removed = 0;
	struct refid id;
	struct say_ctx ctx = {0};
	enum err err;

	if (news->step != KETEN_ERASED)
		return (ERR_OK);
	err = ledger_purge(in->l, news->referral, &removed);
	if (err == ERR_OK && refid_parse(news->referral, &id)) {
		ctx.referral = &id;
		say(SAY_ERASED, &ctx, "%zu %s uit de map gewist",
		    removed, noun_for(removed, "bestand", "bestanden"));
	}
	return (err);
}

enum err
dropin_step(struct dropin *in, bool *wrote)
{
	struct keten_news news;
	enum err err = ERR_OK;
	int rc;

	*wrote = false;
	/* What is erased in the chain goes from the folder first. */
	if (!in->keeps && keten_keeps(in->k, in->reader) != 0)
		return (ERR_STORE);
	in->keeps = true;
	rc = keten_next(in->k, in->reader, &news);
	if (rc == KETEN_ENONE)
		return (ERR_NOT_FOUND);
	if (rc != 0)
		return (ERR_STORE);
	if (!ledger_is_ready(in->l, &news)) {
		err = erase(in, &news);
		if (err == ERR_OK)
			err = write_news(in, &news);
	}
	if (err == ERR_OK)
		err = publish(in, wrote);
	if (err != ERR_OK)
		return (err);
	return (keten_read(in->k, in->reader, news.seq) == 0 ? ERR_OK :
	    ERR_STORE);
}
