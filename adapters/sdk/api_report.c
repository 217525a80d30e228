/*
 * api -- a regisseur's reports: asked for until they are made, and fetched part
 * by part.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sdk/desk_asks.h"
#include "sdk/handle.h"
#include "trust/digest.h"
#include "wire/pb.h"

enum { NAP_MS = 100 };

/* A quarter of everything is less; a broker that says more is not right. */
#define REPORT_MAX ((uint64_t)256 << 20)

struct fetching {
	struct keten *k;
	Keten__V1__ReportQuery q;
	const struct keten_report_ask *ask;
	int64_t end;
	uint8_t sha256[32];
	char *text; /* from the first part on */
	size_t len, total;
	const char *rule;
};

static void
nap(void)
{
	struct timespec t = { .tv_nsec = NAP_MS * 1000000L };

	(void)nanosleep(&t, NULL); /* waking early is fine */
}

/* The first part says how long it is, and what it is. */
static MUST_CHECK enum err
begin(struct fetching *f, const Keten__V1__ReportAnswer *a)
{
	if (a->total > REPORT_MAX || a->sha256.len != 32)
		return (ERR_DIGEST);
	memcpy(f->sha256, a->sha256.data, 32);
	f->total = (size_t)a->total;
	f->q.sha256 = pb_of(f->sha256, 32);
	f->text = malloc(f->total + 1);
	return (f->text == NULL ? ERR_NOMEM : ERR_OK);
}

static MUST_CHECK enum err
take_part(struct fetching *f, const Keten__V1__ReportAnswer *a)
{
	enum err err = ERR_OK;

	if (f->text == NULL)
		err = begin(f, a);
	if (err != ERR_OK)
		return (err);
	if (a->offset != f->len || a->part.len > f->total - f->len ||
	    (a->part.len == 0 && f->len < f->total) ||
	    a->sha256.len != 32 || !digest_eq(a->sha256.data, f->sha256))
		return (ERR_DIGEST);
	if (a->part.len > 0)
		memcpy(f->text + f->len, a->part.data, a->part.len);
	f->len += a->part.len;
	f->q.offset = f->len;
	return (ERR_OK);
}

static MUST_CHECK enum err
ask_once(struct fetching *f, bool *ready)
{
	struct keten *k = f->k;
	size_t mark = arena_used(k->a);
	Keten__V1__Query q = KETEN__V1__QUERY__INIT;
	Keten__V1__FromBroker *reply = NULL;
	const Keten__V1__ReportAnswer *a;
	enum err err;

	q.body_case = KETEN__V1__QUERY__BODY_REPORT;
	q.report = &f->q;
	*ready = false;
	err = desk_ask(k, &q, (int)(f->end - handle_mono()), &reply, NULL);
	if (err_is_wire(err)) {
		/* What is wrong with the question stands in the rule. */
		if (reply->refusal->rule[0] != '\0')
			(void)handle_fail(k, KETEN_EREFUSED,
			    "Dit rapport is er niet: %s.",
			    reply->refusal->rule);
		else
			(void)handle_fail(k, KETEN_EREFUSED, "%s",
			    err_text(err));
		f->rule = keten_error(k);
	} else if (err == ERR_OK && reply->answer->body_case !=
	    KETEN__V1__ANSWER__BODY_REPORT)
		err = ERR_DIGEST;
	if (err == ERR_OK) {
		a = reply->answer->report;
		*ready = a->ready;
		if (a->ready)
			err = take_part(f, a);
		else if (f->ask->progress != NULL)
			f->ask->progress(f->ask->cookie, a->done, a->of);
	}
	arena_rewind(k->a, mark);
	return (err);
}

static MUST_CHECK enum err
fetch(struct fetching *f)
{
	bool ready;
	uint8_t sha256[32];
	enum err err;

	do {
		if (handle_mono() >= f->end)
			return (ERR_TIMEOUT);
		err = ask_once(f, &ready);
		if (err == ERR_OK && !ready)
			nap();
	} while (err == ERR_OK && (!ready || f->len < f->total));
	if (err != ERR_OK)
		return (err);
	digest_of(f->text, f->len, sha256);
	if (!digest_eq(sha256, f->sha256))
		return (ERR_DIGEST);
	f->text[f->len] = '\0';
	return (ERR_OK);
}

int
keten_report(struct keten *k, const struct keten_report_ask *ask,
    int timeout_ms, const char **text, size_t *len)
{
	struct fetching f = { .k = k, .ask = ask,
		.q = KETEN__V1__REPORT_QUERY__INIT,
		.end = handle_mono() + timeout_ms };
	enum err err;

	f.q.what = pb_string(ask->what);
	f.q.period = pb_string(ask->period);
	f.q.format = pb_string(ask->format);
	err = fetch(&f);
	if (err == ERR_OK) {
		free(k->text);
		k->text = f.text;
		*text = f.text;
		if (len != NULL)
			*len = f.len;
		return (0);
	}
	free(f.text);
	if (f.rule != NULL) /* it was said already */
		return (KETEN_EREFUSED);
	if (err == ERR_DIGEST)
		return (handle_fail(k, KETEN_ETRUST, "Het rapport van de "
		    "makelaar past niet bij zijn eigen samenvatting. Bel "
		    "beheer."));
	return (handle_err(k, err));
}
