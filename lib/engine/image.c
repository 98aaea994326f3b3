/* SPDX-License-Identifier: Apache-2.0 */
/* Images. The engine decides whether, how often and for how long an image is pulled; the runtime pulls once when asked. So many pulls at
 * once as `image-pull-parallel` says, the others wait in order; a pull that pauses before another try keeps its slot. */
#include "engine/image.h"

#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "engine/credentials.h"
#include "engine/reference.h"
#include "engine/task.h"

enum { PULL_TRIES = 5, MANIFEST_TRIES = 9, TAG_TRIES = 5 };

static const struct backoff pull_backoff = {1100 * NS_PER_MS, 5 * NS_PER_S, 200, 2000};
static const struct backoff manifest_backoff = {10 * NS_PER_MS, 5 * NS_PER_S, 200, 3000};
static const struct backoff tag_backoff = {100 * NS_PER_MS, 100 * NS_PER_MS, 0, 1000};

#define PULL_BEGIN_LIMIT (5 * NS_PER_MINUTE)
#define TAG_LIMIT (30 * NS_PER_S)
#define IMAGE_INSPECT_LIMIT (30 * NS_PER_S)

/* ---- what this engine has pulled, for behaviour `once` ---- */

struct pulled_image {
    struct map_node node;
    struct str *reference;
};

static struct pulled_image *find_pulled(const struct engine *engine, const char *reference)
{
    struct map_node *node = map_find(&engine->images, hash64(engine->seed, reference, strlen(reference)));

    for (; node != NULL; node = map_find_next(node))
        if (strcmp(container_of(node, struct pulled_image, node)->reference->data, reference) == 0)
            return container_of(node, struct pulled_image, node);
    return NULL;
}

bool image_pulled(const struct engine *engine, const char *reference) { return find_pulled(engine, reference) != NULL; }

void image_remember(struct engine *engine, const char *reference)
{
    if (engine->settings.pull_behavior != PULL_ONCE || image_pulled(engine, reference))
        return;
    struct pulled_image *image = mem_sure(engine->mem, sizeof(*image));
    image->reference = str_new_sure(engine->mem, reference, strlen(reference));
    map_reserve(&engine->images, engine->images.count + 1); /* refused: lookups get slower, no more */
    map_insert(&engine->images, &image->node, hash64(engine->seed, reference, strlen(reference)));
}

void image_list(const struct engine *engine, const struct str **into)
{
    for (size_t i = 0; i < engine->images.size; i++)
        for (const struct map_node *node = engine->images.table[i].first; node != NULL; node = node->next)
            *into++ = container_of(node, const struct pulled_image, node)->reference;
}

void image_forget_all(struct engine *engine)
{
    for (size_t i = 0; i < engine->images.size; i++) {
        for (struct map_node *node = engine->images.table[i].first, *next; node != NULL; node = next) {
            next = node->next;
            str_unref(container_of(node, struct pulled_image, node)->reference);
            mem_free(engine->mem, container_of(node, struct pulled_image, node));
        }
    }
    map_free(&engine->images);
}

/* ---- shared by both steps ---- */

static struct ecsengine_op *image_op(struct engine *engine, struct container *container, enum ecsengine_op_kind kind,
                                     const char *reference, int64_t limit_ns)
{
    struct ecsengine_op *op = transition_op(engine, container, kind, limit_ns);

    op->image = str_new_sure(engine->mem, reference, strlen(reference));
    if (container_def(container)->registry_auth != NULL && container_def(container)->registry_auth->execution_role &&
        (kind == ECSENGINE_OP_PULL_IMAGE || kind == ECSENGINE_OP_PULL_MANIFEST))
        op->credentials = credentials_ref(credentials_find(engine, container->task->execution_credentials_id));
    return op;
}

