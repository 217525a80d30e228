#ifndef FINDINGS_H_
#define FINDINGS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * findings -- what an audit found, and the exit code that follows from it.
 *
 * The exit codes are public: scripts and other auditors lean on them.  They
 * stand in order of gravity in one table, and the worst one found is the
 * verdict.  Any thread may add.
 */
enum verdict {
	VERDICT_WITNESSED = 0,
	VERDICT_UNWITNESSED = 10,
	VERDICT_ERASURES = 11,
	VERDICT_USAGE = 2,
	VERDICT_SIGNATURE = 20,
	VERDICT_HASH = 21,
	VERDICT_FORK = 22,
	VERDICT_MISSING = 23,
	VERDICT_KEY = 24,
	VERDICT_WITNESSES = 25,
	VERDICT_GAP = 26,
	VERDICT_MALFORMED = 27,
	VERDICT_DECIDED = 28,
};

/**
 * verdict_name(v), verdict_text(v):
 * Return the short English name of ${v} ("HASH"); one Dutch sentence about it.
 * Constant text.
 */
const char *verdict_name(enum verdict v);
const char *verdict_text(enum verdict v);

/**
 * verdict_nth(i, v):
 * Store the ${i}th verdict, from the best to the worst, in ${v}; return 0, or
 * -1 after the last.
 */
int verdict_nth(size_t i, enum verdict *v);

/**
 * verdict_worse(a, b):
 * Return the worse of the two.
 */
enum verdict verdict_worse(enum verdict a, enum verdict b);

#define FINDING_NOWHERE UINT64_MAX /* it is about no record in particular */
#define FINDING_TEXT 256

struct finding {
	bool is_note; /* something to look at, and nothing that is wrong */
	enum verdict verdict;
	uint64_t index; /* of the record, or FINDING_NOWHERE */
	char text[FINDING_TEXT];
};

struct findings;

/**
 * findings_new():
 * Return an empty list, or NULL.  The caller frees it with findings_free().
 */
struct findings *findings_new(void);

/**
 * findings_free(f):
 * Free ${f}.  findings_free(NULL) does nothing.
 */
void findings_free(struct findings *f);

/**
 * findings_add(f, verdict, index, fmt, ...):
 * Add one.  All are counted; of more than ten thousand only the first are
 * kept, as nobody reads on.
 */
void findings_add(struct findings *f, enum verdict verdict, uint64_t index,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/**
 * findings_note(f, index, fmt, ...):
 * Add something that a person should look at: it is shown with the others, and
 * changes neither the verdict nor the count.
 */
void findings_note(struct findings *f, uint64_t index, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * findings_total(f), findings_kept(f):
 * Return how many there are; how many findings_nth() can give, notes too.
 */
uint64_t findings_total(const struct findings *f);
size_t findings_kept(const struct findings *f);

/**
 * findings_nth(f, i):
 * Return the ${i}th, in order of record; those about none come last.  Only
 * when nobody adds any more.
 */
const struct finding *findings_nth(struct findings *f, size_t i);

/**
 * findings_worst(f):
 * Return the worst verdict found, VERDICT_WITNESSED if there is none.
 */
enum verdict findings_worst(const struct findings *f);

/**
 * findings_first(f):
 * Return the first record that a finding is about, or FINDING_NOWHERE.
 */
uint64_t findings_first(const struct findings *f);

#endif /* !FINDINGS_H_ */
