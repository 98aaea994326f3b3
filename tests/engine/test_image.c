/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests, pulls and tags, step by step (task-engine: sections 5.8, 5.9). */
#include "made.h"

#include "ecsengine/runtime.h"

#define IMAGE(name, image) "{'name':'" name "','image':'" image "','memory':64}"
#define WEB IMAGE("web", "nginx")
#define DIGEST "sha256:aa"
#define MANIFEST "application/vnd.oci.image.index.v1+json"

static struct task *task;
static struct container *web;

static void begin(const char *containers)
{
    char document[2048];

    made_open();
    made_settle();
    snprintf(document, sizeof(document), "{'taskArn':'" ARN "','family':'fam','revision':3,'containerDefinitions':[%s]}", containers);
    task = made_add(document);
    web = &task->containers[0];
}

/* The next operation that is to be sent, of that kind. */
static struct ecsengine_op *next(enum ecsengine_op_kind kind)
{
    ck_assert_int_eq(0, engine_settle(&made));
    struct ecsengine_op *op = made_next();
    if (op == NULL)
        ck_abort_msg("nothing is to be done");
    ck_assert_int_eq(kind, op->kind);
    return op;
}

static void nothing(void)
{
    ck_assert_int_eq(0, engine_settle(&made));
    ck_assert_ptr_null(made_next());
}

static void digest(struct ecsengine_op *op, const char *text, const char *media_type)
{
    struct ecsengine_result *result = made_result();

    ck_assert_int_eq(0, ecsengine_result_set_digest(result, text, media_type));
    made_answer(op, result);
}

/* A local image with these repository digests. */
static void local(struct ecsengine_op *op, const char *one, const char *other)
{
    struct ecsengine_result *result = made_result();

    if (one != NULL)
        ck_assert_int_eq(0, ecsengine_result_add_repo_digest(result, one));
    if (other != NULL)
        ck_assert_int_eq(0, ecsengine_result_add_repo_digest(result, other));
    made_answer(op, result);
}

static void end(void)
{
    struct ecsengine_op *op;

    while ((op = made_next()) != NULL)
        op_unref(op);
    made_close();
}

/* ---- manifest ---- */

START_TEST(a_reference_with_a_digest_asks_no_manifest_and_tells_none)
{
    begin(IMAGE("web", "nginx@sha256:77"));
    struct ecsengine_op *op = next(ECSENGINE_OP_PULL_IMAGE);
    ck_assert_str_eq("nginx@sha256:77", str_text(op->image));
    ck_assert_str_eq("sha256:77", str_text(web->image_digest));
    ck_assert(!web->digest_resolved); /* so it is not told */
    made_good(op);
    op_unref(next(ECSENGINE_OP_CREATE)); /* and there is nothing to tag */
    end();
}
END_TEST

START_TEST(without_manifests_nothing_is_asked_and_the_own_reference_is_pulled)
{
    made_set("image-manifest-resolution", "false");
    begin(WEB);
    struct ecsengine_op *op = next(ECSENGINE_OP_PULL_IMAGE);
    ck_assert_str_eq("nginx:latest", str_text(op->image));
    made_good(op);
    op_unref(next(ECSENGINE_OP_CREATE));
    ck_assert_ptr_null(web->image_digest);
    end();
}
END_TEST

static const char *const schemas[] = {
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
};

START_TEST(a_manifest_of_the_first_schema_has_no_digest)
{
    begin(WEB);
    digest(next(ECSENGINE_OP_PULL_MANIFEST), DIGEST, schemas[_i]);
    ck_assert_ptr_null(web->image_digest);
    ck_assert_ptr_null(web->error);
    struct ecsengine_op *op = next(ECSENGINE_OP_PULL_IMAGE);
    ck_assert_str_eq("nginx:latest", str_text(op->image));
    op_unref(op);
    end();
}
END_TEST

START_TEST(a_manifest_that_the_runtime_can_not_ask_for_is_no_error)
{
    begin(WEB);
    made_fail(next(ECSENGINE_OP_PULL_MANIFEST), ECSENGINE_FAILURE_UNSUPPORTED, NULL, "what is that");
    ck_assert_ptr_null(web->error);
    ck_assert_int_eq(ECSENGINE_CONTAINER_MANIFEST_PULLED, web->known);
    op_unref(next(ECSENGINE_OP_PULL_IMAGE));
    end();
}
END_TEST

