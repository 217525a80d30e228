/*
 * bed -- a test bed for decide: the walk's world, spoken to in short
 * sentences.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../demo_policy.h"
#include "bed.h"
#include "wire/pb.h"

/* One statement with everything it can point to. */
struct speech {
	Keten__V1__Statement st;
	Keten__V1__Command cmd;
	Keten__V1__Header header;
	Keten__V1__Part part[8];
	Keten__V1__Part *parts[8];
	char *keys[8][8];
	char *first[1], *never[1];
	uint8_t bytes[32], lane[8];
	struct refid id;
};

struct policy *
bed_policy(const char *const (*edits)[2], size_t n)
{
	struct demo d;

	demo_begin(&d);
	demo_write(&d, NULL, NULL);
	for (size_t i = 0; i < n; i++)
		demo_edit(&d, edits[i][0], edits[i][1]);
	return (demo_end(&d));
}

struct world *
bed_world(const char *const (*edits)[2], size_t n)
{
	struct world *w = world_new(7, bed_policy(edits, n));

	w->now_ms = bed_time("2026-08-31 10:00");
	return (w);
}

int64_t
bed_time(const char *text)
{
	struct cal_date date;
	char day[11];
	int hour, minute;

	if (sscanf(text, "%10s %d:%d", day, &hour, &minute) != 3 ||
	    !cal_date_read(day, &date))
		abort();
	return (cal_local(date, hour * 60 + minute));
}

/* ---- speaking ---- */

static void
speech_begin(struct world *w, struct speech *s, const struct refid *id)
{
	memset(s, 0, sizeof(*s));
	keten__v1__statement__init(&s->st);
	keten__v1__command__init(&s->cmd);
	s->id = *id;
	s->st.version = 1;
	s->st.referral = pb_of(s->id.b, sizeof(s->id.b));
	s->st.lane = pb_of(s->lane, sizeof(s->lane));
	s->st.number = w->index + 1;
	s->st.body_case = KETEN__V1__STATEMENT__BODY_COMMAND;
	s->st.command = &s->cmd;
	s->cmd.parts = s->parts;
}

/* A sealed part; ${keys} end with NULL, empty ones are left out. */
static void
add_part(struct speech *s, Keten__V1__PartKind kind,
    const char *const *keys)
{
	size_t i = s->cmd.n_parts++;
	Keten__V1__Part *p = &s->part[i];

	keten__v1__part__init(p);
	p->kind = kind;
	p->sha256 = pb_of(s->bytes, 32);
	p->plain_commit = pb_of(s->bytes, 32);
	p->nonce = pb_of(s->bytes, 16);
	p->length = 3072;
	p->wrapped_for = s->keys[i];
	for (; *keys != NULL; keys++)
		if ((*keys)[0] != '\0')
			p->wrapped_for[p->n_wrapped_for++] = pb_string(*keys);
	s->parts[i] = p;
}

static const char *
or_none(const char *text)
{
	return (text == NULL ? "" : text);
}

static void
put_header(struct world *w, const struct bed_new *n, struct speech *s)
{
	bool guarded = policy_is_protected(w->policy, n->code);

	keten__v1__header__init(&s->header);
	s->cmd.event = KETEN__V1__EVENT__SUBMIT;
	s->cmd.header = &s->header;
	s->header.code = pb_string(n->code);
	s->header.area = pb_string(n->area != NULL ? n->area
		: guarded			    ? "GM0855"
						    : "WK085501");
	s->header.urgency = (Keten__V1__Urgency)(n->urgency == 0
		? URGENCY_NORMAL
		: n->urgency);
	s->header.basis = pb_string(n->basis == NULL ? "G-TOE" : n->basis);
	s->header.discussed = n->discussed == 0 ? KETEN__V1__DISCUSSED__AGREES :
		(Keten__V1__Discussed)n->discussed;
	s->header.end_ms = n->end_ms;
	if (!refid_is_none(&n->parent))
		s->header.parent = pb_of(n->parent.b, 16);
	s->first[0] = pb_string(or_none(n->first));
	s->never[0] = pb_string(or_none(n->never));
	s->header.first = s->first;
	s->header.n_first = n->first != NULL;
	s->header.never = s->never;
	s->header.n_never = n->never != NULL;
}

