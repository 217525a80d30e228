#ifndef KETEN_H_
#define KETEN_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * libketen -- take part in a Keten network from C.
 *
 * One handle stands for one device of one partner: its settings, its keys and
 * its spool, a directory with everything that was sent and that arrived,
 * durable and sealed at rest.  An order (a step somebody wants to take) is
 * first written to the spool and gets a ticket; keten_run() then resolves,
 * seals, numbers, signs and sends it, and receives what is new.  A crash at
 * any moment neither loses nor doubles anything: an order is in the spool
 * before keten_order() returns, a delivery before it is acknowledged.
 *
 * Several processes may open the same spool (a command line beside an
 * adapter), but each of them only once at a time; one process at a time has
 * the connection.  keten_run() in the
 * others waits for what that one does, and takes over when it is gone.
 *
 * A handle belongs to one thread.  Strings in results are valid until the
 * next call on the same handle unless stated otherwise; text is UTF-8, Dutch
 * where people read it.  Times are milliseconds since 1970, UTC; 0 means
 * "none".  Functions return 0, or a negative KETEN_E* and leave their results
 * alone; keten_error() then says in a sentence what to do.
 */

#define KETEN_API __attribute__((visibility("default")))
#define KETEN_ID_TEXT 37

enum {
	KETEN_EARGUMENT = -1, /* the order is not well formed; see the text */
	KETEN_ECONFIG = -2,   /* settings or keys are wrong or missing */
	KETEN_ESPOOL = -3,    /* the spool cannot be read or written */
	KETEN_ENONE = -4,     /* there is no such thing here */
	KETEN_ETIMEOUT = -5,  /* not yet; try again */
	KETEN_ESEALED = -6,   /* it cannot be opened by this partner now */
	KETEN_ETRUST = -7,    /* what the broker shows cannot be right: alarm */
	KETEN_EREFUSED = -8,  /* the SDK itself refuses, before a number is used */
	KETEN_ENOMEM = -9,
};

/* The steps of a referral's life; the numbers are those of the protocol. */
enum keten_step {
	KETEN_SUBMIT = 1,
	KETEN_REVIEW,
	KETEN_ASK,
	KETEN_ANSWER,
	KETEN_INFO_EXPIRED,
	KETEN_ACCEPT,
	KETEN_DECLINE,
	KETEN_OFFER_EXPIRED,
	KETEN_OFFER_MORE,
	KETEN_ESCALATE,
	KETEN_CONFIRM,
	KETEN_RETURN,
	KETEN_START,
	KETEN_PAUSE,
	KETEN_RESUME,
	KETEN_PAUSE_ENDED,
	KETEN_REPORT,
	KETEN_SUPPLEMENT,
	KETEN_RAISE_URGENCY,
	KETEN_HAND_OVER,
	KETEN_RETRACT,
	KETEN_OVERDUE,
	KETEN_TAKE_OVER,
	KETEN_COMPLETE,
	KETEN_GIVE_UP,
	KETEN_FAIL,
	KETEN_WITHDRAW,
	KETEN_REQUEST_WITHDRAWAL,
	KETEN_AGREE_WITHDRAWAL,
	KETEN_REFUSE_WITHDRAWAL,
	KETEN_EXPIRE,
	KETEN_MARK_ERROR,
	KETEN_ACKNOWLEDGE,
	KETEN_CLOSE_UNREAD,
	KETEN_REOPEN,
	/* Not a step: what came with a delivery of another kind. */
	KETEN_CONTENT = 100, /* a part became openable */
	KETEN_ERASED = 101,  /* content was erased on a rule */
	KETEN_ALARM = 102,   /* the broker or the log cannot be right */
	KETEN_CHANGED = 103, /* it followed its parent, or a successor came */
	KETEN_TRUST = 104,   /* about keys or policy: somebody should look */
	/* Orders that are no step either; they name a referral and a reason. */
	KETEN_ERASE = 110,   /* erase its content, which has ended */
	KETEN_RETAIN = 111,  /* keep it, also when a rule would let it go; until
				until_ms, or KETEN_UNRETAIN */
	KETEN_UNRETAIN = 112,
	/* And these are about no referral. */
	KETEN_PUBLISH = 113, /* an entry of its own in the catalogue: text is
				that entry as JSON, see keten_publish() */
	KETEN_MISSING = 114, /* nobody offers code in area */
};

