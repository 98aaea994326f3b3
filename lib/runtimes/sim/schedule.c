/* SPDX-License-Identifier: Apache-2.0 */
/* The schedule: a binary heap of pointers; each item knows its place, so that taking one out of the middle (a container that was
 * stopped before its time) leaves nothing behind that would wake the host up for nothing. */
#include "schedule.h"

#include <assert.h>
#include <stdlib.h>

#include "ecsengine/error.h"

void sim_schedule_free(struct sim_schedule *schedule)
{
    free(schedule->heap);
    *schedule = (struct sim_schedule){0};
}

int sim_schedule_reserve(struct sim_schedule *schedule, size_t items)
{
    size_t wanted = schedule->reserved + items;

    if (wanted > schedule->size) {
        size_t size = schedule->size > 0 ? 2 * schedule->size : 64;
        while (size < wanted)
            size *= 2;
        struct sim_item **heap = realloc(schedule->heap, size * sizeof(struct sim_item *));
        if (heap == NULL)
            return ECSENGINE_ENOMEM;
        schedule->heap = heap;
        schedule->size = size;
    }
    schedule->reserved = wanted;
    return 0;
}

void sim_schedule_unreserve(struct sim_schedule *schedule, size_t items)
{
    assert(schedule->reserved >= items);
    schedule->reserved -= items;
}

static bool before(const struct sim_item *left, const struct sim_item *right)
{
    return left->due_ns != right->due_ns ? left->due_ns < right->due_ns : left->seq < right->seq;
}

static void put(struct sim_schedule *schedule, size_t place, struct sim_item *item)
{
    schedule->heap[place - 1] = item;
    item->place = place;
}

static struct sim_item *at(const struct sim_schedule *schedule, size_t place) { return schedule->heap[place - 1]; }

static void move_up(struct sim_schedule *schedule, struct sim_item *item, size_t place)
{
    for (; place > 1 && before(item, at(schedule, place / 2)); place /= 2)
        put(schedule, place, at(schedule, place / 2));
    put(schedule, place, item);
}

static void move_down(struct sim_schedule *schedule, struct sim_item *item, size_t place)
{
    for (size_t child = 2 * place; child <= schedule->count; child = 2 * place) {
        if (child < schedule->count && before(at(schedule, child + 1), at(schedule, child)))
            child++;
        if (!before(at(schedule, child), item))
            break;
        put(schedule, place, at(schedule, child));
        place = child;
    }
    put(schedule, place, item);
}

void sim_schedule_clear(struct sim_schedule *schedule, struct sim_item *item)
{
    size_t place = item->place;

    if (place == 0)
        return;
    struct sim_item *last = at(schedule, schedule->count);
    schedule->count--;
    item->place = 0;
    if (last == item)
        return;
    if (place > 1 && before(last, at(schedule, place / 2)))
        move_up(schedule, last, place);
    else
        move_down(schedule, last, place);
}

void sim_schedule_set(struct sim_schedule *schedule, struct sim_item *item, int64_t due_ns)
{
    sim_schedule_clear(schedule, item);
    if (due_ns == SIM_NEVER)
        return;
    assert(schedule->count < schedule->size);
    item->due_ns = due_ns;
    item->seq = ++schedule->seq;
    schedule->count++;
    move_up(schedule, item, schedule->count);
}

struct sim_item *sim_schedule_first(const struct sim_schedule *schedule) { return schedule->count > 0 ? schedule->heap[0] : NULL; }
