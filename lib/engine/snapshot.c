/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot from the outside: version, tables, parts in the order in which they need each other. What follows from other things is not
 * written but made again by those who keep it (tables by id and by name, what the host has given out, the tree of those that wait); at
 * the end the books have to balance. The order of timers is in it, since of two that are due at once the older comes first. */
#include "engine/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "engine/aside.h"
#include "engine/check.h"
#include "engine/credentials.h"
#include "engine/foreign.h"
#include "engine/image.h"
#include "engine/snapshot_parts.h"

enum { SNAPSHOT_VERSION = 1 };
enum { IMAGE_BYTES = 1024, DOCUMENT_MAX = 1 << 20 };

/* ---- for all parts ---- */

size_t snapshot_get_count(struct snapshot_reader *reader)
{
    struct record_reader *body = reader->getter.reader;

    return record_read_number(body, (uint64_t)(body->end - body->at));
}

void *snapshot_pointers(struct snapshot_reader *reader, size_t count)
{
    void *block = snapshot_stuck(reader) ? NULL : mem_array(reader->engine->mem, count + 1, sizeof(void *));

    if (block == NULL && !snapshot_stuck(reader))
        reader->getter.no_memory = true;
    return block;
}

void snapshot_get_fields(struct snapshot_reader *reader, enum snapshot_table table, void *object)
{
    fields_get(&reader->getter, &reader->layout, table, object);
}

void snapshot_put_timer(struct buf *buf, const struct timer *timer)
{
    record_number(buf, timer->node.seq);
    if (heap_has(&timer->node))
        record_signed(buf, timer->node.key);
}

void snapshot_get_timer(struct snapshot_reader *reader, struct timer *timer)
{
    struct record_reader *body = reader->getter.reader;
    struct heap *timers = &reader->engine->timers;
    uint64_t seq = record_read_number(body, reader->timer_seq);

    if (seq == 0 || snapshot_stuck(reader))
        return;
    timers->seq = seq - 1; /* the number that the next one gets */
    heap_insert(timers, &timer->node, record_read_signed(body));
}

/* ---- the engine itself ---- */

static void put_gpus(struct buf *buf, const struct gpu_list *gpus)
{
    record_number(buf, gpus->count);
    for (uint16_t i = 0; i < gpus->count; i++)
        record_text(buf, gpus->ids[i], strlen(gpus->ids[i]));
}

static void get_gpus(struct snapshot_reader *reader, struct gpu_list *gpus)
{
    uint64_t count = record_read_number(reader->getter.reader, LIMIT_GPUS);

    gpus->count = 0;
    for (uint64_t i = 0; i < count && !snapshot_stuck(reader); i++) {
        size_t len;
        const char *id = record_read_text(reader->getter.reader, LIMIT_GPU_ID, &len);
        snapshot_expect(reader, gpu_list_add(gpus, id, len));
    }
}

static void put_engine(const struct snapshot_writer *writer)
{
    const struct engine *engine = writer->engine;

    record_number(writer->buf, engine->timers.seq);
    snapshot_put_fields(writer->buf, TABLE_ENGINE, engine);
    snapshot_put_timer(writer->buf, &engine->runtime_timer);
    snapshot_put_timer(writer->buf, &engine->poll_timer);
    snapshot_put_fields(writer->buf, TABLE_HOST, &engine->host);
    put_gpus(writer->buf, &engine->host.fact_gpus);
    put_gpus(writer->buf, &engine->host.gpus);
}

static void get_engine(struct snapshot_reader *reader)
{
    struct engine *engine = reader->engine;

    reader->timer_seq = record_read_number(reader->getter.reader, INT64_MAX);
    snapshot_get_fields(reader, TABLE_ENGINE, engine);
    snapshot_expect(reader, str_len(engine->instance) > 0);
    snapshot_get_timer(reader, &engine->runtime_timer);
    snapshot_get_timer(reader, &engine->poll_timer);
    snapshot_get_fields(reader, TABLE_HOST, &engine->host);
    get_gpus(reader, &engine->host.fact_gpus);
    get_gpus(reader, &engine->host.gpus);
}

/* ---- what is kept in a map alone: in the order of its texts, since a map has none ---- */

static int by_id(const void *left, const void *right)
{
    return strcmp((*(const struct credentials *const *)left)->id->data, (*(const struct credentials *const *)right)->id->data);
}

