#ifndef SETTINGS_H_
#define SETTINGS_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/say.h"

/*
 * settings -- ketend's configuration file, from one table.
 *
 * The table of settings.c is checker, default, `-t` and manual alike.  What
 * can be changed by SIGHUP is the policy and nothing else: every other setting
 * is read once, at start.
 */
struct settings {
	struct conf *conf; /* owns the texts below */
	const char *origin;
	size_t n_listen;
	const char *store;
	uint64_t map_size;
	const char *guard;
	const char *inhand;
	const char *control;
	const char *curve_key;
	const char *log_key;
	const char *other_log_key; /* NULL: there is one key */
	const char *witnesses;	   /* a folder for each; NULL: not collected */
	int64_t witness_late_ms;
	int64_t witness_patience_ms;
	const char *policy;
	uint8_t introducer[32];
	uint32_t window;	/* commands in flight per lane */
	uint32_t rate;		/* messages a second per partner */
	uint32_t burst;		/* ... above which it may go for a moment */
	uint32_t refusals;	/* a day, per partner */
	uint32_t lanes;		/* per partner */
	int64_t ping_ms;
	int64_t checkpoint_ms;
	uint64_t low_space;
	uint64_t ballast;
	int64_t tick_ms;
	uint32_t helpers;	/* threads that check signatures */
	enum say_format format;
	enum say_level level;
};

/**
 * settings_read(path, s):
 * Read and check ${path} into ${s}, which the caller must settings_free(),
 * also on failure.  ERR_CONFIG if there are mistakes: all of them are in
 * ${s}->conf, for conf_print_mistakes().  ERR_NOT_FOUND or ERR_IO if it cannot
 * be read.
 */
MUST_CHECK enum err settings_read(const char *path, struct settings *s);

/**
 * settings_listen(s, i):
 * Return the ${i}th address to listen on, valid as long as ${s}.
 */
const char *settings_listen(const struct settings *s, size_t i);

/**
 * settings_check_files(s):
 * Look at the files that ${s} names: key files that are missing or that others
 * can read, folders that are not there.  Each mistake is added to ${s}->conf;
 * return how many there are now.
 */
size_t settings_check_files(struct settings *s);

/**
 * settings_manual(to):
 * Write the manual of the configuration file.
 */
void settings_manual(FILE *to);

/**
 * settings_free(s):
 * Free what ${s} holds.
 */
void settings_free(struct settings *s);

#endif /* !SETTINGS_H_ */