enum keten_urgency { KETEN_LOW = 1, KETEN_NORMAL, KETEN_HIGH, KETEN_EMERGENT };

enum keten_discussed {
	KETEN_AGREES = 1,
	KETEN_OBJECTS,
	KETEN_NOT_REACHED,
	KETEN_NOT_SAFE,
	KETEN_NOT_ABLE,
};

/* What this partner is in a referral. */
enum keten_role {
	KETEN_ORIGINATOR = 1,
	KETEN_CANDIDATE,
	KETEN_HOLDER,
	KETEN_REGISSEUR,
	KETEN_CUSTODIAN,
	KETEN_FORMER,
	KETEN_INFORMED,
};

enum keten_part { KETEN_NOTE = 1, KETEN_PERSON, KETEN_TEXT };

struct keten;

/**
 * keten_open(config, k):
 * Open the device described by the settings file ${config} and its spool;
 * make the spool if there is none.  On success store in ${k} a handle that
 * the caller owns and gives to keten_close().  On failure ${k} is NULL and
 * keten_error(NULL) tells why, with file and line where there is one.
 */
KETEN_API int keten_open(const char *config, struct keten **k);

/**
 * keten_close(k):
 * Close ${k}, wipe its secrets; what is in the spool stays.  NULL is fine.
 */
KETEN_API void keten_close(struct keten *k);

/**
 * keten_error(k):
 * Return a sentence about the last failure on ${k} (NULL: of keten_open() in
 * this thread), and what to do.
 */
KETEN_API const char *keten_error(const struct keten *k);

/* ---- sending ------------------------------------------------------------ */

/*
 * One step that somebody wants to take.  Zero or NULL means "not given".
 * Everything is copied.
 */
struct keten_order {
	enum keten_step step;
	const char *referral; /* which one; NULL with SUBMIT */
	const char *source;   /* the caller's own key: the same one again gives
				 the same ticket and is sent once */
	const char *actor;    /* [A-Z0-9-]{1,16}; NULL: from the settings */
	uint32_t version;     /* 0: the newest one in the spool */
	uint32_t offer;       /* 0: this partner's open offer */

	/* SUBMIT */
	const char *code;     /* SIG-101; of a protected code the exact one:
				 the SDK puts the group in the clear header */
	const char *area;     /* CBS code */
	enum keten_urgency urgency; /* also RAISE_URGENCY */
	const char *basis;    /* G-..; also HAND_OVER */
	enum keten_discussed discussed;
	uint32_t units;
	const char *frequency;
	int64_t end_ms;
	const char *payer;
	const char *parent;
	const char *relates;
	const char *const *first; /* NULL-terminated lists of partners */
	const char *const *never;
	const char *note;     /* offer note: text without who it is about */
	const char *person;   /* person part: a JSON object, see PROTOCOL.md */

	/* the other steps */
	const char *to;       /* HAND_OVER, OFFER_MORE */
	const char *reason;   /* a code */
	const char *outcome;  /* COMPLETE */
	int64_t until_ms;     /* PAUSE */
	uint32_t units_done, units_total;
	const char *child;    /* UIT-03 */
	const char *outside;
	const char *text;     /* sealed: question, answer, report, ... */
};

/* What became of an order. */
enum keten_status {
	KETEN_WAITING = 1, /* in the spool, not sent yet */
	KETEN_SENT,        /* sent, no receipt yet */
	KETEN_DONE,        /* in the log */
	KETEN_REFUSED,     /* the broker said no (also in the log) */
	KETEN_FAILED,      /* the SDK said no; no number was used */
};

struct keten_outcome {
	uint64_t ticket;
	enum keten_status status;
	enum keten_step step;
	char referral[KETEN_ID_TEXT]; /* also of a new one */
	uint64_t index;       /* of the leaf */
	uint64_t number;      /* in the lane; 0 before it has one */
	char code[24];        /* CONFLICT, ... when refused */
	char rule[96];
	char text[256];       /* Dutch */
	char todo[256];       /* Dutch: what to do now */
	uint32_t version;     /* the current one, with CONFLICT */
};

