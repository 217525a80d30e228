/*
 * request -- what a log says to a witness.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/request.h"
#include "trust/lines.h"

enum err
request_make(const struct request *r, char out[REQUEST_MAX], size_t *len)
{
	size_t at = (size_t)snprintf(out, REQUEST_MAX, "old %" PRIu64 "\n",
	    r->old);

	if (r->n > REQUEST_PROOF_MAX || r->note.len > NOTE_MAX)
		return (ERR_FULL);
	for (size_t i = 0; i < r->n; i++) {
		at += base64_encode(r->proof[i], 32, out + at);
		out[at++] = '\n';
	}
	out[at++] = '\n';
	memcpy(out + at, r->note.p, r->note.len);
	at += r->note.len;
	out[at] = '\0';
	*len = at;
	return (ERR_OK);
}

enum err
request_parse(struct slice bytes, struct request *r)
{
	struct slice rest = bytes, line;
	size_t len;

	memset(r, 0, sizeof(*r));
	if (!lines_next(&rest, &line) || line.len < 5 ||
	    memcmp(line.p, "old ", 4) != 0 ||
	    !lines_decimal(slice_of(line.p + 4, line.len - 4), &r->old))
		return (ERR_MALFORMED);
	for (;;) {
		if (!lines_next(&rest, &line))
			return (ERR_MALFORMED);
		if (line.len == 0)
			break;
		if (r->n == REQUEST_PROOF_MAX ||
		    !base64_decode((const char *)line.p, line.len,
			r->proof[r->n], 32, &len) || len != 32)
			return (ERR_MALFORMED);
		r->n++;
	}
	r->note = rest;
	return (ERR_OK);
}
