#ifndef SLOW_IN_H_
#define SLOW_IN_H_

#include <string.h>

#include "slow.h"

/*
 * slow_in -- what the two halves of `slow` share: slow_said.c reads what the
 * document says of one question, slow.c makes the ladder of it.
 */

#define ROLE(r) KETEN__V1__POLICY_ROLE__POLICY_ROLE_##r
#define NETWORK(m) KETEN__V1__POLICY_NETWORK_MODE__POLICY_NETWORK_MODE_##m

typedef Keten__V1__PolicyPartner partner;

struct slow {
	const Keten__V1__Policy *doc;
	const struct calendar *cal;
	const struct route_ask *ask;
	struct slow_ladder *l;
	const Keten__V1__PolicyRoute *route;
	const Keten__V1__PolicyRegisseur *regisseur;
	struct cal_terms terms;
	bool someone;  /* a covenant fits somebody */
	bool no_basis; /* one would, but for the basis */
};

static inline bool
is(const char *a, const char *b)
{
	return (strcmp(a, b) == 0);
}

/**
 * slow_find(s, id), slow_known(s, id):
 * Return the partner called ${id}, NULL if there is none; one that must be
 * there.
 */
const partner *slow_find(const struct slow *s, const char *id);
const partner *slow_known(const struct slow *s, const char *id);

/**
 * slow_find_network(s, id):
 * Return the network called ${id}; NULL if there is none.
 */
const Keten__V1__PolicyNetwork *slow_find_network(const struct slow *s,
    const char *id);

/**
 * slow_has_role(w, role), slow_has_ended(s, w), slow_heir(s, w):
 * What ${w} is; whether it takes part no more; who has its places now, NULL
 * if nobody.
 */
bool slow_has_role(const partner *w, Keten__V1__PolicyRole role);
bool slow_has_ended(const struct slow *s, const partner *w);
const partner *slow_heir(const struct slow *s, const partner *w);

/**
 * slow_is_protected(s), slow_check_question(s):
 * Is the code that was asked for protected; may it be asked like this?
 */
bool slow_is_protected(const struct slow *s);
enum err slow_check_question(const struct slow *s);

/**
 * slow_find_regisseur(s), slow_find_route(s):
 * Find who places, and the narrowest route.
 */
enum err slow_find_regisseur(struct slow *s);
enum err slow_find_route(struct slow *s);

/**
 * slow_covenant(s, to):
 * Is there a covenant that lets it go to ${to}?  ERR_NO_COVENANT,
 * ERR_NO_BASIS.
 */
enum err slow_covenant(const struct slow *s, const partner *to);

#endif /* !SLOW_IN_H_ */
