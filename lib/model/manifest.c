/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests: their memory, and looking a task up in one. */
#include "model/manifest.h"

#include <stdlib.h>
#include <string.h>

struct manifest *manifest_new(struct mem *mem, size_t count)
{
    struct manifest *manifest = mem_zalloc(mem, sizeof(*manifest));

    if (manifest == NULL)
        return NULL;
    manifest->mem = mem;
    manifest->arns = count > 0 ? mem_array(mem, count, sizeof(*manifest->arns)) : NULL;
    if (count > 0 && manifest->arns == NULL) {
        mem_free(mem, manifest);
        return NULL;
    }
    return manifest;
}

void manifest_free(struct manifest *manifest)
{
    if (manifest == NULL)
        return;
    for (size_t i = 0; i < manifest->count; i++)
        str_unref(manifest->arns[i]);
    mem_free(manifest->mem, manifest->arns);
    str_unref(manifest->message_id);
    str_unref(manifest->cluster_arn);
    mem_free(manifest->mem, manifest);
}

static int compare(const void *left, const void *right)
{
    return strcmp((*(struct str *const *)left)->data, (*(struct str *const *)right)->data);
}

void manifest_sort(struct manifest *manifest)
{
    if (manifest->count > 1)
        qsort(manifest->arns, manifest->count, sizeof(*manifest->arns), compare);
}

bool manifest_has(const struct manifest *manifest, const struct str *arn)
{
    return manifest->count > 0 && bsearch(&arn, manifest->arns, manifest->count, sizeof(*manifest->arns), compare) != NULL;
}

void stop_candidates_free(struct stop_candidates *candidates)
{
    if (candidates == NULL)
        return;
    for (size_t i = 0; i < candidates->count; i++)
        str_unref(candidates->arns[i]);
    str_unref(candidates->message_id);
    str_unref(candidates->cluster_arn);
    mem_free(candidates->mem, candidates);
}
