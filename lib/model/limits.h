/* SPDX-License-Identifier: Apache-2.0 */
/* Every maximum of the engine, with its reason. A value over its maximum is refused with the maximum in the text; nothing is clamped. */
#ifndef MODEL_LIMITS_H
#define MODEL_LIMITS_H

#include <stdint.h>

enum {
    LIMIT_JSON_DEPTH = 200,          /* payloads are 10 deep, Docker raw configuration 15; runtimes and tools read JSON by recursion */
    LIMIT_ARN = 2048,                /* IAM's own limit for an ARN */
    LIMIT_NAME = 255,                /* RegisterTaskDefinition: family and container names */
    LIMIT_RUNTIME_NAME = 800,        /* ecs-<family>-<version>-<name>-<20 hex> of the above */
    LIMIT_CONTAINERS = 1000,         /* `container-limit` goes up to this; ECS has 10 a task */
    LIMIT_RESOURCES = 1000,          /* volumes and other resources of a task: as many as it can have containers */
    LIMIT_VOLUME_PAIRS = 1000,       /* driver options, or labels, of one volume */
    LIMIT_VOLUME_TEXT = 4096,        /* a driver option or label of a volume: mount options can be long */
    LIMIT_RUNTIME_ID = 255,          /* what the backend accepts */
    LIMIT_REASON = 1024,             /* what the backend accepts; also what is kept of a runtime's error text */
    LIMIT_IMAGE = 4096,              /* a reference with a long registry host and digest */
    LIMIT_IGNORED_EXIT_CODES = 1000, /* of one restart policy; ECS has 50 */
    LIMIT_PORTS = 1000,              /* bindings of one container that are kept */
    LIMIT_CONTAINER_PORTS = 1000,    /* host ports of one container, those of its ranges counted one by one; a proxy process each in Docker */
    LIMIT_SEEN_PORTS = 100,          /* host ports of one container that the runtime chose and that are kept free of others */
    LIMIT_BINDINGS_TOLD = 100,       /* the backend's: network bindings of a container that has a port range */
    LIMIT_GPUS = 64,                 /* of a host: 8 cards in 7 parts each are 56; one word of bits */
    LIMIT_GPU_ID = 95,               /* `MIG-GPU-<uuid>/<gi>/<ci>` has 53 bytes */
    LIMIT_PROGRESS_TEXT = 63,        /* one short line of a pull */
    LIMIT_HEALTH_OUTPUT = 1024,      /* what the reference keeps */
    LIMIT_LIST = 1000000,            /* containers in one LIST result */
    LIMIT_REPO_DIGESTS = 256,        /* of one image */
    LIMIT_OUTPUT = 1 << 20,          /* bytes of a one-off command that are kept: an answer, not a log */
    LIMIT_EXEC_ID = 255,             /* as of a container */
    LIMIT_AGENTS = 16,               /* managed agents of a container; ECS has one */
    LIMIT_AGENT_FILES = 16,          /* that are generated for one agent */
    LIMIT_RECORD_KEY = 4096,         /* `task/` and an ARN */
};

#define LIMIT_TIMEOUT_NS (INT64_C(10) * 365 * 24 * 3600 * 1000000000) /* the longest duration: ten years */
#define LIMIT_WALL_NS (INT64_C(1) << 62) /* the year 2116: a container's times, so that a timeout can be added to one */

#endif
