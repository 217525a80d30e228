/*
 * store -- one LMDB environment: opening it, turns and reads.
 *
 * This file, store_read.c and store_rows.c are the only ones that call mdb_*.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/instant.h"
#include "core/store_in.h"

/* Address space, not memory: room for 20 million records with their parts. */
#define MAP_DEFAULT (UINT64_C(256) << 30)
#define LOW_SPACE_DEFAULT (UINT64_C(2) << 30)

/* What one module needs for a moment: the largest ERASE, twice. */
#define SCRATCH ((size_t)8 << 20)

/* Auditors, checkpointer, control: a few dozen; the rest is reserve. */
#define READERS 512

#define PATH_LEN 4096

static MUST_CHECK enum err
path_in(const struct store *st, const char *name, char out[PATH_LEN])
{
	int n = snprintf(out, PATH_LEN, "%s/%s", st->path, name);

	return (n < 0 || n >= PATH_LEN ? ERR_IO : ERR_OK);
}

/* --- opening ------------------------------------------------------------ */

/* Take the directory for ourselves. */
static MUST_CHECK enum err
lock_dir(struct store *st)
{
	char path[PATH_LEN];

	if (path_in(st, "broker.lock", path) != ERR_OK)
		return (ERR_IO);
	return (file_lock(path, &st->lock_fd));
}

static MUST_CHECK enum err
open_env(struct store *st, const struct store_config *c)
{
	size_t map = c->map_size == 0 ? MAP_DEFAULT : c->map_size;
	int rc;

	if (mdb_env_create(&st->env) != 0)
		return (ERR_NOMEM);
	if (mdb_env_set_maxdbs(st->env, TABLE__MAX) != 0 ||
	    mdb_env_set_maxreaders(st->env, READERS) != 0)
		return (ERR_STORE);
	/* A reader takes the size that the file was made with. */
	if (!c->read_only && mdb_env_set_mapsize(st->env, map) != 0)
		return (ERR_STORE);
	rc = mdb_env_open(st->env, st->path, c->read_only ? MDB_RDONLY : 0,
	    0600);
	if (rc == ENOENT)
		return (ERR_NOT_FOUND);
	if (rc == MDB_INVALID || rc == MDB_VERSION_MISMATCH ||
	    rc == MDB_CORRUPTED)
		return (ERR_CORRUPT);
	return (rc == 0 ? ERR_OK : ERR_STORE);
}

static MUST_CHECK enum err
open_memory(struct store *st, const struct store_config *c)
{
	return (store_memory_open(st->path,
	    c->map_size == 0 ? MAP_DEFAULT : c->map_size, &st->memory));
}

static MUST_CHECK enum err
open_tables(struct store *st)
{
	unsigned int flags = st->read_only ? 0 : MDB_CREATE;
	MDB_txn *txn;
	int rc = mdb_txn_begin(st->env, NULL, st->read_only ? MDB_RDONLY : 0,
	    &txn);

	if (rc != 0)
		return (ERR_STORE);
	for (int i = 0; i < TABLE__MAX && rc == 0; i++)
		rc = mdb_dbi_open(txn, store_table_name((enum table)i), flags,
		    &st->dbi[i]);
	if (rc != 0) {
		mdb_txn_abort(txn);
		return (rc == MDB_NOTFOUND ? ERR_CORRUPT : ERR_STORE);
	}
	/* A read commits too: only then do the handles stay. */
	return (mdb_txn_commit(txn) == 0 ? ERR_OK : ERR_STORE);
}

static const struct slice origin_key = { (const uint8_t *)"origin", 6 };

enum err
store_write_origin(struct txn *t)
{
	return (store_put(t, TABLE_META, origin_key,
	    slice_str(t->st->origin)));
}

/* Compare the name of the log, or learn it. */
static MUST_CHECK enum err
check_origin(struct store *st, struct txn *t, const char *origin)
{
	struct slice was;
	enum err err = store_get(t, TABLE_META, origin_key, &was);

	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return (err);
	if (origin == NULL) {
		st->origin = err == ERR_OK
		    ? strndup((const char *)was.p, was.len) : strdup("");
		return (st->origin == NULL ? ERR_NOMEM : ERR_OK);
	}
	st->origin = strdup(origin);
	if (st->origin == NULL)
		return (ERR_NOMEM);
	if (err == ERR_OK && !slice_eq(was, slice_str(origin)))
		return (ERR_BAD_ORIGIN);
	/* No name but records: the view is gone, and will be made again. */
	if (err == ERR_NOT_FOUND && t->write && t->size == 0)
		return (store_write_origin(t));
	return (ERR_OK);
}

/* Look at what is inside, and keep what turns need in memory. */
static MUST_CHECK enum err
load(struct store *st, const char *origin)
{
	struct txn *t = NULL;
	struct tlog_reader reader;
	enum err err = st->read_only ? store_read(st, &t)
				     : store_begin(st, &t);

	if (err != ERR_OK)
		return (err);
	err = check_origin(st, t, origin);
	if (err == ERR_OK && !st->read_only) {
		reader = store_tree(t);
		err = tlog_frontier_load(&t->tree, t->size, &reader);
	}
	if (st->read_only)
		store_done(&t);
	else if (err == ERR_OK)
		err = store_commit(&t);
	else
		store_abort(&t);
	return (err);
}

