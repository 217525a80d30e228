#ifndef FHIR_RES_H_
#define FHIR_RES_H_

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/err.h"
#include "map/order.h"

/*
 * res -- the resources of one file, and what refers to what.
 *
 * Everything here borrows from the JSON tree it was made of.
 */
struct fhir_res {
	const json_t *json;
	const char *type; /* "Task" */
	const char *id;	  /* or NULL */
	const char *url;  /* fullUrl in a Bundle, or NULL */
	bool used;	  /* a Task refers to it */
};

struct fhir_set {
	struct fhir_res *res; /* owned */
	size_t n;
	bool is_many;
};

/**
 * fhir_collect(root, set, trouble), fhir_set_fini(set):
 * Find the resources in ${root}: one, a list, a Bundle.  The caller gives
 * ${set} to fhir_set_fini(), which frees the list, also on failure.
 * ERR_MALFORMED, ERR_NOMEM.
 */
MUST_CHECK enum err fhir_collect(const json_t *root, struct fhir_set *set,
    struct map_trouble *trouble);
void fhir_set_fini(struct fhir_set *set);

/**
 * fhir_find(set, from, reference, type):
 * Return the resource of ${type} that the Reference ${reference} (may be NULL)
 * in ${from} points at: contained in ${from}, by type and id, or by fullUrl;
 * NULL if it is not in this file.  A contained one is returned too.
 */
const json_t *fhir_find(const struct fhir_set *set, const json_t *from,
    const json_t *reference, const char *type);

/**
 * fhir_shape(json, type, trouble):
 * Check that the elements of a Task, ServiceRequest or Patient that we look at
 * have the JSON type that R4 gives them.
 */
MUST_CHECK enum err fhir_shape(const json_t *json, const char *type,
    struct map_trouble *trouble);

/**
 * fhir_text(object, name), fhir_at(object, name, i):
 * Return the text of a member, NULL if it is not there or no text; the ${i}th
 * member of the list in a member, NULL if it is not there.
 */
const char *fhir_text(const json_t *object, const char *name);
const json_t *fhir_at(const json_t *object, const char *name, size_t i);

/**
 * fhir_path(object, path):
 * Follow "restriction.period.end"; NULL as soon as something is not there.
 */
const json_t *fhir_path(const json_t *object, const char *path);

/**
 * fhir_points_at(reference, type):
 * Tell whether ${reference} points at a resource of ${type} by its looks.
 * True when it does not say.
 */
bool fhir_points_at(const json_t *reference, const char *type);

/**
 * fhir_concept_text(concept):
 * Return the words of a CodeableConcept: text, else display, else code of the
 * first coding; NULL if it has none.
 */
const char *fhir_concept_text(const json_t *concept);

#endif /* !FHIR_RES_H_ */
