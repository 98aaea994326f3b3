/* SPDX-License-Identifier: Apache-2.0 */
/* The ABI in numbers: every public constant, the size of every enum, and every struct whose layout a caller knows, on LP64.
 *
 * abidiff does not see constants that travel as plain integers, and ctypes hosts copy all of this by hand. What is written here was
 * promised; a line is added for what is new and never changed (docs/abi.md). tests/abi/test_layout.py sees to it that nothing is
 * missing. At run time the functions that prepare the structs are held to their word. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ecsengine/docker.h"
#include "ecsengine/ecsengine.h"
#include "ecsengine/posix.h"
#include "ecsengine/sim.h"

#define ENUM(tag) _Static_assert(sizeof(enum tag) == 4, "enum " #tag " has four bytes")
#define CONSTANT(name, value) _Static_assert((name) == (value), #name " is " #value)
#define STRUCT(type, bytes) _Static_assert(sizeof(type) == (bytes), #type " has " #bytes " bytes")
#define MEMBER(type, member, at, bytes)                                                                                             \
    _Static_assert(offsetof(type, member) == (at) && sizeof(((type *)0)->member) == (bytes), #type "." #member " is at " #at)

_Static_assert(sizeof(void *) == 8 && sizeof(long) == 8, "the numbers below are those of LP64");
_Static_assert(ECSENGINE_NO_DEADLINE == 9223372036854775807, "ECSENGINE_NO_DEADLINE is INT64_MAX");

ENUM(ecsengine_code);
CONSTANT(ECSENGINE_OK, 0);
CONSTANT(ECSENGINE_ENOMEM, -1);
CONSTANT(ECSENGINE_EINVAL, -2);
CONSTANT(ECSENGINE_ESYNTAX, -3);
CONSTANT(ECSENGINE_EDOCUMENT, -4);
CONSTANT(ECSENGINE_ELIMIT, -5);
CONSTANT(ECSENGINE_ENOTFOUND, -6);
CONSTANT(ECSENGINE_EEXIST, -7);
CONSTANT(ECSENGINE_EALREADY, -8);
CONSTANT(ECSENGINE_EREENTRANT, -9);
CONSTANT(ECSENGINE_ECLOSED, -10);
CONSTANT(ECSENGINE_ESTATE, -11);
CONSTANT(ECSENGINE_EUNSUPPORTED, -12);
CONSTANT(ECSENGINE_EIO, -13);
CONSTANT(ECSENGINE_ESYSTEM, -14);
CONSTANT(ECSENGINE_ECORRUPT, -15);

ENUM(ecsengine_event_kind);
CONSTANT(ECSENGINE_EVENT_NONE, 0);
CONSTANT(ECSENGINE_EVENT_READY, 1);
CONSTANT(ECSENGINE_EVENT_CONTAINER, 2);
CONSTANT(ECSENGINE_EVENT_TASK, 3);
CONSTANT(ECSENGINE_EVENT_TASK_REMOVED, 4);
CONSTANT(ECSENGINE_EVENT_RUNTIME, 5);
CONSTANT(ECSENGINE_EVENT_STORE, 6);
CONSTANT(ECSENGINE_EVENT_COMMAND_DONE, 7);
CONSTANT(ECSENGINE_EVENT_STOP_CANDIDATES, 8);
CONSTANT(ECSENGINE_EVENT_MANAGED_AGENT, 9);
CONSTANT(ECSENGINE_EVENT_EXEC_DONE, 10);

ENUM(ecsengine_log_level);
CONSTANT(ECSENGINE_LOG_NONE, 0);
CONSTANT(ECSENGINE_LOG_ERROR, 1);
CONSTANT(ECSENGINE_LOG_WARNING, 2);
CONSTANT(ECSENGINE_LOG_INFO, 3);
CONSTANT(ECSENGINE_LOG_DEBUG, 4);

ENUM(ecsengine_op_kind);
CONSTANT(ECSENGINE_OP_NONE, 0);
CONSTANT(ECSENGINE_OP_CANCEL, 1);
CONSTANT(ECSENGINE_OP_INFO, 2);
CONSTANT(ECSENGINE_OP_PING, 3);
CONSTANT(ECSENGINE_OP_SUBSCRIBE, 4);
CONSTANT(ECSENGINE_OP_PULL_IMAGE, 5);
CONSTANT(ECSENGINE_OP_PULL_MANIFEST, 6);
CONSTANT(ECSENGINE_OP_INSPECT_IMAGE, 7);
CONSTANT(ECSENGINE_OP_TAG_IMAGE, 8);
CONSTANT(ECSENGINE_OP_CREATE, 9);
CONSTANT(ECSENGINE_OP_START, 10);
CONSTANT(ECSENGINE_OP_STOP, 11);
CONSTANT(ECSENGINE_OP_INSPECT, 12);
CONSTANT(ECSENGINE_OP_REMOVE, 13);
CONSTANT(ECSENGINE_OP_LIST, 14);
CONSTANT(ECSENGINE_OP_PROVISION, 15);
CONSTANT(ECSENGINE_OP_VOLUME_CREATE, 16);
CONSTANT(ECSENGINE_OP_VOLUME_INSPECT, 17);
CONSTANT(ECSENGINE_OP_VOLUME_REMOVE, 18);
CONSTANT(ECSENGINE_OP_RESOURCE_CREATE, 19);
CONSTANT(ECSENGINE_OP_RESOURCE_REMOVE, 20);
CONSTANT(ECSENGINE_OP_EXEC_CREATE, 21);
CONSTANT(ECSENGINE_OP_EXEC_START, 22);
CONSTANT(ECSENGINE_OP_EXEC_INSPECT, 23);
CONSTANT(ECSENGINE_OP_EXEC_RUN, 24);
CONSTANT(ECSENGINE_OP_AGENT_PREPARE, 25);
CONSTANT(ECSENGINE_OP_AGENT_CLEAN, 26);

ENUM(ecsengine_failure);
CONSTANT(ECSENGINE_FAILURE_NONE, 0);
CONSTANT(ECSENGINE_FAILURE_OTHER, 1);
CONSTANT(ECSENGINE_FAILURE_NOT_FOUND, 2);
CONSTANT(ECSENGINE_FAILURE_CONFLICT, 3);
CONSTANT(ECSENGINE_FAILURE_UNREACHABLE, 4);
CONSTANT(ECSENGINE_FAILURE_UNSUPPORTED, 5);
CONSTANT(ECSENGINE_FAILURE_CANCELLED, 6);

ENUM(ecsengine_runtime_event_kind);
CONSTANT(ECSENGINE_RUNTIME_EVENT_NONE, 0);
CONSTANT(ECSENGINE_RUNTIME_EVENT_CREATE, 1);
CONSTANT(ECSENGINE_RUNTIME_EVENT_START, 2);
CONSTANT(ECSENGINE_RUNTIME_EVENT_DIE, 3);
CONSTANT(ECSENGINE_RUNTIME_EVENT_STOP, 4);
CONSTANT(ECSENGINE_RUNTIME_EVENT_OOM, 5);
CONSTANT(ECSENGINE_RUNTIME_EVENT_HEALTHY, 6);
CONSTANT(ECSENGINE_RUNTIME_EVENT_UNHEALTHY, 7);
CONSTANT(ECSENGINE_RUNTIME_EVENT_RESTART, 8);
CONSTANT(ECSENGINE_RUNTIME_EVENT_DESTROY, 9);
CONSTANT(ECSENGINE_RUNTIME_EVENT_EXEC_DIE, 10);

ENUM(ecsengine_container_status);
CONSTANT(ECSENGINE_CONTAINER_NONE, 0);
CONSTANT(ECSENGINE_CONTAINER_MANIFEST_PULLED, 1);
CONSTANT(ECSENGINE_CONTAINER_PULLED, 2);
CONSTANT(ECSENGINE_CONTAINER_CREATED, 3);
CONSTANT(ECSENGINE_CONTAINER_RUNNING, 4);
CONSTANT(ECSENGINE_CONTAINER_RESOURCES_PROVISIONED, 5);
CONSTANT(ECSENGINE_CONTAINER_STOPPED, 6);

ENUM(ecsengine_host_detail);
ENUM(ecsengine_plan_format);
CONSTANT(ECSENGINE_HOST_NONE, 0);
CONSTANT(ECSENGINE_HOST_TOTALS, 1);
CONSTANT(ECSENGINE_HOST_HOLDERS, 2);
CONSTANT(ECSENGINE_PLAN_NONE, 0);
CONSTANT(ECSENGINE_PLAN_TEXT, 1);
CONSTANT(ECSENGINE_PLAN_JSON, 2);
CONSTANT(ECSENGINE_PLAN_DOT, 3);

ENUM(ecsengine_task_status);
CONSTANT(ECSENGINE_TASK_NONE, 0);
CONSTANT(ECSENGINE_TASK_MANIFEST_PULLED, 1);
CONSTANT(ECSENGINE_TASK_PULLED, 2);
CONSTANT(ECSENGINE_TASK_CREATED, 3);
CONSTANT(ECSENGINE_TASK_RUNNING, 4);
CONSTANT(ECSENGINE_TASK_STOPPED, 5);

ENUM(ecsengine_agent_status);
CONSTANT(ECSENGINE_AGENT_NONE, 0);
CONSTANT(ECSENGINE_AGENT_CREATED, 1);
CONSTANT(ECSENGINE_AGENT_RUNNING, 2);
CONSTANT(ECSENGINE_AGENT_STOPPED, 3);

ENUM(ecsengine_health);
CONSTANT(ECSENGINE_HEALTH_UNKNOWN, 0);
CONSTANT(ECSENGINE_HEALTH_HEALTHY, 1);
CONSTANT(ECSENGINE_HEALTH_UNHEALTHY, 2);

STRUCT(ecsengine_allocator, 32);
MEMBER(ecsengine_allocator, size, 0, 8);
MEMBER(ecsengine_allocator, alloc, 8, 8);
MEMBER(ecsengine_allocator, free, 16, 8);
MEMBER(ecsengine_allocator, user_data, 24, 8);

STRUCT(ecsengine_runtime_vtable, 32);
MEMBER(ecsengine_runtime_vtable, size, 0, 8);
MEMBER(ecsengine_runtime_vtable, submit, 8, 8);
MEMBER(ecsengine_runtime_vtable, cancel, 16, 8);
MEMBER(ecsengine_runtime_vtable, close, 24, 8);

STRUCT(ecsengine_store_vtable, 24);
MEMBER(ecsengine_store_vtable, size, 0, 8);
MEMBER(ecsengine_store_vtable, commit, 8, 8);
MEMBER(ecsengine_store_vtable, close, 16, 8);

typedef void (*init_fn)(void *object, size_t size);

static void init_allocator(void *object, size_t size) { ecsengine_allocator_init(object, size); }
static void init_runtime_vtable(void *object, size_t size) { ecsengine_runtime_vtable_init(object, size); }
static void init_store_vtable(void *object, size_t size) { ecsengine_store_vtable_init(object, size); }

/* The object says `size`, is zero behind it, and nothing is written past it: sizes of older and of this version. */
static int init_keeps_to_size(const char *name, init_fn init, size_t size)
{
    enum { GUARD = 64 };
    unsigned char *block = malloc(size + GUARD);
    size_t stored = 0, bad = 0;

    if (block == NULL)
        return 1;
    memset(block, 0xa5, size + GUARD);
    init(block, size);
    memcpy(&stored, block, sizeof(stored));
    bad += stored != size;
    for (size_t i = sizeof(stored); i < size; i++)
        bad += block[i] != 0;
    for (size_t i = size; i < size + GUARD; i++)
        bad += block[i] != 0xa5;
    free(block);
    if (bad != 0)
        printf("%s(%zu): not prepared as promised\n", name, size);
    return bad != 0;
}

int main(void)
{
    int failed = 0;

    for (size_t size = sizeof(size_t); size <= sizeof(ecsengine_allocator); size += sizeof(void *))
        failed += init_keeps_to_size("ecsengine_allocator_init", init_allocator, size);
    for (size_t size = sizeof(size_t); size <= sizeof(ecsengine_runtime_vtable); size += sizeof(void *))
        failed += init_keeps_to_size("ecsengine_runtime_vtable_init", init_runtime_vtable, size);
    for (size_t size = sizeof(size_t); size <= sizeof(ecsengine_store_vtable); size += sizeof(void *))
        failed += init_keeps_to_size("ecsengine_store_vtable_init", init_store_vtable, size);
    return failed != 0;
}