enum err
bed_submit(struct world *w, struct bed_new n, struct refid *id)
{
	struct org who = org_of(n.who);
	const char *note[] = { n.who, "gemeente-r", "welzijn-w", "zorg-z",
		NULL };
	const char *person[] = { n.who,
		n.custodian != NULL    ? n.custodian :
		    n.code[0] == 'S' ? "gemeente-r" :
				       "",
		or_none(n.key_for),
		NULL };
	uint8_t random[10];
	struct speech s;

	for (size_t i = 0; i < sizeof(random); i++)
		random[i] = (uint8_t)world_random(w, 256);
	*id = refid_new(w->now_ms, random);
	speech_begin(w, &s, id);
	put_header(w, &n, &s);
	if (!n.no_note)
		add_part(&s, KETEN__V1__PART_KIND__NOTE, note);
	if (!n.no_person) {
		add_part(&s, KETEN__V1__PART_KIND__PERSON, person);
		s.part[s.cmd.n_parts - 1].contains = n.contains;
	}
	return (world_say(w, &s.st, &who));
}

/* A reason of the demonstration that fits. */
static const char *
reason_for(enum event ev)
{
	static const struct {
		enum event ev;
		const char *code;
	} rows[] = { { EV_DECLINE, "AFW-01" }, { EV_RETURN, "AFW-10" },
		{ EV_PAUSE, "RED-05" }, { EV_HAND_OVER, "RED-04" },
		{ EV_GIVE_UP, "RED-02" }, { EV_FAIL, "RED-01" },
		{ EV_TAKE_OVER, "RED-07" }, { EV_MARK_ERROR, "RED-09" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].ev == ev)
			return (rows[i].code);
	return ("");
}

static bool
is_for_candidates(enum event ev)
{
	return (ev == EV_REVIEW || ev == EV_ACCEPT || ev == EV_DECLINE ||
	    ev == EV_ASK);
}

/* Which version or offer it names. */
static void
put_seen(const struct bed_step *b, const struct referral *r,
    const struct org *who, Keten__V1__Command *c)
{
	const struct offer *o =
	    r == NULL ? NULL : referral_open_offer(r, who);

	c->seen_version = b->version != 0 ? b->version
	    : r == NULL			  ? 1
					  : r->version;
	if (b->version == BED_OLD && r != NULL)
		c->seen_version = r->version - 1;
	if (b->offer != 0)
		c->offer = b->offer == BED_NO_OFFER ? 0 : b->offer;
	else if (o != NULL && is_for_candidates(b->event))
		c->offer = o->number;
}

enum err
bed_do(struct world *w, struct bed_step b)
{
	struct world_ref *ref = world_find(w, &b.id);
	const struct referral *r = ref == NULL ? NULL : &ref->now;
	struct org who = org_of(b.who);
	const char *text[] = { r == NULL ? b.who : r->b.id,
		r == NULL ? "" : r->h.id, NULL };
	const char *person[] = { b.who, or_none(b.key_for), NULL };
	struct speech s;

	speech_begin(w, &s, &b.id);
	s.cmd.event = (Keten__V1__Event)b.event;
	put_seen(&b, r, &who, &s.cmd);
	s.cmd.to = pb_string(or_none(b.to));
	s.cmd.reason = pb_string(b.reason == NULL ? reason_for(b.event)
						  : b.reason);
	s.cmd.outcome = pb_string(b.outcome != NULL ? b.outcome
		: b.event == EV_COMPLETE	    ? "UIT-01"
						    : "");
	s.cmd.outside = pb_string(or_none(b.outside));
	s.cmd.basis = pb_string(or_none(b.basis));
	if (!refid_is_none(&b.child))
		s.cmd.child = pb_of(b.child.b, 16);
	s.cmd.until_ms = b.until_ms;
	s.cmd.urgency = (Keten__V1__Urgency)b.urgency;
	s.cmd.units_done = b.done;
	s.cmd.units_total = b.total;
	if (b.event == EV_ASK || b.event == EV_ANSWER ||
	    b.event == EV_SUPPLEMENT)
		b.n_texts++;
	for (uint32_t i = 0; i < b.n_texts; i++)
		add_part(&s, KETEN__V1__PART_KIND__TEXT, text);
	if (b.key_for != NULL) {
		add_part(&s, KETEN__V1__PART_KIND__PERSON, person);
		s.part[s.cmd.n_parts - 1].contains = b.contains;
	}
	return (world_say_with(w, &s.st, &who, b.content,
	    b.content == ERR_OK ? NULL : "een deel met een andere digest"));
}

