#include <stdarg.h>
#include <stdio.h>

#include "base/pen.h"

void
pen_put(struct pen *p, const char *fmt, ...)
{
	const size_t room = p->len < p->cap ? p->cap - p->len : 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room > 0 ? p->out + p->len : NULL, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		p->len += (size_t)n;
}

size_t
pen_len(const struct pen *p)
{
	if (p->len < p->cap)
		return (p->len);
	return (p->cap == 0 ? 0 : p->cap - 1);
}
