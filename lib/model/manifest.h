/* SPDX-License-Identifier: Apache-2.0 */
/* What a control plane says about the tasks of this host as a whole: a manifest, or the answer to the candidates found by one. */
#ifndef MODEL_MANIFEST_H
#define MODEL_MANIFEST_H

#include "base/str.h"

struct manifest {
    struct mem *mem;
    struct str *message_id;
    struct str *cluster_arn; /* or NULL */
    int64_t timeline;        /* 0 in an answer */
    size_t count;
    struct str **arns;       /* of the tasks that shall run, or that shall be stopped; in the order of their bytes */
};

struct manifest *manifest_new(struct mem *mem, size_t count); /* with room for so many; NULL: no memory */
void manifest_free(struct manifest *manifest);                /* NULL is fine */
void manifest_sort(struct manifest *manifest);
bool manifest_has(const struct manifest *manifest, const struct str *arn); /* it is sorted */

/* The tasks that may have to be stopped, out with an event. */
struct stop_candidates {
    struct mem *mem;
    struct str *message_id;
    struct str *cluster_arn; /* or NULL */
    size_t count;
    struct str *arns[];
};

void stop_candidates_free(struct stop_candidates *candidates); /* NULL is fine; any thread */

#endif
