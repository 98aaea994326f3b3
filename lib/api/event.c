/* SPDX-License-Identifier: Apache-2.0 */
/* event.h: taking and acknowledging. What an event says of itself is in model/event.c. */
#include "driver/driver.h"

ecsengine_event *ecsengine_next_event(ecsengine *engine)
{
    if (engine == NULL)
        return NULL;
    struct ecsengine_event *event = mailbox_next_event(engine->mailbox);
    if (event != NULL && engine->engine.settings.event_ack_auto != 0)
        mailbox_taken(engine->mailbox, event);
    return event;
}

int ecsengine_set_event_callback(ecsengine *engine, ecsengine_event_fn callback, void *user_data, ecsengine_error **error)
{
    if (engine == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine is needed");
    if (atomic_load(&engine->began))
        return error_set(error, ECSENGINE_ESTATE, "the event callback is set before the first dispatch");
    engine->event_callback = callback;
    engine->event_data = user_data;
    return 0;
}

int ecsengine_event_ack(ecsengine *engine, uint64_t event_id, ecsengine_error **error)
{
    if (engine == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine is needed");
    struct acknowledgement *ack = mem_zalloc(&engine->mailbox->root.mem, sizeof(*ack));
    if (ack == NULL)
        return error_nomem(error);
    ack->input.kind = INPUT_ACK;
    ack->event_id = event_id;
    if (mailbox_put(engine->mailbox, &ack->input, false) == 0)
        return 0;
    input_free(engine->mailbox, &ack->input);
    return error_set(error, ECSENGINE_ECLOSED, "the engine is gone");
}
