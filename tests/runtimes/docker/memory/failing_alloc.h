/* SPDX-License-Identifier: Apache-2.0 */
/* Included before every file of the adapter in one of its builds: all its allocations go to where a test can make the n-th one fail. */
#ifndef TEST_FAILING_ALLOC_H
#define TEST_FAILING_ALLOC_H

#include <stdlib.h>
#include <string.h>

void *failing_malloc(size_t size);
void *failing_calloc(size_t count, size_t size);
void *failing_realloc(void *old, size_t size);
char *failing_strdup(const char *text);
char *failing_strndup(const char *text, size_t len);

#undef strdup
#undef strndup
#define malloc failing_malloc
#define calloc failing_calloc
#define realloc failing_realloc
#define strdup failing_strdup
#define strndup failing_strndup

#endif
