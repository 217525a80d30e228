/*
 * The policy's source: every mistake is named, with its line, in one run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "demo_policy.h"

/* Which piece of the demo becomes what, and what is then said. */
static const struct {
	const char *old;
	const char *new;
	const char *said; /* part of a mistake */
	const char *line; /* part of the line that it points at */
} flaws[] = {
	/* Whom an auditor and a witness believe. */
	{ "index: 1\n", "index: 1\nlog_vkey: keten.nl+1a2b\n",
	    "dit is geen vkey", "log_vkey" },
	{ "index: 1\n", "index: 1\nwitnesses: [{name: ../x, vkey: "
	    "g.nl+1a2b3c4d+BI60jc+42VJElCKLnrHvsAAm0SPd1FL6pAT94wAsy9N4}]\n",
	    "kleine letters, cijfers, punten en streepjes", "witnesses" },
	{ "index: 1\n", "index: 1\nwitnesses: [{name: w, vkey: abc}]\n",
	    "dit is geen vkey", "witnesses" },
	{ "index: 1\n", "index: 1\nwitness_quorum: 1\n",
	    "er zijn maar 0 getuigen", "witness_quorum" },
	/* Above all: no referral without a regisseur. */
	{ "areas: [GM0855]\n    contact: wijkregie",
	    "areas: [WK085501]\n    contact: wijkregie",
	    "is er geen regisseur; vul 'regisseurs' aan", "R-SIG-100" },
	{ "contact: wijkregie", "groups: [SIG]\n    contact: wijkregie",
	    "voor DST-101 in GM0855 is er geen regisseur", "R-DST-101" },
	{ "roles: [submit, regisseur]", "roles: [submit]",
	    "niet de rol regisseur", "partner: gemeente-r" },
	{ "roles: [submit, regisseur]",
	    "roles: [submit, regisseur]\n    ended: 2030-01-01",
	    "stopt; noem hier de regisseur", "partner: gemeente-r" },
	{ "    night_phone: 013-5550199\n", "",
	    "heeft geen nachtnummer", "R-SIG-100" },
	/* Unknown partners, codes, areas, words. */
	{ "rungs: [[mantelzorg-m]", "rungs: [[mantelzorgm]",
	    "partner 'mantelzorgm' bestaat niet; bedoelde u 'mantelzorg-m'?",
	    "R-SIG-301" },
	{ "codes: [SIG-501], rungs", "codes: [SIG-511], rungs",
	    "code of groep 'SIG-511' bestaat niet; bedoelde u 'SIG-501'?",
	    "R-SIG-501" },
	{ "codes: [SIG-501], rungs",
	    "codes: [SIG-501], areas: [GM0363], rungs",
	    "gebied 'GM0363' ligt in geen gebied", "R-SIG-501" },
	{ "codes: [SIG-501], rungs", "codes: [SIG-501], areas: [0855], rungs",
	    "'0855' is geen CBS-code", "R-SIG-501" },
	{ "bases: [G-TOE, G-OVK, G-WET", "bases: [G-TOE, G-OVC, G-WET",
	    "grondslag 'G-OVC' staat niet in 'bases'; bedoelde u 'G-OVK'?",
	    "G-OVC" },
	{ "to: network:vrijwilligers-v", "to: network:vrijwilliger",
	    "netwerk 'vrijwilliger' bestaat niet; bedoelde u "
	    "'vrijwilligers-v'?", "network:vrijwilliger" },
	{ "rungs: [[corporatie-c]]", "rungs: [['kind:corporati']]",
	    "soort 'corporati' bestaat niet; bedoelde u 'corporatie'?",
	    "kind:corporati" },
	{ "codes: [SIG-501], rungs",
	    "codes: [SIG-501], areas: [WK085521], rungs", "", NULL },
	{ "codes: [SIG-501], rungs",
	    "codes: [SIG-501], areas: [GM0865], rungs",
	    "daar toe, of bedoelde u 'GM0855'?", "R-SIG-501" },
	{ "    controller: vrijwilligers-v\n", "",
	    "noemt geen verwerkingsverantwoordelijke", "COV-05" },
	{ "    kind: welzijn\n", "    kind: welzin\n",
	    "soort 'welzin' bestaat niet; bedoelde u 'welzijn'?",
	    "kind: welzin" },
	{ "group: SIG-700, label: taal", "group: SIG-710, label: taal",
	    "groep 'SIG-710' van code 'SIG-701'", "SIG-701" },
	{ "{term: START,", "{term: STRAT,",
	    "termijn 'STRAT' bestaat niet; bedoelde u 'START'?", "STRAT" },
	{ "events: [FAIL], gap", "events: [FALE], gap",
	    "stap 'FALE' bestaat niet", "FALE" },
	/* Rungs. */
	{ "rungs: [[corporatie-c]]", "rungs: [[]]",
	    "heeft geen kandidaten die meedoen", "R-SIG-501" },
	{ "rungs: [[corporatie-c]]", "rungs: [[auditor-a]]",
	    "'auditor-a' heeft niet de rol candidate", "auditor-a" },
	{ "rungs: [[corporatie-c]]", "rungs: [[gemeente-r]]",
	    "regisseur en dus nooit kandidaat", "gemeente-r" },
	{ "rungs: [[corporatie-c]]", "inform: [welzijn-w]",
	    "heeft geen sporten", "R-SIG-501" },
	{ "rungs: [[corporatie-c]]",
	    "regisseur_direct: ja, rungs: [[corporatie-c]]",
	    "kies een van beide", "R-SIG-501" },
	{ "rungs: [[corporatie-c]]", "rungs: [[lwdb-noord]]",
	    "geen convenant laat toe dat iemand dit naar 'lwdb-noord'",
	    "R-SIG-501" },
	{ "rungs: [[corporatie-c]]",
	    "from: [corporatie-c], rungs: [[corporatie-c]]",
	    "de bron zelf de enige kandidaat", "R-SIG-501" },
	{ "offer: {normal: 1 wd}", "offer: {normal: 1 werkje}",
	    "'1 werkje' is geen termijn", "1 werkje" },
	{ "offer: {emergent: 15 min}", "offer: {emergent: 1 wd}",
	    "emergent loopt op de klok", "offer: {emergent" },
	{ "hours: [ma-za 09:00-18:00]", "hours: [ma-za 18:00-18:00]",
	    "zijn geen openingstijden", "18:00-18:00" },
	/* Protected codes. */
	{ "    function_partner: welzijn-w\n    function: "
	  "aandachtsfunctionaris\n", "",
	    "groep 'SIG-300' is beschermd; noem de ene functie", "SIG-300" },
	{ "codes: [SIG-300], rungs: [[welzijn-w]]",
	    "codes: [SIG-300], rungs: [[welzijn-w, zorg-z]]",
	    "beschermde codes; noem per sport een partner", "R-SIG-300" },
	{ "codes: [SIG-300], rungs: [[welzijn-w]]",
	    "codes: [SIG-302], rungs: [[welzijn-w]]",
	    "code 'SIG-302' is beschermd; noem hier de groep 'SIG-300'",
	    "SIG-302" },
	{ "codes: [SIG-300], rungs",
	    "codes: [SIG-300], inform: [zorg-z], rungs",
	    "niemand ter kennisgeving", "R-SIG-300" },
	{ "group: SIG-300, label: spanning", "group: SIG-310, label: spanning",
	    "code 'SIG-302' is altijd beschermd", "SIG-302" },
	{ "codes: [SIG-300], rungs: [[welzijn-w]]",
	    "codes: [SIG-300], rungs: [[zorg-z]]",
	    "gaat alleen naar 'welzijn-w' (function_partner)", "R-SIG-300" },
	{ "function_partner: welzijn-w", "function_partner: auditor-a",
	    "'auditor-a' kan groep 'SIG-300' niet behandelen", "auditor-a" },
	{ "    label: middelen en psychische nood\n    protected: ja\n",
	    "    label: middelen en psychische nood\n",
	    "code 'SIG-603' is altijd beschermd", "SIG-603" },
	/* Dates. */
	{ "valid_until: 2034-12-31", "valid_until: 2024-12-31",
	    "eindigt voor het begint", "valid_until: 2024" },
	{ "valid_until: 2034-12-31", "valid_until: 31-12-2034",
	    "'31-12-2034' is geen datum", "31-12-2034" },
	{ "date: 2027-12-31", "date: 2027-02-30",
	    "'2027-02-30' is geen datum", "2027-02-30" },
	{ "    valid_from: 2025-01-01\n    valid_until: 2034-12-31\n"
	  "    document: convenant Keten Voorbeeldstad, artikel 3",
	    "    valid_from: 2025-01-01\n    valid_until: 2034-12-31",
	    "noemt niet waar het ondertekende stuk ligt", "COV-02" },
	/* Covenants that contradict. */
	{ "  - id: COV-04\n", "  - id: COV-33\n    from: kind:lwdb\n"
	  "    to: corporatie-c\n    bases: [G-OVK]\n"
	  "    controller: gemeente-r\n    document: los\n"
	  "    valid_from: 2030-01-01\n  - id: COV-04\n",
	    "'COV-33' en 'COV-03' spreken elkaar tegen over SIG-501: de een "
	    "noemt 'gemeente-r'", "COV-33" },
	{ "  - id: COV-04\n", "  - id: COV-33\n    from: kind:lwdb\n"
	  "    to: corporatie-c\n    bases: [G-OVK]\n"
	  "    controller: corporatie-c\n    document: los\n"
	  "    codes: [SIG-501]\n    areas: [WK085501]\n"
	  "    discussed: [objects]\n  - id: COV-04\n",
	    "bij grondslag G-OVK vragen ze een ander gesprek", "COV-33" },
	{ "  - id: COV-04\n", "  - id: COV-33\n    from: kind:lwdb\n"
	  "    to: corporatie-c\n    bases: [G-OVK]\n"
	  "    controller: corporatie-c\n    document: los\n"
	  "    codes: [SIG-501]\n    content: [photo]\n  - id: COV-04\n",
	    "andere inhoud krijgen", "COV-33" },
	{ "  - id: COV-04\n", "  - id: COV-33\n    from: kind:lwdb\n"
	  "    to: corporatie-c\n    bases: [G-OVK]\n"
	  "    controller: gemeente-r\n    document: los\n"
	  "    codes: [SIG-501]\n    valid_from: 2035-01-01\n"
	  "  - id: COV-04\n", "", NULL }, /* one after the other is fine */
	{ "discussed: [agrees]", "discussed: [objects]",
	    "spreekt zichzelf tegen: grondslag G-TOE is toestemming",
	    "discussed: [objects]" },
	/* Two regisseurs for the same. */
	{ "feestdagen]\n", "feestdagen]\n  - {partner: gemeente-r}\n", "",
	    NULL }, /* wider, and the same one */
	{ "    roles: [submit, candidate]\n    phone: 013-5550107",
	    "    roles: [submit, candidate, regisseur]\n"
	    "    phone: 013-5550107", "", NULL },
	/* Skips. */
	{ "skip: {unreachable: 20 wd, entry: 365 d}", "skip: {}",
	    "noem unreachable of entry", "skip: {}" },
	{ "skip: {unreachable: 20 wd, entry: 365 d}",
	    "skip: {unreachable: lang}", "'lang' is geen termijn", "lang" },
	/* Networks. */
	{ "mode: first}", "mode: coordinator}",
	    "geef het bij de partners de rol candidate", "mode: coordinator" },
	{ "members: [v-oost, v-west, v-zuid]",
	    "members: [v-oost, auditor-a]",
	    "'auditor-a' krijgt aanbod als lid van 'vrijwilligers-v'",
	    "auditor-a" },
	{ "members: [v-oost, v-west, v-zuid]",
	    "members: [v-oost, v-wst, v-zuid]",
	    "partner 'v-wst' bestaat niet; bedoelde u 'v-west'?", "v-wst" },
	{ "members: [v-oost, v-west, v-zuid]",
	    "members: [v-oost, vrijwilligers-v]", "lid van zichzelf",
	    "vrijwilligers-v" },
	/* Successors. */
	{ "    kind: welzijn\n",
	    "    kind: welzijn\n    ended: 2030-01-01\n"
	    "    successor: welzijn-w\n", "gaan in een kring",
	    "successor: welzijn-w" },
	/* Keys. */
	{ "partners/zorg-z.pub", "partners/zorg-y.pub",
	    "'partners/zorg-y.pub' is er niet", "zorg-y.pub" },
	{ "file:partners/zorg-z.pub", "abcdef",
	    "een sleutel is 64 hexadecimale tekens", "abcdef" },
	{ "partners/zorg-z.pub", "partners/v-oost.pub",
	    "hebben dezelfde sleutel", "v-oost.pub" },
	{ "file:partners/zorg-z.pub",
	    "'000000000000000000000000000000000000000000000000000000000000"
	    "0000'", "is geen goede Ed25519-sleutel", "0000" },
	/* Twice. */
	{ "id: v-west", "id: v-oost", "partner 'v-oost' staat er twee keer",
	    "id: v-oost" },
	{ "id: R-SIG-202", "id: R-SIG-100",
	    "route 'R-SIG-100' staat er twee keer", "R-SIG-100" },
	{ "code: SIG-102", "code: SIG-101",
	    "code 'SIG-101' staat er twee keer", "SIG-101" },
	/* The form. */
	{ "introducer: Keten", "introduser: Keten",
	    "'introduser' bestaat hier niet; bedoelde u 'introducer'?",
	    "introduser" },
	{ "mode: first", "mode: samen",
	    "kies uit first, one-after-another, coordinator",
	    "mode: samen" },
	{ "index: 1", "index: een", "hier hoort een geheel getal", "een" },
	{ "rungs: [[corporatie-c]]", "rungs: {a: b}", "is een lijst",
	    "R-SIG-501" },
	{ "index: 1", "index: 0", "index ontbreekt", "index: 0" },
	{ "days: 1827", "days: 100", "minstens 1825 dagen", "days: 100" },
};

