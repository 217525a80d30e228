#ifndef EXPORT_H_
#define EXPORT_H_

#include <stdio.h>

#include "audit/args.h"
#include "audit/findings.h"
#include "audit/walk.h"
#include "base/err.h"
#include "core/store.h"
#include "wire/arena.h"

/*
 * export -- the log in the forms that other people's programs read.
 */
struct export {
	const struct args *a;
	struct txn *txn;
	struct arena *arena;
	FILE *to;
	enum verdict worst; /* of the records that were written */
};

/**
 * export_csv(x), export_fhir(x):
 * Write the records that ${x} asks for: a table; a Bundle of AuditEvents.
 */
MUST_CHECK enum err export_csv(struct export *x);
MUST_CHECK enum err export_fhir(struct export *x);

#endif /* !EXPORT_H_ */
