/* SPDX-License-Identifier: Apache-2.0 */
/* The mailbox. */
#include "driver/mailbox.h"

#include <string.h>
#include <time.h>

#include "base/timefmt.h"
#include "driver/wakeup.h"
#include "model/credentials.h"
#include "model/manifest.h"
#include "model/task.h"

static void destroy(struct root *root)
{
    struct mailbox *mailbox = container_of(root, struct mailbox, root);

    pthread_cond_destroy(&mailbox->arrived);
    pthread_mutex_destroy(&mailbox->lock);
    mem_close(&root->mem);
    struct mem mem = root->mem;
    mem_free(&mem, mailbox);
}

struct mailbox *mailbox_new(const ecsengine_allocator *allocator)
{
    struct mem mem;

    mem_init(&mem, allocator);
    struct mailbox *mailbox = mem_zalloc(&mem, sizeof(*mailbox));
    if (mailbox == NULL)
        return NULL;
    root_init(&mailbox->root, allocator, destroy);
    mem_keep_blocks(&mailbox->root.mem);
    atomic_store(&mailbox->root.mem.bytes, atomic_load(&mem.bytes));
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&mailbox->lock, NULL);
    pthread_cond_init(&mailbox->arrived, &monotonic);
    pthread_condattr_destroy(&monotonic);
    list_init(&mailbox->inputs);
    list_init(&mailbox->ops);
    list_init(&mailbox->events);
    mailbox->deadline_ns = INT64_MIN; /* the first turn is due at once */
    mailbox->fd = -1;
    return mailbox;
}

static void publish_fd_locked(struct mailbox *mailbox, bool readable)
{
    if (mailbox->fd >= 0 && mailbox->readable != readable)
        wakeup_set(mailbox->fd, readable);
    mailbox->readable = readable;
}

/* Something has come in. */
static void arrived_locked(struct mailbox *mailbox)
{
    publish_fd_locked(mailbox, true);
    pthread_cond_signal(&mailbox->arrived);
}

static bool busy_locked(const struct mailbox *mailbox)
{
    return !list_empty(&mailbox->inputs) || !list_empty(&mailbox->ops) || !list_empty(&mailbox->events) || mailbox->batch != NULL ||
           mailbox->deadline_ns == INT64_MIN;
}

void input_free(struct mailbox *mailbox, struct input *input)
{
    struct mem *mem = &mailbox->root.mem;

    switch (input->kind) {
    case INPUT_COMMAND: {
        struct command *command = container_of(input, struct command, input);
        str_unref(command->arn);
        task_free(command->task);
        manifest_free(command->manifest);
        credentials_unref(command->credentials[0]);
        credentials_unref(command->credentials[1]);
        str_unref(command->text);
        mem_free(mem, command->values);
        mem_free(mem, command->config);
        ecsengine_event_free(command->done);
        mem_free(mem, command);
        break;
    }
    case INPUT_RUNTIME_EVENT:
    case INPUT_RUNTIME_LOST: {
        struct runtime_notice *notice = container_of(input, struct runtime_notice, input);
        str_unref(notice->container);
        str_unref(notice->reason);
        ecsengine_result_free(notice->details);
        mem_free(mem, notice);
        break;
    }
    case INPUT_ACK:
        mem_free(mem, container_of(input, struct acknowledgement, input));
        break;
    case INPUT_COMPLETION:
        op_unref(container_of(input, struct ecsengine_op, completion));
        break;
    case INPUT_UPDATE:
        op_unref(container_of(input, struct ecsengine_op, update));
        break;
    case INPUT_TAKEN:
        ecsengine_event_free(container_of(input, struct ecsengine_event, taken));
        break;
    default:
        break; /* the driver's own nodes */
    }
}

void mailbox_close(struct mailbox *mailbox)
{
    struct list inputs, ops, events;

    list_init(&inputs);
    list_init(&ops);
    list_init(&events);
    pthread_mutex_lock(&mailbox->lock);
    mailbox->closed = true;
    list_splice(&inputs, &mailbox->inputs);
    list_splice(&ops, &mailbox->ops);
    list_splice(&events, &mailbox->events);
    mailbox->batch = NULL;
    wakeup_close(mailbox->fd);
    mailbox->fd = -1;
    pthread_mutex_unlock(&mailbox->lock);
    struct list *node;
    while ((node = list_shift(&inputs)) != NULL)
        input_free(mailbox, container_of(node, struct input, link));
    while ((node = list_shift(&ops)) != NULL)
        op_unref(container_of(node, struct ecsengine_op, link));
    while ((node = list_shift(&events)) != NULL)
        ecsengine_event_free(container_of(node, struct ecsengine_event, link));
    root_unref(&mailbox->root);
}

int mailbox_put(struct mailbox *mailbox, struct input *input, bool command)
{
    int code = 0;

    pthread_mutex_lock(&mailbox->lock);
    if (mailbox->closed || (command && mailbox->refusing)) {
        code = ECSENGINE_ECLOSED;
    } else {
        list_append(&mailbox->inputs, &input->link);
        arrived_locked(mailbox);
    }
    pthread_mutex_unlock(&mailbox->lock);
    return code;
}

bool mailbox_take(struct mailbox *mailbox, struct list *into)
{
    pthread_mutex_lock(&mailbox->lock);
    bool any = !list_empty(&mailbox->inputs);
    list_splice(into, &mailbox->inputs);
    pthread_mutex_unlock(&mailbox->lock);
    return any;
}

