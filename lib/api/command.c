/* SPDX-License-Identifier: Apache-2.0 */
/* A command is made on the caller's thread, with all that it will need in the turn, so that it can't fail there for want of memory. */
#include "api/command.h"

struct command *command_new(struct ecsengine *engine, enum command_kind kind, struct str *arn)
{
    struct root *root = &engine->mailbox->root;
    struct command *command = mem_zalloc(&root->mem, sizeof(*command));

    if (command == NULL)
        return NULL;
    command->input.kind = INPUT_COMMAND;
    command->kind = (uint8_t)kind;
    command->arn = str_ref(arn);
    command->done = event_init(mem_zalloc(&root->mem, sizeof(*command->done)), root, ECSENGINE_EVENT_COMMAND_DONE);
    if (command->done == NULL) {
        input_free(engine->mailbox, &command->input);
        return NULL;
    }
    command->id = atomic_fetch_add(&engine->next_command, 1) + 1;
    return command;
}

int command_put(struct ecsengine *engine, struct command *command, uint64_t *out_command_id, struct ecsengine_error **error)
{
    uint64_t id = command->id;

    if (mailbox_put(engine->mailbox, &command->input, true) < 0) {
        input_free(engine->mailbox, &command->input);
        return error_set(error, ECSENGINE_ECLOSED, "the engine is shut down and takes no commands");
    }
    if (out_command_id != NULL)
        *out_command_id = id;
    return 0;
}

struct spec_limits command_limits(const struct ecsengine *engine)
{
    return (struct spec_limits){
        .payload_bytes = (size_t)engine->engine.settings.payload_limit,
        .container_count = (uint32_t)engine->engine.settings.container_limit,
        .gpu_support = engine->engine.settings.gpu_support != 0,
        .engine_chooses_ports = engine->engine.settings.port_chooser == PORTS_BY_ENGINE,
        .nvidia_runtime = engine->engine.settings.nvidia_runtime,
        .agents = engine->agents,
    };
}
