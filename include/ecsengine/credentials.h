/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials of roles: what images of a private registry are pulled with, and secrets are fetched with.
 *
 * A task knows its credentials by an id. They come with its payload (`executionRoleCredentials`, `roleCredentials`), or are given here, at
 * any time and again when they are renewed. A container whose image is pulled with the task's execution role waits until they are
 * known (`waits-for-credentials` in explain); it does not fail. Those of a task's own role are forgotten when the task is STOPPED, those of
 * its execution role when it is removed.
 *
 * The document is a secret: it is in memory alone, overwritten when it is not needed any more, and never in a record, a log, a description or
 * an explanation. So after a restart tasks that need it wait until it is given again. The id is no secret.
 * (task-engine: sections 2.6, 3.3, 4.4; task-payload: section 1.3.) */
#ifndef ECSENGINE_CREDENTIALS_H
#define ECSENGINE_CREDENTIALS_H

#include "ecsengine/op.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Gives credentials, or others in the place of those with this id: 1 to 255 bytes. `document` (UTF-8, `document_len` bytes) is a JSON
 * object as a payload has it: {"credentialsId","roleArn","accessKeyId","secretAccessKey","sessionToken","expiration"}, all texts,
 * each may be absent; a `credentialsId` must be this id. Further members are kept for the host. Copied; the caller overwrites its own.
 * Tasks that wait for them go on in the turn that applies it. COMMAND_DONE carries ELIMIT if there are two for each possible task already.
 * EINVAL, ESYNTAX, EDOCUMENT, ELIMIT, ENOMEM, ECLOSED. Any thread. */
ECSENGINE_API int ecsengine_credentials_set(ecsengine *engine, const char *credentials_id, const char *document, size_t document_len,
                                            uint64_t *out_command_id, ecsengine_error **error);

/* Takes credentials back. COMMAND_DONE carries ENOTFOUND for an unknown id. Operations that were handed out with them keep them. EINVAL,
 * ENOMEM, ECLOSED. Any thread. */
ECSENGINE_API int ecsengine_credentials_remove(ecsengine *engine, const char *credentials_id, uint64_t *out_command_id,
                                               ecsengine_error **error);

/* PULL_MANIFEST and PULL_IMAGE: how the registry is to be asked. The kind: `ecr`, or "" for what the host has for all; and its details as
 * JSON: {"region","registryId","endpointOverride","useExecutionRole"}, "" where there is none. Borrowed for the operation's life. */
ECSENGINE_API const char *ecsengine_op_registry_auth_type(const ecsengine_op *op);
ECSENGINE_API const char *ecsengine_op_registry_auth(const ecsengine_op *op);

/* With which credentials: their id, and the document as it was given; "" where the execution role is not used. The document is a secret.
 * Borrowed for the operation's life. `out_len` may be NULL. */
ECSENGINE_API const char *ecsengine_op_credentials_id(const ecsengine_op *op);
ECSENGINE_API const char *ecsengine_op_credentials(const ecsengine_op *op, size_t *out_len);

#ifdef __cplusplus
}
#endif
#endif
