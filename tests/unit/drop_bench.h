#ifndef DROP_BENCH_H_
#define DROP_BENCH_H_

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "corporation/table.h"
#include "dropbox/dropin.h"
#include "dropbox/dropout.h"
#include "dropbox/options.h"
#include "keten_double.h"
#include "thuiszorg/table.h"
#include "welzijn/table.h"

#define REF "01930000-0000-7000-8000-000000000001"
#define NOW 1767225600000

/* One partner's folder with a double of the SDK behind it. */
struct bench {
	char path[64];
	struct keten k;
	struct folder f;
	struct ledger l;
	struct map_use use;
	struct dropin in;
	struct dropout out;
};

static struct bench *b;

/* What a start of the program does; what a crash leaves behind stays. */
static void
begin(void)
{
	assert_int_equal(folder_open(b->path, &b->f), ERR_OK);
	assert_int_equal(ledger_open(&b->f, "origin p/d", &b->l), ERR_OK);
	b->in = (struct dropin){.k = &b->k, .l = &b->l, .use = &b->use,
	    .reader = "folder", .partner = "thuiszorg-t"};
	memset(&b->out, 0, sizeof(b->out));
	b->out.k = &b->k;
	b->out.l = &b->l;
	b->out.use = &b->use;
	b->out.source = "folder";
	assert_int_equal(dropout_open(&b->out), ERR_OK);
}

static void
end(void)
{
	dropout_close(&b->out);
	ledger_close(&b->l);
	folder_close(&b->f);
}

static void
restart(void)
{
	end();
	begin();
}

static int
setup(void **state)
{
	(void)state;
	b = calloc(1, sizeof(*b));
	strcpy(b->path, "/tmp/t_dropbox.XXXXXX");
	assert_non_null(mkdtemp(b->path));
	map_use_init(&b->use, &corporation_kind);
	begin();
	return (0);
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	end();
	map_use_fini(&b->use);
	(void)snprintf(command, sizeof(command), "rm -rf %s", b->path);
	assert_int_equal(system(command), 0);
	free(b);
	return (0);
}

static void
drop(const char *name, const char *text)
{
	assert_int_equal(folder_write(&b->f, PLACE_OUT_NEW, name, text,
	    strlen(text)), ERR_OK);
}

static void
step(void)
{
	assert_int_equal(dropout_step(&b->out, NOW), ERR_OK);
}

static char *
content(enum place place, const char *name)
{
	char *data = NULL;
	size_t len;

	if (folder_read(&b->f, place, name, 1 << 20, &data, &len) != ERR_OK)
		fail_msg("%s/%s is not there", folder_place(place), name);
	return (data);
}

static void
says(enum place place, const char *name, const char *words)
{
	char *data = content(place, name);

	if (strstr(data, words) == NULL)
		fail_msg("'%s' not in '%s'", words, data);
	free(data);
}

#define ORDER "{\"opdrachtnummer\":\"WO-1\",\"soort\":\"lekkage\",\"wijk\":"   \
	      "\"WK085501\",\"huurder\":{\"naam\":\"Jo Pietersen\"}}"

#endif /* !DROP_BENCH_H_ */
