/* SPDX-License-Identifier: Apache-2.0 */
/* runtime.h, and how operations are taken: joining a runtime, its events. */
#include <string.h>

#include "api/struct_gate.h"
#include "driver/driver.h"

void ecsengine_runtime_vtable_init(ecsengine_runtime_vtable *vtable, size_t size)
{
    if (vtable != NULL && size >= sizeof(vtable->size)) {
        memset(vtable, 0, size);
        vtable->size = size;
    }
}

int ecsengine_set_runtime(ecsengine *engine, const ecsengine_runtime_vtable *vtable, void *user_data, ecsengine_error **error)
{
    ecsengine_runtime_vtable own;

    if (engine == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine is needed");
    int code = struct_gate(&own, sizeof(own), sizeof(own), vtable, "the runtime's vtable", error);
    if (code < 0)
        return code;
    if (own.submit == NULL)
        return error_set(error, ECSENGINE_EINVAL, "the runtime's vtable: submit is needed");
    if (atomic_load(&engine->began) || engine->has_runtime)
        return error_set(error, ECSENGINE_ESTATE, "a runtime is joined once, before the first dispatch");
    engine->runtime = own;
    engine->runtime_data = user_data;
    engine->has_runtime = true;
    return 0;
}

int ecsengine_keep_op(ecsengine *engine, enum ecsengine_op_kind kind, ecsengine_error **error)
{
    bool known = (int)kind > ECSENGINE_OP_CANCEL && strcmp(ecsengine_op_kind_name(kind), "unknown") != 0;

    if (engine == NULL || !known)
        return error_set(error, ECSENGINE_EINVAL, "an engine and a kind of operation are needed");
    if (atomic_load(&engine->began))
        return error_set(error, ECSENGINE_ESTATE, "what the host does itself is said before the first dispatch");
    engine->kept_ops |= UINT64_C(1) << kind;
    return 0;
}

ecsengine_op *ecsengine_next_op(ecsengine *engine) { return engine != NULL ? mailbox_next_op(engine->mailbox) : NULL; }

int ecsengine_result_new_for_event(ecsengine *engine, ecsengine_result **out_result, ecsengine_error **error)
{
    if (engine == NULL || out_result == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine and a place for the result are needed");
    struct ecsengine_result *result = result_new(&engine->mailbox->root);
    if (result == NULL)
        return error_nomem(error);
    *out_result = result;
    return 0;
}

/* Queues a notice; takes `details` whatever happens. */
static int notify(struct ecsengine *engine, enum input_kind kind, enum ecsengine_runtime_event_kind event, struct str *container,
                  struct str *reason, struct ecsengine_result *details, struct ecsengine_error **error)
{
    struct runtime_notice *notice = mem_zalloc(&engine->mailbox->root.mem, sizeof(*notice));

    if (notice == NULL) {
        str_unref(container);
        str_unref(reason);
        ecsengine_result_free(details);
        return error_nomem(error);
    }
    notice->input.kind = (uint8_t)kind;
    notice->kind = (uint8_t)event;
    notice->container = container;
    notice->reason = reason;
    notice->details = details;
    if (mailbox_put(engine->mailbox, &notice->input, false) == 0)
        return 0;
    input_free(engine->mailbox, &notice->input);
    return error_set(error, ECSENGINE_ECLOSED, "the engine is gone");
}

int ecsengine_runtime_event(ecsengine *engine, enum ecsengine_runtime_event_kind kind, const char *container,
                            ecsengine_result *details, ecsengine_error **error)
{
    size_t len = container != NULL ? strnlen(container, LIMIT_RUNTIME_NAME + 1) : 0;

    if (engine == NULL || len == 0 || len > LIMIT_RUNTIME_NAME || kind <= ECSENGINE_RUNTIME_EVENT_NONE ||
        kind > ECSENGINE_RUNTIME_EVENT_EXEC_DIE) {
        ecsengine_result_free(details);
        return error_set(error, ECSENGINE_EINVAL, "an engine, a kind of event and a container of 1 to %d bytes are needed",
                         LIMIT_RUNTIME_NAME);
    }
    struct str *id = str_new(&engine->mailbox->root.mem, container, len);
    if (id == NULL) {
        ecsengine_result_free(details);
        return error_nomem(error);
    }
    return notify(engine, INPUT_RUNTIME_EVENT, kind, id, NULL, details, error);
}

int ecsengine_runtime_lost(ecsengine *engine, const char *reason, ecsengine_error **error)
{
    const char *text = reason != NULL ? reason : "the event stream has ended";

    if (engine == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine is needed");
    size_t len = utf8_cut(text, strnlen(text, LIMIT_REASON + 1), LIMIT_REASON);
    struct str *kept = str_new(&engine->mailbox->root.mem, text, len);
    if (kept == NULL)
        return error_nomem(error);
    return notify(engine, INPUT_RUNTIME_LOST, ECSENGINE_RUNTIME_EVENT_NONE, NULL, kept, NULL, error);
}
