/*
 * command_witness -- a witness as a program: it makes its key, answers one
 * request or those in a folder, or looks at a log again and again.
 *
 * SECURITY: only the key file, the state file and the folder with signatures
 * are its own; it reads the log and never writes there.  With a folder for
 * requests it needs nothing of the log at all.
 *
 * BUGS: it looks when it wakes up; what a log shows to others in between it
 * does not see.  That is what more than one witness is for.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audit/commands.h"
#include "audit/findings.h"
#include "audit/logsource.h"
#include "core/request.h"
#include "audit/witness.h"
#include "base/file.h"
#include "core/postbox.h"
#include "trust/keyfile.h"

static volatile sig_atomic_t is_over;

static void
end(int signal)
{
	(void)signal;
	is_over = 1;
}

/* --- its key -------------------------------------------------------------------- */

static int
say_vkey(const struct args *a, const struct secret *s)
{
	struct keyfile_public pub;
	struct note_key key;
	char vkey[NOTE_VKEY_MAX];

	if (keyfile_public(s, &pub) != ERR_OK ||
	    note_key_make(a->name, NOTE_WITNESS, pub.b, &key) != ERR_OK) {
		(void)fprintf(stderr, "keten-audit: --name: geen goede naam "
				      "voor een getuige\n");
		return ((int)VERDICT_USAGE);
	}
	(void)note_key_format(&key, vkey);
	(void)printf("%s\n", vkey);
	return (0);
}

static int
make_key(const struct args *a)
{
	struct secret *s = keyfile_new(KEYFILE_SIGN);
	char why[KEYFILE_WHY] = "out of memory";
	int code = (int)VERDICT_USAGE;

	if (s != NULL && keyfile_write(a->key, s, why) == ERR_OK)
		code = say_vkey(a, s);
	else
		(void)fprintf(stderr, "keten-audit: %s\n", why);
	keyfile_free(&s);
	return (code);
}

/* --- one answer -------------------------------------------------------------------- */

static enum verdict
verdict_of(enum witness_answer answer)
{
	switch (answer) {
	case WITNESS_SIGNED:
		return (VERDICT_WITNESSED);
	case WITNESS_MALFORMED:
		return (VERDICT_MALFORMED);
	case WITNESS_OTHER_LOG:
	case WITNESS_BAD_SIGNATURE:
		return (VERDICT_SIGNATURE);
	case WITNESS_NOT_LAST:
	case WITNESS_FORK:
	case WITNESS_INCONSISTENT:
		break;
	}
	return (VERDICT_FORK);
}

/* A second history that the log signed is evidence: keep it. */
static void
keep_refused(const struct args *a, struct slice note)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s.refused", a->state);
	if (file_write(path, note.p, note.len, 0600) == ERR_OK)
		(void)fprintf(stderr, "keten-audit: het geweigerde "
				      "controlepunt staat in %s\n", path);
}

/* Put the signed checkpoint where who verifies looks for it. */
static MUST_CHECK enum err
hand_out(const struct args *a, const struct witness *w, const char *note,
    size_t len)
{
	char path[4096], id[9];
	enum err err;

	if (a->out == NULL)
		return (ERR_OK);
	hex_encode(w->key.id, 4, id);
	(void)snprintf(path, sizeof(path), "%s/%s.note", a->out, id);
	err = file_mkdirs(a->out, 0755);
	if (err == ERR_OK)
		err = file_write(path, note, len, 0644);
	if (err != ERR_OK)
		(void)fprintf(stderr, "keten-audit: %s is niet te "
				      "schrijven\n", path);
	return (err);
}

/* The last line: the witness's own signature. */
static const char *
last_line(const char *note, size_t len)
{
	const char *at = note + len - 1;

	while (at > note && at[-1] != '\n')
		at--;
	return (at);
}

static int
answer(const struct args *a, struct witness *w, const struct request *r)
{
	enum witness_answer said;
	char note[NOTE_MAX];
	size_t len = 0;
	enum verdict v;
	enum err err = witness_add(w, r, (uint64_t)time(NULL), &said, note,
	    &len);

	if (err != ERR_OK)
		return (command_trouble(err));
	v = verdict_of(said);
	if (said != WITNESS_SIGNED) {
		(void)fprintf(stderr, "keten-audit: %s (laatst gezien: %" PRIu64
				      " records)\n", witness_answer_nl(said),
		    w->last.size);
		if (said == WITNESS_FORK || said == WITNESS_INCONSISTENT)
			keep_refused(a, r->note);
		return ((int)v);
	}
	if (hand_out(a, w, note, len) != ERR_OK)
		return ((int)VERDICT_USAGE);
	if (a->request != NULL)
		(void)fputs(last_line(note, len), stdout);
	else
		(void)printf("%" PRIu64 " records: %s\n", w->last.size,
		    witness_answer_nl(said));
	return (fflush(stdout) == 0 ? 0 : (int)VERDICT_USAGE);
}