/**
 * keten_order(k, o, ticket):
 * Check ${o} as far as that is possible here, write it to the spool and store
 * its ticket.  A note that gives away who it is about is refused here
 * (KETEN_EREFUSED), and so is content that is too long.
 */
KETEN_API int keten_order(struct keten *k, const struct keten_order *o,
    uint64_t *ticket);

/**
 * keten_outcome(k, ticket, out):
 * Tell what became of ${ticket} so far.
 */
KETEN_API int keten_outcome(struct keten *k, uint64_t ticket,
    struct keten_outcome *out);

/**
 * keten_wait(k, ticket, timeout_ms, out):
 * keten_run() until ${ticket} is done, refused or failed, or ${timeout_ms}
 * have passed (KETEN_ETIMEOUT, with ${out} filled in: it stays in the spool).
 */
KETEN_API int keten_wait(struct keten *k, uint64_t ticket, int timeout_ms,
    struct keten_outcome *out);

/**
 * keten_cancel(k, ticket):
 * Take back an order that has no number yet; it becomes KETEN_FAILED.
 * KETEN_EARGUMENT if it has one: then only a step of the life cycle helps.
 */
KETEN_API int keten_cancel(struct keten *k, uint64_t ticket);

/**
 * keten_orders(k, each, cookie):
 * Call ${each} for every order that waits or is sent, oldest first.
 */
KETEN_API int keten_orders(struct keten *k,
    void (*each)(void *cookie, const struct keten_outcome *out), void *cookie);

/* ---- the connection ----------------------------------------------------- */

/**
 * keten_run(k, timeout_ms):
 * Do what there is to do: connect, send, receive, acknowledge, rewrap; return
 * after at most ${timeout_ms} or, if something happened, sooner.  Call it in
 * a loop.  0 also while there is no connection: see keten_connected().
 */
KETEN_API int keten_run(struct keten *k, int timeout_ms);

/**
 * keten_fd(k):
 * Return a descriptor that becomes readable when keten_run(k, 0) has work; it
 * may change after each keten_run().  -1 while another process has the
 * connection.
 */
KETEN_API int keten_fd(struct keten *k);

struct keten_connection {
	bool connected;       /* WELCOME received, by this or another process */
	bool here;            /* this process has the connection */
	int64_t since_ms;
	uint64_t waiting;     /* orders not sent */
	uint64_t last_seq;    /* newest delivery in the spool */
	uint64_t policy_index;
	uint64_t log_size;    /* newest checkpoint verified */
	uint8_t log_root[32];
	char why[256];        /* why not connected, and what to do */
	char partner[32], device[32], origin[128];
};

/**
 * keten_connected(k, c):
 * Describe the connection and what is waiting.
 */
KETEN_API int keten_connected(struct keten *k, struct keten_connection *c);

/* ---- receiving ---------------------------------------------------------- */

/*
 * One thing that arrived.  News is read by named readers ("folder", "desk"),
 * each with a durable place of its own, in the order in which it arrived.
 */
struct keten_news {
	uint64_t seq;         /* place in this spool's list of news, rising */
	uint64_t index;       /* of the leaf; 0 for an alarm */
	enum keten_step step; /* the last step of it that somebody or the clock
				 took; making offers is not one */
	enum keten_role role; /* of this partner in it */
	char referral[KETEN_ID_TEXT];
	char by[32];          /* who did it; "" when the clock did */
	int64_t time_ms;      /* of the leaf */
	uint32_t part_mask;   /* bit (1 << enum keten_part): came with it */
	char text[512];       /* one Dutch sentence for people */
};

/**
 * keten_next(k, reader, news):
 * Store the oldest news that ${reader} has not marked read; KETEN_ENONE when
 * there is none.  It comes again until keten_read().
 */
KETEN_API int keten_next(struct keten *k, const char *reader,
    struct keten_news *news);

/**
 * keten_read(k, reader, seq):
 * Durably mark everything up to ${seq} as read by ${reader}.
 */
KETEN_API int keten_read(struct keten *k, const char *reader, uint64_t seq);

