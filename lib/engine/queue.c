/* SPDX-License-Identifier: Apache-2.0 */
/* The queue: a treap of the waiting tasks, ordered by number. Each node knows of its subtree how many tasks it has, and the least CPU
 * and the least memory that a candidate in it needs; so the first task that fits is found by going down where one could be.
 *
 * Tasks of one need are the same to admission, so only the first of each such class is a candidate: what is found too large once is not
 * looked at again for each of its kind. A class that waits for a port or a GPU that is taken is parked, which is to say no candidate,
 * and comes back when that is given back.
 *
 * Overtakings are counted for all tasks at once: one more for everybody before a number is a walk down the tree, which leaves at the
 * roots of subtrees what all below have in common. */
#include "engine/queue.h"

#include "base/prng.h"

static struct waiting *left_most(struct waiting *node)
{
    while (node != NULL && node->left != NULL)
        node = node->left;
    return node;
}

static uint64_t number_of(const struct waiting *node) { return queue_task(node)->number; }
static uint32_t count_of(const struct waiting *node) { return node != NULL ? node->count : 0; }
static uint32_t lower(uint32_t left, uint32_t right) { return left < right ? left : right; }

/* Sums up a node out of its children. */
static void refresh(struct waiting *node)
{
    const struct waiting *children[] = {node->left, node->right};

    node->count = 1;
    node->least_cpu = node->cpu_units;
    node->least_memory = node->memory_mib;
    node->any_possible = node->possible;
    for (size_t i = 0; i < 2; i++) {
        if (children[i] == NULL)
            continue;
        node->count += children[i]->count;
        node->least_cpu = lower(node->least_cpu, children[i]->least_cpu);
        node->least_memory = lower(node->least_memory, children[i]->least_memory);
        node->any_possible = node->any_possible || children[i]->any_possible;
    }
}

bool queue_node_right(const struct waiting *node)
{
    struct waiting same = *node;
    const struct waiting *children[] = {node->left, node->right};

    for (size_t i = 0; i < 2; i++)
        if (children[i] != NULL && (children[i]->parent != node || children[i]->priority > node->priority ||
                                    (number_of(children[i]) < number_of(node)) != (i == 0)))
            return false;
    refresh(&same);
    return same.count == node->count && same.least_cpu == node->least_cpu && same.least_memory == node->least_memory &&
           same.any_possible == node->any_possible;
}

static void refresh_up(struct waiting *node)
{
    for (; node != NULL; node = node->parent)
        refresh(node);
}

static void overtake_all(struct waiting *node, uint32_t times)
{
    if (node == NULL)
        return;
    node->overtaken += times;
    node->pending += times;
}

static void push_down(struct waiting *node)
{
    overtake_all(node->left, node->pending);
    overtake_all(node->right, node->pending);
    node->pending = 0;
}

/* Where a node hangs: the parent's pointer, or the root. */
static struct waiting **place_of(struct engine *engine, const struct waiting *node)
{
    return node->parent == NULL ? &engine->queue : node->parent->left == node ? &node->parent->left : &node->parent->right;
}

/* The child takes its parent's place; nothing is pending in either. */
static void rotate_up(struct engine *engine, struct waiting *child)
{
    struct waiting *parent = child->parent, **place = place_of(engine, parent);
    bool is_left = parent->left == child;
    struct waiting *moved = is_left ? child->right : child->left;

    *place = child;
    child->parent = parent->parent;
    parent->parent = child;
    if (is_left) {
        child->right = parent;
        parent->left = moved;
    } else {
        child->left = parent;
        parent->right = moved;
    }
    if (moved != NULL)
        moved->parent = parent;
    refresh(parent);
}

static void insert(struct engine *engine, struct waiting *node)
{
    struct waiting **place = &engine->queue, *parent = NULL;

    while (*place != NULL) {
        parent = *place;
        push_down(parent); /* it came later than what they were overtaken by */
        place = number_of(node) < number_of(parent) ? &parent->left : &parent->right;
    }
    node->parent = parent;
    *place = node;
    refresh(node);
    while (node->parent != NULL && node->parent->priority < node->priority)
        rotate_up(engine, node);
    refresh_up(node);
}

static void push_down_to(struct waiting *node)
{
    if (node == NULL)
        return;
    push_down_to(node->parent);
    push_down(node);
}

static void take_out(struct engine *engine, struct waiting *node)
{
    push_down_to(node);
    while (node->left != NULL && node->right != NULL) {
        struct waiting *up = node->left->priority > node->right->priority ? node->left : node->right;
        push_down(up);
        rotate_up(engine, up);
    }
    struct waiting *child = node->left != NULL ? node->left : node->right, *parent = node->parent;
    *place_of(engine, node) = child;
    if (child != NULL)
        child->parent = parent;
    refresh_up(parent);
    node->parent = node->left = node->right = NULL;
}

/* ---- classes ---- */

static struct need *need_of(const struct task *task) { return task->definition->need; }

static struct waiting *first_of(const struct need *need)
{
    return list_empty(&need->waiting) ? NULL : container_of(need->waiting.next, struct waiting, same);
}

/* What the tree may know of a node. */
static void show(struct waiting *node, const struct need *need)
{
    bool first = first_of(need) == node, open = first && need->state == CLASS_OPEN;

    node->cpu_units = open ? need->cpu_units : WAITING_HIDDEN;
    node->memory_mib = open ? need->memory_mib : WAITING_HIDDEN;
    node->possible = first && need->state != CLASS_IMPOSSIBLE;
    refresh_up(node);
}