void
bed_must(struct world *w, struct bed_step b)
{
	enum err err = bed_do(w, b);

	if (err == ERR_OK)
		return;
	printf("%s by %s: %s, %s\n", words_event(b.event), b.who,
	    err_name(err), w->last.rule);
	world_fail(w, "what must be taken was refused");
}

struct refid
bed_new(struct world *w, struct bed_new n)
{
	struct refid id;
	enum err err = bed_submit(w, n, &id);

	if (err == ERR_OK)
		return (id);
	printf("SUBMIT by %s: %s, %s\n", n.who, err_name(err), w->last.rule);
	world_fail(w, "what must be taken was refused");
}

struct refid
bed_submitted(struct world *w, const char *code)
{
	return (bed_new(w, (struct bed_new){ .who = "lwdb-noord",
	    .code = code }));
}

struct refid
bed_taken(struct world *w, const char *code, const char *by)
{
	struct refid id = bed_submitted(w, code);

	bed_must(w, (struct bed_step){ by, EV_ACCEPT, .id = id });
	return (id);
}

enum err
bed_rewrap(struct world *w, const char *who, const char *to,
    const struct refid *id, unsigned kinds)
{
	Keten__V1__Rewrap rw = KETEN__V1__REWRAP__INIT;
	Keten__V1__RewrapPart parts[32], *list[32];
	struct world_ref *r = world_find(w, id);
	struct org from = org_of(who);
	uint8_t hash[32][32];
	struct speech s;

	speech_begin(w, &s, id);
	memset(hash, 0, sizeof(hash));
	s.st.body_case = KETEN__V1__STATEMENT__BODY_REWRAP;
	s.st.rewrap = &rw;
	rw.to = pb_string(to);
	rw.key_id = pb_string(to);
	rw.parts = list;
	for (size_t i = 0; r != NULL && i < r->n_pieces; i++) {
		Keten__V1__RewrapPart *p = &parts[rw.n_parts];

		if ((kinds & 1u << r->pieces[i].kind) == 0 || rw.n_parts == 32)
			continue;
		keten__v1__rewrap_part__init(p);
		p->index = r->pieces[i].index;
		p->part = r->pieces[i].part;
		be64_put(hash[rw.n_parts], p->index);
		hash[rw.n_parts][31] = (uint8_t)p->part;
		p->sha256 = pb_of(hash[rw.n_parts], 32);
		p->plain_commit = pb_of(hash[rw.n_parts], 32);
		list[rw.n_parts++] = p;
	}
	return (world_say(w, &s.st, &from));
}

enum err
bed_unreadable(struct world *w, const char *who, const struct refid *id,
    uint64_t index, uint32_t part)
{
	Keten__V1__Unreadable u = KETEN__V1__UNREADABLE__INIT;
	struct org from = org_of(who);
	struct speech s;

	speech_begin(w, &s, id);
	s.st.body_case = KETEN__V1__STATEMENT__BODY_UNREADABLE;
	s.st.unreadable = &u;
	u.index = index;
	u.part = part;
	u.why = KETEN__V1__UNREADABLE_WHY__WRAP_FAILED;
	return (world_say(w, &s.st, &from));
}

/* ---- looking ---- */

const struct referral *
bed_ref(struct world *w, struct refid id)
{
	struct world_ref *r = world_find(w, &id);

	if (r == NULL)
		world_fail(w, "there is no such referral");
	return (&r->now);
}

const Keten__V1__Sent *
bed_told(struct world *w, const char *who, struct refid id)
{
	for (size_t i = 0; i < w->route->n_deliveries; i++) {
		const Keten__V1__Sent *s = w->route->deliveries[i];

		if (strcmp(s->partner, who) == 0 &&
		    memcmp(s->referral.data, id.b, 16) == 0)
			return (s);
	}
	return (NULL);
}

size_t
bed_n_told(struct world *w, const char *who)
{
	size_t n = 0;

	for (size_t i = 0; i < w->route->n_deliveries; i++)
		n += strcmp(w->route->deliveries[i]->partner, who) == 0;
	return (n);
}

const char *
bed_at(struct world *w, struct refid id, enum term term)
{
	static char text[CAL_TEXT];
	const struct clock *c = &bed_ref(w, id)->clocks[term];

	if (c->frozen)
		return ("(staat)");
	return (c->running ? cal_text(c->at_ms, text) : "-");
}
