/* SPDX-License-Identifier: Apache-2.0 */
/* Results: what a setter takes is kept, what it refuses changes nothing. */
#include "../base/unit.h"

#include <stdio.h>

#include "model/definition.h"
#include "model/limits.h"
#include "model/result.h"
#include "model/result_record.h"

static struct root root;
static struct ecsengine_result *result;

static void never(struct root *gone) { (void)gone; }

static void start(void)
{
    ecsengine_allocator allocator = unit_allocator();

    root_init(&root, &allocator, never);
    result = result_new(&root);
    ck_assert_ptr_nonnull(result);
}

static void end(void)
{
    ecsengine_result_free(result);
    ck_assert_uint_eq(0, unit.blocks);
    ck_assert_uint_eq(1, atomic_load(&root.refs));
}

static const char *letters(size_t count)
{
    static char text[8192];

    memset(text, 'x', count);
    text[count] = '\0';
    return text;
}

typedef int set_text_fn(ecsengine_result *to, const char *text);

static int set_digest(ecsengine_result *to, const char *text) { return ecsengine_result_set_digest(to, text, "type"); }
static int set_media_type(ecsengine_result *to, const char *text) { return ecsengine_result_set_digest(to, "digest", text); }

START_TEST(texts_have_a_maximum_and_are_utf_8)
{
    const struct {
        set_text_fn *set;
        struct str **slot;
        size_t max;
    } rows[] = {
        {ecsengine_result_set_error_name, &result->error_name, 63},
        {ecsengine_result_set_container_id, &result->container_id, LIMIT_RUNTIME_ID},
        {ecsengine_result_set_image_id, &result->image_id, LIMIT_RUNTIME_ID},
        {set_digest, &result->digest, LIMIT_RUNTIME_ID},
        {set_media_type, &result->media_type, LIMIT_RUNTIME_ID},
        {ecsengine_result_set_runtime_version, &result->runtime_version, LIMIT_RUNTIME_ID},
        {ecsengine_result_set_volume_name, &result->volume_name, LIMIT_RUNTIME_NAME},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_int_eq(0, rows[i].set(result, letters(rows[i].max)));
        ck_assert_uint_eq(rows[i].max, str_len(*rows[i].slot));
        ck_assert_int_eq(ECSENGINE_EINVAL, rows[i].set(result, letters(rows[i].max + 1)));
        ck_assert_uint_eq(rows[i].max, str_len(*rows[i].slot)); /* as it was */
        ck_assert_int_eq(ECSENGINE_EINVAL, rows[i].set(result, "\xc3"));
        ck_assert_uint_eq(rows[i].max, str_len(*rows[i].slot));
        ck_assert_int_eq(0, rows[i].set(result, "\xc3\xa9"));
        ck_assert_str_eq("\xc3\xa9", str_text(*rows[i].slot));
        unit.fail_all = true;
        ck_assert_int_eq(ECSENGINE_ENOMEM, rows[i].set(result, "other"));
        unit.fail_all = false;
        ck_assert_str_eq("\xc3\xa9", str_text(*rows[i].slot));
    }
    end();
}
END_TEST

START_TEST(a_digest_and_its_type_are_set_together_or_not_at_all)
{
    ck_assert_int_eq(0, ecsengine_result_set_digest(result, "one", "type of one"));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_set_digest(result, NULL, "type of two"));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_set_digest(result, "two", "\xff"));
    ck_assert_str_eq("one", str_text(result->digest));
    ck_assert_str_eq("type of one", str_text(result->media_type));
    end();
}
END_TEST