START_TEST(an_answer_without_a_digest_is_no_digest)
{
    begin(WEB);
    made_answer(next(ECSENGINE_OP_PULL_MANIFEST), made_result());
    ck_assert_int_eq(ECSENGINE_CONTAINER_MANIFEST_PULLED, web->known);
    ck_assert(!web->digest_resolved);
    end();
}
END_TEST

START_TEST(a_manifest_is_tried_nine_times_with_growing_pauses)
{
    int64_t before, pause, last = 0;

    begin(WEB);
    for (int i = 1; i < 9; i++) {
        made_fail(next(ECSENGINE_OP_PULL_MANIFEST), ECSENGINE_FAILURE_OTHER, NULL, "no");
        ck_assert_int_eq(ECSENGINE_CONTAINER_NONE, web->known);
        nothing();
        before = made.mono_ns;
        made_wait();
        pause = made.mono_ns - before;
        if (pause < last || pause > 6 * NS_PER_S)
            ck_abort_msg("pause %d is %lld ns after %lld ns", i, (long long)pause, (long long)last);
        last = pause < 5 * NS_PER_S ? pause : 5 * NS_PER_S; /* a pause at the most is longer by up to a fifth */
    }
    made_fail(next(ECSENGINE_OP_PULL_MANIFEST), ECSENGINE_FAILURE_OTHER, NULL, "no");
    ck_assert_int_eq(ECSENGINE_CONTAINER_MANIFEST_PULLED, web->known);
    ck_assert_str_eq("CannotPullImageManifestError: no", str_text(web->error));
    end();
}
END_TEST

START_TEST(of_a_local_image_the_digest_of_its_own_repository_is_taken)
{
    made_set("image-pull-behavior", "prefer-cached");
    begin(WEB);
    local(next(ECSENGINE_OP_INSPECT_IMAGE), "other@sha256:11", "docker.io/library/nginx@sha256:22");
    ck_assert_str_eq("sha256:22", str_text(web->image_digest));
    ck_assert(web->digest_resolved);
    ck_assert_ptr_null(web->error);
    made_good(next(ECSENGINE_OP_INSPECT_IMAGE)); /* it is there, so nothing is pulled */
    op_unref(next(ECSENGINE_OP_CREATE));
    end();
}
END_TEST

START_TEST(a_local_image_without_a_fitting_digest_is_an_error)
{
    made_set("image-pull-behavior", "prefer-cached");
    begin(WEB);
    local(next(ECSENGINE_OP_INSPECT_IMAGE), "other@sha256:11", NULL);
    ck_assert_str_eq("CannotPullImageManifestError: failed to find a repo digest matching 'nginx'", str_text(web->error));
    ck_assert_ptr_null(web->image_digest);
    end();
}
END_TEST

START_TEST(a_local_image_without_any_digest_has_none)
{
    made_set("image-pull-behavior", "prefer-cached");
    begin(WEB);
    local(next(ECSENGINE_OP_INSPECT_IMAGE), NULL, NULL);
    ck_assert_ptr_null(web->error);
    ck_assert_ptr_null(web->image_digest);
    ck_assert_int_eq(ECSENGINE_CONTAINER_MANIFEST_PULLED, web->known);
    end();
}
END_TEST

