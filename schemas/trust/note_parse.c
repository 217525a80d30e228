/*
 * note_parse -- taking a signed checkpoint apart, strictly.
 *
 * One text has one reading: what other readers might forgive (CRLF, leading
 * zeros, missing padding, extension lines, text after the last line) is
 * refused here, so that two honest parties never differ over a checkpoint.
 */
#include <stdbool.h>
#include <string.h>

#include "trust/lines.h"
#include "trust/note.h"

static const uint8_t dash[4] = { 0xe2, 0x80, 0x94, ' ' };

/* Read the three lines and the empty one after them. */
static bool
text(struct slice *rest, struct note *note)
{
	const uint8_t *begin = rest->p;
	struct note_checkpoint *c = &note->checkpoint;
	struct slice line;
	size_t len;

	if (!lines_next(rest, &line) || !lines_is_name(line))
		return (false);
	memcpy(c->origin, line.p, line.len);
	if (!lines_next(rest, &line) || !lines_decimal(line, &c->size))
		return (false);
	if (!lines_next(rest, &line) ||
	    !base64_decode((const char *)line.p, line.len, c->root, 32,
		&len) ||
	    len != 32)
		return (false);
	note->text = slice_of(begin, (size_t)(rest->p - begin));
	return (lines_next(rest, &line) && line.len == 0);
}

/*
 * Names of other people's keys may hold more than ours do, so here it is
 * enough that there is one; a key that we know still has to match to the byte.
 */
static bool
signature(struct slice line, struct note_sig *sig)
{
	uint8_t raw[4 + sizeof(sig->sig)];
	const uint8_t *space;
	size_t len;

	if (line.len < sizeof(dash) || memcmp(line.p, dash, 4) != 0)
		return (false);
	line = slice_of(line.p + 4, line.len - 4);
	space = memchr(line.p, ' ', line.len);
	if (space == NULL || space == line.p)
		return (false);
	sig->name = slice_of(line.p, (size_t)(space - line.p));
	line = slice_of(space + 1, line.len - sig->name.len - 1);

	/* Longer ones (of keys we do not know) are kept as empty. */
	if (line.len > BASE64_LEN(sizeof(raw)) - 1) {
		sig->sig_len = 0;
		return (lines_is_base64(line));
	}
	if (!base64_decode((const char *)line.p, line.len, raw, sizeof(raw),
		&len) ||
	    len <= 4)
		return (false);
	memcpy(sig->id, raw, 4);
	memcpy(sig->sig, raw + 4, len - 4);
	sig->sig_len = len - 4;
	return (true);
}

enum err
note_parse(struct slice bytes, struct note *note)
{
	struct note n = { 0 };
	struct slice rest = bytes, line;

	if (bytes.len > NOTE_MAX || !text(&rest, &n) || rest.len == 0)
		return (ERR_MALFORMED);
	while (rest.len > 0) {
		if (n.n_sigs == NOTE_SIGS_MAX || !lines_next(&rest, &line) ||
		    !signature(line, &n.sigs[n.n_sigs]))
			return (ERR_MALFORMED);
		n.n_sigs++;
	}
	*note = n;
	return (ERR_OK);
}
