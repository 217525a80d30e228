/* clang-format off */
/*
 * Every way in which Keten says no, once.  The first block is the closed
 * table of the protocol: those numbers travel (keten.v1.ErrorCode has the same
 * ones, a test compares them).  The second block stays inside a process.
 *
 * WIRE(name, number, consumes, Dutch sentence, what to do)
 *   consumes: NO    the command's number is still free; send again from there
 *             YES   the refusal is a leaf, and the same number gets it again
 * HERE(name, number, Dutch sentence)
 */
WIRE(MALFORMED,        1, NO,  "Het bericht is niet te lezen.",
    "Maak het bericht opnieuw volgens PROTOCOL.md; het nummer is nog vrij.")
WIRE(TOO_BIG,          2, NO,  "Het bericht is te groot.",
    "Kop hoogstens 64 KiB, inhoud samen hoogstens 256 KiB; maak de tekst korter.")
WIRE(VERSION,          3, NO,  "Deze versie van het protocol kennen we niet.",
    "Werk de software bij; de keten spreekt versie 1.")
WIRE(HELLO_FIRST,      4, NO,  "Deze verbinding heeft zich nog niet voorgesteld.",
    "Stuur eerst HELLO en wacht op WELCOME.")
WIRE(BAD_ORIGIN,       5, NO,  "Dit bericht is voor een ander logboek gemaakt.",
    "Controleer de naam van de keten (origin) in de instellingen.")
WIRE(UNKNOWN_PARTNER,  6, YES, "Deze partner staat niet in het beleid.",
    "Controleer de naam van de partner of vraag beheer om hem op te nemen.")
WIRE(KEY_NOT_VALID,    7, NO,  "De sleutel is niet bekend of niet meer geldig.",
    "Vraag beheer om een nieuw certificaat voor dit apparaat.")
WIRE(BAD_SIGNATURE,    8, NO,  "De handtekening klopt niet.",
    "Onderteken de bytes die u verstuurt; verander er daarna niets meer aan.")
WIRE(GAP,              9, NO,  "Er ontbreekt een eerder nummer.",
    "Ga terug naar het verwachte nummer en stuur vandaar alles opnieuw.")
WIRE(NUMBER_REUSED,   10, NO,  "Dit nummer is al gebruikt voor iets anders.",
    "De opslag van het apparaat is waarschijnlijk teruggezet: stop het programma dat verbonden is, draai keten sync --new-lane, en kijk wat er al in de keten staat.")
WIRE(UNKNOWN_REFERRAL, 11, YES, "Deze verwijzing is er niet, of niet voor u.",
    "Controleer het nummer van de verwijzing.")
WIRE(CONFLICT,        12, YES, "Iemand was u voor; de verwijzing is veranderd.",
    "Bekijk de verwijzing opnieuw en beslis dan.")
WIRE(WRONG_STATE,     13, YES, "Dat kan nu niet met deze verwijzing.",
    "Bekijk de verwijzing; daar staat welke stappen nu kunnen.")
WIRE(NOT_ALLOWED,     14, YES, "U mag deze stap niet zetten.",
    "Kijk bij de regel die erbij staat wie dit wel mag en wanneer.")
WIRE(NO_COVENANT,     15, YES, "Er is geen geldig convenant voor deze verwijzing.",
    "Vraag beheer welk convenant nodig is.")
WIRE(NO_BASIS,        16, YES, "De grondslag past niet bij het convenant.",
    "Kies een grondslag die het convenant toelaat.")
WIRE(NO_ROUTE,        17, YES, "Voor deze code is hier geen route.",
    "Controleer code en gebied, of bel de gemeente.")
WIRE(NOBODY_NOW,      18, YES, "Er is nu niemand bereikbaar voor spoed.",
    "Bel het nummer dat erbij staat; bij direct gevaar 112.")
WIRE(BAD_CODE,        19, YES, "Deze code bestaat niet of mag hier niet.",
    "Kies een code uit de lijst van het beleid.")
WIRE(BAD_AREA,        20, YES, "Dit gebied bestaat niet of valt buiten de keten.",
    "Gebruik een CBS-code: GM, WK of BU met cijfers.")
WIRE(DIGEST,          21, YES, "De inhoud past niet bij wat ondertekend is.",
    "Verzegel de inhoud opnieuw en dien opnieuw in.")
WIRE(CONTENT_GONE,    22, YES, "De inhoud of het antwoord is gewist.",
    "Wat gewist is komt niet terug; kijk in uw eigen archief.")
WIRE(BUSY,            23, NO,  "De makelaar kan nu niets aannemen.",
    "Probeer het over een minuut opnieuw; er is niets verloren.")
WIRE(TOO_FAST,        24, NO,  "Dit gaat sneller dan afgesproken.",
    "Wacht even; de software probeert het zelf opnieuw.")
WIRE(INTERNAL,        25, YES, "De makelaar maakte een fout.",
    "Meld dit aan beheer met het nummer van het ontvangstbewijs.")

HERE(NOMEM,          100, "er is geen geheugen meer")
HERE(STORE,          101, "de opslag is niet te lezen of te schrijven")
HERE(IO,             102, "een bestand of verbinding is niet te lezen of te schrijven")
HERE(CONFIG,         103, "de instellingen kloppen niet")
HERE(CRYPTO,         104, "een sleutel of een bewerking ermee deugt niet")
HERE(NOT_FOUND,      105, "dat is er niet")
HERE(FULL,           106, "het past er niet in")
HERE(CORRUPT,        107, "in de opslag staat iets anders dan er geschreven is")
HERE(TIMEOUT,        108, "er kwam op tijd niets")
/* clang-format on */