START_TEST(the_words_of_a_runtime_are_cut_and_repaired_and_never_refused)
{
    char text[LIMIT_REASON + 10];

    memset(text, 'x', sizeof(text));
    memcpy(text + LIMIT_REASON - 1, "\xe4\xb8\x96", 4);
    ck_assert_int_eq(0, ecsengine_result_set_failure(result, ECSENGINE_FAILURE_OTHER, text));
    ck_assert_uint_eq(LIMIT_REASON - 1, str_len(result->text));
    ck_assert_int_eq(0, ecsengine_result_set_failure(result, ECSENGINE_FAILURE_CONFLICT, "bad \xff end"));
    ck_assert_str_eq("bad ? end", str_text(result->text));
    ck_assert_int_eq(ECSENGINE_FAILURE_CONFLICT, result->failure);
    ck_assert_int_eq(0, ecsengine_result_set_failure(result, ECSENGINE_FAILURE_OTHER, NULL));
    ck_assert_str_eq("", str_text(result->text));
    ck_assert_int_eq(0, ecsengine_result_set_state_error(result, "\xff"));
    ck_assert_str_eq("?", str_text(result->state_error));
    ck_assert_int_eq(0, ecsengine_result_set_health(result, ECSENGINE_HEALTH_UNHEALTHY, letters(2000)));
    ck_assert_uint_eq(LIMIT_HEALTH_OUTPUT, str_len(result->health_output));
    end();
}
END_TEST

START_TEST(a_failure_without_memory_for_its_text_is_still_a_failure)
{
    unit.fail_all = true;
    ck_assert_int_eq(ECSENGINE_ENOMEM, ecsengine_result_set_failure(result, ECSENGINE_FAILURE_NOT_FOUND, "x"));
    unit.fail_all = false;
    ck_assert_int_eq(ECSENGINE_FAILURE_NOT_FOUND, result->failure);
    end();
}
END_TEST

START_TEST(times_have_a_maximum_so_that_a_timeout_can_be_added)
{
    ck_assert_int_eq(0, ecsengine_result_set_started_at(result, LIMIT_WALL_NS));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_set_started_at(result, LIMIT_WALL_NS + 1));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_set_started_at(result, INT64_MAX));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_set_created_at(result, INT64_MAX));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_set_finished_at(result, INT64_MAX));
    ck_assert_int_eq(LIMIT_WALL_NS, result->started_at);
    ck_assert_int_eq(0, result->created_at);
    end();
}
END_TEST

START_TEST(a_thousand_ports_are_kept)
{
    for (int i = 1; i <= LIMIT_PORTS; i++)
        ck_assert_int_eq(0, ecsengine_result_add_port(result, i, 65535, i % 2 ? "tcp" : "udp", "::1"));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_add_port(result, 1, 1, "tcp", NULL));
    ck_assert_uint_eq(LIMIT_PORTS, result->ports->count);
    ck_assert_uint_eq(1000, result->ports->items[999].container_port);
    ck_assert_uint_eq(PROTOCOL_UDP, result->ports->items[999].protocol);
    ck_assert_str_eq("::1", result->ports->items[0].bind_ip);
    end();
}
END_TEST

START_TEST(an_unknown_protocol_makes_the_record_a_failure)
{
    ck_assert_int_eq(0, ecsengine_result_add_port(result, 1, 1, "sctp", NULL));
    ck_assert(result->bad_protocol);
    ck_assert_ptr_null(result->ports);
    end();
}
END_TEST

START_TEST(repository_digests_have_a_maximum)
{
    for (int i = 0; i < LIMIT_REPO_DIGESTS; i++)
        ck_assert_int_eq(0, ecsengine_result_add_repo_digest(result, "busybox@sha256:00"));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_add_repo_digest(result, "busybox@sha256:00"));
    ck_assert_uint_eq(LIMIT_REPO_DIGESTS, result->repo_digest_count);
    end();
    start();
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_add_repo_digest(result, letters(LIMIT_IMAGE + 1)));
    ck_assert_int_eq(0, ecsengine_result_add_repo_digest(result, letters(LIMIT_IMAGE)));
    ck_assert_uint_eq(1, result->repo_digest_count);
    end();
}
END_TEST

START_TEST(a_volumes_options_are_sorted_and_of_equal_keys_the_last_counts)
{
    static const char *const pairs[][2] = {{"m", "1"}, {"z", "2"}, {"a", "3"}, {"m", "4"}, {"", "5"}};
    static const char *const want[][2] = {{"", "5"}, {"a", "3"}, {"m", "4"}, {"z", "2"}};

    for (size_t i = 0; i < 5; i++)
        ck_assert_int_eq(0, ecsengine_result_add_volume_option(result, pairs[i][0], pairs[i][1]));
    ck_assert_uint_eq(4, result->options.count);
    ck_assert_uint_eq(0, result->labels.count);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(want[i][0], result->options.items[i].key->data);
        ck_assert_str_eq(want[i][1], result->options.items[i].value->data);
    }
    end();
}
END_TEST

