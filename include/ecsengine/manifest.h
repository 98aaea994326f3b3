/* SPDX-License-Identifier: Apache-2.0 */
/* Task manifests: a control plane says which tasks this host should have, and asks once more before one is stopped.
 *
 * A control plane sends a manifest of all tasks that shall run here, with a number (its timeline). A task of the engine that shall run and
 * is not in it is a candidate to be stopped: perhaps a stop was lost on its way, perhaps the manifest is older than the task. So the
 * engine stops nothing yet; the event STOP_CANDIDATES names them, the host sends that to its control plane, and what comes back is given
 * to ecsengine_task_stop_verified(). Without a control plane nobody needs this. (task-engine: section 8.6.) */
#ifndef ECSENGINE_MANIFEST_H
#define ECSENGINE_MANIFEST_H

#include "ecsengine/event.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Compares the tasks with a manifest: {"messageId","clusterArn","containerInstanceArn","generatedAt","timeline",
 * "tasks":[{"taskArn","desiredStatus"}]} as the control plane sends it (`document_len` bytes of UTF-8). Needed are `messageId` and
 * `timeline`; `tasks` absent is an empty list; `clusterArn` is repeated in the event; all else has no effect.
 * The manifest counts if its timeline is above the newest number that the engine knows, which is kept by the store; then COMMAND_DONE is
 * ok, which is what the manifest's own acknowledgement may wait for, and if there are candidates one event STOP_CANDIDATES follows. Else it
 * is discarded, nothing is done, and COMMAND_DONE carries EALREADY. Copied. `out_command_id` may be NULL.
 * ESYNTAX, EDOCUMENT, ELIMIT, ENOMEM, ECLOSED. Any thread. */
ECSENGINE_API int ecsengine_task_manifest(ecsengine *engine, const char *document, size_t document_len, uint64_t *out_command_id,
                                          ecsengine_error **error);

/* What the control plane says of the candidates: {"messageId","stopTasks":[{"taskArn","desiredStatus","clusterArn"}]}. Each task in the
 * list that the engine has is wanted STOPPED, whatever else its entry says. It counts once, for the newest manifest that counted, in the
 * same life of the engine; else COMMAND_DONE carries ENOTFOUND. Copied. ESYNTAX, EDOCUMENT, ELIMIT, ENOMEM, ECLOSED. Any thread. */
ECSENGINE_API int ecsengine_task_stop_verified(ecsengine *engine, const char *document, size_t document_len, uint64_t *out_command_id,
                                               ecsengine_error **error);

/* A message with tasks (an ACS payload) has come, with this sequence number: manifests up to it are older than what is known. Numbers
 * that are not above the newest known one change nothing. ENOMEM, ECLOSED. Any thread. */
ECSENGINE_API int ecsengine_payload_sequence(ecsengine *engine, int64_t sequence_number, uint64_t *out_command_id,
                                             ecsengine_error **error);

/* STOP_CANDIDATES: the manifest's message id and cluster ARN ("" for other events), how many tasks, and the index-th one's ARN ("" past
 * the end). This event needs no acknowledgement and does not come again after a restart: the next manifest will find them. */
ECSENGINE_API const char *ecsengine_event_message_id(const ecsengine_event *event);
ECSENGINE_API const char *ecsengine_event_cluster_arn(const ecsengine_event *event);
ECSENGINE_API size_t ecsengine_event_candidate_count(const ecsengine_event *event);
ECSENGINE_API const char *ecsengine_event_candidate_arn(const ecsengine_event *event, size_t index);

#ifdef __cplusplus
}
#endif
#endif
