/* SPDX-License-Identifier: Apache-2.0 */
/* Records as a store should have them: key and value, in the order of keys. */
#ifndef TEST_RECORDS_H
#define TEST_RECORDS_H

#include <stdbool.h>
#include <stddef.h>

struct record {
    char *key;
    void *value;
    size_t len;
};

struct records {
    struct record *list;
    size_t count, size;
};

void records_put(struct records *records, const char *key, const void *value, size_t len); /* copied; NULL: deleted */
const struct record *records_find(const struct records *records, const char *key); /* NULL: there is none */
void records_copy(struct records *to, const struct records *from);
bool records_equal(const struct records *one, const struct records *other);
void records_clear(struct records *records); /* gives back all; it can be used again */

#endif