static bool tries_left(struct engine *engine, struct container *container, const struct failure *failure, int tries,
                       const struct backoff *backoff)
{
    bool away = failure->kind == ECSENGINE_FAILURE_UNREACHABLE && engine->runtime == RUNTIME_UNREACHABLE;

    if (away && container->attempt + 1 >= tries)
        container->attempt = (uint8_t)(tries - 2); /* one more try after the longest pause, for as long as it takes */
    if (failure->kind == ECSENGINE_FAILURE_UNSUPPORTED || container->attempt + 1 >= tries ||
        transition_left(engine, container) == 0)
        return false;
    container_trouble(engine, container, failure);
    transition_retry_later(engine, container, backoff);
    return true;
}

/* ---- manifest ---- */

static enum next manifest_done(struct engine *engine, struct container *container, const struct failure *failure)
{
    container->step = STEP_NONE;
    container_change(engine, container, ECSENGINE_CONTAINER_MANIFEST_PULLED, NULL, failure);
    return NEXT_CHANGED;
}

static void manifest_ask(struct engine *engine, struct container *container)
{
    char reference[LIMIT_IMAGE + 8];

    reference_with_tag(container_def(container)->image, reference, sizeof(reference));
    image_op(engine, container, ECSENGINE_OP_PULL_MANIFEST, reference, transition_left(engine, container));
}

enum next image_manifest_begin(struct engine *engine, struct container *container)
{
    const char *image = container_def(container)->image;
    const char *digest = reference_digest(image);
    enum pull_behavior behavior = (enum pull_behavior)engine->settings.pull_behavior;

    if (engine->settings.manifest_resolution == 0 || container_def(container)->type != CONTAINER_NORMAL)
        return manifest_done(engine, container, NULL);
    if (digest != NULL) {
        str_unref(container->image_digest);
        container->image_digest = str_new_sure(engine->mem, digest, strlen(digest));
        return manifest_done(engine, container, NULL);
    }
    transition_begin(engine, container, ECSENGINE_CONTAINER_MANIFEST_PULLED, engine->settings.manifest_timeout_ns);
    container->step = STEP_MANIFEST;
    if (behavior == PULL_PREFER_CACHED || (behavior == PULL_ONCE && image_pulled(engine, image)))
        image_op(engine, container, ECSENGINE_OP_INSPECT_IMAGE, image, IMAGE_INSPECT_LIMIT);
    else
        manifest_ask(engine, container);
    return NEXT_BUSY;
}

void image_manifest_retry(struct engine *engine, struct container *container) { manifest_ask(engine, container); }

static void keep_digest(struct engine *engine, struct container *container, const char *digest)
{
    str_unref(container->image_digest);
    container->image_digest = str_new_sure(engine->mem, digest, strlen(digest));
    container->digest_resolved = true;
}

/* The local image is used: its digest is the one of the repository that the image was named by. */
static void manifest_local(struct engine *engine, struct container *container, const struct ecsengine_result *result)
{
    struct failure failure = {.kind = ECSENGINE_FAILURE_OTHER, .name = "CannotPullImageManifestError"};
    const char *image = container_def(container)->image;

    for (size_t i = 0; i < result->repo_digest_count; i++) {
        const char *digest = reference_digest(result->repo_digests[i]->data);
        if (digest != NULL && reference_same_repository(image, result->repo_digests[i]->data)) {
            keep_digest(engine, container, digest);
            manifest_done(engine, container, NULL);
            return;
        }
    }
    snprintf(failure.buffer, sizeof(failure.buffer), "failed to find a repo digest matching '%.900s'", image);
    failure.text = failure.buffer;
    manifest_done(engine, container, result->repo_digest_count > 0 ? &failure : NULL);
}

static bool is_schema_1(const char *media_type)
{
    return strcmp(media_type, "application/vnd.docker.distribution.manifest.v1+json") == 0 ||
           strcmp(media_type, "application/vnd.docker.distribution.manifest.v1+prettyjws") == 0;
}