/* Is there line ${n} of ${path} with ${part} in it? */
static bool
line_has(const char *path, size_t n, const char *part)
{
	char line[512];
	FILE *f = fopen(path, "r");
	bool found = false;

	if (f == NULL)
		abort();
	for (size_t i = 1; fgets(line, sizeof(line), f) != NULL && i <= n; i++)
		if (i == n && strstr(line, part) != NULL)
			found = true;
	(void)fclose(f);
	return (found);
}

/* Does any mistake say this about a line with that in it? */
static bool
is_said(struct conf *conf, const struct demo *d, const char *said,
    const char *line)
{
	for (size_t i = 0; i < conf_mistakes(conf); i++) {
		const char *text = conf_mistake_text(conf, i);

		if (strncmp(text, d->path, strlen(d->path)) == 0 &&
		    strstr(text, said) != NULL &&
		    line_has(d->path, strtoul(text + strlen(d->path) + 1,
			NULL, 10), line))
			return (true);
	}
	return (false);
}

static struct demo demo;

static int
setup(void **state)
{
	(void)state;
	demo_begin(&demo);
	return (0);
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", demo.folder);
	return (system(command));
}

static void
test_every_mistake_is_named_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
		struct conf *conf;
		uint8_t *body = NULL;
		size_t len;
		enum err err;

		demo_write(&demo, flaws[i].old, flaws[i].new);
		err = source_compile(demo.path, &body, &len, &conf);
		if (flaws[i].line == NULL) {
			assert_int_equal(err, ERR_OK);
		} else if (err != ERR_CONFIG ||
		    !is_said(conf, &demo, flaws[i].said, flaws[i].line)) {
			conf_print_mistakes(conf, stderr);
			fail_msg("'%s': not said: %s", flaws[i].new,
			    flaws[i].said);
		}
		free(body);
		conf_close(conf);
	}
}

