#include <string.h>
#include <time.h>

#include "map/news.h"

const char *
map_time(int64_t ms, char buf[MAP_TIME])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	buf[0] = '\0';
	if (ms > 0 && gmtime_r(&seconds, &tm) != NULL)
		(void)strftime(buf, MAP_TIME, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return (buf);
}

char *
map_part_text(const char *json)
{
	static const char *const names[] = {"text", "tekst", "note",
	    "toelichting"};
	json_t *root = json_loads(json, JSON_DECODE_ANY, NULL);
	const char *text = json_string_value(root);
	char *copy;

	for (size_t i = 0; text == NULL && i < 4; i++)
		text = json_string_value(json_object_get(root, names[i]));
	copy = text == NULL ? NULL : strdup(text);
	json_decref(root);
	return (copy);
}

void
map_may(const struct keten_referral *r,
    void (*each)(void *cookie, enum keten_step step), void *cookie)
{
	char name[64];
	const char *p = r->may;

	while (*p != '\0') {
		size_t n = strcspn(p, " ,");
		enum keten_step step;

		if (n > 0 && n < sizeof(name)) {
			memcpy(name, p, n);
			name[n] = '\0';
			step = keten_step_of(name);
			if (step != 0 && step != KETEN_SUBMIT &&
			    map_step_word(step)[0] != '\0')
				each(cookie, step);
		}
		p += n;
		p += strspn(p, " ,");
	}
}

/* What to put in an example where the step needs it. */
static const struct {
	enum map_field field;
	const char *text;
} examples[] = {
    {MAP_TEXT, "uw tekst"},
    {MAP_OUTCOME, "UIT-01"},
    {MAP_TO, "naam-van-de-partner"},
    {MAP_UNTIL, "2026-12-31"},
    {MAP_URGENCY, "haast"},
    {MAP_BASIS, "G-TOE"},
};

enum err
map_example(const struct keten_referral *r, enum keten_step step,
    json_t **out)
{
	json_t *o = json_pack("{s:s,s:s}", map_field_name(MAP_STEP),
	    map_step_word(step), map_field_name(MAP_REFERRAL), r->id);

	if (o == NULL)
		return (ERR_NOMEM);
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		if (map_step_needs(step, examples[i].field) &&
		    json_object_set_new(o, map_field_name(examples[i].field),
		    json_string(examples[i].text)) != 0) {
			json_decref(o);
			return (ERR_NOMEM);
		}
	if (map_step_needs(step, MAP_REASON) &&
	    json_object_set_new(o, map_field_name(MAP_REASON),
	    json_string(map_step_reason(step))) != 0) {
		json_decref(o);
		return (ERR_NOMEM);
	}
	*out = o;
	return (ERR_OK);
}
