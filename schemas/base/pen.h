#ifndef PEN_H_
#define PEN_H_

#include <stddef.h>

/*
 * pen -- text that is written piece by piece into a buffer and cut where that
 * ends.
 *
 *	struct pen p = { buf, cap, 0 };
 *	pen_put(&p, "%s, ", name);
 *
 * What is in the buffer always ends with a NUL.
 */
struct pen {
	char *out; /* may be NULL if ${cap} is 0: then it only counts */
	size_t cap;
	size_t len; /* what it would be if nothing had been cut */
};

/**
 * pen_put(p, fmt, ...):
 * Add the text.
 */
void pen_put(struct pen *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * pen_len(p):
 * Return the length of what is in the buffer, without its NUL.
 */
size_t pen_len(const struct pen *p);

#endif /* !PEN_H_ */
