/* SPDX-License-Identifier: Apache-2.0 */
/* Rules: what the script says, ready to be asked. A later rule wins over an earlier one. */
#ifndef SIM_RULES_H
#define SIM_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "ecsengine/runtime.h"
#include "table.h"

enum sim_rule_kind {
    SIM_RULE_NONE = 0,
    SIM_RULE_OP = 1 << 0,        /* how an operation goes */
    SIM_RULE_EVENT = 1 << 1,     /* what becomes of an event */
    SIM_RULE_CONTAINER = 1 << 2, /* what a container does */
    SIM_RULE_IMAGE = 1 << 3,     /* where an image is */
    SIM_RULE_HOST = 1 << 4,      /* what the host is like */
    SIM_RULE_LABEL = 1 << 5      /* what a container does, said by its own label */
};

enum sim_fault {
    SIM_FAULT_UNSAID = 0,
    SIM_FAULT_NONE,
    SIM_FAULT_ERROR, /* operations */
    SIM_FAULT_LOST,
    SIM_FAULT_HANG,
    SIM_FAULT_LATE, /* both */
    SIM_FAULT_DOUBLE,
    SIM_FAULT_DROP, /* events */
    SIM_FAULT_REORDER
};

/* What a container does once it is started. Times count from the start, but `stop_after_ns` from the request to end. */
enum sim_trait {
    SIM_TRAIT_RUN = 1 << 0,
    SIM_TRAIT_EXIT = 1 << 1,
    SIM_TRAIT_OOM = 1 << 2,
    SIM_TRAIT_HEALTHY = 1 << 3,
    SIM_TRAIT_UNHEALTHY = 1 << 4,
    SIM_TRAIT_STOP_AFTER = 1 << 5,
    SIM_TRAIT_STOP_EXIT = 1 << 6,
    SIM_TRAIT_EXEC_RUN = 1 << 7,
    SIM_TRAIT_EXEC_EXIT = 1 << 8,
    SIM_TRAIT_EXEC_TIMES = 1 << 9
};

struct sim_behaviour {
    uint32_t given; /* of enum sim_trait: the rest is not said, and zero */
    int32_t exit_code;
    int32_t stop_exit;
    int32_t oom;
    int64_t run_ns; /* SIM_NEVER: until it is stopped */
    int64_t healthy_after_ns;
    int64_t unhealthy_after_ns;
    int64_t stop_after_ns; /* SIM_NEVER: it ignores SIGTERM */
    int64_t exec_run_ns;   /* how long what is started in it lives, by EXEC_START */
    int64_t exec_times;    /* of so many of them, the others live on; not given: of all */
    int32_t exec_exit;
};

/* Takes over what `into` does not say yet. */
void sim_behaviour_add(struct sim_behaviour *into, const struct sim_behaviour *from);

struct sim_rule {
    enum sim_rule_kind kind;
    char *line; /* owned; the texts below point into it */

    /* when: */
    const char *container, *task, *image; /* NULL: any */
    int32_t op, event;                    /* -1: any */
    int64_t nth, times;                   /* 0: not said */
    int32_t chance;                       /* in 100; -1: not said */

    /* what, of an operation or an event: */
    enum sim_fault fault;
    enum ecsengine_failure failure;
    const char *text, *error_name;     /* NULL: not said */
    int64_t delay_ns, answer_delay_ns; /* -1: not said */
    int32_t progress;                  /* -1: not said */

    /* what, of a container: */
    struct sim_behaviour behaviour;

    /* what, of an image or the host; -1 and NULL: not said */
    int32_t missing, local, records, start_times, cpus;
    int64_t memory_mib;
    const char *version;

    uint64_t seen;          /* how often its filters have matched */
    struct sim_table draws; /* how often its chance was drawn, for each container */
};

/* Parses one line. `*out_rule` is untouched if it fails, and NONE for a line without words. EINVAL, ENOMEM. */
int sim_rule_parse(const char *line, struct sim_rule *out_rule, ecsengine_error **error);

/* Parses what a container's label says. EINVAL, ENOMEM. */
int sim_rule_parse_label(const char *line, struct sim_behaviour *out_behaviour, ecsengine_error **error);
void sim_rule_free(struct sim_rule *rule);

/* 5s, 1m30s, 250ms, 1.5h, 2 (seconds), never. Negative: it is none. */
int64_t sim_duration_parse(const char *text);

struct sim_rules {
    struct sim_rule *list;
    size_t count, size;
    uint32_t ops, events; /* bit n: some rule is about kind n */
    bool containers;      /* some rule is about containers */
};

void sim_rules_free(struct sim_rules *rules);

/* Takes over the rule. ENOMEM. */
int sim_rules_add(struct sim_rules *rules, struct sim_rule *rule);

/* Whom it is about. Texts are never NULL; `who` is a hash of the first two, for draws. */
struct sim_target {
    const char *container, *task, *image;
    uint64_t who;
};

/* The rule that applies, or NULL. Asking counts: each operation, event or start is asked about once. */
const struct sim_rule *sim_rules_for_op(struct sim_rules *rules, uint64_t seed, enum ecsengine_op_kind kind,
                                        const struct sim_target *target);
const struct sim_rule *sim_rules_for_event(struct sim_rules *rules, uint64_t seed, enum ecsengine_runtime_event_kind kind,
                                           const struct sim_target *target);

/* Adds what the rules say about a container that starts. */
void sim_rules_for_start(struct sim_rules *rules, uint64_t seed, const struct sim_target *target, struct sim_behaviour *into);

#endif
