/* SPDX-License-Identifier: Apache-2.0 */
/* What is due and when, in order of (time, sequence): of things due at the same time the one asked for first comes first.
 *
 * An item lives inside the thing that is due. Whoever makes such a thing reserves its items first, so that setting one never fails. */
#ifndef SIM_SCHEDULE_H
#define SIM_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_NEVER INT64_MAX

enum sim_due {
    SIM_DUE_NONE = 0,
    SIM_DUE_JOB,       /* struct sim_job: do the work, report progress, or answer */
    SIM_DUE_END,       /* struct sim_container: ends of its own accord */
    SIM_DUE_KILL,      /* struct sim_container: its grace period is over, or what it does at SIGTERM is done */
    SIM_DUE_HEALTHY,   /* struct sim_container */
    SIM_DUE_UNHEALTHY, /* struct sim_container */
    SIM_DUE_EXEC,      /* struct sim_exec: ends of its own accord */
    SIM_DUE_NOTICE     /* struct sim_notice: an event that was held back */
};

struct sim_item {
    int64_t due_ns;
    uint64_t seq;
    size_t place; /* in the heap, counted from 1; 0: not there */
    enum sim_due what;
};

struct sim_schedule {
    struct sim_item **heap;
    size_t count, size, reserved;
    uint64_t seq;
};

void sim_schedule_free(struct sim_schedule *schedule);
int sim_schedule_reserve(struct sim_schedule *schedule, size_t items); /* ENOMEM */
void sim_schedule_unreserve(struct sim_schedule *schedule, size_t items);

/* Puts an item in, or moves one that is there. SIM_NEVER takes it out. */
void sim_schedule_set(struct sim_schedule *schedule, struct sim_item *item, int64_t due_ns);
void sim_schedule_clear(struct sim_schedule *schedule, struct sim_item *item);

/* The first item, or NULL. */
struct sim_item *sim_schedule_first(const struct sim_schedule *schedule);

#endif
