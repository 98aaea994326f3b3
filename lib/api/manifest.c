/* SPDX-License-Identifier: Apache-2.0 */
/* manifest.h: what a control plane says about all tasks of the host. */
#include "ecsengine/manifest.h"

#include "api/command.h"
#include "spec/manifest.h"

typedef int parse_fn(struct mem *mem, const struct spec_limits *limits, const char *document, size_t document_len,
                     struct manifest **out_manifest, struct ecsengine_error **error);

static int give(struct ecsengine *engine, enum command_kind kind, parse_fn *parse, const char *document, size_t document_len,
                uint64_t *out_command_id, struct ecsengine_error **error)
{
    struct manifest *manifest;

    if (engine == NULL || document == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine and a document are needed");
    struct spec_limits limits = command_limits(engine);
    int code = parse(&engine->mailbox->root.mem, &limits, document, document_len, &manifest, error);
    if (code < 0)
        return code;
    struct command *command = command_new(engine, kind, NULL);
    if (command == NULL) {
        manifest_free(manifest);
        return error_nomem(error);
    }
    command->manifest = manifest;
    return command_put(engine, command, out_command_id, error);
}

int ecsengine_task_manifest(ecsengine *engine, const char *document, size_t document_len, uint64_t *out_command_id,
                            ecsengine_error **error)
{
    return give(engine, COMMAND_TASK_MANIFEST, manifest_parse, document, document_len, out_command_id, error);
}

int ecsengine_task_stop_verified(ecsengine *engine, const char *document, size_t document_len, uint64_t *out_command_id,
                                 ecsengine_error **error)
{
    return give(engine, COMMAND_STOP_VERIFIED, stop_verification_parse, document, document_len, out_command_id, error);
}

int ecsengine_payload_sequence(ecsengine *engine, int64_t sequence_number, uint64_t *out_command_id, ecsengine_error **error)
{
    if (engine == NULL)
        return error_set(error, ECSENGINE_EINVAL, "an engine is needed");
    struct command *command = command_new(engine, COMMAND_PAYLOAD_SEQUENCE, NULL);
    if (command == NULL)
        return error_nomem(error);
    command->number = sequence_number;
    return command_put(engine, command, out_command_id, error);
}
