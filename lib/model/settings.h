/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: the configuration as the engine reads it, and the one table of keys that says how each is called, written, bounded and
 * explained. Adding a knob is adding a row. */
#ifndef MODEL_SETTINGS_H
#define MODEL_SETTINGS_H

#include "base/buf.h"
#include "base/error.h"
#include "model/limits.h"

enum pull_behavior { PULL_DEFAULT = 0, PULL_ALWAYS = 1, PULL_ONCE = 2, PULL_PREFER_CACHED = 3 };

enum admission_policy { POLICY_FIFO = 0, POLICY_BACKFILL = 1 };
enum agent_supervision { SUPERVISION_SCHEDULED = 0, SUPERVISION_IMMEDIATE };
enum foreign_containers { FOREIGN_IGNORE = 0, FOREIGN_ADOPT, FOREIGN_STOP };
enum port_chooser { PORTS_BY_RUNTIME = 0, PORTS_BY_ENGINE = 1 };

enum { SETTING_TEXT_MAX = 255, SETTING_PORTS_MAX = 128 };

struct port_list {
    uint16_t count;
    uint16_t ports[SETTING_PORTS_MAX];
};

struct port_range {
    uint16_t first;
    uint16_t last;
};

/* GPU ids, none twice, in the order in which they are given out. */
struct gpu_list {
    uint16_t count;
    char ids[LIMIT_GPUS][LIMIT_GPU_ID + 1];
};

struct settings {
    char cluster[SETTING_TEXT_MAX + 1];
    int64_t cleanup_wait_ns;
    int64_t cleanup_jitter_ns;
    int64_t stop_timeout_ns;
    int64_t start_timeout_ns;
    int64_t create_timeout_ns;
    int64_t manifest_timeout_ns;
    int64_t pull_timeout_ns;
    int64_t pull_inactivity_ns;
    int64_t poll_interval_ns;
    int64_t poll_jitter_ns;
    int64_t agent_interval_ns;
    int64_t agent_supervision; /* enum agent_supervision */
    char agent_dir[SETTING_TEXT_MAX + 1];
    char agent_dir_for_runtime[SETTING_TEXT_MAX + 1];
    char agent_log_dir[SETTING_TEXT_MAX + 1];
    int64_t pull_behavior; /* enum pull_behavior */
    int64_t pull_upfront;
    int64_t manifest_resolution;
    int64_t volume_match;
    int64_t pull_parallel;
    int64_t inspect_parallel;
    int64_t host_cpu_units; /* -1: from the runtime's host facts */
    int64_t host_memory_mib; /* -1: from the runtime's host facts */
    int64_t reserved_memory_mib;
    int64_t exclude_ipv6;
    int64_t ipv6_only;
    int64_t event_ack_auto;
    int64_t cleanup_waits_for_ack;
    int64_t task_limit;
    int64_t container_limit;
    int64_t payload_limit; /* bytes */
    uint64_t seed;
    int64_t has_seed;
    struct port_list reserved_tcp;
    struct port_list reserved_udp;
    int64_t foreign;          /* enum foreign_containers */
    int64_t admission_policy; /* enum admission_policy */
    int64_t overtake_limit;
    int64_t port_chooser;     /* enum port_chooser: of a mapping with one port and without a host port */
    struct port_range dynamic_ports;
    int64_t gpu_support;
    int64_t has_gpus;         /* 0: from the runtime's host facts */
    struct gpu_list gpus;
    char nvidia_runtime[SETTING_TEXT_MAX + 1];
};

struct setting; /* one row of the table */

const struct setting *setting_at(size_t index);         /* NULL past the end */
const struct setting *setting_find(const char *key);    /* the key, or the agent's variable; NULL: unknown */
size_t setting_index(const struct setting *setting);
const char *setting_key(const struct setting *setting);
const char *setting_variable(const struct setting *setting);
const char *setting_default(const struct setting *setting);
const char *setting_range(const struct setting *setting);
const char *setting_help(const struct setting *setting);

void settings_init(struct settings *settings); /* every key at its default */
/* Parses and stores. EINVAL says what would be right; then nothing has changed. */
int setting_set(struct settings *settings, const struct setting *setting, const char *value, struct ecsengine_error **error);
/* Copies one value. */
void setting_copy(struct settings *settings, const struct setting *setting, const struct settings *from);
/* A GPU id: 1 to LIMIT_GPU_ID bytes of printable ASCII without space, comma, quote and backslash. */
bool setting_gpu_id_valid(const char *id, size_t len);
bool gpu_list_has(const struct gpu_list *list, const char *id);
/* False: it is full, or that one is in already, or no id. */
bool gpu_list_add(struct gpu_list *list, const char *id, size_t len);
/* The same for a value of the agent's environment, with its forgiveness; `warn` gets a sentence if the value was changed or dropped.
 * True if the value was taken. */
bool setting_set_forgiving(struct settings *settings, const struct setting *setting, const char *value,
                           void (*warn)(const char *text, void *user_data), void *user_data);
/* Appends the value in canonical text. */
void setting_print(const struct settings *settings, const struct setting *setting, struct buf *out);

#endif