/**
 * keten_keeps(k, reader):
 * Say once, before reading, that ${reader} writes what it opens somewhere
 * outside the spool and removes it when it reads KETEN_ERASED: the confirmation
 * of an erasure waits until it has.
 */
KETEN_API int keten_keeps(struct keten *k, const char *reader);

/* A referral as this partner may know it, rebuilt from the records. */
struct keten_referral {
	char id[KETEN_ID_TEXT];
	enum keten_role role;
	char state[24];       /* OFFERED, ... */
	char state_nl[64];
	char fhir_status[24]; /* FHIR R4 Task.status */
	char code[12];        /* exact, where a note could be opened */
	char code_nl[96];
	char area[16];
	enum keten_urgency urgency;
	char basis[12];
	enum keten_discussed discussed;
	uint32_t units, units_done, units_total;
	char frequency[16];
	char payer[12];
	int64_t end_ms;
	uint32_t version, epoch;
	char originator[32], holder[32], regisseur[32];
	char parent[KETEN_ID_TEXT];
	uint32_t offer;       /* own offer; 0: none */
	char offer_state[16]; /* OPEN, SEEN, ... */
	int64_t offer_until_ms;
	int64_t next_ms;      /* first running term */
	char next_term[24];   /* its name */
	char next_nl[64];
	bool overdue, withdrawal_asked, unread;
	char outcome[12], reason[12];
	char may[512];        /* names of the steps this partner may take now */
	int64_t submitted_ms, changed_ms;
	uint64_t newest_index;
	uint32_t openable;    /* bit (1 << enum keten_part) */
	char custodian[32];
};

/**
 * keten_show(k, referral, r):
 * Describe the referral with the (whole or unique beginning of the) id
 * ${referral}.
 */
KETEN_API int keten_show(struct keten *k, const char *referral,
    struct keten_referral *r);

/**
 * keten_list(k, each, cookie):
 * Call ${each} for every referral in the spool, newest change first; stop
 * when it returns false.
 */
KETEN_API int keten_list(struct keten *k,
    bool (*each)(void *cookie, const struct keten_referral *r), void *cookie);

/**
 * keten_chain(k, referral, each, cookie):
 * Call ${each} for everything that arrived about ${referral}, oldest first.
 */
KETEN_API int keten_chain(struct keten *k, const char *referral,
    void (*each)(void *cookie, const struct keten_news *n), void *cookie);

/**
 * keten_open_part(k, referral, part, actor, seq, out, len):
 * Open the newest note, the newest person part, or the text that came with
 * news ${seq} (0: the newest).  On success ${out} is JSON, ${len} bytes and a
 * NUL, owned by the caller, who wipes and frees it with keten_wipe().  Opening
 * a person part is written to the spool's own log first, with ${actor}.
 * KETEN_ESEALED when this partner has no wrap (yet).
 */
KETEN_API int keten_open_part(struct keten *k, const char *referral,
    enum keten_part part, const char *actor, uint64_t seq, char **out,
    size_t *len);

/**
 * keten_open_text(k, referral, index, out, len):
 * The same for the text that came with record ${index}, also where that was
 * before this partner's time.
 */
KETEN_API int keten_open_text(struct keten *k, const char *referral,
    uint64_t index, char **out, size_t *len);

/**
 * keten_texts(k, referral, each, cookie):
 * Call ${each} for every record of ${referral} that brought a text which is
 * here, oldest first, and whether it can be opened.
 */
KETEN_API int keten_texts(struct keten *k, const char *referral,
    void (*each)(void *cookie, uint64_t index, bool opens), void *cookie);

/**
 * keten_wipe(p, len):
 * Wipe and free what keten_open_part() or keten_open_text() gave.
 */
KETEN_API void keten_wipe(char *p, size_t len);

/* ---- asking ------------------------------------------------------------- */

/**
 * keten_resolve(k, o, timeout_ms, text):
 * Ask who would be asked for the order ${o} (SUBMIT), in which order, with
 * which terms, and why the others not: Dutch text in ${text}, checked against
 * the signed policy.
 */
KETEN_API int keten_resolve(struct keten *k, const struct keten_order *o,
    int timeout_ms, const char **text);

