/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in: an ACS task payload or an ECS task definition, told apart by themselves, checked and turned into the model.
 *
 * Parsing happens on the caller's thread, before any lock; the JSON tree is gone when spec_parse() returns. Any failed allocation is
 * ENOMEM, whatever the JSON library says. */
#ifndef SPEC_SPEC_H
#define SPEC_SPEC_H

#include "base/error.h"
#include "base/str.h"
#include "model/credentials.h"
#include "model/definition.h"
#include "model/status.h"

/* Agents that the host has described (exec_agent.h), the newest first. */
struct agent_entry {
    struct agent_entry *next;
    struct arena arena;
    struct agent_description description;
};

/* What of the configuration a document is read by. */
struct spec_limits {
    size_t payload_bytes;    /* key `payload-limit` */
    uint32_t container_count; /* key `container-limit` */
    bool gpu_support;         /* key `enable-gpu-support` */
    bool engine_chooses_ports; /* key `dynamic-host-ports` is `engine` */
    const char *nvidia_runtime; /* key `nvidia-runtime`; NULL: `nvidia` */
    const struct agent_entry *agents; /* those that the host has described, or NULL */
};

/* What came out of one document. */
struct task_spec {
    struct mem *mem;
    struct str *arn;
    task_status desired;
    struct definition *definition; /* sealed; NULL if the task is refused */
    struct str *refusal;           /* the reason of the STOPPED event, or NULL */
    struct credentials *execution_credentials; /* or NULL */
    struct credentials *role_credentials;      /* or NULL */
    size_t notice_count;           /* fields that are not honoured yet, one sentence each, with their path */
    struct str **notices;
};

/* Parses one document. Errors of the call: ESYNTAX (no JSON: line and column), EDOCUMENT (no ARN, or not an object), ELIMIT, ENOMEM.
 * A task that has an ARN and is wrong otherwise is no error but a refusal. */
int spec_parse(struct mem *mem, const struct spec_limits *limits, const char *document, size_t document_len,
               struct task_spec **out_spec, struct ecsengine_error **error);
void task_spec_free(struct task_spec *spec); /* NULL is fine */

#endif