/* Out of whatever a class of this state is in. */
static void unpark(struct engine *engine, struct need *need)
{
    if (need->state == CLASS_PORT)
        map_remove(&engine->parked, &need->by_port);
    list_remove(&need->link);
    need->state = CLASS_OPEN;
}

void queue_set_class(struct engine *engine, struct need *need, enum class_state state)
{
    unpark(engine, need);
    need->state = (uint8_t)state;
    if (state == CLASS_GPU)
        list_append(&engine->gpu_waiters, &need->link);
    else if (state == CLASS_DOOMED)
        list_append(&engine->doomed, &need->link);
    show(first_of(need), need);
}

void queue_park_at_port(struct engine *engine, struct need *need, uint8_t protocol, uint16_t port)
{
    unpark(engine, need);
    need->state = CLASS_PORT;
    need->parked_at = port_key(protocol, port);
    map_insert(&engine->parked, &need->by_port, port_hash(need->parked_at));
    show(first_of(need), need);
}

void queue_port_freed(struct engine *engine, uint8_t protocol, uint16_t port)
{
    uint32_t key = port_key(protocol, port);
    struct map_node *node = map_find(&engine->parked, port_hash(key)), *next;

    for (; node != NULL; node = next) {
        struct need *need = container_of(node, struct need, by_port);
        next = map_find_next(node);
        queue_set_class(engine, need, CLASS_OPEN); /* no other port has this hash */
    }
}

void queue_gpu_freed(struct engine *engine)
{
    while (!list_empty(&engine->gpu_waiters))
        queue_set_class(engine, container_of(engine->gpu_waiters.next, struct need, link), CLASS_OPEN);
}

/* ---- tasks ---- */

void queue_add(struct engine *engine, struct task *task)
{
    struct need *need = need_of(task);
    struct waiting *node = &task->waiting, *old_first = first_of(need);
    struct list *before = need->waiting.prev;

    if (list_empty(&need->waiting))
        list_append(&engine->classes, &need->class_link);
    while (before != &need->waiting && number_of(container_of(before, struct waiting, same)) > task->number)
        before = before->prev; /* never far: tasks come in the order of their numbers */
    list_prepend(before, &node->same);
    node->priority = (uint32_t)hash64(engine->seed, &task->number, sizeof(task->number));
    node->overtaken = node->pending = 0;
    node->cpu_units = node->memory_mib = WAITING_HIDDEN;
    node->possible = false;
    insert(engine, node);
    show(node, need);
    if (old_first != NULL && old_first != first_of(need))
        show(old_first, need);
}

void queue_remove(struct engine *engine, struct task *task)
{
    if (!waiting_has(&task->waiting))
        return;
    struct need *need = need_of(task);
    bool was_first = first_of(need) == &task->waiting;
    take_out(engine, &task->waiting);
    list_remove(&task->waiting.same);
    if (list_empty(&need->waiting)) {
        unpark(engine, need);
        list_remove(&need->class_link);
    } else if (was_first) {
        show(first_of(need), need);
    }
}

static struct task *task_or_null(const struct waiting *node) { return node != NULL ? queue_task(node) : NULL; }

struct task *queue_first(const struct engine *engine) { return task_or_null(left_most(engine->queue)); }

struct task *queue_next(const struct task *task)
{
    const struct waiting *node = &task->waiting;

    if (node->right != NULL)
        return queue_task(left_most(node->right));
    while (node->parent != NULL && node->parent->right == node)
        node = node->parent;
    return task_or_null(node->parent);
}

struct task *queue_first_possible(const struct engine *engine)
{
    const struct waiting *node = engine->queue;

    while (node != NULL && node->any_possible) {
        if (node->left != NULL && node->left->any_possible)
            node = node->left;
        else if (node->possible)
            return queue_task(node);
        else
            node = node->right;
    }
    return NULL;
}

static const struct waiting *first_fitting(const struct waiting *node, uint32_t cpu_units, uint32_t memory_mib)
{
    while (node != NULL && node->least_cpu <= cpu_units && node->least_memory <= memory_mib) {
        const struct waiting *found = first_fitting(node->left, cpu_units, memory_mib);
        if (found != NULL)
            return found;
        if (node->cpu_units <= cpu_units && node->memory_mib <= memory_mib)
            return node;
        node = node->right;
    }
    return NULL;
}

struct task *queue_first_fitting(const struct engine *engine, int64_t cpu_units, int64_t memory_mib)
{
    if (cpu_units < 0 || memory_mib < 0)
        return NULL;
    return task_or_null(first_fitting(engine->queue, (uint32_t)(cpu_units < INT32_MAX ? cpu_units : INT32_MAX),
                                      (uint32_t)(memory_mib < INT32_MAX ? memory_mib : INT32_MAX)));
}

size_t queue_length(const struct engine *engine) { return count_of(engine->queue); }

size_t queue_place(const struct task *task)
{
    const struct waiting *node = &task->waiting;
    size_t place = count_of(node->left) + 1;

    for (; node->parent != NULL; node = node->parent)
        if (node->parent->right == node)
            place += count_of(node->parent->left) + 1;
    return place;
}

uint32_t queue_overtaken(const struct task *task)
{
    uint32_t overtaken = task->waiting.overtaken;

    for (const struct waiting *node = task->waiting.parent; node != NULL; node = node->parent)
        overtaken += node->pending;
    return overtaken;
}

void queue_overtake(struct engine *engine, const struct task *task)
{
    struct waiting *node = engine->queue;

    while (node != NULL) {
        if (number_of(node) < task->number) {
            node->overtaken++;
            overtake_all(node->left, 1);
            node = node->right;
        } else {
            node = node->left;
        }
    }
}
