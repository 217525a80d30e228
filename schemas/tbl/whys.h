/* clang-format off */
/*
 * Why a partner is not a candidate (now).  The names travel in route facts and
 * in answers; a number never changes its meaning.
 *
 * WHY(name, number, Dutch sentence)
 */
WHY(NOT_ON_LADDER,  1, "staat niet op de ladder van deze route")
WHY(ORIGINATOR,     2, "is zelf de bron")
WHY(REGISSEUR,      3, "is de regisseur: altijd de laatste sport, nooit kandidaat")
WHY(NEVER,          4, "de bron wil deze partner hiervoor niet vragen")
WHY(ENDED,          5, "doet niet meer mee")
WHY(NO_ROLE,        6, "neemt geen verwijzingen aan")
WHY(NOT_THERE,      7, "werkt niet in dit gebied")
WHY(NO_COVENANT,    8, "geen geldig convenant voor deze code in dit gebied")
WHY(NO_BASIS,       9, "het convenant laat deze grondslag niet toe")
WHY(CLOSED,        10, "is nu gesloten, en dit is spoed")
WHY(TWICE,         11, "staat al op een eerdere sport")
WHY(LIST,          12, "beschermde code: alleen de ene aangewezen functie")
WHY(TOO_MANY,      13, "er staan al veertien kandidaten op de ladder")
WHY(UNKNOWN,       14, "staat niet in het beleid")
WHY(EARLIER,       15, "heeft deze verwijzing al afgewezen of teruggegeven")
WHY(UNREACHABLE,   16, "is al te lang niet bereikbaar")
WHY(OUT_OF_DATE,   17, "heeft dit op de sociale kaart al te lang niet nagekeken")
WHY(NO_CONTENT,    18, "mag volgens het convenant niet krijgen wat er in het persoonsdeel staat")
/* clang-format on */
