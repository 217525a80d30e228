/*
 * inhand -- which command is being decided, for whoever starts after a crash.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ketend/inhand.h"

/* Suspects remembered; the oldest goes.  One crash adds one. */
#define SUSPECTS 15
#define POISON 2 /* abnormal ends */

struct name {
	struct org partner;
	uint8_t lane[8];
	uint64_t number; /* 0: nobody */
};

struct suspect {
	struct name who;
	uint64_t ends;
};

/* What is mapped.  Only this machine reads it, so it is in its own order. */
struct page {
	char magic[8];
	struct name now;
	struct suspect suspect[SUSPECTS];
};

struct inhand {
	struct page *page;
};

static const char magic[8] = "KTNhand";

_Static_assert(sizeof(struct page) <= 4096, "one page is written at once");

static struct name
name_of(const struct org *partner, const uint8_t lane[8], uint64_t number)
{
	struct name n = { .partner = *partner, .number = number };

	memcpy(n.lane, lane, sizeof(n.lane));
	return (n);
}

static bool
is_same(const struct name *a, const struct name *b)
{
	return (a->number == b->number && org_eq(&a->partner, &b->partner) &&
	    memcmp(a->lane, b->lane, sizeof(a->lane)) == 0);
}

static struct suspect *
find(struct page *p, const struct name *who)
{
	for (size_t i = 0; i < SUSPECTS; i++)
		if (p->suspect[i].ends > 0 && is_same(&p->suspect[i].who, who))
			return (&p->suspect[i]);
	return (NULL);
}

/* The last process ended with this in hand. */
static void
blame(struct page *p)
{
	struct suspect *s;

	if (p->now.number == 0)
		return;
	if ((s = find(p, &p->now)) == NULL) {
		memmove(&p->suspect[1], &p->suspect[0],
		    sizeof(p->suspect) - sizeof(p->suspect[0]));
		s = &p->suspect[0];
		*s = (struct suspect){ .who = p->now };
	}
	s->ends++;
	memset(&p->now, 0, sizeof(p->now));
}

static struct page *
map(const char *path)
{
	void *p = MAP_FAILED;
	int fd;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1)
		return (NULL);
	if (ftruncate(fd, (off_t)sizeof(struct page)) == 0)
		p = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	(void)close(fd); /* the mapping stays */
	return (p == MAP_FAILED ? NULL : p);
}

/**
 * inhand_open(path, in):
 * Open or make the file.
 */
enum err
inhand_open(const char *path, struct inhand **in)
{
	struct inhand *h;

	if ((h = calloc(1, sizeof(*h))) == NULL)
		return (ERR_NOMEM);
	if ((h->page = map(path)) == NULL) {
		free(h);
		return (ERR_IO);
	}
	/* Another file, or a new one: nobody is suspected. */
	if (memcmp(h->page->magic, magic, sizeof(magic)) != 0) {
		memset(h->page, 0, sizeof(*h->page));
		memcpy(h->page->magic, magic, sizeof(magic));
	}
	blame(h->page);
	*in = h;
	return (ERR_OK);
}

/**
 * inhand_is_poison(in, partner, lane, number):
 * Tell whether two processes ended while this command was in hand.
 */
bool
inhand_is_poison(const struct inhand *in, const struct org *partner,
    const uint8_t lane[8], uint64_t number)
{
	struct name who = name_of(partner, lane, number);
	const struct suspect *s = find(in->page, &who);

	return (s != NULL && s->ends >= POISON);
}

/**
 * inhand_take(in, partner, lane, number):
 * This command is in hand now.
 */
void
inhand_take(struct inhand *in, const struct org *partner,
    const uint8_t lane[8], uint64_t number)
{
	in->page->now = name_of(partner, lane, number);
}

/**
 * inhand_clear(in):
 * Nothing is in hand.
 */
void
inhand_clear(struct inhand *in)
{
	memset(&in->page->now, 0, sizeof(in->page->now));
}

/**
 * inhand_forget(in, partner, lane, number):
 * This command has its outcome.
 */
void
inhand_forget(struct inhand *in, const struct org *partner,
    const uint8_t lane[8], uint64_t number)
{
	struct name who = name_of(partner, lane, number);
	struct suspect *s = find(in->page, &who);

	if (s != NULL)
		memset(s, 0, sizeof(*s));
}

/**
 * inhand_close(in):
 * Close the file; nothing is in hand.
 */
void
inhand_close(struct inhand *in)
{
	if (in == NULL)
		return;
	inhand_clear(in);
	(void)munmap(in->page, sizeof(*in->page)); /* it was mapped */
	free(in);
}
