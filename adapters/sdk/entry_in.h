#ifndef ENTRY_IN_H_
#define ENTRY_IN_H_

#include "sdk/entry.h"

/*
 * entry_in -- what entry.c (reading) and entry_write.c share.
 */

/**
 * entry_capacity_word(capacity), entry_urgency_word(urgency):
 * Return the word of the protocol ("WAITING_LIST"); NULL if there is none.
 */
const char *entry_capacity_word(enum keten_capacity capacity);
const char *entry_urgency_word(enum keten_urgency urgency);

#endif /* !ENTRY_IN_H_ */