static void put_credentials(const struct snapshot_writer *writer)
{
    const struct map *map = &writer->engine->credentials;
    const struct credentials **all = mem_array(writer->buf->mem, map->count + 1, sizeof(*all));
    size_t count = 0;

    if (all == NULL) {
        writer->buf->failed = ECSENGINE_ENOMEM;
        return;
    }
    for (size_t i = 0; i < map->size; i++)
        for (const struct map_node *node = map->table[i].first; node != NULL; node = node->next)
            all[count++] = container_of(node, const struct credentials, by_id);
    qsort(all, count, sizeof(*all), by_id);
    record_number(writer->buf, count);
    for (size_t i = 0; i < count; i++) {
        record_put_str(writer->buf, all[i]->id);
        secret_put(writer->buf, writer->mask, all[i]->document, all[i]->len);
    }
    mem_free(writer->buf->mem, all);
}

static void get_one_of_credentials(struct snapshot_reader *reader)
{
    struct engine *engine = reader->engine;
    struct str *id = record_get_str(&reader->getter, LIMIT_NAME);
    size_t len;
    const unsigned char *document = record_read_bytes(reader->getter.reader, DOCUMENT_MAX, &len);
    struct credentials *made = NULL;

    snapshot_expect(reader, reader->getter.no_memory || (id != NULL && credentials_find(engine, id) == NULL));
    if (!snapshot_stuck(reader)) {
        made = credentials_make_room(engine) == 0 ? credentials_new(engine->mem, id, (const char *)document, len) : NULL;
        reader->getter.no_memory = made == NULL;
    }
    credentials_put(engine, made);
    str_unref(id);
}

static void get_credentials(struct snapshot_reader *reader)
{
    size_t count = snapshot_get_count(reader);

    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++)
        get_one_of_credentials(reader);
}

static int by_text(const void *left, const void *right)
{
    return strcmp(str_text(*(const struct str *const *)left), str_text(*(const struct str *const *)right));
}

static void put_images(const struct snapshot_writer *writer)
{
    size_t count = writer->engine->images.count;
    const struct str **all = mem_array(writer->buf->mem, count + 1, sizeof(*all));

    if (all == NULL) {
        writer->buf->failed = ECSENGINE_ENOMEM;
        return;
    }
    image_list(writer->engine, all);
    qsort(all, count, sizeof(*all), by_text);
    record_number(writer->buf, count);
    for (size_t i = 0; i < count; i++)
        record_put_str(writer->buf, all[i]);
    mem_free(writer->buf->mem, all);
}

static void get_images(struct snapshot_reader *reader)
{
    struct engine *engine = reader->engine;
    size_t count = snapshot_get_count(reader);

    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++) {
        struct str *reference = record_get_str(&reader->getter, LIMIT_IMAGE);
        snapshot_expect(reader, reader->getter.no_memory || (reference != NULL && !image_pulled(engine, reference->data)));
        if (!snapshot_stuck(reader) && mem_reserve(engine->mem, IMAGE_BYTES + reference->len) < 0)
            reader->getter.no_memory = true;
        if (!snapshot_stuck(reader))
            image_remember(engine, reference->data);
        str_unref(reference);
    }
}

/* ---- damaged records that the next batch sets aside ---- */

static void put_asides(const struct snapshot_writer *writer)
{
    const struct list *asides = &writer->engine->asides;
    uint64_t count = 0;

    for (const struct list *node = asides->next; node != asides; node = node->next)
        count++;
    record_number(writer->buf, count);
    for (const struct list *node = asides->next; node != asides; node = node->next) {
        const struct kept_record *kept = container_of(node, const struct kept_record, link);
        record_text(writer->buf, kept->key, strlen(kept->key));
        record_text(writer->buf, (const char *)kept->value, kept->len);
    }
}

static void get_aside(struct snapshot_reader *reader)
{
    struct str *key = record_get_key(&reader->getter);
    size_t len;
    const unsigned char *value = record_read_bytes(reader->getter.reader, SIZE_MAX, &len);

    if (!snapshot_stuck(reader)) {
        struct kept_record *kept = restore_keep(reader->engine, str_text(key), value, len);
        reader->getter.no_memory = kept == NULL;
        if (kept != NULL) {
            list_remove(&kept->link);
            aside_join(reader->engine, kept);
        }
    }
    str_unref(key);
}

static void get_asides(struct snapshot_reader *reader)
{
    size_t count = snapshot_get_count(reader);

    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++)
        get_aside(reader);
}