static MUST_CHECK enum err
open_vault(struct store *st)
{
	char path[PATH_LEN];
	enum err err = path_in(st, "vault.keys", path);

	if (err == ERR_OK)
		err = vault_open(path, !st->read_only, &st->vault);
	return (err);
}

/*
 * Set space aside for the day the disk is full.  Not on a volume that is
 * nearly full already: then the records need it more.
 */
static void
make_ballast(const struct store *st, uint64_t bytes)
{
	char path[PATH_LEN];
	int fd;

	if (bytes == 0 || store_is_nearly_full(st) ||
	    path_in(st, "ballast", path) != ERR_OK)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (posix_fallocate(fd, 0, (off_t)bytes) != 0)
		(void)unlink(path); /* it is a help, not a need */
	(void)close(fd);
}

static MUST_CHECK enum err
open_all(struct store *st, const struct store_config *c)
{
	enum err err = ERR_OK;

	st->path = strdup(c->path);
	st->turn.scratch = arena_new(STORE_SCRATCH);
	if (st->path == NULL || st->turn.scratch == NULL)
		return (ERR_NOMEM);
	if (c->scratch)
		arena_wipe_late(st->turn.scratch);
	if (!c->read_only) {
		err = file_mkdirs(st->path, 0700);
		if (err == ERR_OK)
			err = lock_dir(st);
	}
	if (err == ERR_OK)
		err = c->scratch ? open_memory(st, c) : open_env(st, c);
	if (err == ERR_OK)
		err = open_vault(st);
	if (err == ERR_OK && !c->scratch)
		err = open_tables(st);
	/* The names of new files must outlive a power cut too. */
	if (err == ERR_OK && !c->read_only && !c->scratch)
		err = file_sync_dir(st->path);
	if (err == ERR_OK)
		err = load(st, c->origin);
	return (err);
}

enum err
store_open(const struct store_config *config, struct store **st)
{
	struct store *s = calloc(1, sizeof(*s));
	enum err err;

	if (s == NULL)
		return (ERR_NOMEM);
	s->lock_fd = -1;
	s->read_only = config->read_only;
	s->low_space = config->low_space == 0 ? LOW_SPACE_DEFAULT
					      : config->low_space;
	s->turn.st = s;
	tlog_frontier_init(&s->tree);
	err = open_all(s, config);
	if (err != ERR_OK) {
		store_close(s);
		return (err);
	}
	if (!s->read_only)
		make_ballast(s, config->ballast);
	*st = s;
	return (ERR_OK);
}

void
store_close(struct store *st)
{
	if (st == NULL)
		return;
	vault_close(st->vault);
	store_memory_close(st->memory);
	if (st->env != NULL)
		mdb_env_close(st->env);
	if (st->lock_fd >= 0)
		(void)close(st->lock_fd);
	arena_free(st->turn.scratch);
	arena_free(st->turn.kept);
	free(st->origin);
	free(st->path);
	free(st);
}

const char *
store_origin(const struct store *st)
{
	return (st->origin);
}

const char *
store_path(const struct store *st)
{
	return (st->path);
}

struct vault *
store_vault(struct store *st)
{
	return (st->vault);
}

/* --- space, readers ----------------------------------------------------- */

static bool
is_map_full(const struct store *st)
{
	MDB_envinfo info;
	MDB_stat stat;

	if (st->memory != NULL)
		return (store_memory_is_full(st->memory));
	if (mdb_env_info(st->env, &info) != 0 ||
	    mdb_env_stat(st->env, &stat) != 0)
		return (true);
	return ((info.me_last_pgno + 1) * stat.ms_psize >
	    info.me_mapsize / 5 * 4);
}

bool
store_is_nearly_full(const struct store *st)
{
	struct statvfs vfs;
	uint64_t left;

	if (is_map_full(st))
		return (true);
	if (statvfs(st->path, &vfs) != 0)
		return (true);
	left = (uint64_t)vfs.f_bavail * vfs.f_frsize;
	return (left < (uint64_t)vfs.f_blocks * vfs.f_frsize / 5 &&
	    left < st->low_space);
}

enum err
store_free_ballast(struct store *st)
{
	char path[PATH_LEN];

	if (path_in(st, "ballast", path) != ERR_OK ||
	    (unlink(path) != 0 && errno != ENOENT))
		return (ERR_IO);
	return (ERR_OK);
}

void
store_check_readers(struct store *st)
{
	int dead;

	if (st->memory == NULL)
		(void)mdb_reader_check(st->env, &dead);
}

/* Each line after the head is one reader; one without a transaction has "-". */
static int
see_reader(const char *line, void *cookie)
{
	bool *busy = cookie;
	size_t len = strlen(line);

	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == ' '))
		len--;
	if (len > 0 && line[len - 1] >= '0' && line[len - 1] <= '9')
		*busy = true;
	return (0);
}

