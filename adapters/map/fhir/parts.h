#ifndef FHIR_PARTS_H_
#define FHIR_PARTS_H_

#include <jansson.h>

#include "base/err.h"
#include "map/fhir/res.h"
#include "map/kind.h"
#include "map/order.h"
#include "map/world.h"

/*
 * parts -- the pieces from which fhir_read() makes one order.
 */

/* One thing that is asked: a Task, its ServiceRequest, its Patient. */
struct fhir_item {
	const json_t *task;    /* or NULL */
	const json_t *request; /* or NULL; one of the two is there */
	const json_t *patient; /* or NULL */
};

/**
 * fhir_person(item, o):
 * Put what may be said of the person into ${o}, and note in its remark which
 * elements and resources were left out.  ERR_NOMEM.
 */
MUST_CHECK enum err fhir_person(const struct fhir_item *item,
    struct map_order *o);

/**
 * fhir_content(set, item, o):
 * Put the BSN, the photograph and the clinical resources that are about the
 * person of ${item} into ${o}, for content_settle() to decide about, and mark
 * those resources used.  What cannot go along as it is (too large, another
 * number, another kind of picture) is named in its remark.  ERR_NOMEM.
 */
MUST_CHECK enum err fhir_content(const struct fhir_set *set,
    const struct fhir_item *item, struct map_order *o);

/**
 * fhir_is_clinical(json):
 * Tell whether ${json} is a resource that fhir_content() looks at.
 */
bool fhir_is_clinical(const json_t *json);

/**
 * fhir_area(use, patient, o, trouble):
 * Find the area of ${patient} (may be NULL) in the tables, by postcode and
 * then by city; else the default.  ERR_MALFORMED if there is none.
 */
MUST_CHECK enum err fhir_area(const struct map_use *use,
    const json_t *patient, struct map_order *o, struct map_trouble *trouble);

/**
 * fhir_code(use, item, o, trouble):
 * Find our code for what is asked; else the default.  ERR_MALFORMED with the
 * element if the tables have neither.
 */
MUST_CHECK enum err fhir_code(const struct map_use *use,
    const struct fhir_item *item, struct map_order *o,
    struct map_trouble *trouble);

/**
 * fhir_request(use, item, now_ms, o, trouble):
 * Put how often, until when, how urgent, the note and the story into ${o}.
 */
MUST_CHECK enum err fhir_request(const struct map_use *use,
    const struct fhir_item *item, int64_t now_ms, struct map_order *o,
    struct map_trouble *trouble);

/**
 * fhir_keys(item, o):
 * Put the names by which the sender's system knows it into ${o}, and what has
 * to come back: identifiers and references.  ERR_NOMEM.
 */
MUST_CHECK enum err fhir_keys(const struct fhir_item *item,
    struct map_order *o);

/**
 * fhir_known(world, json, type, referral):
 * Find the referral that the Task or ServiceRequest ${json} is about.
 */
bool fhir_known(const struct map_world *world, const json_t *json,
    const char *type, char referral[KETEN_ID_TEXT]);

/**
 * fhir_step(use, world, json, type, referral, o, changed, trouble):
 * Make the step that the new status of ${json}, which is about ${referral},
 * asks for; false in ${changed} if it asks for none.
 */
MUST_CHECK enum err fhir_step(const struct map_use *use,
    const struct map_world *world, const json_t *json, const char *type,
    const char *referral, struct map_order *o, bool *changed,
    struct map_trouble *trouble);

/* One row of tbl_task.h. */
struct fhir_status {
	const char *type;
	const char *status;
	bool is_new;
	enum keten_step step[3];
	const char *why;
};

/**
 * fhir_status(type, status):
 * Return the row; NULL if R4 has no such status.
 */
const struct fhir_status *fhir_status(const char *type, const char *status);

/**
 * fhir_copy_reference(from, to, name), fhir_copy_references(from, to, name),
 * fhir_copy_identifiers(from, to, name), fhir_copy_text(from, to, name):
 * Copy what is plain and valid in the Reference, list of References, list of
 * Identifiers, text ${name} of ${from} into ${to}; nothing where nothing is
 * left.  ERR_NOMEM.
 */
MUST_CHECK enum err fhir_copy_reference(const json_t *from, json_t *to,
    const char *name);
MUST_CHECK enum err fhir_copy_references(const json_t *from, json_t *to,
    const char *name);
MUST_CHECK enum err fhir_copy_identifiers(const json_t *from, json_t *to,
    const char *name);
MUST_CHECK enum err fhir_copy_text(const json_t *from, json_t *to,
    const char *name);

#endif /* !FHIR_PARTS_H_ */
