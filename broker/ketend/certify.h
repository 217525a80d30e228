#ifndef CERTIFY_H_
#define CERTIFY_H_

#include "base/bytes.h"
#include "base/err.h"
#include "keten/v1/keys.pb-c.h"
#include "ketend/turn.h"

struct broker;

/*
 * certify -- certificates and their ends: checked here, counted from the
 * record after theirs.
 *
 * Who brings one does not matter: the operator, or any device in a session.
 * Who signed it does.
 */

/**
 * certify_fault(b, bytes, key):
 * Return everything that can be wrong with the envelope ${bytes} as one Dutch
 * sentence, or NULL and what it says in ${key}, both in turn.out.
 */
const char *certify_fault(struct broker *b, struct slice bytes,
    Keten__V1__KeyStatement **key);

/**
 * certify_write(b, bytes, key, made):
 * Write the KEY record of what certify_fault() found right.  Nothing else may
 * be judged in this turn: it would be with the keys of before.
 */
MUST_CHECK enum err certify_write(struct broker *b, struct slice bytes,
    const Keten__V1__KeyStatement *key, struct made **made);

/**
 * certify_find(b, bytes, key, index):
 * Store in ${index} where the very same envelope stands in the log; 0: it does
 * not.  ${key} is what it says.
 */
MUST_CHECK enum err certify_find(struct broker *b, struct slice bytes,
    const Keten__V1__KeyStatement *key, uint64_t *index);

/**
 * certify_kind(key):
 * Return "device", "sealing" or "revoke".  Constant text.
 */
const char *certify_kind(const Keten__V1__KeyStatement *key);

/**
 * certify_judge(b, m):
 * Decide the query ${m} that brings one: its record is in ${m}->made, or, if
 * the very same is in the log already, in ${m}->repeat_index; or why not in
 * ${m}->late.
 */
MUST_CHECK enum err certify_judge(struct broker *b, struct message *m);

/**
 * certify_answer(b, m):
 * Send the record that certify_judge() wrote, or, through turn.txn, the one
 * that it found to be there already.
 */
MUST_CHECK enum err certify_answer(struct broker *b, struct message *m);

/**
 * certify_is(m):
 * Tell whether ${m} is such a query.
 */
bool certify_is(const struct message *m);

#endif /* !CERTIFY_H_ */
