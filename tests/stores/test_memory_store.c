/* SPDX-License-Identifier: Apache-2.0 */
/* The memory store keeps the contract of stores. */
#include <stdint.h>
#include <string.h>

#include "suite.h"

static void *opened(void)
{
    ecsengine_memory_store *store = NULL;

    ck_assert_int_eq(0, ecsengine_memory_store_new(&store, NULL));
    return store;
}

static int attached(void *store, ecsengine *engine, ecsengine_error **error)
{
    return ecsengine_memory_store_attach(store, engine, error);
}

static void *reopened(void *store) { return store; }
static void ended(void *store) { ecsengine_memory_store_free(store); }
static void failing(void *store, int32_t count) { ecsengine_memory_store_fail(store, count, ECSENGINE_EIO); }

static void *damaged(void *store, const char *key)
{
    for (size_t i = 0; i < ecsengine_memory_store_count(store); i++)
        if (strcmp(ecsengine_memory_store_key(store, i), key) == 0)
            ((unsigned char *)(uintptr_t)ecsengine_memory_store_value(store, i, NULL))[7] ^= 1;
    return store;
}

static size_t set_aside(void **at)
{
    const ecsengine_memory_store *store = *at;
    size_t count = 0;

    for (size_t i = 0; i < ecsengine_memory_store_count(store); i++)
        count += strncmp(ecsengine_memory_store_key(store, i), "quarantine/", 11) == 0;
    return count;
}

static const struct store_under_test memory_store = {"memory_store", opened, attached, reopened, ended, failing, damaged, set_aside};

int main(void) { return store_suite_run(&memory_store, NULL); }