/* What not every partner may get in a person part. */
enum keten_content {
	KETEN_MAY_BSN = 1,      /* member "bsn" */
	KETEN_MAY_PHOTO = 2,    /* member "photo" */
	KETEN_MAY_CLINICAL = 4, /* member "clinical" */
	KETEN_MAY_UNKNOWN = 8,	/* it cannot be said now: try again */
};

/**
 * keten_may_contain(k, o):
 * Return (enum keten_content, or-ed) what the covenants allow in the person
 * part of the order ${o}: of SUBMIT what everybody may get who can come to
 * hold the referral by its code, area, urgency, basis, discussed, first and
 * never; of HAND_OVER what the partner `to` may get.  By the signed policy that
 * is in the spool, without asking the broker; KETEN_MAY_UNKNOWN and nothing
 * else while there is none, or the spool cannot be read.
 * keten_order() refuses (KETEN_EREFUSED) a person part with more than this,
 * and a HAND_OVER of one.
 */
KETEN_API unsigned keten_may_contain(struct keten *k,
    const struct keten_order *o);

/**
 * keten_label(k, code):
 * Return the Dutch label of ${code} (service, signal, reason, outcome, basis)
 * in the policy this device knows, or "" when it has none.
 */
KETEN_API const char *keten_label(struct keten *k, const char *code);

/**
 * keten_warning(k, code):
 * Return in Dutch whom to call and which steps to follow with ${code}, by the
 * policy this device knows (its alarms for that code, or for any): to be shown
 * to whoever refers with it, before and not instead.  "" if there is nothing
 * of its own to say.  Valid until the next call of the library.
 */
KETEN_API const char *keten_warning(struct keten *k, const char *code);

/**
 * keten_partner(k, partner):
 * Return what people call ${partner} in the policy this device knows; "" if it
 * is not in there, or there is no policy yet.
 */
KETEN_API const char *keten_partner(struct keten *k, const char *partner);

/**
 * keten_codes(k, prefix, each, cookie):
 * Call ${each} for every code of the policy that begins with ${prefix}.
 */
KETEN_API int keten_codes(struct keten *k, const char *prefix,
    void (*each)(void *cookie, const char *code, const char *label),
    void *cookie);

/**
 * keten_matches(k, pattern, code), keten_protected(k, code):
 * Tell whether ${code}, which may be the exact one of a protected group, is
 * meant by ${pattern}: a code, a group, "SIG" or "DST"; whether it is
 * protected, which an unknown code is too.
 */
KETEN_API bool keten_matches(struct keten *k, const char *pattern,
    const char *code);
KETEN_API bool keten_protected(struct keten *k, const char *code);

/**
 * keten_reason(k, step):
 * Return the reason of the policy for ${step} when nobody names a better one:
 * one that goes with every step ("otherwise"), else the first that fits; "" if
 * there is none.
 */
KETEN_API const char *keten_reason(struct keten *k, enum keten_step step);

/**
 * keten_receipt(k, ticket, timeout_ms, text):
 * Make the tlog-proof of the leaf that ${ticket} became, checked; ask the
 * broker for what is missing.
 */
KETEN_API int keten_receipt(struct keten *k, uint64_t ticket, int timeout_ms,
    const char **text);

/* A report that a regisseur asks for; see PROTOCOL.md, section 28. */
struct keten_report_ask {
	const char *what;   /* "open", "figures" or "gaps" */
	const char *period; /* "2026-10", "2026-Q4"; NULL: the last month */
	const char *format; /* "text", "json" or "csv" */
	/* Called while it is being made; may be NULL.  ${of} 0: nobody knows. */
	void (*progress)(void *cookie, uint64_t done, uint64_t of);
	void *cookie;
};

/**
 * keten_report(k, ask, timeout_ms, text, len):
 * Ask for a report of what this partner oversees; store it, checked against
 * its digest, and its length (may be NULL).  KETEN_EREFUSED without that duty,
 * or of a period that is not over.
 */
KETEN_API int keten_report(struct keten *k,
    const struct keten_report_ask *ask, int timeout_ms, const char **text,
    size_t *len);

