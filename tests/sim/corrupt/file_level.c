/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged files of libecsengine-sqlite: the database, and the log beside it that a process which died has left. The next engine's host has
 * no containers: what becomes of them is for the records' own test. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../stores/between.h"
#include "corrupt.h"
#include "damage.h"
#include "ecsengine/sqlite.h"
#include "life.h"

enum { IMAGES = 12, PATH_SIZE = 128 };

struct bytes {
    unsigned char *data;
    size_t len;
};

/* A store at some time of an engine's life, as the disk has it. */
static struct image {
    struct bytes database, log;
    struct records records;
    int64_t mono_ns;
    struct life life; /* whose definitions are known */
} images[IMAGES];

static void path_in(const char *folder, const char *end, char path[PATH_SIZE]) { snprintf(path, PATH_SIZE, "%s/store%s", folder, end); }

static void make_folder(char folder[64])
{
    snprintf(folder, 64, "%s/ecsengine-corrupt.XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        exit(2);
    }
}

static void remove_folder(const char *folder)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char path[PATH_SIZE];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        path_in(folder, ends[i], path);
        unlink(path);
    }
    rmdir(folder);
}

static struct bytes read_file(const char *folder, const char *end)
{
    char path[PATH_SIZE];
    struct bytes bytes = {0};

    path_in(folder, end, path);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return bytes;
    fseek(file, 0, SEEK_END);
    bytes.len = (size_t)ftell(file);
    rewind(file);
    bytes.data = malloc(bytes.len + 1);
    if (bytes.data == NULL || fread(bytes.data, 1, bytes.len, file) != bytes.len)
        abort();
    fclose(file);
    return bytes;
}

static void write_file(const char *folder, const char *end, const struct bytes *bytes)
{
    char path[PATH_SIZE];

    if (bytes->data == NULL)
        return;
    path_in(folder, end, path);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes->data, 1, bytes->len, file) != bytes->len)
        abort();
    fclose(file);
}

/* Half of them with their log, as a process that died would leave it; half closed, with the log in the file. */
static void make_image(size_t index)
{
    struct image *image = &images[index];
    struct life *life = &image->life;
    ecsengine_sqlite *store = NULL;
    char folder[64], path[PATH_SIZE];
    bool closes = index % 2 == 0;

    make_folder(folder);
    path_in(folder, "", path);
    between_reset();
    if (ecsengine_sqlite_open(path, &store, NULL) < 0)
        abort();
    life->wait = between_wait;
    life->kept = NULL;
    life_begin(life, NULL);
    if (ecsengine_sqlite_attach(store, life->engine, NULL) < 0)
        abort();
    life_add(life);
    life_run(life, (int64_t)index * 9 * SECOND);
    records_copy(&image->records, &between_durable);
    image->mono_ns = life->mono_ns;
    if (!closes) {
        image->database = read_file(folder, "");
        image->log = read_file(folder, "-wal");
    }
    life_end(life);
    ecsengine_sim_free(life->sim);
    ecsengine_sqlite_close(store, NULL);
    if (closes)
        image->database = read_file(folder, "");
    remove_folder(folder);
}

void corrupt_begin(void)
{
    for (size_t i = 0; i < IMAGES; i++)
        make_image(i);
}

void corrupt_end(void)
{
    for (size_t i = 0; i < IMAGES; i++) {
        free(images[i].database.data);
        free(images[i].log.data);
        records_clear(&images[i].records);
    }
    between_reset();
}

static struct bytes copied(const struct bytes *from)
{
    struct bytes copy = {from->data != NULL ? malloc(from->len + 1) : NULL, from->len};

    if (copy.data != NULL)
        memcpy(copy.data, from->data, from->len);
    return copy;
}

static void damage(struct draws *draws, const struct image *image, const char *folder)
{
    struct bytes database = copied(&image->database), log = copied(&image->log);
    bool both = one_in(draws, 4), in_log = log.len > 0 && one_in(draws, 2);

    if (in_log || (both && log.len > 0))
        damage_bytes(draws, log.data, &log.len);
    if (!in_log || both)
        damage_bytes(draws, database.data, &database.len);
    write_file(folder, "", &database);
    write_file(folder, "-wal", &log);
    free(database.data);
    free(log.data);
}

/* An error says what it is and where. */
static void check_refusal(int rc, ecsengine_error *error, const char *path, struct work *work, struct text *out_wrong)
{
    static const int good[] = {ECSENGINE_ECORRUPT, ECSENGINE_EIO, ECSENGINE_EINVAL, ECSENGINE_EUNSUPPORTED};
    bool known = false;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        known |= rc == good[i];
    if (!known || strstr(ecsengine_error_message(error), path) == NULL)
        text_add(out_wrong, "refused: %s: %s\n", ecsengine_code_name(rc), ecsengine_error_message(error));
    work->counts[REFUSED]++;
    ecsengine_error_free(error);
}

static bool was_given(const struct image *image, const char *key)
{
    const struct record *one = records_find(&image->records, key), *other = records_find(&between_given, key);

    return one != NULL && other != NULL && one->len == other->len && memcmp(one->value, other->value, one->len) == 0;
}

/* What came out of the file as it went in is there. */
static void check_tasks(const struct image *image, const struct life *life, struct work *work, struct text *out_wrong)
{
    char key[128];

    for (size_t i = 0; i < LIFE_TASKS; i++) {
        bool whole = true;
        snprintf(key, sizeof(key), "task/" ARN_HEAD "%s", life_tasks[i]);
        for (size_t k = 0; k < image->records.count; k++)
            whole &= strncmp(image->records.list[k].key, "definition/", 11) != 0 || was_given(image, image->records.list[k].key);
        whole &= was_given(image, key);
        work->counts[WENT_ON] += whole;
        if (whole && !life_knows(life, i))
            text_add(out_wrong, "%s came out whole, and is not there\n", life_tasks[i]);
    }
}

static void live(const struct image *image, ecsengine_sqlite *store, const char *path, struct work *work, struct text *out_wrong)
{
    struct life life = {.wait = between_wait, .mono_ns = image->mono_ns};
    ecsengine_error *error = NULL;

    life_begin(&life, NULL);
    between_forget_given();
    int rc = ecsengine_sqlite_attach(store, life.engine, &error);
    if (rc < 0) {
        check_refusal(rc, error, path, work, out_wrong);
    } else {
        check_tasks(image, &life, work, out_wrong);
        life_run(&life, 5 * SECOND);
        life_stop_all(&life);
        life_run(&life, 600 * SECOND);
        work->counts[DAMAGED] += life.damaged;
        if (life.restless)
            text_add(out_wrong, "it does not come to rest\n");
    }
    if (!life_end(&life))
        text_add(out_wrong, "memory was not given back\n");
    ecsengine_sim_free(life.sim);
}

void corrupt_one(uint64_t seed, struct work *work, struct text *out_wrong)
{
    struct draws draws = draws_of(seed, 2);
    const struct image *image = &images[below(&draws, IMAGES)];
    ecsengine_sqlite *store = NULL;
    ecsengine_error *error = NULL;
    char folder[64], path[PATH_SIZE];

    between_reset();
    make_folder(folder);
    path_in(folder, "", path);
    damage(&draws, image, folder);
    int rc = ecsengine_sqlite_open(path, &store, &error);
    if (rc < 0)
        check_refusal(rc, error, path, work, out_wrong);
    else
        live(image, store, path, work, out_wrong);
    ecsengine_sqlite_close(store, NULL);
    remove_folder(folder);
}