/* Each code and district has its own row in the check; nobody wants them. */
static void
test_one_mistake_is_named_once(void **state)
{
	static const struct {
		const char *old;
		const char *new;
		size_t n;
	} rows[] = {
		{ "    night_phone: 013-5550199\n", "", 1 },
		{ "contact: wijkregie", "groups: [SIG]\n    contact: wijkregie",
		    7 }, /* the groups of DST */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf *conf;
		uint8_t *body = NULL;
		size_t len;

		demo_write(&demo, rows[i].old, rows[i].new);
		assert_int_equal(source_compile(demo.path, &body, &len, &conf),
		    ERR_CONFIG);
		assert_int_equal(conf_mistakes(conf), rows[i].n);
		conf_close(conf);
	}
}

static void
test_all_mistakes_are_found_in_one_run(void **state)
{
	struct conf *conf;
	uint8_t *body = NULL;
	size_t len;

	(void)state;
	demo_write(&demo, "routes:\n",
	    "routes:\n"
	    "  - {id: X-1, codes: [SIG-999], rungs: [[niemand]]}\n"
	    "  - {id: X-2, codes: [DST-303], areas: [GM1], kleur: rood}\n"
	    "  - {id: X-3, codes: [DST-303], rungs: [[v-oost]], "
	    "terms: [{term: OFER, low: 1 x}]}\n");
	assert_int_equal(source_compile(demo.path, &body, &len, &conf),
	    ERR_CONFIG);
	assert_null(body);
	assert_true(is_said(conf, &demo, "code of groep 'SIG-999'", "X-1"));
	assert_true(is_said(conf, &demo, "partner 'niemand'", "X-1"));
	assert_true(is_said(conf, &demo, "'kleur' bestaat hier niet", "X-2"));
	assert_true(is_said(conf, &demo, "'GM1' is geen CBS-code", "X-2"));
	assert_true(is_said(conf, &demo, "heeft geen sporten", "X-2"));
	assert_true(is_said(conf, &demo, "'1 x' is geen termijn", "terms"));
	assert_true(is_said(conf, &demo, "termijn 'OFER'", "terms"));
	conf_close(conf);
}

