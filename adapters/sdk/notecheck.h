#ifndef NOTECHECK_H_
#define NOTECHECK_H_

#include <stddef.h>

#include "base/err.h"

/*
 * notecheck -- does an offer note give away who it is about?
 *
 * Candidates read the note before anybody has accepted, so it may not hold
 * what stands in the person part: a name, a street with number or a full
 * postcode, a telephone number, a mail address, the date of birth, or a
 * nine-digit BSN (of which any valid one is refused).  It has at most
 * NOTECHECK_MAX characters.
 *
 * It compares words and digits, not meaning: it catches mistakes, not intent.
 * What it refuses too much ("de Boer" and a boer) is easily written otherwise.
 */
#define NOTECHECK_MAX 300
#define NOTECHECK_WHY 256

/**
 * notecheck(note, person, why):
 * Compare the text ${note} with the person part ${person}, a JSON object or
 * NULL.  ERR_NOT_ALLOWED, and one Dutch sentence that says what to take out in
 * ${why}, if it may not be sent; ERR_MALFORMED, likewise, if ${person} is not
 * a JSON object; ERR_NOMEM.
 */
MUST_CHECK enum err notecheck(const char *note, const char *person,
    char why[NOTECHECK_WHY]);

/**
 * notecheck_public(text, why):
 * Does ${text}, which everybody in the network will read, look as if it were
 * about a person?  By its form alone: a title before a name, a street with its
 * number, a whole postcode, a telephone number, a date, a valid BSN, a mail
 * address.  ERR_NOT_ALLOWED and one Dutch sentence in ${why}; ERR_NOMEM.
 */
MUST_CHECK enum err notecheck_public(const char *text,
    char why[NOTECHECK_WHY]);

#endif /* !NOTECHECK_H_ */
