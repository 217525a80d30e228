#ifndef POLICY_H_
#define POLICY_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keten/v1/policy.pb-c.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/org.h"
#include "life/calendar.h"

/*
 * policy -- the policy document, ready to be asked.
 *
 * Broker, SDK and auditor read the same signed bytes and get the same answers
 * here.  A policy never changes; a new one is a new struct.  Asking neither
 * allocates nor fails for lack of memory.  What is returned by pointer lives
 * as long as the policy.
 *
 * A "header code" is what may stand in a clear header: a code, or, of
 * protected codes, the name of their group.
 */
struct policy;

/* One question to the covenants. */
struct policy_ask {
	struct org from;
	struct org to;
	const char *code; /* a header code */
	const char *area;
	const char *basis;
	unsigned discussed; /* keten.v1.Discussed; 0: not asked */
	int64_t now_ms;
};

/* The closed lists of words. */
enum policy_list {
	POLICY_DECLINES,
	POLICY_OUTCOMES,
	POLICY_BASES,
	POLICY_REASONS,
	POLICY_PAYERS,
	POLICY_OUTSIDES,
	POLICY_LIST__MAX
};

/**
 * policy_new(body, policy):
 * Make a ${policy} of the bytes ${body} of a keten.v1.Policy, which are
 * copied.  The caller frees it with policy_free().  ERR_MALFORMED if they are
 * none, ERR_CONFIG if flaws_find() finds a flaw, ERR_NOMEM.
 */
MUST_CHECK enum err policy_new(struct slice body, struct policy **policy);

/**
 * policy_read(body, policy):
 * The same without looking for flaws: for whoever is about to look for them.
 */
MUST_CHECK enum err policy_read(struct slice body, struct policy **policy);

/**
 * policy_open(envelope, introducer, policy):
 * The same for a signed one: check that ${envelope} (a serialised DSSE
 * envelope) is signed with the pinned key ${introducer} and is a policy.
 * ERR_BAD_SIGNATURE if not.
 */
MUST_CHECK enum err policy_open(struct slice envelope,
    const uint8_t introducer[32], struct policy **policy);

/**
 * policy_check_next(old, next, why):
 * Tell whether ${next} may follow ${old}: its index rises, the origin stays,
 * it is not valid earlier, and no partner disappears (one that stops gets
 * an end date).  If not, ERR_CONFIG and ${why} is a Dutch sentence, constant.
 */
MUST_CHECK enum err policy_check_next(const struct policy *old,
    const struct policy *next, const char **why);

/**
 * policy_doc(p), policy_body(p), policy_hash(p):
 * Return the document itself; its bytes; their SHA-256 (32 bytes).
 */
const Keten__V1__Policy *policy_doc(const struct policy *p);
struct slice policy_body(const struct policy *p);
const uint8_t *policy_hash(const struct policy *p);

/**
 * policy_index(p), policy_origin(p), policy_calendar(p):
 * Return its index; the origin of the log; its calendar.
 */
uint64_t policy_index(const struct policy *p);
const char *policy_origin(const struct policy *p);
const struct calendar *policy_calendar(const struct policy *p);

/* --- who ----------------------------------------------------------------- */

/**
 * policy_partner(p, org):
 * Return the partner ${org}, or NULL.
 */
const Keten__V1__PolicyPartner *policy_partner(const struct policy *p,
    const struct org *org);

/**
 * policy_identity_key(p, org):
 * Return the 32 bytes of its identity key, or NULL.
 */
const uint8_t *policy_identity_key(const struct policy *p,
    const struct org *org);

/**
 * policy_former_key(p, org, i):
 * Return the 32 bytes of the ${i}th identity key that ${org} had before, whose
 * certificates still count, or NULL.
 */
const uint8_t *policy_former_key(const struct policy *p,
    const struct org *org, size_t i);

/**
 * policy_has_role(p, org, role), policy_has_ended(p, org, now_ms):
 * Tell whether ${org} has ${role}; whether it takes no part (any more) at
 * ${now_ms}, which is also true of one that is unknown.
 */
bool policy_has_role(const struct policy *p, const struct org *org,
    Keten__V1__PolicyRole role);
