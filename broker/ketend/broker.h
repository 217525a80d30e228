#ifndef BROKER_H_
#define BROKER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/keyring.h"
#include "core/look.h"
#include "core/store.h"
#include "ketend/ahead.h"
#include "ketend/clockwork.h"
#include "ketend/control.h"
#include "ketend/crew.h"
#include "ketend/eraser.h"
#include "ketend/expiry.h"
#include "ketend/gate.h"
#include "ketend/inhand.h"
#include "ketend/limits.h"
#include "ketend/metrics.h"
#include "ketend/publish.h"
#include "ketend/reports.h"
#include "ketend/quarantine.h"
#include "ketend/rewrap.h"
#include "ketend/roots.h"
#include "ketend/session.h"
#include "ketend/settings.h"
#include "ketend/succession.h"
#include "ketend/turn.h"
#include "ketend/wire.h"
#include "ketend/witnesses.h"
#include "policy/policy.h"
#include "trust/keyfile.h"
#include "trust/sign.h"

/*
 * broker -- the one structure that main() builds and passes down.
 *
 * One thread owns it.  What other threads have is inside gate (the map of
 * keys), crew (signatures, within a turn), publish (checkpoints) and witnesses
 * (their signatures), each with its own lock.
 */
/*
 * What decisions hide receivers with.  Each takes from the first on; only
 * what one used is made anew for the next, since most use one or two of the
 * many there have to be.
 */
struct blinds {
	size_t used;
	uint8_t b[DECIDE_BLINDS][16];
};

struct broker {
	struct settings *set;
	struct clockwork clock;
	struct wire wire;
	struct gate *gate;
	struct sessions *sessions;
	struct limits *limits;
	struct crew *crew;
	struct roots *roots;
	struct ahead *ahead; /* NULL: with one thread there is none */
	struct inhand *inhand;
	struct store *store;
	struct keyring *keys;
	struct look look;
	struct blinds blinds;
	struct policy *policy;
	struct secret *curve_key;
	struct signer *signer; /* of the log */
	struct signer *second; /* its other key; NULL: there is one */
	struct witnesses *witnesses; /* NULL: nobody is asked */
	struct publish *publish;
	struct rewraps *rewraps;
	struct control *control;
	struct reports *reports;
	struct metrics metrics;
	struct eraser eraser;
	struct expiry expiry;
	struct quarantine quarantine;
	struct succession succession;
	struct turn *turn;
	bool is_busy;	  /* the disk is nearly full */
	bool clock_is_off; /* timers stand still until clock accept */
	bool is_draining;
	bool wants_reload; /* SIGHUP came */
	bool wants_publish; /* the tree in ${accepted} is the one */
	struct decide_guard accepted;
	int64_t started_ms;
	enum guard_verdict guard; /* what it said last */
};

#endif /* !BROKER_H_ */
