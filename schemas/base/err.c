/*
 * err -- the one enum of what can go wrong, made from tbl/errors.h.
 */
#include <stddef.h>
#include <string.h>

#include "base/err.h"

struct row {
	enum err err;
	bool wire;
	bool consumes;
	const char *name;
	const char *text;
	const char *todo;
};

#define CONSUMES_YES true
#define CONSUMES_NO false

static const struct row rows[] = {
	{ ERR_OK, false, false, "OK", "Het is gelukt.", "" },
#define WIRE(name, number, consumes, nl, todo)                                 \
	{ ERR_##name, true, CONSUMES_##consumes, #name, nl, todo },
#define HERE(name, number, text) { ERR_##name, false, false, #name, text, "" },
#include "tbl/errors.h"
#undef WIRE
#undef HERE
};

static const struct row unknown = { ERR_OK, false, false, "UNKNOWN",
	"an error without a name", "" };

/* The row of ${err}; there are some thirty, so looking is quick enough. */
static const struct row *
find(enum err err)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].err == err)
			return (&rows[i]);
	return (&unknown);
}

const char *
err_name(enum err err)
{
	return (find(err)->name);
}

const char *
err_text(enum err err)
{
	return (find(err)->text);
}

const char *
err_todo(enum err err)
{
	return (find(err)->todo);
}

bool
err_is_wire(enum err err)
{
	return (find(err)->wire);
}

bool
err_consumes_number(enum err err)
{
	return (find(err)->consumes);
}
