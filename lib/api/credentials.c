/* SPDX-License-Identifier: Apache-2.0 */
/* credentials.h: giving and taking back. */
#include "ecsengine/credentials.h"

#include "api/command.h"
#include "spec/credentials.h"

/* NULL: the error is set. */
static struct str *id_of(struct ecsengine *engine, const char *credentials_id, struct ecsengine_error **error, int *out_code)
{
    size_t len = 0;
    struct str *id = NULL;

    *out_code = ECSENGINE_EINVAL;
    if (engine == NULL || credentials_id == NULL) {
        error_set(error, ECSENGINE_EINVAL, "an engine and the id of credentials are needed");
        return NULL;
    }
    while (len <= LIMIT_NAME && credentials_id[len] != '\0')
        len++;
    if (len == 0 || len > LIMIT_NAME || !utf8_valid(credentials_id, len)) {
        error_set(error, ECSENGINE_EINVAL, "an id of credentials is 1 to %d bytes of UTF-8", LIMIT_NAME);
        return NULL;
    }
    id = str_new(&engine->mailbox->root.mem, credentials_id, len);
    if (id == NULL)
        *out_code = error_nomem(error);
    return id;
}

int ecsengine_credentials_set(ecsengine *engine, const char *credentials_id, const char *document, size_t document_len,
                              uint64_t *out_command_id, ecsengine_error **error)
{
    struct credentials *credentials = NULL;
    int code;

    if (document == NULL)
        return error_set(error, ECSENGINE_EINVAL, "a document is needed");
    struct str *id = id_of(engine, credentials_id, error, &code);
    if (id == NULL)
        return code;
    struct spec_limits limits = command_limits(engine);
    code = credentials_parse(&engine->mailbox->root.mem, &limits, id, document, document_len, &credentials, error);
    str_unref(id);
    if (code < 0)
        return code;
    struct command *command = command_new(engine, COMMAND_CREDENTIALS_SET, NULL);
    if (command == NULL) {
        credentials_unref(credentials);
        return error_nomem(error);
    }
    command->credentials[0] = credentials;
    return command_put(engine, command, out_command_id, error);
}

int ecsengine_credentials_remove(ecsengine *engine, const char *credentials_id, uint64_t *out_command_id, ecsengine_error **error)
{
    int code;
    struct str *id = id_of(engine, credentials_id, error, &code);

    if (id == NULL)
        return code;
    struct command *command = command_new(engine, COMMAND_CREDENTIALS_REMOVE, NULL);
    if (command == NULL) {
        str_unref(id);
        return error_nomem(error);
    }
    command->text = id;
    return command_put(engine, command, out_command_id, error);
}
