#ifndef COMMANDS_H_
#define COMMANDS_H_

#include "audit/args.h"
#include "base/err.h"
#include "core/store.h"

/*
 * commands -- what keten-audit can do.  Each takes what was asked, writes its
 * result to stdout and what went wrong to stderr, and returns the exit code.
 */
int command_verify(const struct args *a);
int command_verify_tiles(const struct args *a);
int command_replay(const struct args *a);
int command_trace(const struct args *a);
int command_show(const struct args *a);
int command_prove(const struct args *a);
int command_checkpoint(const struct args *a);
int command_receipt(const struct args *a);
int command_export(const struct args *a);
int command_case(const struct args *a);
int command_access(const struct args *a);
int command_consistency(const struct args *a);
int command_keys(const struct args *a);
int command_sample(const struct args *a);
int command_selftest(const struct args *a);
int command_witness(const struct args *a);
int command_report(const struct args *a);

/**
 * command_open(a, st):
 * Open the store that ${a} names, only to read, into ${st}, which the caller
 * closes.  If it cannot be, say why on stderr.
 */
MUST_CHECK enum err command_open(const struct args *a, struct store **st);

/**
 * command_follow(a, txn, r):
 * Fill ${r} with the trust root of ${a} and, if it has the introducer's key,
 * with the other keys of the log that the policy in force in the log names.
 */
void command_follow(const struct args *a, struct txn *txn, struct root *r);

/**
 * command_trouble(err):
 * Say that the machine would not, and return the exit code for that.
 */
int command_trouble(enum err err);

/**
 * command_referral(txn, text, id):
 * Find the referral that ${text} means, whole or its beginning (refind.h).  If
 * there is none, or more, say so on stderr; a whole id is in ${id} also when
 * the tables do not have it (ERR_NOT_FOUND).
 */
struct refid;
MUST_CHECK enum err command_referral(struct txn *txn, const char *text,
    struct refid *id);

/**
 * command_put(a, name, number, text, len):
 * Write the ${len} characters ${text} on stdout; with --json as a line that
 * also has ${number}, called ${name}.
 */
MUST_CHECK enum err command_put(const struct args *a, const char *name,
    uint64_t number, const char *text, size_t len);

/**
 * command_find(a, txn, text, index, id):
 * Read ${text} as the index of a record (then ${id} is none) or as a referral
 * of the store (then ${index} is that of its newest record).  If it is
 * neither, say so on stderr.
 */
MUST_CHECK enum err command_find(struct txn *txn, const char *text,
    uint64_t *index, struct refid *id);

#endif /* !COMMANDS_H_ */
