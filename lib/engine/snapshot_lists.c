/* SPDX-License-Identifier: Apache-2.0 */
/* Who stands where: each list of the engine's, in its order. */
#include "engine/snapshot_parts.h"

/* ---- places ---- */

/* The order of admission is that of the numbers. Two tasks of one number there are only where records were made up. */
void snapshot_put_task_place(const struct snapshot_writer *writer, const struct task *task)
{
    size_t low = 0, high = writer->task_count;

    if (task == NULL) {
        record_number(writer->buf, 0);
        return;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (writer->tasks[middle]->number < task->number)
            low = middle + 1;
        else
            high = middle;
    }
    while (writer->tasks[low] != task)
        low++;
    record_number(writer->buf, low + 1);
}

struct task *snapshot_get_task_place(struct snapshot_reader *reader)
{
    uint64_t place = record_read_number(reader->getter.reader, reader->task_count);

    return place > 0 ? reader->tasks[place - 1] : NULL;
}

void snapshot_put_container_place(const struct snapshot_writer *writer, const struct container *container)
{
    snapshot_put_task_place(writer, container->task);
    record_number(writer->buf, container->index);
}

struct container *snapshot_get_container_place(struct snapshot_reader *reader)
{
    struct task *task = snapshot_get_task_place(reader);
    uint64_t index = record_read_number(reader->getter.reader, LIMIT_CONTAINERS);

    snapshot_expect(reader, task != NULL && index < task->container_count);
    return snapshot_stuck(reader) ? NULL : &task->containers[index];
}

static uint64_t length_of(const struct list *list)
{
    uint64_t count = 0;

    for (const struct list *node = list->next; node != list; node = node->next)
        count++;
    return count;
}

/* ---- lists of tasks ---- */

static const struct {
    size_t list; /* in the engine */
    size_t link; /* in the task */
} task_lists[] = {
    {offsetof(struct engine, touched), offsetof(struct task, touched)},
    {offsetof(struct engine, dirty), offsetof(struct task, dirty)},
    {offsetof(struct engine, credential_waits), offsetof(struct task, credential_wait)},
};

enum { TASK_LISTS = sizeof(task_lists) / sizeof(task_lists[0]) };

static void put_task_list(const struct snapshot_writer *writer, const struct list *list, size_t link)
{
    record_number(writer->buf, length_of(list));
    for (const struct list *node = list->next; node != list; node = node->next)
        snapshot_put_task_place(writer, (const struct task *)(const void *)((const char *)node - link));
}

static void get_task_list(struct snapshot_reader *reader, struct list *list, size_t link)
{
    size_t count = snapshot_get_count(reader);

    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++) {
        struct task *task = snapshot_get_task_place(reader);
        struct list *node = task != NULL ? (struct list *)(void *)((char *)task + link) : NULL;
        snapshot_expect(reader, node != NULL && !list_linked(node));
        if (!snapshot_stuck(reader))
            list_append(list, node);
    }
}

/* ---- slots for pulls ---- */

static void put_pulls(const struct snapshot_writer *writer, const struct list *list)
{
    record_number(writer->buf, length_of(list));
    for (const struct list *node = list->next; node != list; node = node->next)
        snapshot_put_container_place(writer, container_of(node, const struct container, pull_link));
}

/* How many. */
static size_t get_pulls(struct snapshot_reader *reader, struct list *list, bool waits)
{
    size_t count = snapshot_get_count(reader);

    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++) {
        struct container *container = snapshot_get_container_place(reader);
        snapshot_expect(reader, container != NULL && container->pull_waits == waits && !list_linked(&container->pull_link));
        if (!snapshot_stuck(reader))
            list_append(list, &container->pull_link);
    }
    return count;
}

/* A container that waits is in the queue. */
static void check_pulls(struct snapshot_reader *reader)
{
    for (size_t i = 0; i < reader->task_count; i++)
        for (uint16_t j = 0; j < reader->tasks[i]->container_count; j++)
            snapshot_expect(reader, !reader->tasks[i]->containers[j].pull_waits || list_linked(&reader->tasks[i]->containers[j].pull_link));
}

/* ---- turns to be looked at ---- */

static void put_looks(const struct snapshot_writer *writer)
{
    const struct list *list = &writer->engine->looks;

    record_number(writer->buf, length_of(list));
    for (const struct list *node = list->next; node != list; node = node->next)
        snapshot_put_container_place(writer, container_of(node, const struct container, look_link));
}

static void get_looks(struct snapshot_reader *reader)
{
    size_t count = snapshot_get_count(reader);

    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++) {
        struct container *container = snapshot_get_container_place(reader);
        snapshot_expect(reader, container != NULL && !list_linked(&container->look_link));
        if (!snapshot_stuck(reader))
            list_append(&reader->engine->looks, &container->look_link);
    }
}

/* ---- who has a GPU, the first before the others ---- */

static void put_gpu_holders(const struct snapshot_writer *writer)
{
    const struct list *list = &writer->engine->gpu_holders;

    record_number(writer->buf, length_of(list));
    for (const struct list *node = list->next; node != list; node = node->next) {
        const struct gpu_charge *charge = container_of(node, const struct gpu_charge, held);
        uint64_t before = 0;
        for (const struct list *at = charge->link.prev; at != &charge->task->charged_gpus; at = at->prev)
            before++;
        snapshot_put_task_place(writer, charge->task);
        record_number(writer->buf, before);
    }
}

static struct gpu_charge *get_gpu_holder(struct snapshot_reader *reader)
{
    struct task *task = snapshot_get_task_place(reader);
    uint64_t before = record_read_number(reader->getter.reader, UINT32_MAX);
    struct list *at = task != NULL ? task->charged_gpus.next : NULL;

    for (; task != NULL && before > 0 && at != &task->charged_gpus; before--)
        at = at->next;
    snapshot_expect(reader, task != NULL && at != &task->charged_gpus);
    return snapshot_stuck(reader) ? NULL : container_of(at, struct gpu_charge, link);
}

static void get_gpu_holders(struct snapshot_reader *reader)
{
    struct list *list = &reader->engine->gpu_holders;
    size_t count = snapshot_get_count(reader);

    snapshot_expect(reader, count == length_of(list));
    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++) {
        struct gpu_charge *charge = get_gpu_holder(reader);
        if (charge != NULL) { /* each goes to the end once, if none is named twice */
            list_remove(&charge->held);
            list_append(list, &charge->held);
        }
    }
}

void snapshot_put_lists(const struct snapshot_writer *writer)
{
    for (size_t i = 0; i < TASK_LISTS; i++)
        put_task_list(writer, (const struct list *)(const void *)((const char *)writer->engine + task_lists[i].list), task_lists[i].link);
    put_pulls(writer, &writer->engine->pull_queue);
    put_pulls(writer, &writer->engine->pulling);
    put_looks(writer);
    put_gpu_holders(writer);
}

void snapshot_get_lists(struct snapshot_reader *reader)
{
    struct engine *engine = reader->engine;

    for (size_t i = 0; i < TASK_LISTS; i++)
        get_task_list(reader, (struct list *)(void *)((char *)engine + task_lists[i].list), task_lists[i].link);
    get_pulls(reader, &engine->pull_queue, true);
    engine->pulls = (uint32_t)get_pulls(reader, &engine->pulling, false);
    check_pulls(reader);
    get_looks(reader);
    get_gpu_holders(reader);
}
