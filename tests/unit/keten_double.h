#ifndef KETEN_DOUBLE_H_
#define KETEN_DOUBLE_H_

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "life/words.h"
#include "sdk/keten.h"

/*
 * An SDK in memory, for tests of the mapper and the drop folder: orders are
 * remembered by source as the real one does, and decided when the test says
 * so.  Include it in one file of a program only.
 */
#define DOUBLE_MAX 64

struct double_order {
	char source[256];
	struct keten_outcome out;
	char step[32], code[16], area[16], basis[16], note[512], person[4096];
	char reason[16], text[256], referral[KETEN_ID_TEXT];
	enum keten_urgency urgency;
	enum keten_discussed discussed;
	uint32_t units;
};

struct keten {
	struct double_order orders[DOUBLE_MAX];
	size_t n_orders;
	bool decide_at_once; /* else double_decide() */
	unsigned may; /* keten_may_contain() */
	const char *refuse_code; /* orders with this code: KETEN_EREFUSED */
	struct keten_news news[DOUBLE_MAX];
	size_t n_news;
	uint64_t read;
	bool fail_read; /* keten_read() fails, as at a crash */
	struct keten_referral referrals[DOUBLE_MAX];
	size_t n_referrals;
	const char *note, *person, *text;
	int opened_person;
	char error[256];
};

static void
double_id(uint64_t n, char id[KETEN_ID_TEXT])
{
	(void)snprintf(id, KETEN_ID_TEXT,
	    "01930000-0000-7000-8000-%012llx",
	    (unsigned long long)n & 0xffffffffffffULL);
}

unsigned
keten_may_contain(struct keten *k, const struct keten_order *o)
{
	return (o->step == KETEN_SUBMIT ? k->may : 0);
}

static struct keten_referral *
double_referral(struct keten *k, const char *id)
{
	struct keten_referral *r;

	for (size_t i = 0; i < k->n_referrals; i++)
		if (strcmp(k->referrals[i].id, id) == 0)
			return (&k->referrals[i]);
	r = &k->referrals[k->n_referrals++];
	memset(r, 0, sizeof(*r));
	memmove(r->id, id, strlen(id) + 1);
	return (r);
}

static void
double_decide(struct keten *k, size_t i, enum keten_status status)
{
	struct double_order *o = &k->orders[i];
	struct keten_referral *r;

	o->out.status = status;
	if (status != KETEN_DONE) {
		(void)snprintf(o->out.code, sizeof(o->out.code), "CONFLICT");
		(void)snprintf(o->out.text, sizeof(o->out.text),
		    "Iemand was u voor.");
		(void)snprintf(o->out.todo, sizeof(o->out.todo),
		    "Bekijk de verwijzing opnieuw.");
		return;
	}
	o->out.index = 100 + i;
	if (o->out.step != KETEN_SUBMIT)
		return;
	double_id(i + 1, o->out.referral);
	r = double_referral(k, o->out.referral);
	r->role = KETEN_ORIGINATOR;
	(void)snprintf(r->state, sizeof(r->state), "OFFERED");
	(void)snprintf(r->state_nl, sizeof(r->state_nl), "aangeboden");
	(void)snprintf(r->fhir_status, sizeof(r->fhir_status), "requested");
	(void)snprintf(r->code, sizeof(r->code), "%s", o->code);
	(void)snprintf(r->area, sizeof(r->area), "%s", o->area);
	(void)snprintf(r->holder, sizeof(r->holder), "thuiszorg-t");
	(void)snprintf(r->originator, sizeof(r->originator), "thuiszorg-t");
	(void)snprintf(r->may, sizeof(r->may), "WITHDRAW SUPPLEMENT");
	r->urgency = o->urgency;
	r->submitted_ms = r->changed_ms = 1767262500000;
	r->next_ms = 1767607200000;
	r->epoch = 1;
	r->newest_index = o->out.index;
}

static void
double_copy(char *to, size_t cap, const char *from)
{
	(void)snprintf(to, cap, "%s", from == NULL ? "" : from);
}