/**
 * keten_sync(k, timeout_ms):
 * Ask for every live referral of this partner (after a lost spool).
 */
KETEN_API int keten_sync(struct keten *k, int timeout_ms);

/**
 * keten_renew(k):
 * The spool was put back from a copy, or is that of another machine: begin a
 * new lane, take the mailbox from where the broker is, and ask for every live
 * referral at the next connection.  Orders that wait go out on the new lane;
 * orders that were sent and never answered become KETEN_FAILED, and the text
 * says to look first whether they are in the chain.
 */
KETEN_API int keten_renew(struct keten *k);

/**
 * keten_restored(k, tree):
 * The broker lost the end of its log and goes on from a backup, which is a
 * fork.  A person decides to go along: ${tree} is "SIZE:ROOT" (64 hexadecimal
 * digits) as whoever answers for the broker told it, in another way.  From now
 * on only a log that holds that tree is taken.  Does what keten_renew() does,
 * and puts every referral that began in the lost part into the news.
 */
KETEN_API int keten_restored(struct keten *k, const char *tree);

/**
 * keten_opened(k, each, cookie):
 * Call ${each} for every line of the spool's own log of who opened a person
 * part, oldest first.
 */
KETEN_API int keten_opened(struct keten *k,
    void (*each)(void *cookie, int64_t time_ms, const char *actor,
	const char *referral), void *cookie);

/* ---- the catalogue (sociale kaart) --------------------------------------- */

enum keten_capacity {
	KETEN_HAS = 1,
	KETEN_NONE,
	KETEN_WAITING_LIST,
	KETEN_ASSESS_FIRST,
};

/*
 * What a partner says of one of its services.  Zero or NULL means "not given".
 * Lists end with NULL.  Everybody in the network reads it: nothing about a
 * person stands in it.
 */
struct keten_entry {
	const char *service;  /* DST-101 */
	const char *name;     /* what people call it */
	const char *status;   /* active (NULL), closed, withdrawn */
	enum keten_capacity capacity;
	int64_t capacity_ms;  /* since when; 0: now */
	const char *const *areas; /* none: everywhere */
	const char *const *conditions; /* closed codes */
	uint32_t age_from, age_until;
	uint32_t cost_cents;
	const char *unit;     /* "per uur" */
	const char *const *hours; /* "ma-vr 08:30-17:00"; none: working time */
	uint32_t urgencies;   /* bit (1 << enum keten_urgency); 0: any */
	const char *const *bases;
	int64_t checked_ms;   /* when somebody last looked at it; 0: now */
	const char *checked_by; /* function or staff number; NULL: the actor */
};

/**
 * keten_publish(k, e, source, ticket):
 * Put ${e} in the place of this partner's entry for the same service, or let
 * that disappear (status "withdrawn").  An order like any other: written to
 * the spool, the same ${source} (may be NULL) once.  KETEN_EARGUMENT,
 * KETEN_EREFUSED if a name looks like something about a person.
 *
 * keten_order() with KETEN_PUBLISH does the same for an entry that is JSON
 * already: an object with service, name, status, capacity, capacity_since,
 * areas, conditions, age_from, age_until, cost (euros), unit, hours, bases,
 * urgencies, checked, checked_by, or the Dutch words for them of the adapters'
 * README; dates as 2026-08-31, lists as lists or with commas.
 */
KETEN_API int keten_publish(struct keten *k, const struct keten_entry *e,
    const char *source, uint64_t *ticket);

/**
 * keten_missing(k, code, area, source, ticket):
 * Say that nobody offers ${code} in ${area}: it counts in the report of gaps.
 * About no person and no referral.
 */
KETEN_API int keten_missing(struct keten *k, const char *code,
    const char *area, const char *source, uint64_t *ticket);

/* What is asked of the catalogue.  NULL, 0 and false: any. */
struct keten_search {
	const char *code;
	const char *area;
	const char *partner;
	bool open_now;
	bool room;            /* only with capacity, and not declined lately */
	uint32_t age;
	enum keten_urgency urgency;
};