void mailbox_accept_update(struct mailbox *mailbox, struct ecsengine_op *op)
{
    pthread_mutex_lock(&mailbox->lock);
    op->update_queued = false; /* its node is in no list now: from here on a newer update is an input of its own */
    op->current = op->update_current;
    op->total = op->update_total;
    memcpy(op->progress, op->update_text, sizeof(op->progress));
    pthread_mutex_unlock(&mailbox->lock);
}

void mailbox_publish(struct mailbox *mailbox, struct list *ops, struct list *events, const struct ecsengine_batch *batch,
                     int64_t deadline_ns, bool again)
{
    pthread_mutex_lock(&mailbox->lock);
    list_splice(&mailbox->ops, ops);
    list_splice(&mailbox->events, events);
    if (batch != NULL)
        mailbox->batch = batch;
    mailbox->deadline_ns = again ? INT64_MIN : deadline_ns;
    publish_fd_locked(mailbox, busy_locked(mailbox));
    pthread_mutex_unlock(&mailbox->lock);
}

struct ecsengine_op *mailbox_next_op(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    struct list *node = list_shift(&mailbox->ops);
    publish_fd_locked(mailbox, busy_locked(mailbox));
    pthread_mutex_unlock(&mailbox->lock);
    return node != NULL ? container_of(node, struct ecsengine_op, link) : NULL;
}

void mailbox_taken(struct mailbox *mailbox, struct ecsengine_event *event)
{
    event->taken.kind = INPUT_TAKEN;
    atomic_fetch_add_explicit(&event->refs, 1, memory_order_relaxed);
    if (mailbox_put(mailbox, &event->taken, false) < 0)
        ecsengine_event_free(event);
}

struct ecsengine_event *mailbox_next_event(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    struct list *node = list_shift(&mailbox->events);
    publish_fd_locked(mailbox, busy_locked(mailbox));
    pthread_mutex_unlock(&mailbox->lock);
    return node != NULL ? container_of(node, struct ecsengine_event, link) : NULL;
}

const struct ecsengine_batch *mailbox_next_batch(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    const struct ecsengine_batch *batch = mailbox->batch;
    mailbox->batch = NULL;
    publish_fd_locked(mailbox, busy_locked(mailbox));
    pthread_mutex_unlock(&mailbox->lock);
    return batch;
}

int mailbox_complete(struct ecsengine_op *op, struct ecsengine_result *result)
{
    struct mailbox *mailbox = container_of(op->root, struct mailbox, root);
    int code = 0;

    pthread_mutex_lock(&mailbox->lock);
    if (mailbox->closed) {
        code = ECSENGINE_ECLOSED;
    } else if (op->completed || op->kind == ECSENGINE_OP_CANCEL) {
        code = ECSENGINE_EALREADY;
    } else {
        op->completed = true;
        op->result = result;
        list_append(&mailbox->inputs, &op->completion.link);
        arrived_locked(mailbox);
    }
    pthread_mutex_unlock(&mailbox->lock);
    if (code < 0) {
        ecsengine_result_free(result);
        op_unref(op); /* else the input has the taker's reference now */
    }
    return code;
}

int mailbox_update(struct ecsengine_op *op, int64_t current, int64_t total, const char *text)
{
    struct mailbox *mailbox = container_of(op->root, struct mailbox, root);
    int code = 0;

    pthread_mutex_lock(&mailbox->lock);
    if (mailbox->closed) {
        code = ECSENGINE_ECLOSED;
    } else if (op->completed || op->kind == ECSENGINE_OP_CANCEL) {
        code = ECSENGINE_EALREADY;
    } else {
        size_t len = text != NULL ? utf8_cut(text, strnlen(text, LIMIT_PROGRESS_TEXT + 1), LIMIT_PROGRESS_TEXT) : 0;
        op->update_current = current;
        op->update_total = total;
        memcpy(op->update_text, text != NULL ? text : "", len);
        op->update_text[len] = '\0';
        if (!op->update_queued) {
            op->update_queued = true;
            ecsengine_op_ref(op);
            list_append(&mailbox->inputs, &op->update.link);
            arrived_locked(mailbox);
        }
    }
    pthread_mutex_unlock(&mailbox->lock);
    return code;
}

void mailbox_wait(struct mailbox *mailbox, int64_t until_mono_ns)
{
    struct timespec until = {.tv_sec = until_mono_ns / NS_PER_S, .tv_nsec = until_mono_ns % NS_PER_S};
    int code = 0;

    pthread_mutex_lock(&mailbox->lock);
    while (list_empty(&mailbox->inputs) && !mailbox->rung && code == 0) {
        if (until_mono_ns == INT64_MAX)
            code = pthread_cond_wait(&mailbox->arrived, &mailbox->lock);
        else
            code = pthread_cond_timedwait(&mailbox->arrived, &mailbox->lock, &until);
    }
    mailbox->rung = false;
    pthread_mutex_unlock(&mailbox->lock);
}

void mailbox_ring(struct mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    mailbox->rung = true;
    pthread_cond_signal(&mailbox->arrived);
    pthread_mutex_unlock(&mailbox->lock);
}

int mailbox_get_fd(struct mailbox *mailbox, int32_t *out_fd)
{
    int code = 0;

    pthread_mutex_lock(&mailbox->lock);
    if (mailbox->fd < 0) {
        mailbox->fd = wakeup_open();
        if (mailbox->fd < 0)
            code = ECSENGINE_ESYSTEM;
        else if (busy_locked(mailbox)) {
            wakeup_set(mailbox->fd, true);
            mailbox->readable = true;
        } else {
            mailbox->readable = false;
        }
    }
    if (code == 0)
        *out_fd = mailbox->fd;
    pthread_mutex_unlock(&mailbox->lock);
    return code;
}
