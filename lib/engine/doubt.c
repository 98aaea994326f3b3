/* SPDX-License-Identifier: Apache-2.0 */
/* A create or a start whose answer never came may have been done or not. If the runtime was there all the time, that is an error like any
 * other (task-engine 5.4). If it went away, its death is no fault of the task: when it is back the container is looked at, and what was not
 * done is asked for again. Which of both it is shows in the event stream, which breaks at about the same time, or by asking the runtime
 * whether it lives.
 *
 * (The reference makes no difference: a daemon that is restarted stops every task that was just being started.) */
#include "engine/doubt.h"

#include "engine/inspect.h"
#include "engine/transitions.h"

bool doubt_no_answer(const struct ecsengine_result *result, const struct failure *failure)
{
    return result != NULL && failure->kind == ECSENGINE_FAILURE_UNREACHABLE;
}

bool doubt_was_away(const struct engine *engine, int64_t since_ns)
{
    return engine->runtime == RUNTIME_UNREACHABLE || engine->runtime_lost_ns >= since_ns;
}

/* As if it had not begun; but before it begins again the container is looked at. */
static void take_back(struct engine *engine, struct container *container, const struct failure *failure)
{
    if (container->applied == ECSENGINE_CONTAINER_CREATED)
        container->adopting = true;
    container->applied = ECSENGINE_CONTAINER_NONE;
    inspect_want(engine, container, INSPECT_VERIFY);
    container->inspect = INSPECT_VERIFY; /* also where an event has asked before */
    container_trouble(engine, container, failure);
}

bool doubt_begin(struct engine *engine, struct container *container, const struct ecsengine_op *op,
                 const struct ecsengine_result *result, const struct failure *failure)
{
    if (!doubt_no_answer(result, failure))
        return false;
    if (doubt_was_away(engine, op->begun_ns)) {
        take_back(engine, container, failure);
        return true;
    }
    transition_keep(engine, container, failure);
    transition_op(engine, container, ECSENGINE_OP_PING, PING_LIMIT);
    return true;
}

bool doubt_settled(struct engine *engine, struct container *container, const struct ecsengine_op *op, const struct failure *ping)
{
    struct failure failure = transition_kept(container);
    bool lives = ping->kind != ECSENGINE_FAILURE_UNREACHABLE;

    if (lives && !doubt_was_away(engine, op->begun_ns))
        return true;
    take_back(engine, container, &failure);
    if (!lives)
        inspect_later(engine, container, &failure); /* the stream may take a while to break */
    return false;
}
