# 1: asked, answered, taken, paused, reported, handed over, completed, reopened
person     P  "Theodora Ringelsteijn"
lwdb       submits R1 SIG-101 WK085501 about P note "Zit alleen, zegt niets."
welzijn    reviews R1
welzijn    asks R1 text "Mag iemand langskomen?"
lwdb       answers R1 text "Ja, na tienen."
lwdb       supplements R1 text "Bel twee keer aan."
lwdb       hurries R1 HIGH
welzijn    accepts R1
expect     welzijn opens the person of R1
welzijn    starts R1
welzijn    asks R1 text "Spreekt zij Nederlands?"
lwdb       answers R1 text "Ja."
welzijn    pauses R1 RED-06 for 7 days
welzijn    resumes R1
welzijn    reports R1 text "Gesproken."
lwdb       asks R1 text "Hoe gaat het?"
welzijn    answers R1 text "Beter."
welzijn    hands over R1 to thuiszorg G-TOE RED-04 note "Heeft ook zorg nodig."
welzijn    retracts R1
welzijn    hands over R1 to thuiszorg G-TOE RED-04 note "Heeft toch zorg nodig."
thuiszorg  accepts R1
thuiszorg  returns R1 AFW-10
expect     lwdb sees R1 as ESCALATED held by gemeente
gemeente   confirms R1
gemeente   starts R1
gemeente   completes R1 UIT-02 text "Opgelost met de buurt."
lwdb       acknowledges R1
lwdb       reopens R1 RED-03 text "Het is weer mis."
expect     lwdb sees R1 as OFFERED held by lwdb in epoch 2

# 2: declined, offered to one more, given up, ended without an offer
lwdb       submits R2 SIG-101 WK085501 about P note "Tweede keer."
gemeente   offers R2 to carers note "Iets voor jullie?"
carers     declines R2 AFW-03
welzijn    accepts R2
welzijn    starts R2
welzijn    gives up R2 RED-02 text "Wij kunnen niet meer."
gemeente   confirms R2
gemeente   fails R2 RED-01 text "Er is niemand."
lwdb       acknowledges R2

# 3: withdrawn before, and asked back after it was taken
lwdb       submits R3 SIG-101 WK085501 about P note "Derde keer."
lwdb       withdraws R3 RED-10
lwdb       submits R4 SIG-101 WK085501 about P note "Vierde keer."
welzijn    accepts R4
lwdb       begs back R4 RED-10
welzijn    refuses R4 RED-11
lwdb       begs back R4 RED-10
welzijn    agrees R4
lwdb       acknowledges R4

# 4: a mistake
lwdb       submits R5 SIG-101 WK085501 about P note "Vijfde keer."
lwdb       cancels R5 RED-09
expect     lwdb sees R5 as ENTERED_IN_ERROR

# 5: overdue, and taken over by the gemeente
lwdb       submits R6 SIG-101 WK085501 about P note "Zesde keer."
welzijn    accepts R6
clock      goes on 30 days
expect     gemeente sees R6 as ACCEPTED held by welzijn overdue
gemeente   takes over R6 RED-07
expect     lwdb sees R6 as ACCEPTED held by gemeente
