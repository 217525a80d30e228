/*
 * store_unpacked -- the one table more of a scratch store.
 */
#include "core/store_in.h"

bool
store_unpacks(const struct txn *t)
{
	return (t->st->memory != NULL);
}

/* What goes before every write there. */
static MUST_CHECK enum err
may_write(struct txn *t)
{
	t->recent.holds = false;
	return (!t->write || t->st->memory == NULL || store_strikes(t->st)
		? store_memory_err(t, ERR_STORE) : ERR_OK);
}

enum err
store_unpacked_get(struct txn *t, struct slice key, struct slice *value)
{
	if (t->st->memory == NULL)
		return (ERR_NOT_FOUND);
	return (store_memory_err(t, store_memory_get(t->st->memory,
				  STORE_MEMORY_UNPACKED, key, value)));
}

enum err
store_unpacked_put(struct txn *t, struct slice key, struct slice value)
{
	enum err err = may_write(t);

	return (err != ERR_OK ? err
		: store_memory_err(t, store_memory_put(t->st->memory,
				    STORE_MEMORY_UNPACKED, key, value)));
}

enum err
store_unpacked_del(struct txn *t, struct slice key)
{
	enum err err;

	if (t->st->memory == NULL)
		return (ERR_NOT_FOUND);
	err = may_write(t);
	return (err != ERR_OK ? err
		: store_memory_err(t, store_memory_del(t->st->memory,
				    STORE_MEMORY_UNPACKED, key)));
}

enum err
store_unpacked_seek(struct txn *t, struct slice from, struct slice *key,
    struct slice *value)
{
	if (t->st->memory == NULL)
		return (ERR_NOT_FOUND);
	return (store_memory_err(t, store_memory_seek(t->st->memory,
				  STORE_MEMORY_UNPACKED, from, key, value)));
}