bool policy_has_ended(const struct policy *p, const struct org *org,
    int64_t now_ms);

/**
 * policy_successor(p, org, about, holder):
 * Return who has the places of ${org} in what ${about} says (code, area and
 * now_ms; the rest is not looked at): itself while it takes part; the last of
 * its chain of successors; the empty one if there is none.  ${holder}, unless
 * NULL, tells whether that one also holds what ${org} held.
 */
struct org policy_successor(const struct policy *p, const struct org *org,
    const struct policy_ask *about, bool *holder);

/**
 * policy_works_in(p, org, area):
 * Tell whether ${org} works in ${area} (or everywhere).
 */
bool policy_works_in(const struct policy *p, const struct org *org,
    const char *area);

/**
 * policy_has_mailbox(p, org, mailbox):
 * Tell whether the policy names that mailbox of ${org}.
 */
bool policy_has_mailbox(const struct policy *p, const struct org *org,
    const char *mailbox);

/**
 * policy_network_has(p, network, org):
 * Tell whether ${org} is ${network} or in it, at any depth.
 */
bool policy_network_has(const struct policy *p, const struct org *network,
    const struct org *org);

/**
 * policy_names(p, party, org):
 * Tell whether ${party} of a covenant or a route means ${org}: by its name, its
 * kind or a network; "anyone" names nobody.
 */
bool policy_names(const struct policy *p, const Keten__V1__PolicyParty *party,
    const struct org *org);

/**
 * policy_is_successor(p, org, about):
 * Tell whether ${org} has the places of anybody who ended, in what ${about}
 * says (see policy_successor()).
 */
bool policy_is_successor(const struct policy *p, const struct org *org,
    const struct policy_ask *about);

/* --- what and where ------------------------------------------------------ */

/**
 * policy_code(p, code), policy_group(p, id):
 * Return the code, or the group, of that name, or NULL.
 */
const Keten__V1__PolicyCode *policy_code(const struct policy *p,
    const char *code);
const Keten__V1__PolicyGroup *policy_group(const struct policy *p,
    const char *id);

/**
 * policy_check_code(p, code, rule):
 * ERR_OK if ${code} may stand in a header; else ERR_BAD_CODE and ${rule}, a
 * constant Dutch text, says why.
 */
MUST_CHECK enum err policy_check_code(const struct policy *p,
    const char *code, const char **rule);

/**
 * policy_header_code(p, code):
 * Return what stands in the header of a referral about ${code}: the code
 * itself, or its group when it is protected; NULL if it is unknown.
 */
const char *policy_header_code(const struct policy *p, const char *code);

/**
 * policy_is_protected(p, code), policy_is_signal(p, code):
 * Tell that of a header code; false for unknown ones.
 */
bool policy_is_protected(const struct policy *p, const char *code);
bool policy_is_signal(const struct policy *p, const char *code);

/**
 * policy_code_label(p, code):
 * Return its Dutch label, or ${code} itself.
 */
const char *policy_code_label(const struct policy *p, const char *code);

/**
 * policy_code_in(p, pattern, code):
 * Tell whether the header code ${code} is meant by ${pattern}: a code, a
 * group, "SIG", "DST", or "*".
 */
bool policy_code_in(const struct policy *p, const char *pattern,
    const char *code);

/**
 * policy_check_area(p, code, area, edition, rule):
 * ERR_OK if ${area} may stand in the header of a referral about the header
 * code ${code}: known, of that edition (0: any), and no finer than a
 * municipality for protected codes, than a district for others.  Else
 * ERR_BAD_AREA and ${rule} says why.
 */
MUST_CHECK enum err policy_check_area(const struct policy *p,
    const char *code, const char *area, uint32_t edition, const char **rule);

/**
 * policy_word(p, list, code):
 * Return the word ${code} of ${list}, or NULL.
 */
const Keten__V1__PolicyWord *policy_word(const struct policy *p,
    enum policy_list list, const char *code);

/**
 * policy_reason_fits(p, code, event):
 * Tell whether ${code} is a reason that may be given with ${event} ("FAIL").
 */
bool policy_reason_fits(const struct policy *p, const char *code,
    const char *event);

/* --- who may, and who watches -------------------------------------------- */

