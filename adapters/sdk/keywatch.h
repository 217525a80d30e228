#ifndef KEYWATCH_H_
#define KEYWATCH_H_

#include <stdbool.h>

#include "base/err.h"
#include "sdk/steward.h"

/*
 * keywatch -- this device's own keys and certificates, while it is connected.
 *
 * In each session, and when the broker says that keys have changed, it asks
 * for the partner's own certificates; uses the signing, CURVE and sealing keys
 * that the newest of them name; signs anew, under the same numbers, what waits
 * with an older signature and was certainly not consumed; has what is sealed
 * for an older key sealed again (reseal.h); and says in the news that a certificate ends in 30, 7 or 1 days, or has ended.
 */

/**
 * keywatch_turn(s):
 * Do that if it is time.  ERR_TIMEOUT without an answer.
 */
MUST_CHECK enum err keywatch_turn(struct steward *s);

/**
 * keywatch_choose(k):
 * Use the keys that the newest certificates known here name.
 */
void keywatch_choose(struct keten *k);

/**
 * keywatch_days(until_ms, now_ms):
 * Return the smallest of 30, 7, 1 and 0 days within which ${until_ms} comes
 * (0: it has passed), or -1 if it is further away or 0, which is never.
 */
int keywatch_days(int64_t until_ms, int64_t now_ms);

#endif /* !KEYWATCH_H_ */