bool
store_has_readers(struct store *st)
{
	bool busy = false;

	if (st->memory != NULL)
		return (st->n_reads > 0);
	if (mdb_reader_list(st->env, see_reader, &busy) < 0)
		return (true);
	return (busy);
}

enum err
store_copy(struct store *st, int fd)
{
	if (st->memory != NULL)
		return (ERR_STORE); /* it is no file that anybody could open */
	return (mdb_env_copyfd2(st->env, fd, MDB_CP_COMPACT) == 0
		? ERR_OK : ERR_STORE);
}

uint64_t
store_bytes(const struct store *st)
{
	MDB_envinfo info;
	MDB_stat stat;

	if (st->memory != NULL)
		return (store_memory_bytes(st->memory));
	if (mdb_env_info(st->env, &info) != 0 ||
	    mdb_env_stat(st->env, &stat) != 0)
		return (0);
	return ((uint64_t)(info.me_last_pgno + 1) * stat.ms_psize);
}

void
store_fail_at(struct store *st, uint64_t n)
{
	st->fail_in = n;
	st->failing = false;
}

bool
store_strikes(struct store *st)
{
	if (st->fail_in != 0 && --st->fail_in == 0)
		st->failing = true;
	return (st->failing);
}

/* --- turns -------------------------------------------------------------- */

enum err
store_begin(struct store *st, struct txn **t)
{
	struct txn *turn = &st->turn;
	struct arena *scratch = turn->scratch, *kept = turn->kept;
	enum err err;

	if (st->failed || st->read_only || st->in_turn || st->n_reads > 0 ||
	    store_strikes(st))
		return (ERR_STORE);
	memset(turn, 0, sizeof(*turn));
	turn->st = st;
	turn->scratch = scratch;
	turn->kept = kept;
	turn->write = true;
	turn->tree = st->tree;
	if (st->memory == NULL &&
	    mdb_txn_begin(st->env, NULL, 0, &turn->mdb) != 0)
		return (ERR_STORE);
	st->in_turn = true;
	err = store_load_size(turn);
	if (err == ERR_OK)
		err = store_load_counters(turn);
	if (err != ERR_OK) {
		store_abort(&turn);
		return (err);
	}
	*t = turn;
	return (ERR_OK);
}

/*
 * Take back what was written.  A scratch store cannot: what it holds from now
 * on is nobody's view, and it says no to everything.
 */
static void
undo_turn(struct txn *turn)
{
	if (turn->st->memory != NULL)
		turn->st->failed = true;
	else
		mdb_txn_abort(turn->mdb);
}

/* The turn is over, one way or the other. */
static void
end_turn(struct txn *turn)
{
	arena_reset(turn->scratch);
	if (turn->kept != NULL)
		arena_reset(turn->kept);
	turn->recent = (struct store_recent){ 0 };
	vault_reader_free(turn->reader);
	turn->reader = NULL;
	turn->mdb = NULL;
	turn->st->in_turn = false;
}

enum err
store_commit(struct txn **t)
{
	struct txn *turn = *t;
	struct store *st = turn->st;
	int rc = 0;

	*t = NULL;
	if (turn->spoilt || st->failed || store_save_counters(turn) != ERR_OK ||
	    store_strikes(st)) {
		undo_turn(turn);
		end_turn(turn);
		st->failed = true;
		return (ERR_STORE);
	}
	/* This waits for the disk, once for the whole turn. */
	if (st->memory == NULL)
		rc = mdb_txn_commit(turn->mdb);
	if (rc == 0)
		st->tree = turn->tree;
	else
		st->failed = true;
	end_turn(turn);
	return (rc == 0 ? ERR_OK : ERR_STORE);
}

void
store_abort(struct txn **t)
{
	struct txn *turn = *t;

	if (turn == NULL)
		return;
	*t = NULL;
	undo_turn(turn);
	end_turn(turn);
}

/* --- what a transaction has --------------------------------------------- */

uint64_t
store_size(const struct txn *t)
{
	return (t->size);
}

struct store *
store_of(struct txn *t)
{
	return (t->st);
}

struct arena *
store_scratch(struct txn *t)
{
	return (t->scratch);
}

struct vault_reader *
store_reader(struct txn *t)
{
	if (t->reader == NULL)
		t->reader = vault_reader_new();
	return (t->reader);
}

struct arena *
store_kept(struct txn *t)
{
	if (t->kept == NULL) {
		t->kept = arena_new(STORE_SCRATCH);
		if (t->kept != NULL && t->st->memory != NULL)
			arena_wipe_late(t->kept);
	}
	return (t->kept);
}

struct store_recent *
store_recent(struct txn *t)
{
	return (&t->recent);
}

bool
store_is_turn(const struct txn *t)
{
	return (t->write);
}

struct store_counters *
store_counters(struct txn *t)
{
	return (&t->counters);
}
