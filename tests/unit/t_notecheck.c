/*
 * A note may not give away who it is about.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sdk/notecheck.h"
#include "sdk/plaintext.h"

static const char person[] =
    "{\"name\":\"Mevrouw J. van der Zweep-Kuipers\",\"street\":\"Lange "
    "Dorpsstraat\",\"number\":\"12a\",\"postcode\":\"5041 AB\",\"city\":"
    "\"Tilburg\",\"phone\":\"+31 6 1234 5678\",\"mail\":\"Wz.41@voorbeeld.nl"
    "\",\"born\":\"1941-03-07\",\"bsn\":\"123456789\",\"story\":\"Zoon Bert "
    "belt op 013-5550100 elke maandag.\",\"contacts\":[{\"name\":"
    "{\"given\":[\"Bert\"],\"family\":\"Łódź\"}}]}";

static void
passes(const char *note)
{
	char why[NOTECHECK_WHY] = "";

	if (notecheck(note, person, why) != ERR_OK)
		fail_msg("refused: \"%s\": %s", note, why);
}

static void
refuses(const char *note, const char *says)
{
	char why[NOTECHECK_WHY] = "";

	if (notecheck(note, person, why) != ERR_NOT_ALLOWED)
		fail_msg("taken: \"%s\"", note);
	if (strstr(why, says) == NULL)
		fail_msg("\"%s\" says \"%s\", not \"%s\"", note, why, says);
}

static void
test_a_plain_note_passes(void **state)
{
	(void)state;
	passes("");
	passes("Gordijnen dicht, koelkast leeg, post ligt op de mat.");
	passes("Alleenstaande vrouw van 84 in Tilburg, komt de deur niet uit.");
	passes("Zie ook de melding van 3 mei; 12 trappen zonder leuning.");
	passes("Bel ons wijkteam op 013-1112233.");
}

static void
test_a_name_is_refused_however_it_is_written(void **state)
{
	(void)state;
	refuses("Mevrouw Zweep eet niet.", "een naam");
	refuses("mevr. van der zweep eet niet", "een naam");
	refuses("KUIPERS is gevallen", "een naam");
	refuses("Kuipers' post stapelt op", "een naam");
	refuses("Berts telefoon staat uit", "een naam");
	refuses("Familie Lodz woont ernaast", "een naam");
}

static void
test_small_words_of_a_name_are_no_name(void **state)
{
	(void)state;
	passes("Zij komt van de trap af en der dagen zat.");
	passes("J is geen naam.");
}

static void
test_a_street_is_refused_with_a_number_only(void **state)
{
	(void)state;
	passes("Woont in de Lange Dorpsstraat.");
	refuses("Woont Lange Dorpsstraat 12a.", "straat");
	refuses("lange dorpsstraat nr. 14", "straat");
	refuses("Lange Dorpsstraat, huisnummer 12", "straat");
}

static void
test_a_full_postcode_is_refused(void **state)
{
	(void)state;
	passes("Ergens in 5041.");
	refuses("Postcode 5041AB.", "postcode");
	refuses("Postcode 5041 ab.", "postcode");
}

static void
test_a_telephone_number_is_refused_in_any_form(void **state)
{
	(void)state;
	refuses("Bel 0612345678", "telefoon");
	refuses("Bel 06-12 34 56 78", "telefoon");
	refuses("Bel +31 (0)6 12345678", "telefoon");
	refuses("Bel 0031612345678", "telefoon");
	refuses("De zoon: 013 555 01 00", "telefoon");
}

static void
test_a_mail_address_is_refused(void **state)
{
	(void)state;
	passes("Mail ons via @wijkteam.");
	refuses("Mail wz.41@voorbeeld.nl.", "mailadres");
}

static void
test_a_birth_date_is_refused_in_any_form(void **state)
{
	(void)state;
	refuses("Geboren 07-03-1941", "geboortedatum");
	refuses("Geboren 7 maart 1941", "geboortedatum");
	refuses("geb. 7/3/41", "geboortedatum");
	refuses("geb. 7 mrt 1941", "geboortedatum");
	passes("Gevallen op 7 maart 2025");
}

static void
test_a_number_of_nine_digits_is_refused(void **state)
{
	(void)state;
	refuses("BSN 123456789", "negen cijfers");
	refuses("nummer 1234.56.789", "negen cijfers");
	/* A valid BSN, whoever's it is. */
	refuses("zie 111222333", "BSN");
}

