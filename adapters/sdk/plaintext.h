#ifndef PLAINTEXT_H_
#define PLAINTEXT_H_

#include <stdbool.h>
#include <stddef.h>

/*
 * plaintext -- text made comparable: lower case, without accents, cut into
 * words of letters and words of digits.  For notecheck.h only.
 */
enum plain_kind { PLAIN_LETTERS = 1, PLAIN_DIGITS };

struct plain_word {
	enum plain_kind kind;
	size_t at;  /* where it begins in the folded text */
	size_t len;
	char gap;   /* the character before it, 0 at the beginning */
};

struct plain {
	char *folded;
	size_t n;
	struct plain_word *words;
};

/**
 * plain_of(text, p):
 * Fold ${text} into ${p}, which the caller gives to plain_fini().  False if
 * there is no memory.
 */
bool plain_of(const char *text, struct plain *p);
void plain_fini(struct plain *p);

/**
 * plain_is(p, i, word), plain_is_any(p, i, words, n):
 * Tell whether word ${i} is the folded ${word}, or one of the ${n} in
 * ${words}.
 */
bool plain_is(const struct plain *p, size_t i, const char *word);
bool plain_is_any(const struct plain *p, size_t i, const char *const *words,
    size_t n);

/**
 * plain_same(a, i, b, j):
 * Tell whether word ${i} of ${a} and ${j} of ${b} are the same.
 */
bool plain_same(const struct plain *a, size_t i, const struct plain *b,
    size_t j);

/**
 * plain_chars(text):
 * Return how many characters (not bytes) the UTF-8 ${text} has.
 */
size_t plain_chars(const char *text);

/**
 * plain_number(p, i, out, cap, next):
 * Read the digits from word ${i} on, across the spaces and punctuation that
 * people put into telephone numbers, as one number into ${out}; +31 and 0031
 * become 0.  Store the word after it in ${next}.  Return its length, 0 if
 * word ${i} is none or it does not fit.
 */
size_t plain_number(const struct plain *p, size_t i, char *out, size_t cap,
    size_t *next);

/**
 * plain_date(p, i, out):
 * Read a date from word ${i} on (1941-03-03, 3-3-1941, 3 maart 1941) as
 * "19410303" into ${out}; false if there is none.
 */
bool plain_date(const struct plain *p, size_t i, char out[9]);

#endif /* !PLAINTEXT_H_ */