START_TEST(a_volumes_labels_have_a_maximum_and_one_that_finds_no_memory_changes_nothing)
{
    char key[16];

    for (int i = 0; i < LIMIT_VOLUME_PAIRS; i++) {
        snprintf(key, sizeof(key), "%d", i);
        ck_assert_int_eq(0, ecsengine_result_add_volume_label(result, key, ""));
    }
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_add_volume_label(result, "x", ""));
    ck_assert_int_eq(0, ecsengine_result_add_volume_label(result, "5", "new")); /* one that is there already */
    ck_assert_uint_eq(LIMIT_VOLUME_PAIRS, result->labels.count);
    ck_assert_int_eq(0, ecsengine_result_add_volume_option(result, "a", letters(LIMIT_VOLUME_TEXT)));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_add_volume_option(result, "b", letters(LIMIT_VOLUME_TEXT + 1)));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_add_volume_option(result, letters(LIMIT_VOLUME_TEXT + 1), "b"));
    for (long n = 1; n <= 2; n++) {
        unit.calls = 0;
        unit.fail_at = n;
        ck_assert_int_eq(ECSENGINE_ENOMEM, ecsengine_result_add_volume_option(result, "c", "d"));
    }
    unit.fail_at = 0;
    ck_assert_uint_eq(1, result->options.count);
    end();
}
END_TEST

START_TEST(listed_containers_are_kept_or_not_at_all)
{
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(0, ecsengine_result_add_container(result, "id", "name", 1, ECSENGINE_HEALTH_UNKNOWN));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_add_container(result, "id", letters(LIMIT_RUNTIME_NAME + 1), 1,
                                                                      ECSENGINE_HEALTH_UNKNOWN));
    ck_assert_int_eq(ECSENGINE_EINVAL,
                     ecsengine_result_add_container(result, letters(LIMIT_RUNTIME_ID + 1), "name", 1, ECSENGINE_HEALTH_UNKNOWN));
    ck_assert_uint_eq(100, result->container_count);
    result->container_count = LIMIT_LIST; /* as if there were so many */
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_add_container(result, "id", "name", 1, ECSENGINE_HEALTH_UNKNOWN));
    result->container_count = 100;
    end();
}
END_TEST

START_TEST(of_a_listed_container_the_engines_own_labels_are_kept)
{
#define OURS(name) "com.amazonaws.ecs." name
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_add_container_label(result, OURS("task-arn"), "x")); /* of whom? */
    ck_assert_int_eq(0, ecsengine_result_add_container(result, "1", "one", 1, ECSENGINE_HEALTH_UNKNOWN));
    ck_assert_int_eq(0, ecsengine_result_add_container(result, "2", "two", 1, ECSENGINE_HEALTH_UNKNOWN));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(result, OURS("task-arn"), "arn"));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(result, OURS("container-name"), "web"));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(result, OURS("task-definition-family"), "fam"));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(result, OURS("task-definition-version"), "3"));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(result, OURS("cluster"), "c"));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(result, "somebody", "else"));
    const struct listed_container *listed = result->containers;
    ck_assert(listed[0].arn == NULL && listed[0].container_name == NULL && listed[0].family == NULL && listed[0].version == NULL);
    ck_assert_str_eq("arn", str_text(listed[1].arn));
    ck_assert_str_eq("web", str_text(listed[1].container_name));
    ck_assert_str_eq("fam", str_text(listed[1].family));
    ck_assert_str_eq("3", str_text(listed[1].version));
    /* What the engine can't have written itself is none of its labels. */
    ck_assert_int_eq(0, ecsengine_result_add_container(result, "3", "three", 1, ECSENGINE_HEALTH_UNKNOWN));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(result, OURS("task-arn"), letters(LIMIT_ARN + 1)));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(result, OURS("container-name"), "\xff"));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(result, OURS("task-definition-family"), ""));
    listed = result->containers;
    ck_assert(listed[2].arn == NULL && listed[2].container_name == NULL && listed[2].family == NULL);
    unit.calls = 0;
    unit.fail_at = 1;
    ck_assert_int_eq(ECSENGINE_ENOMEM, ecsengine_result_add_container_label(result, OURS("task-arn"), "arn"));
    unit.fail_at = 0;
    end();
}
END_TEST

