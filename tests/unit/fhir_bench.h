#ifndef FHIR_BENCH_H_
#define FHIR_BENCH_H_

/*
 * What the tests of FHIR share: a mapper as the demonstration sets it and a
 * ledger that knows one Task.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "keten_double.h"
#include "map/fhir/fhir.h"
#include "map/json.h"
#include "map/read.h"
#include "map/write.h"
#include "thuiszorg/table.h"

#define REF "01930000-0000-7000-8000-000000000001"

static struct map_use use;
static struct map_trouble trouble;
static struct map_list list;
static struct keten_referral shown;

static bool
known(void *cookie, const char *key, char referral[KETEN_ID_TEXT])
{
	(void)cookie;
	if (shown.id[0] == '\0' || (strcmp(key, "Task/t1") != 0 &&
	    strcmp(key, "Task|urn:x|77") != 0 &&
	    strcmp(key, "ServiceRequest/s1") != 0))
		return (false);
	memcpy(referral, REF, KETEN_ID_TEXT);
	return (true);
}

static bool
show(void *cookie, const char *referral, struct keten_referral *r)
{
	(void)cookie;
	if (strcmp(shown.id, referral) != 0)
		return (false);
	*r = shown;
	return (true);
}

/* What the covenants allow. */
static unsigned allowed;

static unsigned
may_contain(void *cookie, const struct map_order *o)
{
	(void)cookie;
	assert_non_null(map_get(o, MAP_BASIS));
	return (allowed);
}

static const struct map_world world = {NULL, known, show, 1767225600000,
    may_contain};

/* As a partner in the demonstration would set it. */
static int
setup(void **state)
{
	(void)state;
	memset(&shown, 0, sizeof(shown));
	memset(&list, 0, sizeof(list));
	allowed = 0;
	map_use_init(&use, &thuiszorg_kind);
	return (map_use_default(&use, MAP_AREA, "WK085501"));
}

static int
teardown(void **state)
{
	(void)state;
	map_list_fini(&list);
	map_use_fini(&use);
	return (0);
}

static enum err
read_bytes(const char *data, size_t len)
{
	map_list_fini(&list);
	trouble.text[0] = '\0';
	return (map_read(&use, &world, data, len, &list, &trouble));
}

static void
ok(const char *text)
{
	if (read_bytes(text, strlen(text)) != ERR_OK)
		fail_msg("%s", trouble.text);
}

static void
is(size_t i, enum map_field field, const char *text)
{
	const char *have = map_get(&list.items[i], field);

	if (text == NULL)
		assert_null(have);
	else if (have == NULL)
		fail_msg("%s is empty", map_field_name(field));
	else
		assert_string_equal(have, text);
}

#endif /* !FHIR_BENCH_H_ */
