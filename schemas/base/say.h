#ifndef SAY_H_
#define SAY_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/org.h"

/*
 * say -- what a program tells about itself: one event, one line, on stderr.
 *
 * Every line has an id from tbl/say.h and may name a referral, a partner, a
 * sequence number and a command's number.  There is no way to print a message
 * or what stands in it, and there must never be one.  Lines of several threads
 * do not mix.
 */
enum say_id {
#define SAY(id, level, nl) SAY_##id,
#include "tbl/say.h"
#undef SAY
	SAY__MAX
};

enum say_level {
	SAY_LEVEL_ERROR,
	SAY_LEVEL_WARN,
	SAY_LEVEL_INFO,
	SAY_LEVEL_DEBUG
};

enum say_format { SAY_TEXT, SAY_JSON };

/*
 * What a line is about.  What is zero is left out; the pointers are borrowed
 * for the call.
 */
struct say_ctx {
	const struct refid *referral;
	const struct org *partner;
	const char *device; /* "partner/device" */
	uint64_t seq;
	uint64_t number;
};

/**
 * say_set(program, level, format):
 * From now on name ${program} (borrowed for ever) in each line, leave out what
 * is less grave than ${level}, and write ${format}.  Call it once, before any
 * thread starts; without it lines are text from INFO up.
 */
void say_set(const char *program, enum say_level level,
    enum say_format format);

/**
 * say(id, ctx, fmt, ...):
 * Write one line of kind ${id} about ${ctx} (may be NULL) with the text that
 * ${fmt} makes, at most 400 characters; control characters become '?'.
 */
void say(enum say_id id, const struct say_ctx *ctx, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * say_gather(), say_flush():
 * Between the two, what this thread says is kept and written many lines at a
 * time, whole ones, at most 4,096 bytes: as much as a pipe takes in one piece.
 * A process that is killed meanwhile has not said them.  They do not nest.
 */
void say_gather(void);
void say_flush(void);

/**
 * say_format_from(text, format):
 * Read "text" or "json"; false, with ${format} untouched, if it is neither.
 */
bool say_format_from(const char *text, enum say_format *format);

/**
 * say_line(buf, cap, format, program, id, ctx, text, now_ms):
 * Write the line that say() would write, with its newline, into ${buf} of
 * ${cap} bytes.  Return its length, less than ${cap}.
 */
size_t say_line(char *buf, size_t cap, enum say_format format,
    const char *program, enum say_id id, const struct say_ctx *ctx,
    const char *text, int64_t now_ms);

/**
 * say_name(id), say_level(id), say_explain(id):
 * Return the name of ${id}, its level, and the Dutch sentence about it.
 * Constant.
 */
const char *say_name(enum say_id id);
enum say_level say_level(enum say_id id);
const char *say_explain(enum say_id id);

#endif /* !SAY_H_ */