/* One partner's service.  Lists and texts are valid during the call. */
struct keten_supply {
	char partner[32];
	char service[24];
	char service_nl[96];
	bool has_entry;       /* false: only that it declined is known */
	struct keten_entry entry;
	bool is_open;         /* now, in its hours */
	bool is_stale;        /* nobody looked at it for too long ... */
	int64_t stale_ms;     /* ... since then; else when that will be so */
	char declined[24];    /* AFW-01: had no room; "": did not say so */
	char declined_area[16];
	int64_t declined_until_ms; /* so long that is shown */
	uint64_t index;       /* of the record that brought the entry */
	int64_t opens_ms;     /* from when it is open; 0: never, or unknown */
};

/**
 * keten_catalogue(k, s, timeout_ms, each, cookie):
 * Ask the catalogue and call ${each} for every row that fits ${s}, in order of
 * service and partner.  KETEN_ETIMEOUT without a connection.
 */
KETEN_API int keten_catalogue(struct keten *k, const struct keten_search *s,
    int timeout_ms,
    void (*each)(void *cookie, const struct keten_supply *row), void *cookie);

/* ---- keys and trust ------------------------------------------------------ */

/* A certificate in the log, as this device has checked it. */
struct keten_key {
	char partner[32];
	char device[32];      /* "": a sealing key */
	char id[17];          /* of the signing or sealing key */
	uint64_t serial;
	uint64_t index;       /* of its record */
	uint64_t ended;       /* of the record that ended it; 0: it counts */
	bool is_revoked;      /* ... and that was no newer one */
	uint64_t suspect_from; /* 0: not */
	int64_t not_after_ms;
	bool is_here;         /* the secret half is with this device */
	bool is_used;         /* ... and used now */
};

/**
 * keten_keys(k, partner, each, cookie):
 * Call ${each} for every certificate of ${partner} that this device knows;
 * NULL: its own partner; "": of all.  Those of its own partner are asked for
 * at each connection, others when they are met.
 */
KETEN_API int keten_keys(struct keten *k, const char *partner,
    void (*each)(void *cookie, const struct keten_key *key), void *cookie);

/**
 * keten_certify(k, envelope, len, timeout_ms, index):
 * Put a certificate, or the end of one, into the log: ${envelope} as `keten
 * enrol` and `keten key` make it, signed by the identity key.  Store the index
 * of its record (may be NULL).
 */
KETEN_API int keten_certify(struct keten *k, const void *envelope, size_t len,
    int timeout_ms, uint64_t *index);

/* Something that is not as it was when somebody looked last. */
struct keten_change {
	char what[16];        /* policy, partner, identity, key, log, log-key,
				 alarm */
	char partner[32];     /* "": about nobody alone */
	char text[320];       /* one Dutch sentence */
	bool decide;          /* somebody has to decide about it */
};

/**
 * keten_changes(k, since_ms, each, cookie):
 * Call ${each} for what changed in policy, keys and log since somebody last
 * accepted it, and store when that was (0: never).
 */
KETEN_API int keten_changes(struct keten *k, int64_t *since_ms,
    void (*each)(void *cookie, const struct keten_change *c), void *cookie);

/**
 * keten_alarm(k, text, cap):
 * Write the last alarm that nobody accepted yet, one Dutch sentence, and a NUL
 * to ${text} of ${cap} bytes.  Show it to everybody, whatever they came for.
 * KETEN_ENONE if there is none.
 */
KETEN_API int keten_alarm(struct keten *k, char *text, size_t cap);

/**
 * keten_accept(k):
 * Somebody has seen all of that, alarms too, and finds it good.
 */
KETEN_API int keten_accept(struct keten *k);

/* ---- small things ------------------------------------------------------- */

/**
 * keten_step_name(step), keten_step_of(name):
 * The protocol's name of a step ("HAND_OVER"); the step of a name, 0 if none.
 */
KETEN_API const char *keten_step_name(enum keten_step step);
KETEN_API enum keten_step keten_step_of(const char *name);

/**
 * keten_step_label(step):
 * The Dutch label of a step.
 */
KETEN_API const char *keten_step_label(enum keten_step step);

/**
 * keten_version():
 * The version of the library, "1.0.0".
 */
KETEN_API const char *keten_version(void);

#endif /* !KETEN_H_ */
