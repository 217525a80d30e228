#ifndef SOURCE_H_
#define SOURCE_H_

#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "policy/policy.h"

/*
 * source -- from the policy's YAML to the bytes that are signed.
 *
 * The same source gives the same bytes, on every machine.  All mistakes are
 * found in one run, each with file, line and what to change; there are no
 * bytes while there is one.  What the source may say stands in
 * config/demo/policy.yaml and, key by key, in keten/v1/policy.proto.
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
 * source_compile_next(path, old, body, len, conf):
 * The same for one that is to follow ${old} (NULL: none): what keeps it from
 * that is a mistake too.
 */
MUST_CHECK enum err source_compile_next(const char *path,
    const struct policy *old, uint8_t **body, size_t *len,
    struct conf **conf);

#endif /* !SOURCE_H_ */
