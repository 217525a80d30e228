#include <string.h>

#include "life/referral.h"

void
referral_clear(struct referral *r)
{
	memset(r, 0, REFERRAL_FIXED);
}

void
referral_copy(struct referral *to, const struct referral *from)
{
	memcpy(to, from, REFERRAL_FIXED);
	memcpy(to->offers, from->offers,
	    from->n_offers * sizeof(from->offers[0]));
	memcpy(to->parties, from->parties,
	    from->n_parties * sizeof(from->parties[0]));
}

bool
referral_is_live(const struct referral *r)
{
	return (words_is_live(r->state));
}

/* What lies under ${s}, given the states before. */
static enum state
under(const struct referral *r, enum state s)
{
	if (s == ST_HANDOVER_OFFERED)
		s = r->before_handover;
	if (s == ST_AWAITING_INFO || s == ST_ON_HOLD)
		s = r->before_wait;
	return (s);
}

enum state
referral_base(const struct referral *r)
{
	return (under(r, r->state));
}

uint32_t
referral_roles(const struct referral *r, const struct org *who)
{
	uint32_t roles = 0;

	if (org_is_none(who))
		return (0);
	if (org_eq(who, &r->b))
		roles |= ROLE_B | ROLE_PARTY;
	if (org_eq(who, &r->h))
		roles |= ROLE_H | ROLE_PARTY;
	if (org_eq(who, &r->r))
		roles |= ROLE_R | ROLE_PARTY;
	if (referral_open_offer(r, who) != NULL)
		roles |= ROLE_K | ROLE_PARTY;
	for (size_t i = 0; i < r->n_parties; i++)
		if (org_eq(who, &r->parties[i]))
			roles |= ROLE_PARTY;
	return (roles);
}

const struct offer *
referral_offer(const struct referral *r, uint16_t number)
{
	for (size_t i = 0; i < r->n_offers; i++)
		if (r->offers[i].number == number)
			return (&r->offers[i]);
	return (NULL);
}

const struct offer *
referral_open_offer(const struct referral *r, const struct org *who)
{
	for (size_t i = 0; i < r->n_offers; i++)
		if (words_is_open(r->offers[i].state) &&
		    org_eq(&r->offers[i].to, who))
			return (&r->offers[i]);
	return (NULL);
}

size_t
referral_n_open(const struct referral *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_offers; i++)
		n += words_is_open(r->offers[i].state);
	return (n);
}

struct clock *
referral_clock(struct referral *r, enum term term, uint16_t offer)
{
	if (term == TERM_NONE || (size_t)term >= TERM__MAX)
		return (NULL);
	if (term != TERM_MORE)
		return (&r->clocks[term]);
	for (size_t i = 0; i < r->n_offers; i++)
		if (r->offers[i].number == offer && r->offers[i].own_term)
			return (&r->offers[i].clock);
	return (NULL);
}

const char *
referral_fhir(const struct referral *r)
{
	if (r->state == ST_HANDOVER_OFFERED)
		return (words_state_fhir(r->before_handover));
	if (r->state == ST_CLOSED)
		return (words_state_fhir(r->ended_as));
	return (words_state_fhir(r->state));
}