/* --- a folder of requests ------------------------------------------------------------- */

/* What it says over HTTP: the signature, or how far it had seen. */
static size_t
body_of(enum witness_answer said, const struct witness *w, const char *note,
    size_t len, char out[NOTE_MAX])
{
	int n;

	if (said == WITNESS_SIGNED)
		n = snprintf(out, NOTE_MAX, "%s", last_line(note, len));
	else if (witness_status(said) == 409)
		n = snprintf(out, NOTE_MAX, "%" PRIu64 "\n", w->last.size);
	else
		n = snprintf(out, NOTE_MAX, "%s\n", witness_answer_nl(said));
	return (n < 0 ? 0 : (size_t)n);
}

static void
say_refusal(const struct args *a, const struct witness *w,
    const struct request *r, enum witness_answer said)
{
	/* Where they are is what they talk about first: no trouble. */
	if (said == WITNESS_SIGNED || said == WITNESS_NOT_LAST)
		return;
	(void)fprintf(stderr, "keten-audit: %s (laatst gezien: %" PRIu64
			      " records)\n", witness_answer_nl(said),
	    w->last.size);
	if (said == WITNESS_FORK || said == WITNESS_INCONSISTENT)
		keep_refused(a, r->note);
}

/* One letter; the signature goes out when what was seen is on the disk. */
static MUST_CHECK enum err
answer_letter(const struct args *a, struct witness *w, uint64_t id,
    struct slice text, enum verdict *worst)
{
	enum witness_answer said = WITNESS_MALFORMED;
	struct request r = { .old = 0 };
	char note[NOTE_MAX], body[NOTE_MAX];
	size_t len = 0;
	enum err err = ERR_OK;

	if (request_parse(text, &r) == ERR_OK)
		err = witness_add(w, &r, (uint64_t)time(NULL), &said, note,
		    &len);
	if (err != ERR_OK)
		return (err);
	say_refusal(a, w, &r, said);
	if (said == WITNESS_SIGNED && hand_out(a, w, note, len) != ERR_OK)
		return (ERR_IO);
	if (said != WITNESS_NOT_LAST)
		*worst = verdict_worse(*worst, verdict_of(said));
	len = body_of(said, w, note, len, body);
	return (postbox_reply(a->folder, id, witness_status(said),
	    slice_of(body, len)));
}

/* One that cannot be read is answered too, or it would come up for ever. */
static MUST_CHECK enum err
take_letter(const struct args *a, struct witness *w, uint64_t id,
    enum verdict *worst)
{
	uint8_t buf[POSTBOX_MAX];
	size_t len = 0;
	enum err err = postbox_request(a->folder, id, buf, &len);

	if (err == ERR_NOT_FOUND) /* the log took it back */
		return (ERR_OK);
	if (err != ERR_OK && err != ERR_MALFORMED)
		return (err);
	return (answer_letter(a, w, id, slice_of(buf, err == ERR_OK ? len : 0),
	    worst));
}

/* All letters that are there; those that come meanwhile the next time. */
static int
answer_folder(const struct args *a, struct witness *w)
{
	enum verdict worst = VERDICT_WITNESSED;
	uint64_t *ids = NULL;
	size_t n = 0;
	enum err err = postbox_waiting(a->folder, &ids, &n);

	for (size_t i = 0; i < n && err == ERR_OK; i++)
		err = take_letter(a, w, ids[i], &worst);
	free(ids);
	/* A folder that is not there yet holds no letters. */
	if (err == ERR_OK || err == ERR_NOT_FOUND)
		return ((int)worst);
	(void)fprintf(stderr, "keten-audit: %s: %s\n", a->folder,
	    err == ERR_FULL ? "er liggen te veel brieven; een logboek legt er "
	    "een tegelijk neer, dus haal weg wat een ander hier legde"
	    : err_text(err));
	return ((int)VERDICT_USAGE);
}

/* --- where the checkpoint comes from ---------------------------------------------------- */

