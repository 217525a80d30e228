#ifndef AUDITOR_H_
#define AUDITOR_H_

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "chronicle.h"

/*
 * auditor -- run keten-audit on a chronicle and read what it says.
 *
 * It is the program itself that is run, as an auditor would: found beside the
 * tests, in the folder they were built in.
 */
struct auditor {
	struct chronicle *c; /* with the whole story in it */
	struct refid last;   /* a referral of it */
	char program[512];
	char *out; /* what the last run wrote, until the next one */
};

/**
 * auditor_new(), auditor_free(a):
 * A chronicle with a story, and the program.  NULL if it was not built.
 */
struct auditor *auditor_new(void);
void auditor_free(struct auditor *a);

/**
 * auditor_setup(state), auditor_teardown(state):
 * The same for a group of cmocka's tests.
 */
int auditor_setup(void **state);
int auditor_teardown(void **state);

/**
 * auditor_setup_apart(state), auditor_teardown_apart(state):
 * The same in a folder of its own, which is the current one meanwhile and is
 * removed with all that is in it: two runs do not meet.
 */
int auditor_setup_apart(void **state);
int auditor_teardown_apart(void **state);

/**
 * auditor_run(a, dir, command):
 * Run "keten-audit ${command}" on the store in ${dir} with the chronicle's
 * trust, and return its exit code.
 */
int auditor_run(struct auditor *a, const char *dir, const char *command);

/**
 * auditor_expect(a, dir, command, code):
 * Run it and fail, showing what it said, unless it ends with ${code}.
 */
void auditor_expect(struct auditor *a, const char *dir, const char *command,
    int code);

/**
 * auditor_bare(a, command):
 * Run "keten-audit ${command}" and nothing else.
 */
int auditor_bare(struct auditor *a, const char *command);

#endif /* !AUDITOR_H_ */
