#ifndef TELL_H_
#define TELL_H_

#include "ctl/ctl.h"

/*
 * tell -- what the broker answered, on stdout, in plain Dutch.  Programs use
 * --json, whose names stay as they are; these sentences may change.
 */

/** What is told of the whole broker. */
ctl_tell_fn tell_status, tell_queue, tell_clock, tell_guard, tell_policy;

/** What is told of partners, and of a certificate that was taken. */
ctl_tell_fn tell_partners, tell_enrolled;

/** What is told of one referral. */
ctl_tell_fn tell_referral;

/** What is told of erasing: what was done, is due, is not confirmed. */
ctl_tell_fn tell_erased, tell_erase_list, tell_erase_status;

#endif /* !TELL_H_ */