void image_manifest_answer(struct engine *engine, struct container *container, struct ecsengine_op *op,
                           const struct ecsengine_result *result, const struct failure *failure)
{
    if (container->applied != ECSENGINE_CONTAINER_MANIFEST_PULLED)
        return; /* it was stopped meanwhile */
    if (op->kind == ECSENGINE_OP_INSPECT_IMAGE) {
        if (failure->kind == ECSENGINE_FAILURE_NONE)
            manifest_local(engine, container, result);
        else if (engine->settings.pull_behavior == PULL_PREFER_CACHED)
            manifest_ask(engine, container); /* not cached, so it will be pulled */
        else
            manifest_done(engine, container, failure);
        return;
    }
    if (failure->kind == ECSENGINE_FAILURE_UNSUPPORTED) {
        manifest_done(engine, container, NULL);
    } else if (failure->kind == ECSENGINE_FAILURE_NONE) {
        if (str_len(result->digest) > 0 && !is_schema_1(str_text(result->media_type)))
            keep_digest(engine, container, result->digest->data);
        manifest_done(engine, container, NULL);
    } else if (result == NULL || !tries_left(engine, container, failure, MANIFEST_TRIES, &manifest_backoff)) {
        manifest_done(engine, container, failure);
    }
}

/* ---- pull ---- */

static void pull_next(struct engine *engine);

static enum next pull_done(struct engine *engine, struct container *container, const struct failure *failure)
{
    struct failure augmented;

    container->step = STEP_NONE;
    if (failure == NULL)
        image_remember(engine, container_def(container)->image);
    else
        failure = reference_augment(failure, &augmented);
    container_change(engine, container, ECSENGINE_CONTAINER_PULLED, NULL, failure);
    return NEXT_CHANGED;
}

/* The slot is free for the next one. */
static void pull_over(struct engine *engine, struct container *container)
{
    container->task->pull_stopped_at = engine->wall_ns;
    engine_dirty(engine, container->task);
    engine->pulls--;
    list_remove(&container->pull_link);
    pull_next(engine);
}

static void pull_ask(struct engine *engine, struct container *container)
{
    const char *image = container_def(container)->image;
    char reference[LIMIT_IMAGE + LIMIT_RUNTIME_ID + 8];

    if (container->digest_resolved)
        reference_with_digest(image, str_text(container->image_digest), reference, sizeof(reference));
    else
        reference_with_tag(image, reference, sizeof(reference));
    container->step = STEP_PULL;
    struct ecsengine_op *op = image_op(engine, container, ECSENGINE_OP_PULL_IMAGE, reference, transition_left(engine, container));
    int64_t begin = engine->mono_ns + PULL_BEGIN_LIMIT;
    op_guard(engine, op, begin < op->deadline_ns ? begin : op->deadline_ns);
}

/* The credentials were there when it was decided to pull, and were taken back since. */
static void pull_without_credentials(struct engine *engine, struct container *container)
{
    struct failure failure = {.kind = ECSENGINE_FAILURE_OTHER, .name = "CannotPullECRContainerError",
                              .text = "engine ecr credentials: not found"};

    pull_done(engine, container, &failure);
}

/* False: it needs no slot, it has failed. */
static bool pull_start(struct engine *engine, struct container *container)
{
    if (credentials_lacking(engine, container)) {
        if (container->task->pull_started_at == 0)
            container->task->pull_started_at = engine->wall_ns;
        container->task->pull_stopped_at = engine->wall_ns;
        pull_without_credentials(engine, container);
        return false;
    }
    engine->pulls++;
    list_append(&engine->pulling, &container->pull_link);
    if (container->task->pull_started_at == 0) {
        container->task->pull_started_at = engine->wall_ns;
        engine_dirty(engine, container->task);
    }
    transition_begin(engine, container, ECSENGINE_CONTAINER_PULLED, engine->settings.pull_timeout_ns);
    pull_ask(engine, container);
    return true;
}

/* The first that waits for a slot and still wants it: one that shall stop may still stand in the queue. NULL: none. */
static struct container *first_waiting(struct engine *engine)
{
    for (struct list *node = engine->pull_queue.next; node != &engine->pull_queue; node = node->next) {
        struct container *container = container_of(node, struct container, pull_link);
        if (container->desired != ECSENGINE_CONTAINER_STOPPED)
            return container;
    }
    return NULL;
}