int
keten_order(struct keten *k, const struct keten_order *o, uint64_t *ticket)
{
	struct double_order *d;

	for (size_t i = 0; i < k->n_orders; i++)
		if (strcmp(k->orders[i].source, o->source) == 0) {
			*ticket = i + 1;
			return (0);
		}
	if (k->refuse_code != NULL && o->code != NULL &&
	    strcmp(o->code, k->refuse_code) == 0) {
		(void)snprintf(k->error, sizeof(k->error),
		    "De toelichting noemt een naam uit het persoonsdeel.");
		return (KETEN_EREFUSED);
	}
	d = &k->orders[k->n_orders++];
	memset(d, 0, sizeof(*d));
	double_copy(d->source, sizeof(d->source), o->source);
	double_copy(d->code, sizeof(d->code), o->code);
	double_copy(d->area, sizeof(d->area), o->area);
	double_copy(d->basis, sizeof(d->basis), o->basis);
	double_copy(d->note, sizeof(d->note), o->note);
	double_copy(d->person, sizeof(d->person), o->person);
	double_copy(d->reason, sizeof(d->reason), o->reason);
	double_copy(d->text, sizeof(d->text), o->text);
	double_copy(d->out.referral, sizeof(d->out.referral), o->referral);
	d->urgency = o->urgency;
	d->discussed = o->discussed;
	d->units = o->units;
	d->out.step = o->step;
	d->out.status = KETEN_WAITING;
	d->out.ticket = *ticket = k->n_orders;
	if (k->decide_at_once)
		double_decide(k, k->n_orders - 1, KETEN_DONE);
	return (0);
}

int
keten_outcome(struct keten *k, uint64_t ticket, struct keten_outcome *out)
{
	if (ticket == 0 || ticket > k->n_orders)
		return (KETEN_ENONE);
	*out = k->orders[ticket - 1].out;
	return (0);
}

int
keten_cancel(struct keten *k, uint64_t ticket)
{
	struct keten_outcome *out = &k->orders[ticket - 1].out;

	if (out->status != KETEN_WAITING)
		return (KETEN_EARGUMENT);
	out->status = KETEN_FAILED;
	(void)snprintf(out->text, sizeof(out->text), "Teruggenomen.");
	return (0);
}

const char *
keten_error(const struct keten *k)
{
	return (k == NULL ? "" : k->error);
}

int
keten_next(struct keten *k, const char *reader, struct keten_news *news)
{
	(void)reader;
	for (size_t i = 0; i < k->n_news; i++)
		if (k->news[i].seq > k->read) {
			*news = k->news[i];
			return (0);
		}
	return (KETEN_ENONE);
}

int
keten_read(struct keten *k, const char *reader, uint64_t seq)
{
	(void)reader;
	if (k->fail_read)
		return (KETEN_ESPOOL);
	k->read = seq;
	return (0);
}

int
keten_keeps(struct keten *k, const char *reader)
{
	(void)k;
	(void)reader;
	return (0);
}

int
keten_show(struct keten *k, const char *referral, struct keten_referral *r)
{
	for (size_t i = 0; i < k->n_referrals; i++)
		if (strcmp(k->referrals[i].id, referral) == 0) {
			*r = k->referrals[i];
			return (0);
		}
	return (KETEN_ENONE);
}

int
keten_open_part(struct keten *k, const char *referral, enum keten_part part,
    const char *actor, uint64_t seq, char **out, size_t *len)
{
	const char *text = part == KETEN_NOTE ? k->note :
	    part == KETEN_PERSON ? k->person : k->text;

	(void)referral;
	(void)actor;
	(void)seq;
	if (text == NULL)
		return (KETEN_ESEALED);
	k->opened_person += part == KETEN_PERSON;
	*out = strdup(text);
	*len = strlen(text);
	return (0);
}

void
keten_wipe(char *p, size_t len)
{
	explicit_bzero(p, len);
	free(p);
}

const char *
keten_label(struct keten *k, const char *code)
{
	(void)k;
	return (strcmp(code, "DST-101") == 0 ? "boodschappen" : "");
}

int
keten_connected(struct keten *k, struct keten_connection *c)
{
	(void)k;
	memset(c, 0, sizeof(*c));
	c->connected = true;
	(void)snprintf(c->partner, sizeof(c->partner), "thuiszorg-t");
	return (0);
}

const char *
keten_step_name(enum keten_step step)
{
	return (words_event((enum event)step));
}

enum keten_step
keten_step_of(const char *name)
{
	return ((enum keten_step)words_event_from(name));
}

const char *
keten_step_label(enum keten_step step)
{
	return (words_event_nl((enum event)step));
}

#endif /* !KETEN_DOUBLE_H_ */
