#ifndef TAMPER_H_
#define TAMPER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * tamper -- change a store behind the broker's back, with LMDB alone.
 *
 * The table is named as in the file; ${nth} counts its rows from 0 in order of
 * key.  What cannot be done ends the process.
 */

/**
 * tamper_flip(dir, table, nth, byte, bit):
 * Flip one bit of a value, if it has any; ${byte} is taken modulo its length.
 */
void tamper_flip(const char *dir, const char *table, size_t nth, size_t byte,
    unsigned int bit);

/**
 * tamper_delete(dir, table, nth):
 * Remove a row.
 */
void tamper_delete(const char *dir, const char *table, size_t nth);

/**
 * tamper_swap(dir, table, a, b):
 * Let two rows have each other's value.
 */
void tamper_swap(const char *dir, const char *table, size_t a, size_t b);

/**
 * tamper_cut(dir, table, from):
 * Remove all rows whose key begins with a number of 8 bytes that is ${from} or
 * more.
 */
void tamper_cut(const char *dir, const char *table, uint64_t from);

/**
 * tamper_put(dir, table, key, value, len):
 * Write a row under a number of 8 bytes.
 */
void tamper_put(const char *dir, const char *table, uint64_t key,
    const void *value, size_t len);

/**
 * tamper_count(dir, table):
 * Return how many rows a table has.
 */
size_t tamper_count(const char *dir, const char *table);

#endif /* !TAMPER_H_ */
