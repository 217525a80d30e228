/*
 * t_plan -- plans of message types.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "help/types.h"
#include "wire/pbwire.h"
#include "wire/plan.h"

#define THREADS 8

/* What one thread got, looking in an order of its own. */
struct looking {
	pthread_t thread;
	size_t begin;
	const struct plan **got;
};

static void *
look(void *cookie)
{
	struct looking *l = cookie;

	for (size_t i = 0; i < n_types; i++) {
		const size_t at = (l->begin + i) % n_types;

		l->got[at] = plan_of(types[at]);
	}
	return (NULL);
}

/* This test comes first: later ones would find every plan made. */
static void
test_threads_that_ask_at_once_get_the_same_plans(void **state)
{
	struct looking l[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++) {
		l[i].begin = i * n_types / THREADS;
		l[i].got = calloc(n_types, sizeof(struct plan *));
		assert_non_null(l[i].got);
		assert_int_equal(pthread_create(&l[i].thread, NULL, look,
		    &l[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(l[i].thread, NULL), 0);
	for (size_t t = 0; t < n_types; t++)
		for (size_t i = 0; i < THREADS; i++) {
			assert_non_null(l[i].got[t]);
			assert_ptr_equal(l[i].got[t], l[0].got[t]);
			assert_ptr_equal(l[i].got[t]->d, types[t]);
		}
	for (size_t i = 0; i < THREADS; i++)
		free(l[i].got);
}

static void
check_field(const struct plan *p, const ProtobufCFieldDescriptor *f)
{
	const struct plan_field *x = &p->fields[p->place[f->id] - 1];
	const bool list = f->label == PROTOBUF_C_LABEL_REPEATED;

	assert_int_equal(x - p->fields, f - p->d->fields);
	assert_int_equal(x->offset, f->offset);
	assert_int_equal(x->tag, f->id << 3 | (uint32_t)pbwire_type(f->type));
	assert_int_equal(x->member, pbwire_member(f->type));
	assert_int_equal(x->form == PLAN_LIST || x->form == PLAN_PACKED, list);
	assert_int_equal(x->bit, UINT64_C(1) << (f - p->d->fields));
	assert_true((x->bars & x->bit) != 0);
	if (f->type == PROTOBUF_C_TYPE_MESSAGE)
		assert_ptr_equal(x->message, plan_of(f->descriptor));
	for (unsigned int j = 0; j < p->d->n_fields; j++) {
		const ProtobufCFieldDescriptor *g = &p->d->fields[j];

		if (g != f)
			assert_int_equal((x->bars >> j & 1) != 0,
			    (f->flags & g->flags &
			    PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
			    f->quantifier_offset == g->quantifier_offset);
	}
}

static void
test_every_message_type_has_a_plan_that_says_what_it_is(void **state)
{
	(void)state;
	assert_true(n_types > 50);
	for (size_t t = 0; t < n_types; t++) {
		const struct plan *p = plan_of(types[t]);
		void *m = calloc(1, types[t]->sizeof_message);

		assert_non_null(m);
		assert_non_null(p);
		assert_int_equal(p->n_fields, types[t]->n_fields);
		types[t]->message_init(m);
		assert_memory_equal(p->image, m, p->size);
		for (unsigned int i = 0; i < types[t]->n_fields; i++)
			check_field(p, &types[t]->fields[i]);
		free(m);
	}
}

/* What is written of a message is what its plan does not pass over. */
static void
test_an_empty_message_has_nothing_to_write(void **state)
{
	(void)state;
	for (size_t t = 0; t < n_types; t++) {
		const struct plan *p = plan_of(types[t]);
		const uint8_t *m = p->image;

		for (size_t i = 0; i < p->n_fields; i++) {
			const struct plan_field *f = &p->fields[i];
			uint64_t n;

			assert_true(f->look + sizeof(n) <= p->size);
			memcpy(&n, m + f->look, sizeof(n));
			assert_true((n & f->mask) == f->blank);
			assert_in_range(f->next, i + 1, p->n_fields);
		}
	}
}

/* --- types that there are not ------------------------------------------------ */

static void
no_init(ProtobufCMessage *m)
{
	(void)m;
}

/* One field, in a message that is not ours. */
static const struct plan *
plan_with(ProtobufCMessageDescriptor *d, ProtobufCFieldDescriptor *f)
{
	*d = (ProtobufCMessageDescriptor){
		.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
		.sizeof_message = sizeof(ProtobufCMessage) + 16,
		.n_fields = 1, .fields = f, .message_init = no_init,
	};
	return (plan_of(d));
}

static void
test_what_plans_do_not_know_has_none(void **state)
{
	static const ProtobufCEnumValue odd[] = { { .value = 0 },
		{ .value = 64 } };
	static const ProtobufCEnumDescriptor e = { .n_values = 2,
		.values = odd };
	const ProtobufCFieldDescriptor good = { .id = 1,
		.label = PROTOBUF_C_LABEL_NONE,
		.type = PROTOBUF_C_TYPE_UINT32,
		.offset = sizeof(ProtobufCMessage) };
	ProtobufCFieldDescriptor f;
	ProtobufCMessageDescriptor d;

	(void)state;
	f = good, f.type = PROTOBUF_C_TYPE_DOUBLE;
	assert_null(plan_with(&d, &f));
	f = good, f.type = PROTOBUF_C_TYPE_SINT32;
	assert_null(plan_with(&d, &f));
	f = good, f.label = PROTOBUF_C_LABEL_OPTIONAL;
	assert_null(plan_with(&d, &f));
	f = good, f.id = PLAN_ID_MAX + 1;
	assert_null(plan_with(&d, &f));
	f = good, f.type = PROTOBUF_C_TYPE_ENUM, f.descriptor = &e;
	assert_null(plan_with(&d, &f));
	/* One that lies within itself. */
	f = good, f.type = PROTOBUF_C_TYPE_MESSAGE, f.descriptor = &d;
	assert_null(plan_with(&d, &f));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_threads_that_ask_at_once_get_the_same_plans),
		cmocka_unit_test(
		    test_every_message_type_has_a_plan_that_says_what_it_is),
		cmocka_unit_test(test_an_empty_message_has_nothing_to_write),
		cmocka_unit_test(test_what_plans_do_not_know_has_none),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
