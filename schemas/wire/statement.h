#ifndef STATEMENT_H_
#define STATEMENT_H_

#include "base/bytes.h"
#include "base/err.h"
#include "keten/v1/keys.pb-c.h"
#include "keten/v1/statement.pb-c.h"
#include "wire/arena.h"
#include "wire/envelope.h"

/*
 * statement -- read what an organisation signed, and check its shape.
 *
 * Shape is what can be seen without knowing anything else: lengths, alphabets,
 * closed numbers, the fields without which an event means nothing.  Whether the sender may
 * say it, and whether codes, areas and partners exist, is decided later and
 * becomes a leaf; what is refused here uses up no number.
 */
#define STATEMENT_VERSION 1
#define STATEMENT_LANE 8
#define STATEMENT_NONCE 32
#define STATEMENT_HASH 32
#define STATEMENT_ORIGIN_MAX 128	/* characters of an origin */
#define STATEMENT_CODE_MAX 16		/* characters of a code */
#define STATEMENT_PARTS_MAX 8		/* sealed parts of one command */
#define STATEMENT_CONTAINS 7u		/* BSN 1, photo 2, clinical data 4 */
#define STATEMENT_WRAPS_MAX 16		/* recipients of one part */
#define STATEMENT_TITLE_MAX 80		/* bytes of what a service is called */
#define STATEMENT_TITLE_DIGITS 6	/* ... digits in it: no number of a person */
#define STATEMENT_NAMES_MAX 16		/* partners in first and in never */

/**
 * statement_parse(a, kind, body, st, rule):
 * Read ${body}, the body of an envelope of kind ${kind}, into ${a}, and check
 * its shape; the member of its oneof must be that of ${kind}.  Return
 * ERR_MALFORMED, ERR_TOO_BIG, ERR_VERSION or ERR_NOMEM, and on failure point
 * ${rule} (may be NULL) at constant Dutch text.  The origin is checked for
 * shape only.
 */
enum err statement_parse(struct arena *a, enum envelope_kind kind,
    struct slice body, Keten__V1__Statement **st, const char **rule) MUST_CHECK;

/**
 * statement_parse_ack(a, body, ack, rule):
 * The same for the body of an envelope of kind ack.
 */
enum err statement_parse_ack(struct arena *a, struct slice body,
    Keten__V1__Ack **ack, const char **rule) MUST_CHECK;

/**
 * statement_parse_key(a, body, key, rule):
 * The same for the body of an envelope of kind key.
 */
enum err statement_parse_key(struct arena *a, struct slice body,
    Keten__V1__KeyStatement **key, const char **rule) MUST_CHECK;

/**
 * statement_check_entry(entry, rule):
 * Check the shape of an entry of the catalogue, as statement_parse() does.
 * ERR_MALFORMED, and ${rule} says what is wrong.
 */
MUST_CHECK enum err statement_check_entry(
    const Keten__V1__CatalogueEntry *entry, const char **rule);

#endif /* !STATEMENT_H_ */