START_TEST(what_is_not_cached_is_asked_for_and_pulled)
{
    made_set("image-pull-behavior", "prefer-cached");
    begin(WEB);
    made_fail(next(ECSENGINE_OP_INSPECT_IMAGE), ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such image");
    digest(next(ECSENGINE_OP_PULL_MANIFEST), DIGEST, MANIFEST);
    ck_assert_ptr_null(web->error);
    made_fail(next(ECSENGINE_OP_INSPECT_IMAGE), ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such image");
    op_unref(next(ECSENGINE_OP_PULL_IMAGE));
    ck_assert_ptr_null(web->error);
    end();
}
END_TEST

/* A task of another ARN. */
static struct container *another(const char *image)
{
    char document[1024];

    snprintf(document, sizeof(document),
             "{'taskArn':'" ARN_HEAD "t2','family':'fam','revision':3,'containerDefinitions':[{'name':'web','image':'%s','memory':64}]}",
             image);
    return &made_add(document)->containers[0];
}

START_TEST(of_once_the_second_pull_is_none)
{
    made_set("image-pull-behavior", "once");
    begin(WEB);
    digest(next(ECSENGINE_OP_PULL_MANIFEST), DIGEST, MANIFEST);
    made_good(next(ECSENGINE_OP_PULL_IMAGE));
    made_good(next(ECSENGINE_OP_TAG_IMAGE));
    op_unref(next(ECSENGINE_OP_CREATE));
    struct container *second = another("nginx");
    local(next(ECSENGINE_OP_INSPECT_IMAGE), "nginx@" DIGEST, NULL);
    op_unref(next(ECSENGINE_OP_CREATE));
    ck_assert_str_eq(DIGEST, str_text(second->image_digest));
    end();
}
END_TEST

START_TEST(of_once_another_reference_is_pulled)
{
    made_set("image-pull-behavior", "once");
    begin(WEB);
    digest(next(ECSENGINE_OP_PULL_MANIFEST), DIGEST, MANIFEST);
    made_good(next(ECSENGINE_OP_PULL_IMAGE));
    made_good(next(ECSENGINE_OP_TAG_IMAGE));
    op_unref(next(ECSENGINE_OP_CREATE));
    another("nginx:1");
    op_unref(next(ECSENGINE_OP_PULL_MANIFEST));
    end();
}
END_TEST

START_TEST(of_once_an_image_that_is_gone_since_is_an_error)
{
    made_set("image-pull-behavior", "once");
    begin(WEB);
    digest(next(ECSENGINE_OP_PULL_MANIFEST), DIGEST, MANIFEST);
    made_good(next(ECSENGINE_OP_PULL_IMAGE));
    made_good(next(ECSENGINE_OP_TAG_IMAGE));
    op_unref(next(ECSENGINE_OP_CREATE));
    struct container *second = another("nginx");
    made_fail(next(ECSENGINE_OP_INSPECT_IMAGE), ECSENGINE_FAILURE_NOT_FOUND, NULL, "no such image");
    ck_assert_str_eq("CannotPullImageManifestError: no such image", str_text(second->error));
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, second->task->desired);
    end();
}
END_TEST

/* ---- pull and tag ---- */

static struct ecsengine_op *pull(void)
{
    digest(next(ECSENGINE_OP_PULL_MANIFEST), DIGEST, MANIFEST);
    return next(ECSENGINE_OP_PULL_IMAGE);
}

START_TEST(a_pull_by_digest_is_tagged_with_the_references_name)
{
    begin(IMAGE("web", "host:5000/nginx:1"));
    struct ecsengine_op *op = pull();
    ck_assert_str_eq("host:5000/nginx@" DIGEST, str_text(op->image));
    made_good(op);
    op = next(ECSENGINE_OP_TAG_IMAGE);
    ck_assert_str_eq("host:5000/nginx@" DIGEST, str_text(op->image));
    ck_assert_str_eq("host:5000/nginx:1", str_text(op->image_target));
    ck_assert_int_eq(30 * NS_PER_S, op->deadline_ns - made.mono_ns);
    ck_assert_int_eq(ECSENGINE_CONTAINER_MANIFEST_PULLED, web->known);
    made_good(op);
    ck_assert_int_eq(ECSENGINE_CONTAINER_PULLED, web->known);
    op_unref(next(ECSENGINE_OP_CREATE));
    end();
}
END_TEST

START_TEST(a_tag_is_tried_five_times_and_its_failure_is_the_pulls)
{
    begin(WEB);
    made_good(pull());
    for (int i = 1; i < 5; i++) {
        made_fail(next(ECSENGINE_OP_TAG_IMAGE), ECSENGINE_FAILURE_OTHER, NULL, "no");
        ck_assert_int_eq(ECSENGINE_CONTAINER_MANIFEST_PULLED, web->known);
        nothing();
        int64_t before = made.mono_ns;
        made_wait();
        ck_assert_int_eq(100 * NS_PER_MS, made.mono_ns - before);
    }
    made_fail(next(ECSENGINE_OP_TAG_IMAGE), ECSENGINE_FAILURE_OTHER, NULL, "no");
    ck_assert_str_eq("CannotPullContainerError: failed to tag image 'nginx@" DIGEST "' as 'nginx:latest': no", str_text(web->error));
    ck_assert_int_eq(ECSENGINE_CONTAINER_PULLED, web->known); /* behaviour `default` goes on */
    end();
}
END_TEST

START_TEST(a_tag_that_is_not_answered_is_a_timeout)
{
    begin(WEB);
    made_good(pull());
    op_unref(next(ECSENGINE_OP_TAG_IMAGE));
    made_wait();
    ck_assert_str_eq("DockerTimeoutError: Could not transition to pulled; timed out after waiting 30s", str_text(web->error));
    end();
}
END_TEST

START_TEST(an_authorisation_that_is_missing_is_not_tried_again)
{
    static const char *const names[] = {"CannotPullECRContainerError", "CannotPullContainerAuthError"};
    char reason[64];

    begin(WEB);
    made_fail(pull(), ECSENGINE_FAILURE_OTHER, names[_i], "no");
    snprintf(reason, sizeof(reason), "%s: no", names[_i]);
    ck_assert_str_eq(reason, str_text(web->error));
    ck_assert_int_eq(ECSENGINE_CONTAINER_PULLED, web->known);
    end();
}
END_TEST

START_TEST(a_pull_has_five_minutes_to_begin)
{
    begin(WEB);
    op_unref(pull());
    int64_t before = made.mono_ns;
    made_wait();
    ck_assert_int_eq(5 * NS_PER_MINUTE, made.mono_ns - before);
    ck_assert_str_eq("DockerTimeoutError: Could not transition to pullBegin; timed out after waiting 5m0s", str_text(web->trouble));
    made_wait();
    op_unref(next(ECSENGINE_OP_PULL_IMAGE)); /* the second try */
    end();
}
END_TEST

START_TEST(a_pull_that_has_begun_may_be_silent_for_a_minute)
{
    begin(WEB);
    struct ecsengine_op *op = pull();
    made.mono_ns += NS_PER_S;
    op->current = 1;
    op->update.kind = INPUT_UPDATE;
    ecsengine_op_ref(op); /* what waits in the inbox has a share of it */
    made_apply(&op->update);
    int64_t before = made.mono_ns;
    made_wait();
    ck_assert_int_eq(NS_PER_MINUTE, made.mono_ns - before);
    ck_assert_str_eq("CannotPullContainerError: inactivity time exceeded timeout while pulling image", str_text(web->trouble));
    op_unref(op);
    end();
}
END_TEST

START_TEST(all_tries_of_a_pull_together_have_their_limit)
{
    made_set("image-pull-timeout", "3m");
    begin(WEB);
    op_unref(pull());
    int64_t before = made.mono_ns;
    made_wait();
    ck_assert_int_eq(3 * NS_PER_MINUTE, made.mono_ns - before);
    ck_assert_str_eq("DockerTimeoutError: Could not transition to pulled; timed out after waiting 3m0s", str_text(web->error));
    ck_assert_int_eq(ECSENGINE_CONTAINER_PULLED, web->known); /* no time is left for another try */
    end();
}
END_TEST

/* ---- so many at once ---- */

#define THREE IMAGE("web", "a") "," IMAGE("two", "b") "," IMAGE("three", "c")

static struct ecsengine_op *pull_of(const char *image)
{
    struct ecsengine_op *op = next(ECSENGINE_OP_PULL_IMAGE);

    ck_assert_str_eq(image, str_text(op->image));
    return op;
}

static void begin_three(const char *parallel)
{
    made_set("image-manifest-resolution", "false");
    made_set("image-pull-parallel", parallel);
    begin(THREE);
}

START_TEST(pulls_over_the_limit_wait_in_order)
{
    begin_three("1");
    struct ecsengine_op *op = pull_of("a:latest");
    nothing();
    ck_assert(task->containers[1].pull_waits && task->containers[2].pull_waits);
    made_good(op);
    op = pull_of("b:latest");
    op_unref(next(ECSENGINE_OP_CREATE));
    nothing();
    made_good(op);
    op_unref(pull_of("c:latest"));
    end();
}
END_TEST

START_TEST(up_to_the_limit_they_do_not_wait)
{
    begin_three("2");
    op_unref(pull_of("a:latest"));
    op_unref(pull_of("b:latest"));
    nothing();
    end();
}
END_TEST

START_TEST(a_pull_between_two_tries_keeps_its_slot)
{
    begin_three("1");
    made_fail(pull_of("a:latest"), ECSENGINE_FAILURE_OTHER, NULL, "no");
    nothing();
    made_wait();
    op_unref(pull_of("a:latest"));
    end();
}
END_TEST

START_TEST(a_pull_that_failed_for_good_gives_up_its_slot)
{
    begin_three("1");
    made_fail(pull_of("a:latest"), ECSENGINE_FAILURE_OTHER, "CannotPullContainerAuthError", "no");
    op_unref(pull_of("b:latest"));
    end();
}
END_TEST

START_TEST(who_waits_for_a_slot_and_is_stopped_waits_no_more)
{
    begin_three("1");
    struct ecsengine_op *op = pull_of("a:latest");
    made_stop(task);
    ck_assert_int_eq(0, engine_settle(&made));
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    ck_assert(list_empty(&made.pull_queue));
    ck_assert(!task->containers[1].pull_waits);
    made_good(op); /* its end frees the slot, and nobody takes it */
    ck_assert_uint_eq(0, made.pulls);
    end();
}
END_TEST

START_TEST(no_pull_begins_for_a_task_that_is_being_stopped)
{
    begin_three("1");
    made_fail(pull_of("a:latest"), ECSENGINE_FAILURE_OTHER, NULL, "no");
    made_stop(task); /* the first gives its slot up before the second has left the queue */
    nothing();
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    another("d");
    op_unref(pull_of("d:latest"));
    end();
}
END_TEST

START_TEST(who_shall_stop_and_can_not_yet_holds_up_nobody_in_the_queue)
{
    made_set("pull-dependent-containers-upfront", "true");
    made_set("image-manifest-resolution", "false");
    made_set("image-pull-parallel", "1");
    begin(IMAGE("web", "a") ",{'name':'two','image':'b','memory':64,'essential':false}");
    struct ecsengine_op *op = pull_of("a:latest");
    ck_assert(task->containers[1].pull_waits);
    task->containers[1].desired = ECSENGINE_CONTAINER_STOPPED;
    struct container *other = another("d");
    made_good(op);
    op_unref(pull_of("d:latest"));
    ck_assert_int_eq(ECSENGINE_CONTAINER_PULLED, other->applied);
    end();
}
END_TEST

START_TEST(a_stopped_task_between_two_tries_gives_up_its_slot)
{
    begin_three("1");
    made_fail(pull_of("a:latest"), ECSENGINE_FAILURE_OTHER, NULL, "no");
    ck_assert_uint_eq(1, made.pulls);
    made_stop(task);
    ck_assert_uint_eq(0, made.pulls);
    end();
}
END_TEST

/* ---- what makes no difference ---- */

START_TEST(progress_is_of_a_pull_that_is_waited_for)
{
    made_set("image-manifest-resolution", "false");
    begin(WEB);
    struct ecsengine_op *op = pull_of("nginx:latest");
    ecsengine_op_ref(op); /* the input's */
    ck_assert_int_eq(0, engine_apply(&made, &op->update));
    ck_assert(op->progressed);
    made_good(op);
    op = next(ECSENGINE_OP_CREATE);
    ecsengine_op_ref(op);
    ck_assert_int_eq(0, engine_apply(&made, &op->update));
    ck_assert(!op->progressed);
    made_good(op);
    made_settle();
    struct container *other = another("d");
    op = other->op;
    op_unref(pull_of("d:latest")); /* the way out's */
    ecsengine_op_ref(op);
    ecsengine_op_ref(op);
    made.mono_ns += 6 * NS_PER_MINUTE;
    ck_assert_int_eq(0, engine_settle(&made));
    ck_assert(op->answered); /* it was too late */
    ck_assert_int_eq(0, engine_apply(&made, &op->update));
    ck_assert(!op->progressed);
    op_unref(op);
    end();
}
END_TEST

START_TEST(who_always_pulls_is_content_with_no_local_image)
{
    made_set("pull-dependent-containers-upfront", "true");
    made_set("image-manifest-resolution", "false");
    made_set("image-pull-behavior", "always");
    begin(WEB);
    made_fail(pull_of("nginx:latest"), ECSENGINE_FAILURE_OTHER, "CannotPullContainerAuthError", "no");
    nothing(); /* it is not looked for */
    ck_assert_int_eq(ECSENGINE_TASK_STOPPED, task->known);
    end();
}
END_TEST

START_TEST(a_repository_digest_that_has_none_is_passed_over)
{
    made_set("image-pull-behavior", "prefer-cached");
    begin(WEB);
    local(next(ECSENGINE_OP_INSPECT_IMAGE), "nginx", "nginx@" DIGEST);
    ck_assert_str_eq(DIGEST, str_text(web->image_digest));
    end();
}
END_TEST

START_TEST(a_pull_that_the_runtime_can_not_do_is_tried_once)
{
    made_set("image-manifest-resolution", "false");
    begin(WEB);
    made_fail(pull_of("nginx:latest"), ECSENGINE_FAILURE_UNSUPPORTED, NULL, "no");
    ck_assert_str_eq("CannotPullContainerError: no", str_text(web->error));
    op_unref(next(ECSENGINE_OP_CREATE)); /* it may be there */
    end();
}
END_TEST

START_TEST(the_image_of_an_empty_volume_is_pulled_and_has_no_manifest)
{
    made_open();
    made_settle();
    task = made_task(TASK(WEB));
    task->definition->containers[0].type = CONTAINER_EMPTY_HOST_VOLUME;
    made_add_task(task);
    op_unref(next(ECSENGINE_OP_PULL_IMAGE));
    ck_assert_ptr_null(task->containers[0].image_digest);
    end();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, made_start, NULL);
    tcase_add_test(tcase, a_reference_with_a_digest_asks_no_manifest_and_tells_none);
    tcase_add_test(tcase, without_manifests_nothing_is_asked_and_the_own_reference_is_pulled);
    tcase_add_loop_test(tcase, a_manifest_of_the_first_schema_has_no_digest, 0, 2);
    tcase_add_test(tcase, a_manifest_that_the_runtime_can_not_ask_for_is_no_error);
    tcase_add_test(tcase, an_answer_without_a_digest_is_no_digest);
    tcase_add_test(tcase, a_manifest_is_tried_nine_times_with_growing_pauses);
    tcase_add_test(tcase, of_a_local_image_the_digest_of_its_own_repository_is_taken);
    tcase_add_test(tcase, a_local_image_without_a_fitting_digest_is_an_error);
    tcase_add_test(tcase, a_local_image_without_any_digest_has_none);
    tcase_add_test(tcase, what_is_not_cached_is_asked_for_and_pulled);
    tcase_add_test(tcase, of_once_the_second_pull_is_none);
    tcase_add_test(tcase, of_once_another_reference_is_pulled);
    tcase_add_test(tcase, of_once_an_image_that_is_gone_since_is_an_error);
    tcase_add_test(tcase, a_pull_by_digest_is_tagged_with_the_references_name);
    tcase_add_test(tcase, a_tag_is_tried_five_times_and_its_failure_is_the_pulls);
    tcase_add_test(tcase, a_tag_that_is_not_answered_is_a_timeout);
    tcase_add_loop_test(tcase, an_authorisation_that_is_missing_is_not_tried_again, 0, 2);
    tcase_add_test(tcase, a_pull_has_five_minutes_to_begin);
    tcase_add_test(tcase, a_pull_that_has_begun_may_be_silent_for_a_minute);
    tcase_add_test(tcase, all_tries_of_a_pull_together_have_their_limit);
    tcase_add_test(tcase, pulls_over_the_limit_wait_in_order);
    tcase_add_test(tcase, up_to_the_limit_they_do_not_wait);
    tcase_add_test(tcase, a_pull_between_two_tries_keeps_its_slot);
    tcase_add_test(tcase, a_pull_that_failed_for_good_gives_up_its_slot);
    tcase_add_test(tcase, who_waits_for_a_slot_and_is_stopped_waits_no_more);
    tcase_add_test(tcase, no_pull_begins_for_a_task_that_is_being_stopped);
    tcase_add_test(tcase, who_shall_stop_and_can_not_yet_holds_up_nobody_in_the_queue);
    tcase_add_test(tcase, a_stopped_task_between_two_tries_gives_up_its_slot);
    tcase_add_test(tcase, progress_is_of_a_pull_that_is_waited_for);
    tcase_add_test(tcase, who_always_pulls_is_content_with_no_local_image);
    tcase_add_test(tcase, a_repository_digest_that_has_none_is_passed_over);
    tcase_add_test(tcase, a_pull_that_the_runtime_can_not_do_is_tried_once);
    tcase_add_test(tcase, the_image_of_an_empty_volume_is_pulled_and_has_no_manifest);
}

int main(void) { return made_run("image", fill); }
