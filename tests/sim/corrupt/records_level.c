/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged records, given to an engine one by one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corrupt.h"
#include "damage.h"
#include "life.h"

static struct records others; /* of a store that has nothing to do with it */

void corrupt_begin(void)
{
    static const char task[] = "{\"arn\":\"" ARN_HEAD "zulu\",\"containers\":[{\"name\":\"z\",\"image\":\"zulu:1\",\"memory\":4}]}";
    struct life life = {.kept = &others};

    life_begin(&life, NULL);
    ecsengine_task_add(life.engine, task, sizeof(task) - 1, NULL, NULL);
    life_run(&life, 5 * SECOND);
    life_end(&life);
    ecsengine_sim_free(life.sim);
}

void corrupt_end(void) { records_clear(&others); }

static bool is_whole(const struct records *before, const struct records *now, const char *key)
{
    const struct record *one = records_find(before, key), *other = records_find(now, key);

    return one != NULL && other != NULL && one->len == other->len && memcmp(one->value, other->value, one->len) == 0;
}

/* Of these tasks nothing was touched. */
static void find_whole(const struct life *first, const struct records *before, const struct records *now, bool whole[LIFE_TASKS])
{
    char key[128];

    for (size_t i = 0; i < LIFE_TASKS; i++) {
        snprintf(key, sizeof(key), "task/" ARN_HEAD "%s", life_tasks[i]);
        whole[i] = is_whole(before, now, key) && is_whole(before, now, first->definition[i]);
    }
}

/* How many were refused as damaged; -1: the engine does not want the store. */
static int give_all(struct life *life, const struct records *records, struct text *out_wrong)
{
    int damaged = 0;

    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->list[i];
        ecsengine_error *error = NULL;
        int rc = ecsengine_restore_record(life->engine, record->key, record->value, record->len, &error);
        if (rc < 0 && *ecsengine_error_message(error) == '\0')
            text_add(out_wrong, "the record %s is refused without a word\n", record->key);
        if (rc < 0 && rc != ECSENGINE_ECORRUPT && rc != ECSENGINE_EUNSUPPORTED)
            text_add(out_wrong, "the record %s: %s\n", record->key, ecsengine_error_message(error));
        ecsengine_error_free(error);
        if (rc == ECSENGINE_EUNSUPPORTED)
            return -1;
        damaged += rc < 0;
    }
    int rc = ecsengine_restore_end(life->engine, NULL);
    if (rc < 0)
        text_add(out_wrong, "restore_end: %s\n", ecsengine_code_name(rc));
    return damaged;
}

static size_t set_aside(const struct records *kept)
{
    size_t count = 0;

    for (size_t i = 0; i < kept->count; i++)
        count += strncmp(kept->list[i].key, "quarantine/", strlen("quarantine/")) == 0;
    return count;
}

static bool runs(const struct life *life, const char *id)
{
    for (size_t i = 0; i < ecsengine_sim_container_count(life->sim); i++) {
        if (strcmp(ecsengine_sim_container_id(life->sim, i), id) == 0)
            return ecsengine_sim_container_running(life->sim, i) == 1;
    }
    return false;
}

static void live(struct life *life, const struct records *kept, int damaged, const bool whole[LIFE_TASKS], struct work *work,
                 struct text *out_wrong)
{
    char first[80] = "";

    for (size_t i = 0; i < ecsengine_sim_container_count(life->sim); i++) {
        if (strcmp(ecsengine_sim_container_name(life->sim, i), "a") == 0 && ecsengine_sim_container_running(life->sim, i) == 1)
            snprintf(first, sizeof(first), "%s", ecsengine_sim_container_id(life->sim, i));
    }
    for (size_t i = 0; i < LIFE_TASKS; i++) {
        if (whole[i] && !life_knows(life, i))
            text_add(out_wrong, "%s is whole, and is not there\n", life_tasks[i]);
        work->counts[WENT_ON] += whole[i];
    }
    life_run(life, 5 * SECOND);
    if (set_aside(kept) != life->damaged || (size_t)damaged > life->damaged)
        text_add(out_wrong, "%d records were refused, %zu told, %zu kept aside\n", damaged, life->damaged, set_aside(kept));
    work->counts[DAMAGED] += life->damaged;
    if (whole[0] && *first != '\0' && !runs(life, first))
        text_add(out_wrong, "%s is whole, and its container does not run on\n", life_tasks[0]);
    life_run(life, 60 * SECOND);
    life_stop_all(life);
    life_run(life, 3600 * SECOND);
    for (size_t i = 0; i < LIFE_TASKS; i++) {
        if (whole[i] && (!life->stopped[i] || !life->removed[i]))
            text_add(out_wrong, "%s is whole, and is not STOPPED and removed in the end\n", life_tasks[i]);
    }
    if (life->restless)
        text_add(out_wrong, "it does not come to rest\n");
}

void corrupt_one(uint64_t seed, struct work *work, struct text *out_wrong)
{
    struct draws draws = draws_of(seed, 1);
    struct records before = {0}, kept = {0};
    struct life first = {.kept = &before};
    bool whole[LIFE_TASKS];

    life_begin(&first, NULL);
    life_add(&first);
    life_run(&first, span_ns(&draws, 100 * SECOND));
    life_end(&first);
    records_copy(&kept, &before);
    damage_records(&draws, &kept, &others);
    find_whole(&first, &before, &kept, whole);
    struct life next = {.kept = &kept, .mono_ns = first.mono_ns};
    memcpy(next.stopped, first.stopped, sizeof(next.stopped)); /* what was acknowledged is not told again */
    life_begin(&next, first.sim);
    struct records given = {0};
    records_copy(&given, &kept);
    int damaged = give_all(&next, &given, out_wrong);
    if (damaged >= 0)
        live(&next, &kept, damaged, whole, work, out_wrong);
    else
        work->counts[REFUSED]++;
    if (!life_end(&next))
        text_add(out_wrong, "memory was not given back\n");
    ecsengine_sim_free(first.sim);
    records_clear(&given);
    records_clear(&before);
    records_clear(&kept);
}
