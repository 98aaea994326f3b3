/* SPDX-License-Identifier: Apache-2.0 */
/* host.h: what the host has, and changing it. */
#include "ecsengine/host.h"

#include <string.h>

#include "api/command.h"
#include "engine/host.h"

int ecsengine_host_set(ecsengine *engine, const char *key, const char *value, uint64_t *out_command_id, ecsengine_error **error)
{
    if (engine == NULL || key == NULL || value == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine, a key and a value are needed");
    const struct setting *setting = host_setting(key);
    if (setting == NULL)
        return error_set(error, ECSENGINE_EINVAL, "`%.80s` is no key that can be set while the engine runs", key);
    struct command *command = command_new(engine, COMMAND_HOST_SET, NULL);
    if (command == NULL)
        return error_nomem(error);
    command->setting = setting;
    command->values = mem_alloc(&engine->mailbox->root.mem, sizeof(*command->values));
    int code = command->values != NULL ? 0 : error_nomem(error);
    if (code == 0) {
        settings_init(command->values);
        code = setting_set(command->values, setting, value, error);
    }
    if (code < 0) {
        input_free(engine->mailbox, &command->input);
        return code;
    }
    return command_put(engine, command, out_command_id, error);
}

int ecsengine_host_describe(ecsengine *engine, enum ecsengine_host_detail detail, ecsengine_text **out_text, ecsengine_error **error)
{
    struct buf buf;
    int code = 0;

    if (engine == NULL || out_text == NULL || (detail != ECSENGINE_HOST_TOTALS && detail != ECSENGINE_HOST_HOLDERS))
        return error_set(error, ECSENGINE_EINVAL, "an engine, a detail and a place for the text are needed");
    buf_init(&buf, &engine->mailbox->root.mem, 0);
    pthread_mutex_lock(&engine->lock);
    host_describe(&engine->engine, detail == ECSENGINE_HOST_HOLDERS, &buf);
    pthread_mutex_unlock(&engine->lock);
    if (text_new(&engine->mailbox->root, &buf, out_text) < 0)
        code = error_nomem(error);
    buf_free(&buf);
    return code;
}
