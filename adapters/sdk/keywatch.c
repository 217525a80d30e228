/*
 * keywatch -- this device's own keys and certificates, while it is connected.
 */
#include <stdio.h>
#include <string.h>

#include "base/noun.h"
#include "base/say.h"
#include "life/calendar.h"
#include "sdk/keywatch.h"
#include "sdk/reseal.h"
#include "sdk/scribe.h"
#include "sdk/tidings.h"

enum { EVERY_MS = 3600 * 1000 };
#define DAY_MS ((int64_t)24 * 3600 * 1000)

/* ---- which keys ----------------------------------------------------------- */

/* Use what the log names; say so where it names a key that is not here. */
void
keywatch_choose(struct keten *k)
{
	struct device *dev = &k->dev;
	const struct cert *d = certs_device(k->certs, &dev->partner,
	    &dev->name);
	const struct cert *seal = certs_sealing(k->certs, &dev->partner,
	    NULL);

	if (d != NULL && (!keybox_use_sign(&dev->box, d->sign_key) ||
			     !keybox_use_curve(&dev->box, d->curve_key)))
		say(SAY_KEY, NULL, "the certificate of this device (serial "
		    "%llu) names keys that are not in its folder",
		    (unsigned long long)d->serial);
	if (seal != NULL && !keybox_use_seal(&dev->box, seal->seal_id))
		say(SAY_KEY, NULL, "others seal for the key %s, which is not "
		    "in the folder of this device", seal->seal_id);
	device_use(dev);
}

/* What waits and was not consumed gets the signature that counts now. */
static MUST_CHECK enum err
sign_anew(struct steward *s)
{
	struct spool_txn *txn = NULL;
	size_t n = 0;
	enum err err;

	if (s->unused_from == 0)
		return (ERR_OK);
	if ((err = spool_begin(s->k->spool, true, &txn)) != ERR_OK)
		return (err);
	err = scribe_resign(s->k, txn, s->k->a, s->unused_from, &n);
	if (err == ERR_OK && n > 0)
		err = spool_commit(&txn);
	spool_abort(&txn);
	if (err == ERR_OK && n > 0)
		say(SAY_KEY, NULL, "signed anew with the new key: %zu", n);
	return (err);
}

/* ---- how long they last ---------------------------------------------------- */

int
keywatch_days(int64_t until_ms, int64_t now_ms)
{
	static const int steps[] = { 1, 7, 30 };

	if (until_ms == 0)
		return (-1);
	if (until_ms <= now_ms)
		return (0);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (until_ms - now_ms <= steps[i] * DAY_MS)
			return (steps[i]);
	return (-1);
}

/* What was said about the certificate last: its serial, and the days. */
static MUST_CHECK enum err
was_said(struct spool_txn *txn, struct arena *a, const char *name,
    const struct cert *c, int days, bool *said)
{
	size_t mark = arena_used(a);
	struct slice v;
	enum err err = spool_meta_get(txn, name, a, &v);

	*said = err == ERR_OK && v.len == 16 && be64_get(v.p) == c->serial &&
	    be64_get(v.p + 8) <= (uint64_t)days;
	arena_rewind(a, mark);
	return (err == ERR_NOT_FOUND ? ERR_OK : err);
}

static MUST_CHECK enum err
note_said(struct spool_txn *txn, const char *name, const struct cert *c,
    int days)
{
	uint8_t v[16];

	be64_put(v, c->serial);
	be64_put(v + 8, (uint64_t)days);
	return (spool_meta_put(txn, name, slice_of(v, sizeof(v))));
}

static void
write_text(const struct cert *c, int days, struct keten_news *n)
{
	const char *what = org_is_none(&c->device) ? "de zegelsleutel"
						   : "dit apparaat";
	char when[CAL_TEXT];

	(void)cal_text(c->not_after_ms, when);
	if (days == 0)
		(void)snprintf(n->text, sizeof(n->text),
		    "SLEUTELS: het certificaat van %s is verlopen op %s. Maak "
		    "een nieuw met keten key rotate en geef het aan beheer.",
		    what, when);
	else
		(void)snprintf(n->text, sizeof(n->text),
		    "SLEUTELS: het certificaat van %s verloopt over hoogstens "
		    "%d %s, op %s. Maak een nieuw met keten key rotate.", what,
		    days, noun_for((uint64_t)days, "dag",
			"dagen"), when);
}

/* Say once for each of 30, 7, 1 and 0 days that ${c} ends. */
static MUST_CHECK enum err
warn(struct steward *s, const char *name, const struct cert *c)
{
	int days = c == NULL ? -1 : keywatch_days(c->not_after_ms,
	    steward_now(s));
	struct keten_news n = { .step = KETEN_TRUST,
		.time_ms = handle_now() };
	struct spool_txn *txn = NULL;
	bool said = true;
	enum err err;

	if (days < 0)
		return (ERR_OK);
	if ((err = spool_begin(s->k->spool, true, &txn)) != ERR_OK)
		return (err);
	err = was_said(txn, s->k->a, name, c, days, &said);
	if (err == ERR_OK && !said) {
		write_text(c, days, &n);
		say(SAY_KEY_ENDS, NULL, "%s: %d days or less", name, days);
		if ((err = tidings_put(txn, &n)) == ERR_OK &&
		    (err = note_said(txn, name, c, days)) == ERR_OK)
			err = spool_commit(&txn);
	}
	spool_abort(&txn);
	return (err);
}

static MUST_CHECK enum err
warn_all(struct steward *s)
{
	const struct device *dev = &s->k->dev;
	enum err err = warn(s, "ends-device", certs_device(s->k->certs,
	    &dev->partner, &dev->name));

	return (err != ERR_OK ? err : warn(s, "ends-sealing",
	    certs_sealing(s->k->certs, &dev->partner, NULL)));
}

/* ---- when ----------------------------------------------------------------- */

enum err
keywatch_turn(struct steward *s)
{
	enum err err;

	if (handle_mono() < s->keys_mono)
		return (ERR_OK);
	err = steward_certs(s, &s->k->dev.partner, false);
	if (err != ERR_OK || s->state != STEWARD_UP)
		return (err);
	keywatch_choose(s->k);
	if ((err = sign_anew(s)) != ERR_OK ||
	    (err = reseal_turn(s)) != ERR_OK)
		return (err);
	s->keys_mono = handle_mono() + EVERY_MS;
	return (warn_all(s));
}
