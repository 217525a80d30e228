#include <string.h>

#include "map/csv.h"
#include "map/json.h"

/*
 * How deep brackets nest, before a parser that calls itself sees them.  What
 * stands between quotes does not count.
 */
static size_t
depth(const char *p, size_t len)
{
	size_t now = 0, most = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		if (quoted && p[i] == '\\')
			i++;
		else if (p[i] == '"')
			quoted = !quoted;
		else if (!quoted && (p[i] == '{' || p[i] == '[') &&
		    ++now > most)
			most = now;
		else if (!quoted && (p[i] == '}' || p[i] == ']') && now > 0)
			now--;
	}
	return (most);
}

/* What jansson found wrong, for people. */
static enum err
json_trouble(const json_error_t *e, struct map_trouble *trouble)
{
	switch (json_error_code(e)) {
	case json_error_out_of_memory:
		return (ERR_NOMEM);
	case json_error_duplicate_key:
		return (map_fail(trouble, "Dit JSON-bestand heeft op regel %d "
		    "twee keer hetzelfde veld; laat er een staan.", e->line));
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return (map_fail(trouble, "Op regel %d staat een nulteken; "
		    "haal het weg.", e->line));
	case json_error_premature_end_of_input:
		return (map_fail(trouble, "Het JSON-bestand houdt op regel %d "
		    "zomaar op. Zet een bestand pas in out/new als het af "
		    "is.", e->line));
	case json_error_unknown:
	case json_error_null_value:
	case json_error_stack_overflow:
	case json_error_invalid_argument:
	case json_error_invalid_utf8:
	case json_error_end_of_input_expected:
	case json_error_invalid_syntax:
	case json_error_invalid_format:
	case json_error_wrong_type:
	case json_error_cannot_open_file:
	case json_error_numeric_overflow:
	case json_error_item_not_found:
	case json_error_index_out_of_range:
		break;
	}
	return (map_fail(trouble, "Dit is geen geldige JSON: regel %d, teken "
	    "%d.", e->line, e->column));
}

enum err
map_json(const char *data, size_t len, json_t **out,
    struct map_trouble *trouble)
{
	json_error_t e;
	json_t *root;

	if (len > MAP_FILE_MAX)
		return (map_fail(trouble, "Het bestand is groter dan %d kB; "
		    "splits het.", MAP_FILE_MAX / 1024));
	if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		data += 3, len -= 3;
	if (!csv_is_utf8(data, len))
		return (map_fail(trouble, "Het bestand is geen UTF-8. Bewaar "
		    "het als UTF-8 en zet het opnieuw in out/new."));
	if (depth(data, len) > MAP_DEPTH_MAX)
		return (map_fail(trouble, "Het bestand is meer dan %d lagen "
		    "diep; zo is het niet te lezen.", MAP_DEPTH_MAX));
	memset(&e, 0, sizeof(e));
	root = json_loadb(data, len, JSON_REJECT_DUPLICATES, &e);
	if (root == NULL)
		return (json_trouble(&e, trouble));
	*out = root;
	return (ERR_OK);
}

bool
map_is_json(const char *data, size_t len)
{
	if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		data += 3, len -= 3;
	while (len > 0 && memchr(" \t\r\n", *data, 4) != NULL)
		data++, len--;
	return (len > 0 && (*data == '{' || *data == '['));
}
