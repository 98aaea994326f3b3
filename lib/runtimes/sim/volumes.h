/* SPDX-License-Identifier: Apache-2.0 */
/* The volumes of the simulated host, and what a host would have made beside them: things with a name, in the order of their making. */
#ifndef SIM_VOLUMES_H
#define SIM_VOLUMES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "table.h"

struct sim_volume {
    struct sim_volume *prev, *next;
    json_t *config; /* the body that it was made with; NULL: it says nothing */
    size_t users;   /* containers that mount it */
    char name[];
};

struct sim_volumes {
    struct sim_volume *first, *last;
    struct sim_table names;
    size_t count;
};

void sim_volumes_free(struct sim_volumes *volumes);
struct sim_volume *sim_volumes_find(const struct sim_volumes *volumes, const char *name); /* or NULL */
struct sim_volume *sim_volumes_at(const struct sim_volumes *volumes, size_t index);       /* or NULL */

/* The one of that name, made if there is none. Takes over `config`, which may be NULL; one that is there keeps its own. NULL: no memory. */
struct sim_volume *sim_volumes_add(struct sim_volumes *volumes, const char *name, json_t *config);
void sim_volumes_remove(struct sim_volumes *volumes, struct sim_volume *volume);

#endif
