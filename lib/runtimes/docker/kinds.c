/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operation kinds: a new kind is a new row here. */
#include "runtimes/docker/kinds.h"

#include "runtimes/docker/answers.h"
#include "runtimes/docker/events.h"
#include "runtimes/docker/exec.h"
#include "runtimes/docker/inspect.h"
#include "runtimes/docker/list.h"
#include "runtimes/docker/pull.h"
#include "runtimes/docker/requests.h"

enum {
    DOCUMENT_MAX = 16 * 1024 * 1024, /* inspections and host facts */
    NOTE_MAX = 64 * 1024,            /* answers that say little or nothing */
};

static const struct docker_kind kinds[] = {
    [ECSENGINE_OP_INFO] = {.lane = DOCKER_LANE_SHORT,
                           .answer_max = DOCUMENT_MAX,
                           .request = docker_request_info,
                           .answer = docker_answer_info},
    [ECSENGINE_OP_PING] = {.lane = DOCKER_LANE_URGENT, .unversioned = true, .answer_max = NOTE_MAX, .request = docker_request_ping},
    [ECSENGINE_OP_SUBSCRIBE] = {.lane = DOCKER_LANE_URGENT,
                                .request = docker_request_events,
                                .opened = docker_events_opened,
                                .data = docker_events_data,
                                .forget = docker_events_forget},
    [ECSENGINE_OP_PULL_IMAGE] = {.lane = DOCKER_LANE_LONG,
                                 .request = docker_request_pull,
                                 .opened = docker_pull_opened,
                                 .data = docker_pull_data,
                                 .answer = docker_pull_answer,
                                 .forget = docker_pull_forget},
    [ECSENGINE_OP_PULL_MANIFEST] = {.lane = DOCKER_LANE_SHORT,
                                    .answer_max = DOCUMENT_MAX,
                                    .request = docker_request_manifest,
                                    .answer = docker_answer_manifest},
    [ECSENGINE_OP_INSPECT_IMAGE] = {.lane = DOCKER_LANE_SHORT,
                                    .answer_max = DOCUMENT_MAX,
                                    .request = docker_request_inspect_image,
                                    .answer = docker_answer_inspect_image},
    [ECSENGINE_OP_TAG_IMAGE] = {.lane = DOCKER_LANE_SHORT, .answer_max = NOTE_MAX, .request = docker_request_tag},
    [ECSENGINE_OP_CREATE] = {.lane = DOCKER_LANE_SHORT,
                             .ambiguous = true,
                             .answer_max = DOCKER_OBJECT_MAX,
                             .request = docker_request_create,
                             .answer = docker_answer_create},
    [ECSENGINE_OP_START] = {.lane = DOCKER_LANE_SHORT, .ambiguous = true, .answer_max = NOTE_MAX, .request = docker_request_start},
    [ECSENGINE_OP_STOP] = {.lane = DOCKER_LANE_LONG, .answer_max = NOTE_MAX, .request = docker_request_stop},
    [ECSENGINE_OP_INSPECT] = {.lane = DOCKER_LANE_SHORT,
                              .answer_max = DOCUMENT_MAX,
                              .request = docker_request_inspect,
                              .answer = docker_answer_inspect},
    [ECSENGINE_OP_REMOVE] = {.lane = DOCKER_LANE_SHORT, .answer_max = NOTE_MAX, .request = docker_request_remove},
    [ECSENGINE_OP_LIST] = {.lane = DOCKER_LANE_SHORT,
                           .request = docker_request_list,
                           .opened = docker_list_opened,
                           .data = docker_list_data,
                           .answer = docker_list_answer,
                           .forget = docker_list_forget},
    /* A driver may have to ask somebody far away. */
    [ECSENGINE_OP_VOLUME_CREATE] = {.lane = DOCKER_LANE_LONG,
                                    .ambiguous = true,
                                    .answer_max = DOCUMENT_MAX,
                                    .request = docker_request_volume_create,
                                    .answer = docker_answer_volume},
    [ECSENGINE_OP_VOLUME_INSPECT] = {.lane = DOCKER_LANE_LONG,
                                     .answer_max = DOCUMENT_MAX,
                                     .request = docker_request_volume_inspect,
                                     .answer = docker_answer_volume},
    [ECSENGINE_OP_EXEC_CREATE] = {.lane = DOCKER_LANE_SHORT,
                                  .ambiguous = true,
                                  .answer_max = DOCKER_OBJECT_MAX,
                                  .request = docker_request_exec_create,
                                  .answer = docker_answer_exec_create},
    [ECSENGINE_OP_EXEC_START] = {.lane = DOCKER_LANE_SHORT,
                                 .ambiguous = true,
                                 .answer_max = NOTE_MAX,
                                 .request = docker_request_exec_start},
    [ECSENGINE_OP_EXEC_INSPECT] = {.lane = DOCKER_LANE_SHORT,
                                   .answer_max = DOCUMENT_MAX,
                                   .request = docker_request_exec_inspect,
                                   .answer = docker_answer_exec_inspect},
    [ECSENGINE_OP_EXEC_RUN] = {.lane = DOCKER_LANE_LONG,
                               .ambiguous = true,
                               .answer_max = DOCKER_OBJECT_MAX,
                               .request = docker_exec_run_request,
                               .data = docker_exec_run_data,
                               .answer = docker_exec_run_answer,
                               .forget = docker_exec_run_forget},
    [ECSENGINE_OP_VOLUME_REMOVE] = {.lane = DOCKER_LANE_LONG, .answer_max = NOTE_MAX, .request = docker_request_volume_remove},
};

const struct docker_kind *docker_kind_of(enum ecsengine_op_kind kind)
{
    size_t index = (size_t)kind;

    return index < sizeof(kinds) / sizeof(kinds[0]) && kinds[index].request != NULL ? &kinds[index] : NULL;
}