/* What the policy that is in force does not let the next one do. */
static void
test_going_back_is_a_mistake_with_its_line(void **state)
{
	struct policy *old = demo_policy("index: 1\n", "index: 7\n");
	struct conf *conf;
	uint8_t *body = NULL;
	size_t len;

	(void)state;
	demo_write(&demo, "index: 1\norigin: keten.voorbeeld.nl/demo\n",
	    "index: 6\norigin: elders\n");
	demo_edit(&demo, "valid_from: 2025-01-01\n\n",
	    "valid_from: 2024-01-01\n\n");
	demo_edit(&demo, "  - id: auditor-a\n", "  - id: auditor-b\n");
	demo_edit(&demo, "codes: [SIG-501], rungs", "codes: [SIG-511], rungs");
	assert_int_equal(source_compile_next(demo.path, old, &body, &len,
	    &conf), ERR_CONFIG);
	assert_null(body);
	assert_true(is_said(conf, &demo, "nu geldt 7; schrijf index: 8",
	    "index: 6"));
	assert_true(is_said(conf, &demo, "schrijf origin: keten.voorbeeld",
	    "origin: elders"));
	assert_true(is_said(conf, &demo, "gaat eerder in", "2024-01-01"));
	assert_true(is_said(conf, &demo, "'auditor-a' is verdwenen",
	    "id: lwdb-noord"));
	/* And everything else in the same run. */
	assert_true(is_said(conf, &demo, "bedoelde u 'SIG-501'?",
	    "SIG-511"));
	conf_close(conf);
	policy_free(old);
}

