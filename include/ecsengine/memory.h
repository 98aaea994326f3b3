/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: an engine takes all that it keeps from one allocator, given at its creation.
 *
 * Outside of it, in writing: error objects, configuration objects and memory stores, which exist without an engine and come from
 * malloc. */
#ifndef ECSENGINE_MEMORY_H
#define ECSENGINE_MEMORY_H

#include "ecsengine/export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ecsengine_allocator {
    size_t size; /* sizeof(ecsengine_allocator), as the caller's compiler saw it */
    /* Returns `size` bytes aligned for any object, or NULL. Called from any thread, at the same time. Required. */
    void *(*alloc)(size_t size, void *user_data);
    /* Gives back what alloc returned; `size` is what was asked for. Called from any thread. Required. */
    void (*free)(void *ptr, size_t size, void *user_data);
    void *user_data; /* must live until the engine and every operation, event and text taken from it are gone */
} ecsengine_allocator;

/* Fills in `size` and zeroes the rest, for languages without sizeof. `size` is the caller's sizeof. */
ECSENGINE_API void ecsengine_allocator_init(ecsengine_allocator *allocator, size_t size);

/* A text that the library made for the caller: JSON documents of queries. Owned by the caller. */
typedef struct ecsengine_text ecsengine_text;

/* NUL-terminated UTF-8. Borrowed: lives as long as the object. "" for NULL. */
ECSENGINE_API const char *ecsengine_text_data(const ecsengine_text *text);
ECSENGINE_API size_t ecsengine_text_length(const ecsengine_text *text);
ECSENGINE_API void ecsengine_text_free(ecsengine_text *text);

#ifdef __cplusplus
}
#endif
#endif