START_TEST(a_list_is_recorded_with_its_labels)
{
    struct record_reader reader;
    struct ecsengine_result *read = NULL;
    struct buf first, second;
    const struct secret_mask mask = {.hidden = true};

    ck_assert_int_eq(0, ecsengine_result_add_container(result, "1", "one", 1, ECSENGINE_HEALTH_HEALTHY));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(result, OURS("task-arn"), "arn"));
    ck_assert_int_eq(0, ecsengine_result_add_container(result, "2", "two", 0, ECSENGINE_HEALTH_UNKNOWN));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(result, OURS("container-name"), "web"));
    ck_assert_int_eq(0, ecsengine_result_add_container_label(result, OURS("task-definition-version"), "3"));
    buf_init(&first, &root.mem, 0);
    buf_init(&second, &root.mem, 0);
    record_put_result(&first, result, &mask);
    reader = (struct record_reader){.at = (unsigned char *)first.data, .end = (unsigned char *)first.data + first.len};
    ck_assert_int_eq(0, record_get_result(&reader, &root, &read));
    ck_assert_str_eq("arn", str_text(read->containers[0].arn));
    ck_assert_ptr_null(read->containers[0].container_name);
    ck_assert_str_eq("web", str_text(read->containers[1].container_name));
    record_put_result(&second, read, &mask);
    ck_assert_uint_eq(first.len, second.len);
    ck_assert_int_eq(0, memcmp(first.data, second.data, first.len));
    ecsengine_result_free(read);
    buf_free(&first);
    buf_free(&second);
    end();
}
END_TEST

START_TEST(what_is_said_of_execs_and_agents_is_recorded_and_what_a_command_wrote_is_hidden)
{
    struct secret_mask mask = {.key = {1, 2}};
    struct record_reader reader;
    struct ecsengine_result *read = NULL;
    struct buf first, second;
    size_t at = 0, len;
    uint8_t stream;

    ck_assert_int_eq(0, ecsengine_result_set_exec_id(result, "e1"));
    ck_assert_int_eq(0, ecsengine_result_set_exec_state(result, 0, 7, 0));
    ck_assert_int_eq(0, ecsengine_result_add_output(result, 1, "a secret", 8));
    ck_assert_int_eq(0, ecsengine_result_add_output(result, 2, "another", 7));
    ck_assert_int_eq(0, ecsengine_result_set_agent_version(result, "3.1.0.0"));
    ck_assert_int_eq(0, ecsengine_result_add_agent_file(result, "one.json"));
    ck_assert_int_eq(0, ecsengine_result_add_agent_file(result, "two.xml"));
    buf_init(&first, &root.mem, 0);
    buf_init(&second, &root.mem, 0);
    record_put_result(&first, result, &mask);
    for (size_t i = 0; i + 6 <= first.len; i++)
        ck_assert_int_ne(0, memcmp(first.data + i, "secret", 6));
    reader = (struct record_reader){.at = (unsigned char *)first.data, .end = (unsigned char *)first.data + first.len};
    ck_assert_int_eq(0, record_get_result(&reader, &root, &read));
    ck_assert_str_eq("e1", str_text(read->exec_id));
    ck_assert(read->has_exec && !read->exec_running && read->exec_code == 7);
    ck_assert_str_eq("3.1.0.0", str_text(read->agent_version));
    ck_assert_uint_eq(2, read->agent_file_count);
    ck_assert_str_eq("two.xml", str_text(read->agent_files[1]));
    ck_assert_mem_eq("hidden-", output_next(read->output, &at, &stream, &len), 7);
    mask.hidden = true; /* as a replay writes it */
    record_put_result(&second, read, &mask);
    ck_assert_uint_eq(first.len, second.len);
    ck_assert_int_eq(0, memcmp(first.data, second.data, first.len));
    ecsengine_result_free(read);
    buf_free(&first);
    buf_free(&second);
    end();
}
END_TEST

