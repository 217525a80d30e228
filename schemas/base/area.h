#ifndef AREA_H_
#define AREA_H_

#include <stdbool.h>
#include <stddef.h>

/*
 * area -- CBS codes of municipalities, districts and neighbourhoods.
 *
 * GM + 4 digits, WK + 6, BU + 8 positions.  Of WK and BU the last two or four
 * positions may be capital letters.  One area lies in another when the other's
 * characters after the two letters are a prefix of its own: BU08550101 lies
 * in WK085501, which lies in GM0855.
 */
enum area_kind {
	AREA_NONE = 0, /* not a code at all */
	AREA_GM,
	AREA_WK,
	AREA_BU,
};

#define AREA_MAX 10 /* characters of the longest code */

/**
 * area_kind(code), area_is_valid(code):
 * Tell what ${code} names, AREA_NONE if it is not well formed; whether it is.
 */
enum area_kind area_kind(const char *code);
bool area_is_valid(const char *code);

/**
 * area_contains(outer, inner):
 * Tell whether ${inner} lies in ${outer} or is the same.  False when one of
 * them is not well formed.
 */
bool area_contains(const char *outer, const char *inner);

/**
 * area_municipality(code, gm):
 * Write the code of the municipality in which ${code} lies into ${gm}.  Return
 * false, with ${gm} untouched, if ${code} is not well formed.
 */
bool area_municipality(const char *code, char gm[AREA_MAX + 1]);

/**
 * area_coarse(code, out):
 * Write ${code} into ${out}, filled up with NULs: of a neighbourhood the
 * district in which it lies, as that is the finest that is told to all.
 * Return false, with ${out} untouched, if ${code} is not well formed.
 */
bool area_coarse(const char *code, char out[AREA_MAX + 1]);

#endif /* !AREA_H_ */
