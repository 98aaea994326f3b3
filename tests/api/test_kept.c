/* SPDX-License-Identifier: Apache-2.0 */
/* A runtime that is called, and a host beside it that keeps some kinds of operations for itself: what the two see of a task's volumes and
 * of what only the host can make. */
#include "host.h"

#define DOCUMENT(volume)                                                                                                                \
    "{'taskArn':'" ARN "','family':'fam','revision':3,'volumes':[{'name':'data','dockerVolumeConfiguration':{" volume "}}],"             \
    "'ecsengine.resources':[{'name':'key','type':'secret','config':{'a':1},'requiredBy':[{'containerName':'web'}]}],"                    \
    "'containerDefinitions':[{'name':'web','image':'nginx','memory':64,'mountPoints':[{'sourceVolume':'data','containerPath':'/d'}]}]}"

static char bodies[4096]; /* of what asks for volumes and containers */
static int cancelled;     /* cancels that the runtime was told */

static void on_submit(ecsengine_op *op, void *user_data)
{
    (void)user_data;
    tracef("runtime %s%s%s%s\n", ecsengine_op_kind_name(ecsengine_op_get_kind(op)), "", "", "");
    size_t len = strlen(bodies);
    snprintf(bodies + len, sizeof(bodies) - len, "%s%s\n", ecsengine_op_volume_config(op, NULL),
             ecsengine_op_create_config(op, NULL));
    answer(op);
}

static void on_cancel(uint64_t op_id, void *user_data)
{
    (void)op_id;
    (void)user_data;
    cancelled++;
}

static void open_with(enum ecsengine_op_kind first, enum ecsengine_op_kind second)
{
    ecsengine_runtime_vtable runtime;

    set("engine-task-cleanup-wait-duration", "1s");
    set("image-manifest-resolution", "false");
    open_engine();
    ecsengine_runtime_vtable_init(&runtime, sizeof(runtime));
    runtime.submit = on_submit;
    runtime.cancel = on_cancel;
    OK(ecsengine_set_runtime(host.engine, &runtime, NULL, &error_));
    OK(ecsengine_keep_op(host.engine, first, &error_));
    OK(ecsengine_keep_op(host.engine, second, &error_));
    for (int i = 0; i < 4; i++)
        turn();
    ck_assert_int_eq(ECSENGINE_ESTATE, ecsengine_keep_op(host.engine, first, NULL)); /* too late */
    forget_trace();
    bodies[0] = '\0';
    cancelled = 0;
}

static void turns(void)
{
    for (int i = 0; i < 12; i++)
        turn();
}

START_TEST(what_a_host_keeps_the_runtime_never_sees)
{
    open_with(ECSENGINE_OP_RESOURCE_CREATE, ECSENGINE_OP_RESOURCE_REMOVE);
    add(DOCUMENT("'labels':{'x':'y'}"));
    turns();
    ck_trace("runtime volume-create\ndone 1 ECSENGINE_OK\n> resource-create\nruntime pull-image\n");
    ecsengine_op *op = held(ECSENGINE_OP_RESOURCE_CREATE, NULL);
    ck_assert_str_eq("key", ecsengine_op_resource_name(op));
    ck_assert_str_eq("{\"a\":1}", ecsengine_op_resource_config(op, NULL));
    answer(op);
    turns();
    ck_trace("runtime create\nruntime start\nweb RUNNING\ntask RUNNING\n");
    stop(ARN);
    turns();
    pass_time(SECOND);
    turns();
    ck_trace("runtime stop\ndone 2 ECSENGINE_OK\nweb STOPPED\ntask STOPPED\nruntime remove\nruntime volume-remove\n> resource-remove\n");
    answer(held(ECSENGINE_OP_RESOURCE_REMOVE, NULL));
    turns();
    ck_trace("task-removed\n");
    ck_assert_int_eq(0, cancelled);
    end_host();
}
END_TEST

START_TEST(the_volumes_name_is_what_the_container_mounts)
{
    char name[64] = "", want[256];

    open_with(ECSENGINE_OP_RESOURCE_REMOVE, ECSENGINE_OP_PROVISION);
    add(DOCUMENT("'driver':'d','driverOpts':{'o':'1'},'labels':{'x':'y'}"));
    turns();
    const char *at = strstr(bodies, "{\"Name\":\"ecs-fam-3-data-");
    ck_assert_ptr_nonnull(at);
    ck_assert_int_eq(1, sscanf(at, "{\"Name\":\"%63[^\"]\"", name));
    ck_assert_ptr_nonnull(strstr(at, "\",\"Driver\":\"d\",\"DriverOpts\":{\"o\":\"1\"},\"Labels\":{\"x\":\"y\"}}\n"));
    snprintf(want, sizeof(want), "\"Binds\":[\"%s:/d\"]", name);
    ck_assert_ptr_nonnull(strstr(bodies, want));
    end_host();
}
END_TEST

START_TEST(the_cancel_of_what_a_host_keeps_is_the_hosts_too)
{
    open_with(ECSENGINE_OP_VOLUME_INSPECT, ECSENGINE_OP_RESOURCE_CREATE);
    add(DOCUMENT("'scope':'shared'"));
    turns();
    ecsengine_op *op = held(ECSENGINE_OP_VOLUME_INSPECT, NULL);
    forget_trace();
    pass_time(300 * SECOND);
    turns();
    ck_assert_ptr_nonnull(strstr(host.trace, "> cancel\n"));
    ck_assert_ptr_nonnull(strstr(host.trace, "task STOPPED: resource cannot be initialized for task " ARN ": initialize volume: volume "
                                             "detection failed"));
    ck_assert_int_eq(0, cancelled);
    ecsengine_op_release(op);
    end_host();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_a_host_keeps_the_runtime_never_sees);
    tcase_add_test(tcase, the_volumes_name_is_what_the_container_mounts);
    tcase_add_test(tcase, the_cancel_of_what_a_host_keeps_is_the_hosts_too);
}

int main(void) { return run_tests("kept", fill); }