static void pull_enqueue(struct engine *engine, struct container *container)
{
    container->applied = ECSENGINE_CONTAINER_PULLED;
    container->begun_ns = engine->mono_ns;
    container->step = STEP_PULL;
    if (engine->pulls < (uint64_t)engine->settings.pull_parallel) { /* so nobody waits */
        pull_start(engine, container);
        return;
    }
    container->pull_waits = true;
    list_append(&engine->pull_queue, &container->pull_link);
}

static void pull_next(struct engine *engine)
{
    struct container *container;
    bool started = false;

    while (!started && (container = first_waiting(engine)) != NULL) {
        list_remove(&container->pull_link);
        container->pull_waits = false;
        started = pull_start(engine, container);
    }
}

/* The images of these are the host's own, and are there. */
static bool never_pulled(const struct container *container)
{
    return container_def(container)->type != CONTAINER_NORMAL && container_def(container)->type != CONTAINER_EMPTY_HOST_VOLUME;
}

enum next image_pull_begin(struct engine *engine, struct container *container)
{
    const char *image = container_def(container)->image;
    enum pull_behavior behavior = (enum pull_behavior)engine->settings.pull_behavior;

    if (never_pulled(container)) {
        container_change(engine, container, ECSENGINE_CONTAINER_PULLED, NULL, NULL);
        return NEXT_CHANGED;
    }
    if (behavior == PULL_ONCE && image_pulled(engine, image))
        return pull_done(engine, container, NULL);
    if (behavior == PULL_PREFER_CACHED) {
        transition_begin(engine, container, ECSENGINE_CONTAINER_PULLED, IMAGE_INSPECT_LIMIT);
        container->step = STEP_LOOK;
        image_op(engine, container, ECSENGINE_OP_INSPECT_IMAGE, image, IMAGE_INSPECT_LIMIT);
        return NEXT_BUSY;
    }
    pull_enqueue(engine, container);
    return NEXT_BUSY;
}

void image_pull_retry(struct engine *engine, struct container *container)
{
    char reference[LIMIT_IMAGE + LIMIT_RUNTIME_ID + 8], target[LIMIT_IMAGE + 8];

    if (container->step != STEP_TAG && credentials_lacking(engine, container)) {
        pull_without_credentials(engine, container);
        pull_over(engine, container);
        return;
    }
    if (container->step != STEP_TAG) {
        pull_ask(engine, container);
        return;
    }
    reference_with_digest(container_def(container)->image, str_text(container->image_digest), reference, sizeof(reference));
    reference_with_tag(container_def(container)->image, target, sizeof(target));
    struct ecsengine_op *op =
        image_op(engine, container, ECSENGINE_OP_TAG_IMAGE, reference, transition_left(engine, container));
    op->image_target = str_new_sure(engine->mem, target, strlen(target));
}

/* What was pulled by digest gets the name that the task knows it by. */
static void tag_begin(struct engine *engine, struct container *container)
{
    container->step = STEP_TAG;
    container->attempt = 0;
    container->limit_ns = engine->mono_ns + TAG_LIMIT;
    image_pull_retry(engine, container);
}

static void tag_answer(struct engine *engine, struct container *container, const struct ecsengine_op *op,
                       const struct ecsengine_result *result, const struct failure *failure)
{
    struct failure tag = *failure;

    if (failure->kind != ECSENGINE_FAILURE_NONE && result != NULL &&
        tries_left(engine, container, failure, TAG_TRIES, &tag_backoff))
        return;
    if (failure->kind != ECSENGINE_FAILURE_NONE && result != NULL) {
        snprintf(tag.buffer, sizeof(tag.buffer), "failed to tag image '%.300s' as '%.300s': %.380s", str_text(op->image),
                 str_text(op->image_target), failure->text);
        tag.text = tag.buffer;
    }
    pull_done(engine, container, failure->kind != ECSENGINE_FAILURE_NONE ? &tag : NULL);
    pull_over(engine, container);
}

/* All images are pulled at once, long before some are used: where a pull fails, an image that is here is as good, and without one an
 * essential container ends its task now and not when its turn has come (5.9, step 6). The error counts all the same. */
