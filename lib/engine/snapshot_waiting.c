/* SPDX-License-Identifier: Apache-2.0 */
/* The tasks that wait for host resources. How their tree hangs together follows from their numbers; what does not is how often each was
 * overtaken, what each class of equal needs waits for, and who came first of the classes. */
#include "engine/queue.h"
#include "engine/snapshot_parts.h"

static const struct task *task_of(const struct list *node) { return queue_task(container_of(node, const struct waiting, same)); }

static void put_class(const struct snapshot_writer *writer, const struct need *need)
{
    uint64_t count = 0;

    for (const struct list *node = need->waiting.next; node != &need->waiting; node = node->next)
        count++;
    record_number(writer->buf, count);
    for (const struct list *node = need->waiting.next; node != &need->waiting; node = node->next) {
        snapshot_put_task_place(writer, task_of(node));
        record_number(writer->buf, queue_overtaken(task_of(node)));
    }
    snapshot_put_fields(writer->buf, TABLE_NEED, need);
}

/* Classes by their first task. */
static void put_parked(const struct snapshot_writer *writer, const struct list *list)
{
    uint64_t count = 0;

    for (const struct list *node = list->next; node != list; node = node->next)
        count++;
    record_number(writer->buf, count);
    for (const struct list *node = list->next; node != list; node = node->next)
        snapshot_put_task_place(writer, task_of(container_of(node, const struct need, link)->waiting.next));
}

static void get_waiting(struct snapshot_reader *reader, struct need **need)
{
    struct task *task = snapshot_get_task_place(reader);
    uint32_t overtaken = (uint32_t)record_read_number(reader->getter.reader, UINT32_MAX);

    snapshot_expect(reader, task != NULL && task->definition != NULL && !waiting_has(&task->waiting));
    if (snapshot_stuck(reader))
        return;
    if (*need == NULL)
        *need = task->definition->need;
    snapshot_expect(reader, *need == task->definition->need);
    if (snapshot_stuck(reader))
        return;
    queue_add(reader->engine, task);
    task->waiting.overtaken = overtaken; /* what is pending is for those that are added after it: nothing */
}

/* Those that stand in lists come into them later. */
static void get_state(struct snapshot_reader *reader, struct need *need)
{
    struct need kept = {0};

    snapshot_get_fields(reader, TABLE_NEED, &kept);
    snapshot_expect(reader, need != NULL);
    if (snapshot_stuck(reader))
        return;
    if (kept.state == CLASS_PORT)
        queue_park_at_port(reader->engine, need, (uint8_t)(kept.parked_at >> 16), (uint16_t)kept.parked_at);
    else if (kept.state == CLASS_IMPOSSIBLE)
        queue_set_class(reader->engine, need, CLASS_IMPOSSIBLE);
    need->parked_at = kept.parked_at;
}

static void get_class(struct snapshot_reader *reader)
{
    size_t count = snapshot_get_count(reader);
    struct need *need = NULL;

    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++)
        get_waiting(reader, &need);
    get_state(reader, need);
}

static void get_parked(struct snapshot_reader *reader, enum class_state state)
{
    size_t count = snapshot_get_count(reader);

    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++) {
        struct task *task = snapshot_get_task_place(reader);
        snapshot_expect(reader, task != NULL && waiting_has(&task->waiting) && task->definition->need->state == CLASS_OPEN);
        if (!snapshot_stuck(reader))
            queue_set_class(reader->engine, task->definition->need, state);
    }
}

void snapshot_put_waiting(const struct snapshot_writer *writer)
{
    const struct list *classes = &writer->engine->classes;
    uint64_t count = 0;

    for (const struct list *node = classes->next; node != classes; node = node->next)
        count++;
    record_number(writer->buf, count);
    for (const struct list *node = classes->next; node != classes; node = node->next)
        put_class(writer, container_of(node, const struct need, class_link));
    put_parked(writer, &writer->engine->doomed);
    put_parked(writer, &writer->engine->gpu_waiters);
}

void snapshot_get_waiting(struct snapshot_reader *reader)
{
    size_t count = snapshot_get_count(reader);

    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++)
        get_class(reader);
    get_parked(reader, CLASS_DOOMED);
    get_parked(reader, CLASS_GPU);
}
