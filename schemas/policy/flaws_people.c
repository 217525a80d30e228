/*
 * flaws -- partners, networks and regisseurs.
 */
#include <stdlib.h>
#include <string.h>

#include "base/area.h"
#include "base/bytes.h"
#include "base/conf.h"
#include "policy/flaws_impl.h"
#include "trust/sign.h"

static const char *const kinds[] = {
#define KIND(name, nl) name,
#include "tbl/kinds.h"
#undef KIND
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static bool
is_name(const char *text)
{
	struct org o = org_of(text);

	return (!org_is_none(&o));
}

/* --- partners ------------------------------------------------------------ */

static void
partner_name(struct finder *f, const Keten__V1__PolicyPartner *w, size_t i)
{
	char path[FLAWS_PATH];
	const char *near;
	bool known = false;

	(void)flaws_path(path, "partners[%zu].id", i);
	if (!is_name(w->id))
		flaws_add(f, path, "'%s' is geen naam voor een partner: kleine "
		    "letters, cijfers en streepjes, hoogstens 31", w->id);
	if (flaws_seen(f, 'p', w->id, i, NULL))
		flaws_add(f, path, "partner '%s' staat er twee keer", w->id);
	if (w->name[0] == '\0')
		flaws_add(f, path, "partner '%s' heeft geen naam voor mensen "
		    "(name)", w->id);
	for (size_t k = 0; k < N_KINDS; k++)
		known = known || strcmp(kinds[k], w->kind) == 0;
	if (known)
		return;
	near = conf_nearest(w->kind, kinds, N_KINDS);
	flaws_add(f, flaws_path(path, "partners[%zu].kind", i),
	    "soort '%s' bestaat niet%s%s%s", w->kind,
	    near != NULL ? "; bedoelde u '" : "", near != NULL ? near : "",
	    near != NULL ? "'?" : "");
}

static void
partner_key(struct finder *f, const Keten__V1__PolicyPartner *w, size_t i)
{
	char path[FLAWS_PATH], hex[2 * SIGN_PUB + 1];
	size_t first;

	(void)flaws_path(path, "partners[%zu].identity_key", i);
	/* A member for whom its network speaks has nothing to sign. */
	if (w->identity_key.len == 0 && w->n_roles == 0 &&
	    policy_is_spoken_for(f->p, w))
		return;
	if (w->identity_key.len == 0) {
		flaws_add(f, path, "partner '%s' heeft geen identiteitssleutel"
		    " (identity_key)", w->id);
		return;
	}
	if (!sign_key_is_sound(slice_of(w->identity_key.data,
		w->identity_key.len)))
		flaws_add(f, path, "de sleutel van '%s' is geen goede "
		    "Ed25519-sleutel; maak een nieuwe", w->id);
	hex_encode(w->identity_key.data, w->identity_key.len < SIGN_PUB ?
		w->identity_key.len : SIGN_PUB, hex);
	if (flaws_seen(f, 'K', hex, i, &first))
		flaws_add(f, path, "'%s' en '%s' hebben dezelfde sleutel",
		    f->doc->partners[first]->id, w->id);
}

static void
partner_former(struct finder *f, const Keten__V1__PolicyPartner *w, size_t i)
{
	char path[FLAWS_PATH];

	for (size_t k = 0; k < w->n_former_identity_keys; k++) {
		ProtobufCBinaryData key = w->former_identity_keys[k];

		(void)flaws_path(path,
		    "partners[%zu].former_identity_keys[%zu]", i, k);
		if (!sign_key_is_sound(slice_of(key.data, key.len)))
			flaws_add(f, path, "deze vroegere sleutel van '%s' is "
			    "geen goede Ed25519-sleutel", w->id);
		else if (slice_eq(slice_of(key.data, key.len),
			slice_of(w->identity_key.data, w->identity_key.len)))
			flaws_add(f, path, "dit is de sleutel die '%s' nu "
			    "heeft (identity_key)", w->id);
	}
}

/* Does the chain of successors come back from ${at} to ${id}?  ${seen} marks
 * who was looked at. */
static bool
comes_back(const struct finder *f, const char *id, const char *at,
    uint8_t *seen)
{
	int no = policy_partner_no(f->p, at);
	const Keten__V1__PolicyPartner *w;

	if (no < 0 || seen[no] != 0)
		return (false);
	seen[no] = 1;
	w = f->p->partners[no];
	if (strcmp(w->successor, id) == 0 ||
	    comes_back(f, id, w->successor, seen))
		return (true);
	for (size_t i = 0; i < w->n_successors; i++)
		if (strcmp(w->successors[i]->partner, id) == 0 ||
		    comes_back(f, id, w->successors[i]->partner, seen))
			return (true);
	return (false);
}

static bool
succeeds_itself(const struct finder *f, const char *id)
{
	uint8_t *seen = calloc(f->p->n_partners + 1, 1);
	bool yes;

	/* Without memory it is not found here; asking ends all the same. */
	yes = seen != NULL && comes_back(f, id, id, seen);
	free(seen);
	return (yes);
}

static void
successor_row(struct finder *f, const Keten__V1__PolicyPartner *w, size_t i,
    size_t k)
{
	const Keten__V1__PolicySuccessor *s = w->successors[k];
	char path[FLAWS_PATH];

	flaws_partner(f, flaws_path(path, "partners[%zu].successors[%zu]."
	    "partner", i, k), s->partner);
	for (size_t c = 0; c < s->n_codes; c++)
		flaws_pattern(f, flaws_path(path,
		    "partners[%zu].successors[%zu].codes[%zu]", i, k, c),
		    s->codes[c]);
	for (size_t c = 0; c < s->n_areas; c++)
		flaws_area(f, flaws_path(path,
		    "partners[%zu].successors[%zu].areas[%zu]", i, k, c),
		    s->areas[c]);
	if (s->n_codes == 0 && s->n_areas == 0 &&
	    (k + 1 < w->n_successors || w->successor[0] != '\0'))
		flaws_add(f, flaws_path(path, "partners[%zu].successors[%zu]",
		    i, k), "deze opvolger van '%s' neemt alles, dus wie er na "
		    "staat krijgt niets; zet hem als laatste", w->id);
}

static void
partner_end(struct finder *f, const Keten__V1__PolicyPartner *w, size_t i)
{
	char path[FLAWS_PATH];

	(void)flaws_path(path, "partners[%zu].successor%s", i,
	    w->n_successors > 0 ? "s" : "");
	if (w->gone && w->ended_ms == 0)
		flaws_add(f, path, "'%s' is weg (gone) zonder einddatum "
		    "(ended)", w->id);
	if (!policy_names_successors(w))
		return;
	if (w->ended_ms == 0)
		flaws_add(f, path, "'%s' heeft een opvolger maar geen "
		    "einddatum (ended)", w->id);
	if (w->successor[0] != '\0')
		flaws_partner(f, path, w->successor);
	for (size_t k = 0; k < w->n_successors; k++)
		successor_row(f, w, i, k);
	if (succeeds_itself(f, w->id))
		flaws_add(f, path, "de opvolgers van '%s' gaan in een kring",
		    w->id);
}

static void
partner_rest(struct finder *f, const Keten__V1__PolicyPartner *w, size_t i)
{
	char path[FLAWS_PATH];

	if (w->n_mailboxes == 0)
		flaws_add(f, flaws_path(path, "partners[%zu]", i),
		    "'%s' heeft geen brievenbus", w->id);
	for (size_t k = 0; k < w->n_mailboxes; k++)
		if (!is_name(w->mailboxes[k]))
			flaws_add(f, flaws_path(path,
			    "partners[%zu].mailboxes[%zu]", i, k),
			    "'%s' is geen naam voor een brievenbus",
			    w->mailboxes[k]);
	for (size_t k = 0; k < w->n_roles; k++)
		if (w->roles[k] < KETEN__V1__POLICY_ROLE__POLICY_ROLE_SUBMIT ||
		    w->roles[k] > KETEN__V1__POLICY_ROLE__POLICY_ROLE_AUDITOR)
			flaws_add(f, flaws_path(path,
			    "partners[%zu].roles[%zu]", i, k),
			    "deze rol bestaat niet");
	for (size_t k = 0; k < w->n_areas; k++)
		flaws_area(f, flaws_path(path, "partners[%zu].areas[%zu]", i,
		    k), w->areas[k]);
	flaws_hours(f, flaws_path(path, "partners[%zu].hours", i), w->hours);
}

#define CANDIDATE KETEN__V1__POLICY_ROLE__POLICY_ROLE_CANDIDATE
#define MODE(m) KETEN__V1__POLICY_NETWORK_MODE__POLICY_NETWORK_MODE_##m

/* --- networks ------------------------------------------------------------ */

/* Is the network in one of its own members? */
static bool
in_circle(const struct finder *f, const Keten__V1__PolicyNetwork *n)
{
	struct org self = org_of(n->id);

	for (size_t i = 0; i < n->n_members; i++) {
		struct org member = org_of(n->members[i]);

		if (policy_network_has(f->p, &member, &self))
			return (true);
	}
	return (false);
}

/* Who is asked must be able to take it: the members, or who coordinates. */
static void
network_asked(struct finder *f, const Keten__V1__PolicyNetwork *n, size_t i)
{
	struct org org = org_of(n->id);
	char path[FLAWS_PATH];

	if (n->mode == MODE(COORDINATOR)) {
		if (policy_partner(f->p, &org) != NULL &&
		    !policy_has_role(f->p, &org, CANDIDATE))
			flaws_add(f, flaws_path(path, "networks[%zu].mode", i),
			    "netwerk '%s' verdeelt zelf het werk; geef het bij "
			    "de partners de rol candidate", n->id);
		return;
	}
	for (size_t k = 0; k < n->n_members; k++) {
		org = org_of(n->members[k]);
		if (policy_partner(f->p, &org) != NULL &&
		    policy_network(f->p, org.id) == NULL &&
		    !policy_has_role(f->p, &org, CANDIDATE))
			flaws_add(f, flaws_path(path,
			    "networks[%zu].members[%zu]", i, k),
			    "'%s' krijgt aanbod als lid van '%s' maar heeft "
			    "niet de rol candidate; of maak mode: coordinator",
			    org.id, n->id);
	}
}

static void
network(struct finder *f, const Keten__V1__PolicyNetwork *n, size_t i)
{
	int no = policy_partner_no(f->p, n->id);
	char path[FLAWS_PATH];

	(void)flaws_path(path, "networks[%zu].id", i);
	if (no < 0)
		flaws_partner(f, path, n->id);
	else if (strcmp(f->p->partners[no]->kind, "netwerk") != 0)
		flaws_add(f, path, "'%s' is bij de partners geen netwerk; "
		    "maak kind: netwerk", n->id);
	if (flaws_seen(f, 'n', n->id, i, NULL))
		flaws_add(f, path, "netwerk '%s' staat er twee keer", n->id);
	if (n->n_members == 0)
		flaws_add(f, path, "netwerk '%s' heeft geen leden", n->id);
	if (n->mode < MODE(FIRST) || n->mode > MODE(COORDINATOR))
		flaws_add(f, path, "netwerk '%s': mode is first, "
		    "one-after-another of coordinator", n->id);
	for (size_t k = 0; k < n->n_members; k++)
		flaws_partner(f, flaws_path(path, "networks[%zu].members[%zu]",
		    i, k), n->members[k]);
	network_asked(f, n, i);
	if (in_circle(f, n))
		flaws_add(f, flaws_path(path, "networks[%zu].members", i),
		    "netwerk '%s' is lid van zichzelf, misschien via een "
		    "ander netwerk; haal een van de leden weg", n->id);
}

#define DUTY(d) KETEN__V1__POLICY_DUTY__POLICY_DUTY_##d

/* --- regisseurs ---------------------------------------------------------- */

static void
duties(struct finder *f, const Keten__V1__PolicyRegisseur *r, size_t i)
{
	char path[FLAWS_PATH];

	for (size_t k = 0; k < r->n_duties; k++)
		if (r->duties[k] < DUTY(PLACING) ||
		    r->duties[k] > DUTY(OVERSIGHT))
			flaws_add(f, flaws_path(path,
			    "regisseurs[%zu].duties[%zu]", i, k),
			    "deze taak bestaat niet; kies placing of "
			    "oversight");
}

static void
regisseur(struct finder *f, const Keten__V1__PolicyRegisseur *r, size_t i)
{
	struct org org = org_of(r->partner);
	const Keten__V1__PolicyPartner *w = policy_partner(f->p, &org);
	char path[FLAWS_PATH];

	(void)flaws_path(path, "regisseurs[%zu].partner", i);
	if (w == NULL) {
		flaws_partner(f, path, r->partner);
	} else if (policy_has_duty(r, DUTY(PLACING)) &&
	    !policy_has_role(f->p, &org,
		       KETEN__V1__POLICY_ROLE__POLICY_ROLE_REGISSEUR)) {
		flaws_add(f, path, "'%s' heeft bij de partners niet de rol "
		    "regisseur", r->partner);
	} else if (w->ended_ms != 0 || w->gone) {
		flaws_add(f, path, "'%s' stopt; noem hier de regisseur die "
		    "het overneemt, anders blijft een verwijzing zonder",
		    r->partner);
	}
	for (size_t k = 0; k < r->n_areas; k++)
		flaws_area(f, flaws_path(path, "regisseurs[%zu].areas[%zu]", i,
		    k), r->areas[k]);
	for (size_t k = 0; k < r->n_groups; k++)
		flaws_pattern(f, flaws_path(path, "regisseurs[%zu].groups[%zu]",
		    i, k), r->groups[k]);
	flaws_hours(f, flaws_path(path, "regisseurs[%zu].night_hours", i),
	    r->night_hours);
	duties(f, r, i);
}

void
flaws_people(struct finder *f)
{
	if (f->doc->n_partners == 0)
		flaws_add(f, "", "er zijn geen partners (partners)");
	for (size_t i = 0; i < f->doc->n_partners; i++) {
		partner_name(f, f->doc->partners[i], i);
		partner_key(f, f->doc->partners[i], i);
		partner_former(f, f->doc->partners[i], i);
		partner_end(f, f->doc->partners[i], i);
		partner_rest(f, f->doc->partners[i], i);
	}
	for (size_t i = 0; i < f->doc->n_networks; i++)
		network(f, f->doc->networks[i], i);
	if (f->doc->n_regisseurs == 0)
		flaws_add(f, "", "er is geen regisseur (regisseurs): een "
				 "verwijzing zou nergens eindigen");
	for (size_t i = 0; i < f->doc->n_regisseurs; i++)
		regisseur(f, f->doc->regisseurs[i], i);
}