static bool look_for_local(struct engine *engine, struct container *container, const struct failure *failure)
{
    if (engine->settings.pull_upfront == 0 || engine->settings.pull_behavior == PULL_ALWAYS)
        return false;
    transition_keep(engine, container, failure);
    container->step = STEP_LOCAL;
    image_op(engine, container, ECSENGINE_OP_INSPECT_IMAGE, container_def(container)->image, IMAGE_INSPECT_LIMIT);
    return true;
}

static void looked_for_local(struct engine *engine, struct container *container, bool found)
{
    struct failure failure = transition_kept(container);

    if (found)
        image_remember(engine, container_def(container)->image);
    else if (container_def(container)->essential)
        task_want(engine, container->task, ECSENGINE_TASK_STOPPED);
    pull_done(engine, container, &failure);
}

static void pull_failed(struct engine *engine, struct container *container, const struct failure *failure)
{
    bool final = strcmp(failure->name, "CannotPullECRContainerError") == 0 ||
                 strcmp(failure->name, "CannotPullContainerAuthError") == 0;

    if ((!final && tries_left(engine, container, failure, PULL_TRIES, &pull_backoff)) ||
        (!final && look_for_local(engine, container, failure)))
        return;
    pull_done(engine, container, failure);
    pull_over(engine, container);
}

void image_pull_answer(struct engine *engine, struct container *container, struct ecsengine_op *op,
                       const struct ecsengine_result *result, const struct failure *failure)
{
    bool failed = failure->kind != ECSENGINE_FAILURE_NONE;
    bool stopped = container->applied != ECSENGINE_CONTAINER_PULLED;

    if (op->kind == ECSENGINE_OP_INSPECT_IMAGE && container->step != STEP_LOCAL) {
        if (!stopped && failed)
            pull_enqueue(engine, container);
        else if (!stopped)
            pull_done(engine, container, NULL);
        return;
    }
    if (stopped) {
        pull_over(engine, container);
    } else if (op->kind == ECSENGINE_OP_INSPECT_IMAGE) {
        looked_for_local(engine, container, !failed);
        pull_over(engine, container);
    } else if (op->kind == ECSENGINE_OP_TAG_IMAGE) {
        tag_answer(engine, container, op, result, failure);
    } else if (!failed && container->digest_resolved) {
        tag_begin(engine, container);
    } else if (failed) {
        pull_failed(engine, container, failure);
    } else {
        pull_done(engine, container, NULL);
        pull_over(engine, container);
    }
}

void image_progress(struct engine *engine, struct ecsengine_op *op)
{
    if (op->kind != ECSENGINE_OP_PULL_IMAGE || op->answered)
        return;
    op->progressed = true;
    int64_t until = engine->mono_ns + engine->settings.pull_inactivity_ns;
    op_guard(engine, op, until < op->deadline_ns ? until : op->deadline_ns);
}

void image_pull_overdue(struct engine *engine, const struct ecsengine_op *op, struct failure *failure)
{
    char duration[DURATION_TEXT_MAX];

    if (engine->mono_ns >= op->deadline_ns) {
        failure_timeout(failure, op, engine->settings.pull_timeout_ns);
    } else if (op->progressed) {
        failure->kind = ECSENGINE_FAILURE_UNREACHABLE;
        failure->name = error_name_of(ECSENGINE_OP_PULL_IMAGE);
        failure->text = "inactivity time exceeded timeout while pulling image";
    } else {
        failure_timeout(failure, op, PULL_BEGIN_LIMIT);
        duration_format(PULL_BEGIN_LIMIT, duration);
        snprintf(failure->buffer, sizeof(failure->buffer), "Could not transition to pullBegin; timed out after waiting %s", duration);
    }
}

void image_abandon(struct engine *engine, struct container *container)
{
    bool pulling = container->step == STEP_PULL || container->step == STEP_TAG || container->step == STEP_LOCAL;

    if (container->op != NULL) {
        op_abandon(engine, container->op);
        container->op = NULL;
    }
    heap_remove(&engine->timers, &container->retry.node);
    if (pulling)
        pull_over(engine, container);
    container->step = STEP_NONE;
}
