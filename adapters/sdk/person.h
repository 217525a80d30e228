#ifndef PERSON_H_
#define PERSON_H_

/*
 * person -- what a person part says that not every partner may get.
 */

/**
 * person_contains(person):
 * Return (enum keten_content, or-ed) which of the members "bsn", "photo" and
 * "clinical", or their Dutch names, the JSON object ${person} has with
 * something in it, at any depth.  0 for NULL and for what is no JSON.
 */
unsigned person_contains(const char *person);

/**
 * person_word(content):
 * Return how the first of ${content} is called in a Dutch sentence; constant.
 */
const char *person_word(unsigned content);

#endif /* !PERSON_H_ */