START_TEST(a_gpu_is_listed_once_and_as_many_as_a_host_may_have)
{
    char id[16];

    ck_assert_int_eq(0, ecsengine_result_add_gpu(result, "GPU-1"));
    ck_assert_int_eq(0, ecsengine_result_add_gpu(result, "GPU-1")); /* it is in already */
    ck_assert_uint_eq(1, result->gpus->count);
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_add_gpu(result, "GPU 1"));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_add_gpu(result, ""));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_add_gpu(result, letters(LIMIT_GPU_ID + 1)));
    for (int i = 1; i < LIMIT_GPUS; i++) {
        snprintf(id, sizeof(id), "g%d", i);
        ck_assert_int_eq(0, ecsengine_result_add_gpu(result, id));
    }
    ck_assert_uint_eq(LIMIT_GPUS, result->gpus->count);
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_add_gpu(result, "more"));
    ck_assert_uint_eq(LIMIT_GPUS, result->gpus->count);
    end();
}
END_TEST

START_TEST(a_gpu_that_finds_no_memory_changes_nothing)
{
    unit.fail_all = true;
    ck_assert_int_eq(ECSENGINE_ENOMEM, ecsengine_result_add_gpu(result, "GPU-1"));
    unit.fail_all = false;
    ck_assert_ptr_null(result->gpus);
    ck_assert_int_eq(0, ecsengine_result_add_gpu(result, "GPU-1"));
    end();
}
END_TEST

START_TEST(numbers_of_a_host_and_of_a_container_have_a_range)
{
    ck_assert_int_eq(0, ecsengine_result_set_cpus(result, 1 << 20));
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_set_cpus(result, (1 << 20) + 1));
    ck_assert_int_eq(1 << 20, result->cpus);
    ck_assert_int_eq(0, ecsengine_result_set_restart_count(result, INT32_MAX));
    ck_assert_int_eq(INT32_MAX, result->restart_count);
    end();
}
END_TEST

START_TEST(an_address_is_utf_8)
{
    ck_assert_int_eq(ECSENGINE_EINVAL, ecsengine_result_add_port(result, 80, 80, "tcp", "\xff"));
    ck_assert_ptr_null(result->ports);
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, start, NULL);
    tcase_add_test(tcase, texts_have_a_maximum_and_are_utf_8);
    tcase_add_test(tcase, a_digest_and_its_type_are_set_together_or_not_at_all);
    tcase_add_test(tcase, the_words_of_a_runtime_are_cut_and_repaired_and_never_refused);
    tcase_add_test(tcase, a_failure_without_memory_for_its_text_is_still_a_failure);
    tcase_add_test(tcase, times_have_a_maximum_so_that_a_timeout_can_be_added);
    tcase_add_test(tcase, a_thousand_ports_are_kept);
    tcase_add_test(tcase, an_unknown_protocol_makes_the_record_a_failure);
    tcase_add_test(tcase, repository_digests_have_a_maximum);
    tcase_add_test(tcase, a_gpu_is_listed_once_and_as_many_as_a_host_may_have);
    tcase_add_test(tcase, a_gpu_that_finds_no_memory_changes_nothing);
    tcase_add_test(tcase, numbers_of_a_host_and_of_a_container_have_a_range);
    tcase_add_test(tcase, an_address_is_utf_8);
    tcase_add_test(tcase, a_volumes_options_are_sorted_and_of_equal_keys_the_last_counts);
    tcase_add_test(tcase, a_volumes_labels_have_a_maximum_and_one_that_finds_no_memory_changes_nothing);
    tcase_add_test(tcase, listed_containers_are_kept_or_not_at_all);
    tcase_add_test(tcase, of_a_listed_container_the_engines_own_labels_are_kept);
    tcase_add_test(tcase, a_list_is_recorded_with_its_labels);
    tcase_add_test(tcase, what_is_said_of_execs_and_agents_is_recorded_and_what_a_command_wrote_is_hidden);
}

int main(void) { return unit_run("result", fill); }
