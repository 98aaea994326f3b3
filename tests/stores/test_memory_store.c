/* SPDX-License-Identifier: Apache-2.0 */
/* The memory store keeps the contract of stores. */
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

static const struct store_under_test memory_store = {"memory_store", opened, attached, reopened, ended, failing};

int main(void) { return store_suite_run(&memory_store, NULL); }