/**
 * policy_covenant(p, ask, covenant, rule):
 * Find a covenant that allows ${ask}.  ERR_OK and ${covenant} (may be NULL);
 * ERR_NO_COVENANT if none covers partners, code, area and time; ERR_NO_BASIS
 * if one does but not with that basis, or not without the person's consent.
 * ${rule} is then a Dutch text that says which; it lasts as long as ${p}.  One
 * that does not count yet, or no longer, is named with its day; without even
 * that ${rule} is policy_no_covenant.
 */
extern const char policy_no_covenant[];
MUST_CHECK enum err policy_covenant(const struct policy *p,
    const struct policy_ask *ask, const Keten__V1__PolicyCovenant **covenant,
    const char **rule);

/**
 * policy_controls(p, ask, who):
 * Tell whether ${who} is the controller under a covenant that covers partners,
 * code, area and time of ${ask}, or its originator where the covenant lets
 * that ask for erasure.
 */
bool policy_controls(const struct policy *p, const struct policy_ask *ask,
    const struct org *who);

/**
 * policy_regisseur(p, code, area):
 * Return who is regisseur for the header code ${code} in ${area}: of the rows
 * with the duty to place, the one with the narrowest area, then the one that
 * names the code most closely (itself, its group, its kind, all), then the
 * first; NULL if nobody is.
 */
const Keten__V1__PolicyRegisseur *policy_regisseur(const struct policy *p,
    const char *code, const char *area);

/**
 * policy_oversees(p, who, code, area):
 * Tell whether ${who} oversees ${code} in ${area}: takes part now or not, it
 * stands in a row of regisseurs with that duty, one of whose areas holds all
 * of ${area} and one of whose groups all of ${code}.  ${code} is a header code
 * or the name of any group; NULL asks for all codes.  ${area} NULL asks for
 * everywhere.  This is the scope of live lists and reports: what it does not
 * hold for is not shown to ${who}.
 */
bool policy_oversees(const struct policy *p, const struct org *who,
    const char *code, const char *area);

/**
 * policy_oversees_any(p, who):
 * Tell whether ${who} has that duty anywhere, for anything.
 */
bool policy_oversees_any(const struct policy *p, const struct org *who);

/**
 * policy_night_open(p, regisseur, now_ms):
 * Tell whether somebody answers ${regisseur}'s number for emergencies: its
 * night contact, or its own desk in its opening hours.
 */
bool policy_night_open(const struct policy *p,
    const Keten__V1__PolicyRegisseur *regisseur, int64_t now_ms);

/**
 * policy_call(p, code, regisseur):
 * Return the number to call for ${code} when nobody can take it now: the
 * regisseur's night number, its own, or 112.  ${regisseur} may be NULL.
 */
const char *policy_call(const struct policy *p, const char *code,
    const Keten__V1__PolicyRegisseur *regisseur);

/**
 * policy_alarm(p, code, i):
 * Return the ${i}th number to show with ${code} (that of Veilig Thuis with
 * SIG-303), or NULL after the last.  ${code} may be an exact protected code.
 */
const Keten__V1__PolicyAlarm *policy_alarm(const struct policy *p,
    const char *code, size_t i);

/**
 * policy_terms(p):
 * Return the terms in force where no route says otherwise.
 */
const struct cal_terms *policy_terms(const struct policy *p);

/**
 * policy_apply_term(term, terms):
 * Put what ${term} says over ${terms}.
 */
void policy_apply_term(const Keten__V1__PolicyTerm *term,
    struct cal_terms *terms);

/**
 * policy_hours(from, hours):
 * Fill ${hours} with ${from}; NULL gives the working hours.
 */
void policy_hours(const Keten__V1__PolicyHours *from, struct hours *hours);

/**
 * policy_retention(p, level, code):
 * Return the rule by which level ${level} of a referral about ${code} is
 * erased, or NULL when nothing is.
 */
const Keten__V1__PolicyRetention *policy_retention(const struct policy *p,
    uint32_t level, const char *code);

/**
 * policy_free(p):
 * Free it.  policy_free(NULL) does nothing.
 */
void policy_free(struct policy *p);

#endif /* !POLICY_H_ */
