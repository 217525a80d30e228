/*
 * FHIR: what goes along because the covenants allow it, and what does not.
 */
#include "fhir_bench.h"
#include "map/content.h"

#define TASK                                                                  \
	"{\"resourceType\":\"Task\",\"id\":\"t9\",\"intent\":\"order\","     \
	"\"status\":\"requested\",\"code\":{\"text\":\"boodschappen\"},"     \
	"\"for\":{\"reference\":\"Patient/p\"},\"contained\":[{"             \
	"\"resourceType\":\"AllergyIntolerance\",\"id\":\"a\",\"patient\":{" \
	"\"reference\":\"Patient/p\"},\"code\":{\"text\":\"noten\"}}]}"
#define PATIENT                                                               \
	"{\"resourceType\":\"Patient\",\"id\":\"p\",\"identifier\":[{"       \
	"\"system\":\"http://fhir.nl/fhir/NamingSystem/bsn\",\"value\":"     \
	"\"111222333\"}],\"photo\":[{\"contentType\":\"image/png\","         \
	"\"data\":\"AAAA\"}],\"name\":[{\"text\":\"Ria Jansen\"}]}"
#define CONDITION(id, who)                                                    \
	"{\"resourceType\":\"Condition\",\"id\":\"" id "\",\"subject\":{"    \
	"\"reference\":\"Patient/" who "\"},\"code\":{\"text\":\"ziek " id   \
	"\"}}"
#define FILE_OF                                                               \
	"[" TASK "," PATIENT "," CONDITION("c", "p") "," CONDITION("d", "q") "]"

static void
read_it(void)
{
	ok(FILE_OF);
	assert_int_equal(list.n, 1);
}

static const char *
get(enum map_field field)
{
	return (map_get(&list.items[0], field));
}

static void
test_what_is_not_allowed_is_left_out_and_named(void **state)
{
	(void)state;
	read_it();
	assert_null(get(MAP_BSN));
	assert_null(get(MAP_PHOTO));
	assert_null(get(MAP_CLINICAL));
	assert_non_null(strstr(get(MAP_REMARK), "BSN (mag niet"));
	assert_non_null(strstr(get(MAP_REMARK), "foto (mag niet"));
	assert_non_null(strstr(get(MAP_REMARK), "medische gegevens (mogen"));
}

static void
test_what_is_allowed_goes_into_the_person_part(void **state)
{
	char *person = NULL;

	(void)state;
	allowed = KETEN_MAY_BSN | KETEN_MAY_PHOTO | KETEN_MAY_CLINICAL;
	read_it();
	is(0, MAP_BSN, "111222333");
	is(0, MAP_PHOTO, "data:image/png;base64,AAAA");
	assert_non_null(strstr(get(MAP_CLINICAL), "ziek c"));
	assert_non_null(strstr(get(MAP_CLINICAL), "noten"));
	assert_int_equal(map_person(&list.items[0], &person), ERR_OK);
	assert_non_null(strstr(person, "\"bsn\":\"111222333\""));
	assert_non_null(strstr(person, "\"photo\":"));
	assert_non_null(strstr(person, "\"clinical\":"));
	free(person);
	/* Of somebody else: that never goes along. */
	assert_null(strstr(get(MAP_CLINICAL), "ziek d"));
	is(0, MAP_REMARK, "Condition");
}

static void
test_each_kind_is_allowed_by_itself(void **state)
{
	(void)state;
	allowed = KETEN_MAY_CLINICAL;
	read_it();
	assert_null(get(MAP_BSN));
	assert_null(get(MAP_PHOTO));
	assert_non_null(get(MAP_CLINICAL));
	assert_null(strstr(get(MAP_REMARK), "medische gegevens"));
}

/* What came along is FHIR again on the other side. */
static void
test_the_receiver_gets_it_back_as_fhir(void **state)
{
	struct keten_referral r = {.id = REF};
	struct map_news m = {.r = &r};
	json_t *task = json_pack("{s:s,s:s}", "resourceType", "Task", "id", "x");
	json_t *bundle = NULL;
	char *person = NULL, *text;

	(void)state;
	allowed = KETEN_MAY_BSN | KETEN_MAY_PHOTO | KETEN_MAY_CLINICAL;
	read_it();
	assert_int_equal(map_person(&list.items[0], &person), ERR_OK);
	m.person = person;
	assert_int_equal(fhir_bundle(task, &m, &bundle), ERR_OK);
	text = json_dumps(bundle, JSON_COMPACT);
	assert_int_equal(json_array_size(json_object_get(bundle, "entry")), 4);
	assert_non_null(strstr(text, "\"value\":\"111222333\""));
	assert_non_null(strstr(text, "\"contentType\":\"image/png\""));
	assert_non_null(strstr(text, "\"data\":\"AAAA\""));
	assert_non_null(strstr(text, "noten"));
	assert_null(strstr(text, "\"Patient/p\""));
	free(text);
	free(person);
	json_decref(bundle);
	json_decref(task);
}

/* Before the first policy is here nobody knows; that is no "no". */
static void
test_nothing_is_taken_out_while_nobody_knows_what_may(void **state)
{
	struct map_order o = {0};

	(void)state;
	allowed = KETEN_MAY_UNKNOWN;
	assert_int_equal(map_set(&o, MAP_BASIS, "G-TOE"), ERR_OK);
	assert_int_equal(map_set(&o, MAP_CLINICAL, "[]"), ERR_OK);
	assert_int_equal(content_settle(&world, &o), ERR_BUSY);
	assert_string_equal(map_get(&o, MAP_CLINICAL), "[]");
	assert_null(map_get(&o, MAP_REMARK));
	map_fini(&o);
}

static void
test_a_remark_that_ends_in_a_space_is_read_no_further(void **state)
{
	struct map_order o = {0};

	(void)state;
	assert_int_equal(map_set(&o, MAP_REMARK, "Foo "), ERR_OK);
	assert_int_equal(content_left_out(&o, "Bar"), ERR_OK);
	assert_int_equal(content_left_out(&o, "Bar"), ERR_OK);
	assert_string_equal(map_get(&o, MAP_REMARK), "Foo , Bar");
	map_fini(&o);
}

/* Who sends flat files may write what it likes there. */
static void
test_what_is_no_resource_and_no_picture_is_told_as_the_story(void **state)
{
	struct keten_referral r = {.id = REF};
	struct map_news m = {.r = &r, .person =
	    "{\"naam\":\"Ria\",\"clinical\":\"suikerziekte\","
	    "\"photo\":\"zie de mail\"}"};
	json_t *task = json_pack("{s:s,s:s}", "resourceType", "Task", "id", "x");
	json_t *bundle = NULL;
	char *text;

	(void)state;
	assert_int_equal(fhir_bundle(task, &m, &bundle), ERR_OK);
	text = json_dumps(bundle, JSON_COMPACT);
	assert_non_null(strstr(text, "suikerziekte"));
	assert_non_null(strstr(text, "zie de mail"));
	free(text);
	json_decref(bundle);
	json_decref(task);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_what_is_not_allowed_is_left_out_and_named),
	    T(test_what_is_allowed_goes_into_the_person_part),
	    T(test_each_kind_is_allowed_by_itself),
	    T(test_the_receiver_gets_it_back_as_fhir),
	    T(test_nothing_is_taken_out_while_nobody_knows_what_may),
	    T(test_a_remark_that_ends_in_a_space_is_read_no_further),
	    T(test_what_is_no_resource_and_no_picture_is_told_as_the_story),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
