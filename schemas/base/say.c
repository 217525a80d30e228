/*
 * say -- what a program tells about itself: one event, one line, on stderr.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/say.h"

#define TEXT_MAX 400
#define LINE_CAP 2048 /* the text twice over (\\) and all fields */

static const struct row {
	const char *name;
	enum say_level level;
	const char *nl;
} rows[] = {
#define SAY(id, level, nl) { #id, SAY_LEVEL_##level, nl },
#include "tbl/say.h"
#undef SAY
};
_Static_assert(sizeof(rows) / sizeof(rows[0]) == SAY__MAX, "one row per id");

static const char *const level_names[] = { "error", "warn", "info", "debug" };

/* The log level and its like: the only variables of the process, but for the
 * lines that a thread has gathered. */
static struct {
	const char *program;
	enum say_level level;
	enum say_format format;
} how = { "keten", SAY_LEVEL_INFO, SAY_TEXT };

#define GATHERED 4096 /* PIPE_BUF: written in one piece */

static _Thread_local struct {
	bool is_on;
	size_t len;
	char b[GATHERED];
} gathered;

/* A line being made.  What does not fit is left out. */
struct line {
	char *p;
	size_t len;
	size_t cap;
};

static void __attribute__((format(printf, 2, 3)))
put(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->p + l->len, l->cap - l->len, fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < l->cap - l->len)
		l->len += (size_t)n;
	else
		l->p[l->len] = '\0';
}

/* Text in quotes, for JSON. */
static void
put_json(struct line *l, const char *text)
{
	put(l, "\"");
	for (const char *t = text; *t != '\0'; t++) {
		if (*t == '"' || *t == '\\')
			put(l, "\\%c", *t);
		else
			put(l, "%c", *t);
	}
	put(l, "\"");
}

static void
field_text(struct line *l, enum say_format f, const char *name,
    const char *value)
{
	if (f == SAY_TEXT) {
		put(l, " %s=%s", name, value);
		return;
	}
	put(l, ",\"%s\":", name);
	put_json(l, value);
}

static void
field_number(struct line *l, enum say_format f, const char *name, uint64_t v)
{
	put(l, f == SAY_TEXT ? " %s=%" PRIu64 : ",\"%s\":%" PRIu64, name, v);
}

static void
fields(struct line *l, enum say_format f, const struct say_ctx *ctx)
{
	char id[REFID_TEXT];

	if (ctx == NULL)
		return;
	if (ctx->referral != NULL && !refid_is_none(ctx->referral))
		field_text(l, f, "referral", refid_text(ctx->referral, id));
	if (ctx->partner != NULL && !org_is_none(ctx->partner))
		field_text(l, f, "partner", ctx->partner->id);
	if (ctx->device != NULL)
		field_text(l, f, "device", ctx->device);
	if (ctx->seq != 0)
		field_number(l, f, "seq", ctx->seq);
	if (ctx->number != 0)
		field_number(l, f, "number", ctx->number);
}

static void
put_time(struct line *l, int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;
	char day[32];

	if (gmtime_r(&s, &tm) == NULL ||
	    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	put(l, "%s.%03dZ", day, (int)(ms % 1000));
}

size_t
say_line(char *buf, size_t cap, enum say_format format, const char *program,
    enum say_id id, const struct say_ctx *ctx, const char *text,
    int64_t now_ms)
{
	struct line l = { buf, 0, cap - 1 }; /* one kept for the newline */

	buf[0] = '\0';
	if (format == SAY_TEXT) {
		put_time(&l, now_ms);
		put(&l, " %s %s %s", program, level_names[rows[id].level],
		    rows[id].name);
		fields(&l, format, ctx);
		put(&l, ": %s", text);
	} else {
		put(&l, "{\"time\":\"");
		put_time(&l, now_ms);
		put(&l, "\",\"program\":\"%s\",\"level\":\"%s\",\"id\":\"%s\"",
		    program, level_names[rows[id].level], rows[id].name);
		fields(&l, format, ctx);
		put(&l, ",\"text\":");
		put_json(&l, text);
		put(&l, "}");
	}
	buf[l.len++] = '\n';
	buf[l.len] = '\0';
	return (l.len);
}

void
say_set(const char *program, enum say_level level, enum say_format format)
{
	how.program = program;
	how.level = level;
	how.format = format;
}

/* Lines are written whole; where it fails there is nobody to tell. */
static void
write_out(const char *p, size_t len)
{
	if (len > 0 && write(STDERR_FILENO, p, len) != (ssize_t)len)
		return;
}

static void
write_gathered(void)
{
	write_out(gathered.b, gathered.len);
	gathered.len = 0;
}

void
say_gather(void)
{
	gathered.is_on = true;
}

void
say_flush(void)
{
	int kept = errno;

	write_gathered();
	gathered.is_on = false;
	errno = kept;
}

/* A line of at most LINE_CAP always finds room once the others are gone. */
static void
write_line(const char *line, size_t n)
{
	if (!gathered.is_on) {
		write_out(line, n);
		return;
	}
	if (n > sizeof(gathered.b) - gathered.len)
		write_gathered();
	memcpy(gathered.b + gathered.len, line, n);
	gathered.len += n;
}

void
say(enum say_id id, const struct say_ctx *ctx, const char *fmt, ...)
{
	char text[TEXT_MAX + 1];
	char line[LINE_CAP];
	struct timespec ts;
	va_list ap;
	int kept = errno; /* a log line must not disturb who logs */
	size_t n;

	if (rows[id].level > how.level)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap); /* cut is fine */
	va_end(ap);
	for (char *t = text; *t != '\0'; t++)
		if ((unsigned char)*t < 0x20 || *t == 0x7f)
			*t = '?';
	(void)clock_gettime(CLOCK_REALTIME, &ts); /* cannot fail */
	n = say_line(line, sizeof(line), how.format, how.program, id, ctx,
	    text, (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
	write_line(line, n);
	errno = kept;
}

bool
say_format_from(const char *text, enum say_format *format)
{
	if (strcmp(text, "text") != 0 && strcmp(text, "json") != 0)
		return (false);
	*format = text[0] == 'j' ? SAY_JSON : SAY_TEXT;
	return (true);
}

const char *
say_name(enum say_id id)
{
	return (rows[id].name);
}

enum say_level
say_level(enum say_id id)
{
	return (rows[id].level);
}

const char *
say_explain(enum say_id id)
{
	return (rows[id].nl);
}
