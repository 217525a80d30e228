/*
 * conf -- single values, and the word that was meant.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"

#define WORD_MAX 64

/* A word after a number, and what it multiplies with. */
struct unit {
	const char *word;
	int64_t times;
};

static const struct unit durations[] = {
	{ "ms", 1 },
	{ "s", 1000 },
	{ "min", 60000 },
	{ "h", 3600000 },
	{ "uur", 3600000 },
	{ "d", 86400000 },
	{ "dag", 86400000 },
	{ "dagen", 86400000 },
};

static const struct unit sizes[] = {
	{ "", 1 },
	{ "B", 1 },
	{ "KiB", INT64_C(1) << 10 },
	{ "MiB", INT64_C(1) << 20 },
	{ "GiB", INT64_C(1) << 30 },
	{ "TiB", INT64_C(1) << 40 },
};

static const struct {
	const char *word;
	bool value;
} booleans[] = {
	{ "ja", true },
	{ "yes", true },
	{ "true", true },
	{ "aan", true },
	{ "nee", false },
	{ "no", false },
	{ "false", false },
	{ "uit", false },
};

/* Read digits at ${text} and point ${rest} behind them. */
static bool
read_digits(const char *text, int64_t *value, const char **rest)
{
	char *end;
	long long v;

	if (text[0] != '-' && (text[0] < '0' || text[0] > '9'))
		return (false);
	errno = 0;
	v = strtoll(text, &end, 10);
	if (errno != 0 || end == text)
		return (false);
	*value = v;
	*rest = end;
	return (true);
}

bool
conf_read_number(const char *text, int64_t *value)
{
	const char *rest;
	int64_t v;

	if (!read_digits(text, &v, &rest) || *rest != '\0')
		return (false);
	*value = v;
	return (true);
}

static bool
read_unit(const char *text, const struct unit *units, size_t n,
    int64_t *value)
{
	const char *rest;
	int64_t v;

	if (!read_digits(text, &v, &rest) || v < 0)
		return (false);
	while (*rest == ' ')
		rest++;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rest, units[i].word) != 0)
			continue;
		if (v > INT64_MAX / units[i].times)
			return (false);
		*value = v * units[i].times;
		return (true);
	}
	return (false);
}

bool
conf_read_ms(const char *text, int64_t *value)
{
	return (read_unit(text, durations,
	    sizeof(durations) / sizeof(durations[0]), value));
}

bool
conf_read_size(const char *text, int64_t *value)
{
	return (read_unit(text, sizes, sizeof(sizes) / sizeof(sizes[0]),
	    value));
}

bool
conf_read_bool(const char *text, bool *value)
{
	for (size_t i = 0; i < sizeof(booleans) / sizeof(booleans[0]); i++) {
		if (strcmp(text, booleans[i].word) == 0) {
			*value = booleans[i].value;
			return (true);
		}
	}
	return (false);
}

static size_t
least(size_t a, size_t b)
{
	return (a < b ? a : b);
}

/*
 * How many letters must be put in, left out, changed or swapped with their
 * neighbour to make ${b} of ${a} (restricted Damerau-Levenshtein).
 */
static size_t
distance(const char *a, const char *b)
{
	size_t row[3][WORD_MAX + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > WORD_MAX || lb > WORD_MAX)
		return (WORD_MAX);
	for (size_t j = 0; j <= lb; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *now = row[i % 3];
		const size_t *up = row[(i + 2) % 3];
		const size_t *upper = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t d = up[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);

			d = least(d, least(up[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d = least(d, upper[j - 2] + 1);
			now[j] = d;
		}
	}
	return (row[la % 3][lb]);
}

const char *
conf_nearest(const char *word, const char *const *words, size_t n)
{
	const char *best = NULL;
	size_t best_d = WORD_MAX;

	for (size_t i = 0; i < n; i++) {
		size_t d = distance(word, words[i]);

		/* A third of the letters may be wrong, and one always. */
		if (d < best_d && d <= 1 + strlen(words[i]) / 3) {
			best = words[i];
			best_d = d;
		}
	}
	return (best);
}
