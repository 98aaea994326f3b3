/* SPDX-License-Identifier: Apache-2.0 */
/* The graceful end of an engine whose containers go on: no operation goes out any more, and what has changed is saved. Another process
 * on the same store takes over from there. A store that does not answer is not waited for long: what it has is enough to go on. */
#include "run.h"

#define SAVE_NS (3 * SECOND_NS)

void leaving_begin(struct run *run)
{
    struct leaving *leaving = &run->leaving;

    if (leaving->begun)
        return;
    leaving->begun = true;
    leaving->give_up_ns = clock_mono_ns() + SAVE_NS;
    if (ecsengine_shutdown(run->engine, &leaving->command_id, NULL) < 0)
        leaving->saved = true;
}

bool leaving_is_done_by(struct run *run, const ecsengine_event *event)
{
    struct leaving *leaving = &run->leaving;

    if (!leaving->begun || ecsengine_event_get_kind(event) != ECSENGINE_EVENT_COMMAND_DONE ||
        ecsengine_event_command_id(event) != leaving->command_id)
        return false;
    leaving->saved = true;
    return true;
}

void leaving_turn(struct run *run, int64_t now_ns)
{
    struct leaving *leaving = &run->leaving;

    if (!leaving->begun || leaving->saved || now_ns < leaving->give_up_ns)
        return;
    say("leaving, though not everything could be saved");
    leaving->saved = true;
}

int64_t leaving_deadline(const struct run *run)
{
    return run->leaving.begun && !run->leaving.saved ? run->leaving.give_up_ns : ECSENGINE_NO_DEADLINE;
}
