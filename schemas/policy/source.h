#ifndef SOURCE_H_
#define SOURCE_H_

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "keten/v1/policy.pb-c.h"

#include "base/conf.h"
#include "base/err.h"

/*
 * source -- from the policy's YAML to the bytes that are signed.
 *
 * The same source gives the same bytes, on every machine.  All mistakes are
 * found in one run, each with file, line and what to change; there are no
 * bytes while there is one.  What the source may say stands in
 * config/demo/policy.yaml, which uses all of it.
 */

/**
 * source_compile(path, body, len, conf):
 * Read ${path} and compile it into the new block ${body} of ${len} bytes,
 * which the caller frees.  ${conf} then holds the source with its mistakes,
 * for conf_print_mistakes(); the caller closes it, also on failure (it is NULL
 * if the file could not be read).  ERR_CONFIG if there are mistakes,
 * ERR_NOT_FOUND, ERR_IO or ERR_NOMEM.
 */
MUST_CHECK enum err source_compile(const char *path, uint8_t **body,
    size_t *len, struct conf **conf);

/**
 * source_check(doc, report, cookie):
 * Look for every flaw in ${doc} that no single line shows, or that a document
 * from elsewhere could have; call ${report} with the Dutch sentence and the
 * kind and number of what it is about ("routes", 3).  Return how many there
 * are; 0 means that no referral can end up without a regisseur.
 */
size_t source_check(const Keten__V1__Policy *doc,
    void (*report)(void *cookie, const char *list, size_t i, const char *text),
    void *cookie);

#endif /* !SOURCE_H_ */
