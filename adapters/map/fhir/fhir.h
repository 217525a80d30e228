#ifndef MAP_FHIR_H_
#define MAP_FHIR_H_

#include <stdbool.h>

#include <jansson.h>

#include "base/err.h"
#include "map/kind.h"
#include "map/news.h"
#include "map/order.h"
#include "map/world.h"

/*
 * fhir -- FHIR R4 JSON at the edge: Task and ServiceRequest.
 *
 * In: one resource, a list of them, or a Bundle.  A Task that is new to us, or
 * a ServiceRequest without a Task, is something to pass on (SUBMIT).  A Task
 * that we know, because we made it or took it before, is a step: its new
 * status says which (tbl_task.h).
 *
 * What becomes a referral: work that is open.  For a Task that is requested,
 * received, accepted, ready, in-progress or on-hold: whoever owns it in the
 * sender's system is the one who passes it on.  A draft is not sent yet; what
 * is completed, rejected, cancelled, failed or entered in error needs nobody
 * any more.  For a ServiceRequest: active.
 *
 * What leaves only where the covenants with all who can get it allow it
 * (content.h): BSN, a photograph, and clinical resources about that person.
 * What never leaves: other numbers of a person, clinical elements of a request
 * (reasons, specimens) and other resources.  The answer names what was left
 * out.
 */

/**
 * fhir_is(root):
 * Tell whether ${root} is meant to be FHIR: a resource or a list of them.
 */
bool fhir_is(const json_t *root);

/**
 * fhir_read(use, world, root, list, trouble):
 * Add to ${list} what the resources in ${root} ask for, before map_check().
 * ERR_MALFORMED with a sentence that names the element; ERR_NOMEM.
 */
MUST_CHECK enum err fhir_read(const struct map_use *use,
    const struct map_world *world, const json_t *root, struct map_list *list,
    struct map_trouble *trouble);

/**
 * fhir_task(use, m, out):
 * Make the Task that tells ${m}, as JSON that the caller owns.  What was
 * received (identifier, for, requester, focus, basedOn, partOf) stands in it
 * again.  ERR_NOMEM.
 */
MUST_CHECK enum err fhir_task(const struct map_use *use,
    const struct map_news *m, json_t **out);

/**
 * fhir_bundle(task, m, out):
 * Make a Bundle of ${task} (borrowed) and a Patient with what the person part
 * of ${m} says, and the clinical resources in it.  The caller owns ${out}.
 * ERR_NOMEM.
 */
MUST_CHECK enum err fhir_bundle(json_t *task, const struct map_news *m,
    json_t **out);

#endif /* !MAP_FHIR_H_ */
