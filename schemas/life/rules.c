#include "life/engine.h"

/*
 * The conditions of the table (column "only if").  Each answers ERR_OK, or an
 * error and a rule that says more than the row's own text where it can.
 */
static enum err
no(const char **rule, const char *why)
{
	*rule = why;
	return (ERR_NOT_ALLOWED);
}

ONLY_IF(ALWAYS)
{
	(void)t;
	(void)rule;
	return (ERR_OK);
}

/* A child is submitted by the holder of its parent, who is at work on it. */
ONLY_IF(MAY_SUBMIT)
{
	const struct referral *parent = t->a->parent;

	if (parent == NULL)
		return (ERR_OK);
	if (parent->state == ST_NONE ||
	    referral_roles(parent, &t->c->actor) == 0) {
		*rule = "rij 1: het geheel is er niet, of niet voor u";
		return (ERR_UNKNOWN_REFERRAL);
	}
	if (((uint32_t)FROM_AT_WORK & (1u << parent->state)) == 0) {
		*rule = "rij 1: aan het geheel wordt nu niet gewerkt";
		return (ERR_WRONG_STATE);
	}
	if (!org_eq(&parent->h, &t->c->actor))
		return (no(rule, "rij 1: alleen de houder van het geheel "
		    "dient een deel in"));
	if (t->a->parent_children >= REFERRAL_CHILDREN_MAX)
		return (no(rule, "rij 1: te veel delen tegelijk"));
	return (ERR_OK);
}

ONLY_IF(NOT_SEEN)
{
	const struct offer *o = referral_offer(t->was, t->c->offer);

	if (o->state == OFFER_OPEN)
		return (ERR_OK);
	return (no(rule, "rij 2: dit aanbod is al bekeken"));
}

ONLY_IF(NOT_ASKED)
{
	const struct offer *o = referral_offer(t->was, t->c->offer);

	if (!o->asked)
		return (ERR_OK);
	return (no(rule, "rij 3: u hebt uw ene vraag al gesteld"));
}

ONLY_IF(QUESTION_OPEN)
{
	for (size_t i = 0; i < t->was->n_offers; i++)
		if (t->was->offers[i].question_open)
			return (ERR_OK);
	return (no(rule, "rij 3: er staat geen vraag open"));
}

/* The text of a refusal to row 7 or 20, whichever is asked. */
#define EITHER(t, text)                                                        \
	((t)->c->event == EV_OFFER_MORE ? "rij 7: " text : "rij 20: " text)

/* Who is named may be nobody who is in it already in another way. */
ONLY_IF(MAY_BE_OFFERED)
{
	const struct referral *r = t->was;
	const struct org *to = &t->c->target;

	if (t->probe)
		return (ERR_OK);
	if (org_is_none(to))
		return (no(rule, EITHER(t, "er is geen partner genoemd")));
	if (org_eq(to, &r->b) || org_eq(to, &r->r) || org_eq(to, &r->h))
		return (no(rule, EITHER(t,
		    "niet aan bron, regisseur of houder")));
	if (referral_open_offer(r, to) != NULL)
		return (no(rule, EITHER(t, "deze partner heeft al een aanbod")));
	for (size_t i = 0; i < r->n_never; i++)
		if (org_eq(to, &r->never[i]))
			return (no(rule, EITHER(t,
			    "de bron heeft deze partner uitgesloten")));
	if (!lifecycle_has_room(r, to))
		return (no(rule, EITHER(t,
		    "er zijn al te veel aanbiedingen gedaan")));
	return (ERR_OK);
}

ONLY_IF(HOLDER_IS_R)
{
	(void)rule;
	return (org_eq(&t->was->h, &t->was->r) ? ERR_OK : ERR_NOT_ALLOWED);
}

ONLY_IF(HOLDER_NOT_R)
{
	(void)rule;
	return (org_eq(&t->was->h, &t->was->r) ? ERR_NOT_ALLOWED : ERR_OK);
}

ONLY_IF(HOLDER_NOT_B)
{
	(void)rule;
	return (org_eq(&t->was->h, &t->was->b) ? ERR_NOT_ALLOWED : ERR_OK);
}

ONLY_IF(HOLDER_ASKED)
{
	if (t->was->holder_asked)
		return (ERR_OK);
	return (no(rule, "rij 14: er staat geen vraag van de bron open"));
}

ONLY_IF(MAY_RETURN)
{
	if (org_eq(&t->was->h, &t->was->r))
		return (no(rule, "rij 10: de regisseur geeft niet terug"));
	if (t->a->within_return || t->was->unreadable)
		return (ERR_OK);
	return (no(rule, "rij 10: de tijd om terug te geven is voorbij"));
}

ONLY_IF(MORE_URGENT)
{
	enum urgency named = t->probe ? URGENCY_EMERGENT : t->c->urgency;

	if (named > t->was->urgency && named < URGENCY__MAX)
		return (ERR_OK);
	return (no(rule, "rij 19: de haast kan alleen omhoog"));
}

ONLY_IF(MAY_TAKE_OVER)
{
	if (org_eq(&t->was->h, &t->was->r))
		return (no(rule, "rij 24: de regisseur is al houder"));
	if ((t->was->flags & FLAG_OVERDUE) != 0 || t->a->holder_ended)
		return (ERR_OK);
	return (no(rule, "rij 24: de houder is niet te laat en doet nog mee"));
}

ONLY_IF(NO_CHILD_OPEN)
{
	if (t->a->open_children == 0)
		return (ERR_OK);
	return (no(rule, "rij 25: er is nog een deel dat niet af is"));
}

ONLY_IF(MAY_ASK_BACK)
{
	const struct referral *r = t->was;

	if ((r->flags & FLAG_WITHDRAWAL) != 0)
		return (no(rule, "rij 29: er loopt al een verzoek"));
	if (org_eq(&t->c->actor, &r->h))
		return (no(rule, "rij 29: de houder vraagt het niet zichzelf"));
	return (ERR_OK);
}

ONLY_IF(IS_SERVICE)
{
	(void)rule;
	return (t->was->kind == KIND_SERVICE && t->was->end_ms != 0 ?
	    ERR_OK : ERR_NOT_ALLOWED);
}

ONLY_IF(MAY_REOPEN)
{
	if (t->was->erased)
		return (no(rule, "rij 34: de inhoud is gewist"));
	if (!t->a->within_reopen)
		return (no(rule, "rij 34: het is meer dan 14 dagen geleden"));
	return (ERR_OK);
}

ONLY_IF(NOT_OPENABLE_YET)
{
	(void)rule;
	return (t->was->openable ? ERR_NOT_ALLOWED : ERR_OK);
}