static void
test_three_hundred_characters_fit_and_one_more_does_not(void **state)
{
	char note[700], why[NOTECHECK_WHY];
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 300; i++)
		n += (size_t)sprintf(note + n, "%s", "é");
	assert_int_equal(plain_chars(note), 300);
	passes(note);
	memcpy(note + n, "e", 2);
	assert_int_equal(notecheck(note, NULL, why), ERR_NOT_ALLOWED);
	assert_non_null(strstr(why, "301"));
}

static void
test_a_person_part_that_is_no_object_is_malformed(void **state)
{
	char why[NOTECHECK_WHY];

	(void)state;
	assert_int_equal(notecheck("x", "[]", why), ERR_MALFORMED);
	assert_int_equal(notecheck("x", "{\"a\":1,\"a\":2}", why),
	    ERR_MALFORMED);
	assert_int_equal(notecheck("x", "nee", why), ERR_MALFORMED);
}

static void
test_odd_bytes_do_no_harm(void **state)
{
	char why[NOTECHECK_WHY], note[3] = { 0 };
	int refused = 0;

	(void)state;
	for (int i = 1; i < 256; i++)
		for (int j = 0; j < 256; j++) {
			note[0] = (char)i;
			note[1] = (char)j;
			if (notecheck(note, person, why) != ERR_OK)
				refused++;
		}
	/* Two bytes are too short for anything but nothing. */
	assert_int_equal(refused, 0);
}

static void
test_what_everybody_reads_says_nothing_of_a_person(void **state)
{
	static const char *const good[] = { "", "Boodschappendienst Noord",
		"Klussen in huis (55+), 7 dagen", "Seizoen 2026 en later",
		"Ondersteuning mantelzorg en familie", "Heer en meester",
		"Buurthuis De Weg 24/7", "Straatcoach" };
	static const char *const bad[] = { "vraag naar mevrouw De Vries",
		"mw. Smit", "dhr Jansen", "de heer Jansen", "fam. Jansen",
		"Dorpsstraat 12", "Kerkweg 7b", "5038 ZX", "bel 06 12345678",
		"+31 13 555 12 34", "m.jansen@voorbeeld.nl", "3 maart 1941",
		"03-03-1941", "123456782" };
	char why[NOTECHECK_WHY];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (notecheck_public(good[i], why) != ERR_OK)
			fail_msg("%s: %s", good[i], why);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (notecheck_public(bad[i], why) != ERR_NOT_ALLOWED)
			fail_msg("%s", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_plain_note_passes),
		cmocka_unit_test(test_a_name_is_refused_however_it_is_written),
		cmocka_unit_test(test_small_words_of_a_name_are_no_name),
		cmocka_unit_test(test_a_street_is_refused_with_a_number_only),
		cmocka_unit_test(test_a_full_postcode_is_refused),
		cmocka_unit_test(
		    test_a_telephone_number_is_refused_in_any_form),
		cmocka_unit_test(test_a_mail_address_is_refused),
		cmocka_unit_test(test_a_birth_date_is_refused_in_any_form),
		cmocka_unit_test(test_a_number_of_nine_digits_is_refused),
		cmocka_unit_test(
		    test_three_hundred_characters_fit_and_one_more_does_not),
		cmocka_unit_test(
		    test_a_person_part_that_is_no_object_is_malformed),
		cmocka_unit_test(test_odd_bytes_do_no_harm),
		cmocka_unit_test(
		    test_what_everybody_reads_says_nothing_of_a_person),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