/* ---- containers that were removed while a list of all is on its way ---- */

static void put_gone(const struct snapshot_writer *writer)
{
    const struct list *all = &writer->engine->gone;
    uint64_t count = 0;

    for (const struct list *node = all->next; node != all; node = node->next)
        count++;
    record_number(writer->buf, count);
    for (const struct list *node = all->next; node != all; node = node->next)
        record_put_str(writer->buf, foreign_name_of_gone(node));
}

static void get_gone(struct snapshot_reader *reader)
{
    size_t count = snapshot_get_count(reader);

    for (size_t i = 0; i < count && !snapshot_stuck(reader); i++) {
        struct str *name = record_get_str(&reader->getter, LIMIT_RUNTIME_NAME);
        snapshot_expect(reader, reader->getter.no_memory || name != NULL);
        if (!snapshot_stuck(reader))
            reader->getter.no_memory = !foreign_note_gone(reader->engine, name);
        str_unref(name);
    }
}

/* ---- all of it ---- */

static void put_all(const struct snapshot_writer *writer)
{
    record_number(writer->buf, SNAPSHOT_VERSION);
    fields_put_layout(writer->buf, snapshot_tables, TABLE_COUNT);
    put_engine(writer);
    put_credentials(writer);
    put_images(writer);
    put_asides(writer);
    put_gone(writer);
    snapshot_put_definitions(writer);
    snapshot_put_tasks(writer);
    snapshot_put_lists(writer);
    snapshot_put_waiting(writer);
    snapshot_put_ops(writer);
    snapshot_put_orphans(writer);
    snapshot_put_queues(writer);
}

int snapshot_put(const struct engine *engine, const struct snapshot_queues *queues, const struct secret_mask *mask, struct buf *buf)
{
    struct snapshot_writer writer = {.engine = engine, .queues = queues, .mask = mask, .buf = buf};

    if (!list_empty(&engine->restoring))
        return ECSENGINE_ESTATE;
    writer.tasks = mem_array(buf->mem, engine->tasks.count + 1, sizeof(*writer.tasks));
    if (writer.tasks == NULL)
        return ECSENGINE_ENOMEM;
    for (const struct list *node = engine->all.next; node != &engine->all; node = node->next)
        writer.tasks[writer.task_count++] = container_of(node, const struct task, all);
    put_all(&writer);
    mem_free(buf->mem, writer.tasks);
    return buf->failed;
}

static int get_version(struct snapshot_reader *reader)
{
    uint64_t version = record_read_number(reader->getter.reader, UINT64_MAX);

    if (reader->getter.reader->bad || version == 0)
        return ECSENGINE_ECORRUPT;
    return version > SNAPSHOT_VERSION ? ECSENGINE_EUNSUPPORTED : 0;
}

static void get_all(struct snapshot_reader *reader)
{
    fields_get_layout(&reader->getter, snapshot_tables, TABLE_COUNT, &reader->layout);
    if (snapshot_stuck(reader))
        return;
    get_engine(reader);
    get_credentials(reader);
    get_images(reader);
    get_asides(reader);
    get_gone(reader);
    snapshot_get_definitions(reader);
    snapshot_get_tasks(reader);
    snapshot_get_lists(reader);
    snapshot_get_waiting(reader);
    snapshot_get_ops(reader);
    snapshot_get_orphans(reader);
    snapshot_get_queues(reader);
    snapshot_share_events(reader);
}

static void drop(struct snapshot_reader *reader)
{
    struct mem *mem = reader->engine->mem;

    for (size_t i = 0; i < reader->definition_count; i++)
        definition_unref(reader->definitions[i]);
    mem_free(mem, reader->definitions);
    mem_free(mem, reader->tasks);
    mem_free(mem, reader->ops);
    layout_free(&reader->layout);
}

int snapshot_get(struct engine *engine, const struct snapshot_queues *queues, struct record_reader *body)
{
    struct snapshot_reader reader = {.engine = engine, .queues = queues, .getter = {.reader = body, .mem = engine->mem}};
    char text[CHECK_TEXT_MAX];
    int code = get_version(&reader);

    if (code < 0)
        return code;
    get_all(&reader);
    drop(&reader);
    engine->timers.seq = reader.timer_seq;
    if (reader.getter.no_memory)
        return ECSENGINE_ENOMEM;
    return body->bad || !engine_check(engine, text) ? ECSENGINE_ECORRUPT : 0;
}