static int
answer_file(const struct args *a, struct witness *w)
{
	struct request r;
	uint8_t *data;
	size_t len;
	int code = (int)VERDICT_MALFORMED;
	enum err err = file_read(a->request, REQUEST_MAX, &data, &len);

	if (err != ERR_OK) {
		(void)fprintf(stderr, "keten-audit: %s: %s\n", a->request,
		    err_text(err));
		return ((int)VERDICT_USAGE);
	}
	if (request_parse(slice_of(data, len), &r) == ERR_OK)
		code = answer(a, w, &r);
	else
		(void)fprintf(stderr, "keten-audit: %s\n",
		    witness_answer_nl(WITNESS_MALFORMED));
	free(data);
	return (code);
}

/* Ask the log itself for the proof from what was seen last. */
static int
look_at(const struct args *a, struct witness *w, struct logsource *from)
{
	struct request r = { .old = w->last.size,
		.note = slice_of(from->point.note, from->point.len) };
	enum err err = ERR_OK;

	if (from->point.size < w->last.size) {
		(void)fprintf(stderr, "keten-audit: ALARM: het logboek had %"
				      PRIu64 " records en nu %" PRIu64 "\n",
		    w->last.size, from->point.size);
		keep_refused(a, r.note);
		return ((int)VERDICT_FORK);
	}
	if (w->last.size > 0)
		err = tlog_consistency(w->last.size, from->point.size,
		    &from->tree, r.proof, &r.n);
	if (err != ERR_OK)
		r.n = 0; /* no proof: it is refused for that */
	return (answer(a, w, &r));
}

static int
look_once(const struct args *a, struct witness *w)
{
	struct logsource from;
	int code = (int)VERDICT_USAGE;

	if (logsource_open(a, &from) == ERR_OK)
		code = look_at(a, w, &from);
	logsource_close(&from);
	return (code);
}

/*
 * Look again and again; only an alarm or a signal ends it.  Who answers
 * letters goes on after an alarm too, and goes on refusing.
 */
static int
look_on(const struct args *a, struct witness *w)
{
	const struct timespec pause = { .tv_sec = (time_t)a->watch };
	struct sigaction act = { .sa_handler = end };
	int code;

	(void)sigaction(SIGTERM, &act, NULL);
	(void)sigaction(SIGINT, &act, NULL);
	do {
		code = a->folder != NULL ? answer_folder(a, w)
					 : look_once(a, w);
		if (a->folder == NULL && code != 0 && code != (int)VERDICT_USAGE)
			return (code);
		if (!is_over)
			(void)nanosleep(&pause, NULL);
	} while (!is_over);
	return (0);
}

/* --- all of it ------------------------------------------------------------------------------ */

static void
say_trouble(const struct args *a, enum err err)
{
	(void)fprintf(stderr, "keten-audit: %s: %s\n", a->state,
	    err == ERR_NOT_FOUND ? "dat is er niet; een nieuwe getuige begint "
				   "met --new"
	    : err == ERR_FULL	 ? "een andere getuige gebruikt dit"
	    : err == ERR_CORRUPT ? "dat heeft deze getuige niet geschreven"
	    : err == ERR_CONFIG	 ? "--name is geen goede naam"
				 : err_text(err));
}

static int
run(const struct args *a, const struct secret *s)
{
	struct witness w;
	int code = (int)VERDICT_USAGE;
	enum err err = witness_open(&w, a->state, a->name, s->b, &a->root.log,
	    a->is_new);

	if (err != ERR_OK)
		say_trouble(a, err);
	else if (a->request != NULL)
		code = answer_file(a, &w);
	else if (a->watch > 0)
		code = look_on(a, &w);
	else
		code = a->folder != NULL ? answer_folder(a, &w)
					 : look_once(a, &w);
	witness_close(&w);
	return (code);
}

int
command_witness(const struct args *a)
{
	const char *what = a->n_targets > 0 ? a->targets[0] : "";
	bool is_key = strcmp(what, "keygen") == 0,
	     is_vkey = strcmp(what, "vkey") == 0;
	struct secret *s = NULL;
	char why[KEYFILE_WHY];
	int code;

	if (a->key == NULL || a->name == NULL ||
	    (what[0] != '\0' && !is_key && !is_vkey) ||
	    (what[0] == '\0' && (a->state == NULL || !a->root.has_log))) {
		(void)fprintf(stderr, "keten-audit: witness vraagt --key, "
				      "--name, --state en --vkey; een nieuwe "
				      "sleutel: witness keygen\n");
		return ((int)VERDICT_USAGE);
	}
	if (is_key)
		return (make_key(a));
	if (keyfile_read(a->key, KEYFILE_SIGN, &s, why) != ERR_OK) {
		(void)fprintf(stderr, "keten-audit: %s\n", why);
		return ((int)VERDICT_USAGE);
	}
	code = is_vkey ? say_vkey(a, s) : run(a, s);
	keyfile_free(&s);
	return (code);
}