static void
test_a_ladder_has_at_most_fourteen_candidates(void **state)
{
	char partners[4096] = "partners:\n";
	struct conf *conf;
	uint8_t *body = NULL;
	size_t len;

	(void)state;
	for (int i = 0; i < 15; i++) {
		char id[32], text[192];

		(void)snprintf(id, sizeof(id), "extra-%d", i);
		demo_key(&demo, id);
		(void)snprintf(text, sizeof(text), "  - {id: %s, name: E, "
		    "kind: welzijn, roles: [candidate], identity_key: "
		    "'file:partners/%s.pub'}\n", id, id);
		(void)strncat(partners, text,
		    sizeof(partners) - strlen(partners) - 1);
	}
	demo_write(&demo, "partners:\n", partners);
	assert_int_equal(source_compile(demo.path, &body, &len, &conf),
	    ERR_OK);
	conf_close(conf);
	free(body);
	body = NULL;

	/* The same partners, now all on the first rung by their kind. */
	demo_edit(&demo, "rungs: [[welzijn-w]]", "rungs: [['kind:welzijn']]");
	assert_int_equal(source_compile(demo.path, &body, &len, &conf),
	    ERR_CONFIG);
	assert_true(is_said(conf, &demo, "heeft 16 kandidaten; hoogstens 14",
	    "kind:welzijn"));
	conf_close(conf);
}

static void
test_hostile_yaml_is_a_mistake_and_not_a_crash(void **state)
{
	static const char *const sources[] = { "", "a", "[]", "{}", "- 1\n",
		"partners: 3\n", "partners: [1, [2], {}]\n",
		"routes: [{rungs: [[{}]], terms: {a: b}}]\n",
		"partners: {id: x}\n", "covenants: [{from: [[a]], to: {}}]\n",
		"regisseurs: [{night_hours: {a: b}}]\n",
		"networks: [{id: a, members: [a, b]}, {id: b, members: [a]}]\n",
		"codes: [{code: '', group: ''}]\ngroups: [{id: ''}]\n",
		"routes: [{codes: [''], areas: [''], custodian: []}]\n",
		"index: 99999999999999999999\nvalid_from: x\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		struct conf *conf = NULL;
		uint8_t *body = NULL;
		size_t len;

		assert_int_equal(file_write(demo.path, sources[i],
		    strlen(sources[i]), 0600), ERR_OK);
		assert_int_equal(source_compile(demo.path, &body, &len, &conf),
		    ERR_CONFIG);
		assert_non_null(conf);
		assert_true(conf_mistakes(conf) > 0);
		assert_null(body);
		conf_close(conf);
	}
}

static void
test_a_source_that_is_not_there_is_said(void **state)
{
	struct conf *conf = NULL;
	uint8_t *body;
	size_t len;

	(void)state;
	assert_int_equal(source_compile("/nonexistent.yaml", &body, &len,
	    &conf), ERR_NOT_FOUND);
	assert_null(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_mistake_is_named_with_its_line),
		cmocka_unit_test(test_one_mistake_is_named_once),
		cmocka_unit_test(test_all_mistakes_are_found_in_one_run),
		cmocka_unit_test(test_going_back_is_a_mistake_with_its_line),
		cmocka_unit_test(
		    test_a_ladder_has_at_most_fourteen_candidates),
		cmocka_unit_test(
		    test_hostile_yaml_is_a_mistake_and_not_a_crash),
		cmocka_unit_test(test_a_source_that_is_not_there_is_said),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
