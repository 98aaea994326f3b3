/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes that have to be made, what the host makes, and who waits for them (task-payload: 4.2 to 4.4, 7.2, 12.7). */
#include "fixture.h"

#include "model/limits.h"
#include "spec/volume_config.h"

#define INIT "resource cannot be initialized for task " ARN ": "
#define MOUNTS(name, mounts) "{'name':'" name "','image':'i','mountPoints':[" mounts "]}"
#define MOUNT(volume) "{'sourceVolume':'" volume "','containerPath':'/" volume "'}"
#define DOCKER(name, config) "{'name':'" name "','type':'docker','dockerVolumeConfiguration':{" config "}}"
#define OF_HOST(list, containers) PAYLOAD_WITH("'ecsengine.resources':[" list "]", containers)
#define TWO "{'name':'a','image':'i'},{'name':'b','image':'i'}"

/* The body of the volume's create request, with ' for ". */
static const char *body(const struct resource_def *def)
{
    buf_clear(&last.config);
    volume_config_build(def, "v-0", &last.config);
    ck_assert_int_eq(last.config.failed, 0);
    for (char *c = last.config.data; *c != '\0'; c++)
        if (*c == '"')
            *c = '\'';
    return last.config.data;
}

START_TEST(a_volume_without_a_path_is_the_tasks_own_if_somebody_mounts_it)
{
    const struct definition *definition =
        accept(PAYLOAD_WITH("'volumes':[{'name':'v','type':'host','host':{}},{'name':'w','host':{'sourcePath':''}},{'name':'x','host':{}}]",
                            MOUNTS("a", MOUNT("x") "," MOUNT("v")) "," MOUNTS("b", MOUNT("v"))));

    ck_assert_uint_eq(last.spec->notice_count, 0);
    ck_assert_uint_eq(definition->resource_count, 2); /* one for each volume, however often it is mounted; none for `w` */
    for (uint16_t i = 0; i < 2; i++) {
        const struct resource_def *def = &definition->resources[i];
        ck_assert_str_eq(def->name, i == 0 ? "v" : "x");
        ck_assert_str_eq(def->type, "dockerVolume");
        ck_assert_int_eq(def->kind, RESOURCE_VOLUME);
        ck_assert(!def->shared && !def->autoprovision);
        ck_assert_str_eq(body(def), "{'Name':'v-0','Driver':'local','DriverOpts':{},'Labels':{}}");
    }
}
END_TEST

START_TEST(who_mounts_a_volume_is_pulled_when_it_is_there)
{
    const struct definition *definition =
        accept(PAYLOAD_WITH("'volumes':[" DOCKER("v", "'scope':'task'") "," DOCKER("s", "'scope':'shared'") ",{'name':'p','host':{"
                            "'sourcePath':'/etc'}}]",
                            MOUNTS("a", MOUNT("s") "," MOUNT("v") "," MOUNT("v") "," MOUNT("p")) ",{'name':'b','image':'i'}"));
    const struct container_def *a = &definition->containers[0];

    ck_assert_uint_eq(a->resource_wait_count, 2);
    ck_assert_uint_eq(a->resource_waits[0].on, 1);
    ck_assert_uint_eq(a->resource_waits[1].on, 0);
    for (uint16_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(a->resource_waits[i].next, ECSENGINE_CONTAINER_PULLED);
        ck_assert_uint_eq(a->resource_waits[i].satisfied, RESOURCE_CREATED);
    }
    ck_assert_uint_eq(definition->containers[1].resource_wait_count, 0);
}
END_TEST

START_TEST(mounts_are_binds_of_the_volumes_name_in_the_order_of_the_document)
{
    accept(PAYLOAD_WITH("'volumes':[{'name':'v','host':{}},{'name':'p','host':{'sourcePath':'/etc'}},{'name':'e','type':'efs',"
                        "'efsVolumeConfiguration':{'fileSystemId':'x'}}]",
                        "{'name':'a','image':'i','mountPoints':[" MOUNT("p") "," MOUNT("e") ",{'sourceVolume':'v','containerPath':'/v',"
                                                                            "'readOnly':true}]}," MOUNTS("b", MOUNT("p"))));
    has(0, "'Binds':['/etc:/p','vol-0:/v:ro']");
    has(1, "'Binds':['/etc:/p']");
}
END_TEST

START_TEST(raw_binds_take_the_place_of_the_tasks)
{
    accept(PAYLOAD_WITH("'volumes':[{'name':'v','host':{}}]",
                        "{'name':'a','image':'i','mountPoints':[" MOUNT("v") "],'dockerConfig':{'hostConfig':'{\\'binds\\':[\\'/x:/y\\']}'}}"));
    has(0, "'Binds':['/x:/y']");
    has_not(0, "vol-0");
    ck_assert_uint_eq(last.spec->definition->containers[0].bind_count, 0);
    ck_assert_uint_eq(last.spec->definition->containers[0].resource_wait_count, 1);
}
END_TEST

START_TEST(dockers_volumes_are_made_mounted_or_not)
{
    const struct definition *definition =
        accept(PAYLOAD_WITH("'volumes':[" DOCKER("v", "'scope':'task','driver':'d','driverOpts':{'b':'2','a':'\\u00e9','n':null},"
                                                      "'labels':{'x':''}") "," DOCKER("w", "'autoprovision':true") "]",
                            WEB));

    ck_assert_uint_eq(definition->resource_count, 2);
    ck_assert_str_eq(body(&definition->resources[0]),
                     "{'Name':'v-0','Driver':'d','DriverOpts':{'a':'\xc3\xa9','b':'2','n':''},'Labels':{'x':''}}");
    ck_assert(!definition->resources[0].shared);
    ck_assert(definition->resources[1].shared && definition->resources[1].autoprovision); /* in a payload that is what no scope means */
    ck_assert_str_eq(definition->resources[1].driver, "");
}
END_TEST

START_TEST(in_a_task_definition_scope_and_driver_have_defaults)
{
    const struct definition *definition =
        accept(TASKDEF_WITH("'volumes':[{'name':'v','dockerVolumeConfiguration':{}},{'name':'s','dockerVolumeConfiguration':{'scope':"
                            "'shared','autoprovision':true,'driver':'nfs'}}]",
                            WEB));

    ck_assert(!definition->resources[0].shared);
    ck_assert_str_eq(definition->resources[0].driver, "local");
    ck_assert(definition->resources[1].shared && definition->resources[1].autoprovision);
    ck_assert_str_eq(definition->resources[1].driver, "nfs");
    refuse(TASKDEF_WITH("'volumes':[{'name':'v','dockerVolumeConfiguration':{'scope':'all'}}]", WEB),
           DECODE "$.volumes[0].dockerVolumeConfiguration.scope: expected \"task\" or \"shared\" (line 1, column 140)");
}
END_TEST

START_TEST(a_volume_of_the_task_is_never_autoprovisioned)
{
    refuse(PAYLOAD_WITH("'volumes':[" DOCKER("v", "'scope':'task','autoprovision':true") "]", WEB),
           INIT "volume [v] : task scoped volume could not be autoprovisioned");
    refuse(TASKDEF_WITH("'volumes':[{'name':'v','dockerVolumeConfiguration':{'autoprovision':true}}]", WEB),
           INIT "volume [v] : task scoped volume could not be autoprovisioned");
}
END_TEST

START_TEST(options_and_labels_are_texts_and_not_too_many)
{
    struct buf document;

    refuse(PAYLOAD_WITH("'volumes':[" DOCKER("v", "'labels':{'a':1}") "]", WEB),
           DECODE "$.volumes[0].dockerVolumeConfiguration.labels.a: expected a string, got a number (line 1, column 198)");
    for (int count = LIMIT_VOLUME_PAIRS; count <= LIMIT_VOLUME_PAIRS + 1; count++) {
        buf_init(&document, &last.mem, 0);
        buf_printf(&document, "{'arn':'" ARN "','containers':[" WEB "],'volumes':[{'name':'v','type':'docker',"
                              "'dockerVolumeConfiguration':{'driverOpts':{");
        for (int i = 0; i < count; i++)
            buf_printf(&document, "%s'k%d':''", i > 0 ? "," : "", i);
        buf_puts(&document, "}}}]}");
        parse(document.data);
        ck_assert_int_eq(count > LIMIT_VOLUME_PAIRS, last.spec->refusal != NULL);
        buf_free(&document);
    }
    ck_assert_ptr_nonnull(strstr(str_text(last.spec->refusal), "has 1001 members, more than 1000"));
}
END_TEST

START_TEST(of_two_volumes_with_one_name_the_first_counts)
{
    const struct definition *definition = accept(
        PAYLOAD_WITH("'volumes':[{'name':'v','host':{'sourcePath':'/etc'}}," DOCKER("v", "") ",{'name':'w','host':{}},{'name':'w','host':{}}]",
                     MOUNTS("a", MOUNT("v") "," MOUNT("w"))));

    ck_assert_uint_eq(definition->resource_count, 1);
    ck_assert_str_eq(definition->resources[0].name, "w");
    has(0, "'Binds':['/etc:/v','vol-0:/w']");
}
END_TEST

START_TEST(what_the_host_makes_is_kept_as_it_stands)
{
    const struct definition *definition = accept(OF_HOST(
        "{'name':'key','type':'secret','config':{'b':[1,null],'a':{'x':'y'}},'requiredBy':[{'containerName':'b'},{'containerName':'a',"
        "'status':'MANIFEST_PULLED'},{'containerName':'b','status':'CREATED'}],'dependsOn':[{'containerName':'c'}]},{'name':'k2','type':'t'}",
        TWO ",{'name':'c','image':'i'}"));
    const struct resource_def *key = &definition->resources[0];

    ck_assert_uint_eq(definition->resource_count, 2);
    ck_assert_int_eq(key->kind, RESOURCE_OF_HOST);
    ck_assert_str_eq(key->name, "key");
    ck_assert_str_eq(key->type, "secret");
    ck_assert_str_eq(key->config_json, "{\"a\":{\"x\":\"y\"},\"b\":[1,null]}");
    ck_assert_uint_eq(key->dependency_count, 1);
    ck_assert_uint_eq(key->dependencies[0].on, 2);
    ck_assert_uint_eq(key->dependencies[0].next, RESOURCE_CREATED);
    ck_assert_uint_eq(key->dependencies[0].satisfied, ECSENGINE_CONTAINER_RUNNING); /* where nothing is said */
    ck_assert_str_eq(definition->resources[1].config_json, "{}");
    ck_assert_uint_eq(definition->containers[0].resource_wait_count, 1);
    ck_assert_uint_eq(definition->containers[0].resource_waits[0].next, ECSENGINE_CONTAINER_MANIFEST_PULLED);
    ck_assert_uint_eq(definition->containers[1].resource_wait_count, 1); /* said twice */
    ck_assert_uint_eq(definition->containers[1].resource_waits[0].next, ECSENGINE_CONTAINER_CREATED);
    ck_assert_uint_eq(definition->containers[2].resource_wait_count, 0);
}
END_TEST

START_TEST(a_task_definition_has_them_too)
{
    const struct definition *definition =
        accept(TASKDEF_WITH("'ecsengine.resources':[{'name':'key','type':'secret'}]", WEB));

    ck_assert_uint_eq(definition->resource_count, 1);
    ck_assert_uint_eq(last.spec->notice_count, 0);
}
END_TEST

START_TEST(what_is_wrong_with_them_is_told_with_its_place)
{
    static const struct {
        const char *list, *path, *why;
    } rows[] = {
        {"{'type':'t'}", "$[\"ecsengine.resources\"][0]: ", "name is missing"},
        {"{'name':'n'}", "$[\"ecsengine.resources\"][0]: ", "type is missing"},
        {"{'name':'','type':'t'}", "[0].name: ", "expected 1 to 255 bytes without spaces and control characters"},
        {"{'name':'n','type':'a b'}", "[0].type: ", "expected 1 to 255 bytes without spaces and control characters"},
        {"{'name':'n','type':'t','config':[]}", "[0].config: ", "expected an object"},
        {"{'name':'n','type':'t','requiredBy':[{'containerName':'x'}]}", "[0].requiredBy[0].containerName: ",
         "the task has no container of that name"},
        {"{'name':'n','type':'t','requiredBy':[{}]}", "[0].requiredBy[0]: ", "containerName is missing"},
        {"{'name':'n','type':'t','requiredBy':[{'containerName':'a','status':'STOPPED'}]}", "[0].requiredBy[0].status: ",
         "expected a status from MANIFEST_PULLED to RUNNING"},
        {"{'name':'n','type':'t','dependsOn':[{'containerName':'a','status':'created'}]}", "[0].dependsOn[0].status: ",
         "expected a status from MANIFEST_PULLED to STOPPED"},
        {"{'name':'n','type':'t'},{'name':'n','type':'u'}", "$[\"ecsengine.resources\"][1]: ",
         "a second resource or volume with the name n"},
        {"{'name':'n','type':'t','dependsOn':[{'containerName':'a','status':'RUNNING'}],'requiredBy':[{'containerName':'a'}]}",
         "$[\"ecsengine.resources\"][0]: ", "waits for container a, which waits for it"},
        {"5", "$[\"ecsengine.resources\"][0]: ", "expected an object"},
    };
    char document[1024];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(document, sizeof(document), "{'arn':'" ARN "','containers':[" TWO "],'ecsengine.resources':[%s]}", rows[i].list);
        parse(document);
        ck_assert_msg(last.spec != NULL && last.spec->refusal != NULL, "%s", rows[i].list);
        const char *refusal = str_text(last.spec->refusal);
        ck_assert_msg(strstr(refusal, rows[i].path) != NULL && strstr(refusal, rows[i].why) != NULL, "%s: %s", rows[i].list, refusal);
    }
}
END_TEST

START_TEST(a_volume_and_a_resource_have_two_names)
{
    refuse(PAYLOAD_WITH("'volumes':[" DOCKER("n", "") "],'ecsengine.resources':[{'name':'n','type':'t'}]", WEB),
           DECODE "$[\"ecsengine.resources\"][0]: a second resource or volume with the name n (line 1, column 211)");
    /* A volume that nothing has to be made for is no resource. */
    accept(PAYLOAD_WITH("'volumes':[{'name':'n','host':{'sourcePath':'/x'}}],'ecsengine.resources':[{'name':'n','type':'t'}]", WEB));
}
END_TEST

START_TEST(a_resource_may_stand_between_two_steps_of_one_container)
{
    /* Its manifest is resolved, then the resource is made, then it is created. */
    const struct definition *definition = accept(
        OF_HOST("{'name':'n','type':'t','dependsOn':[{'containerName':'a','status':'MANIFEST_PULLED'}],'requiredBy':[{'containerName':'a'}]}", TWO));

    ck_assert_uint_eq(definition->containers[0].resource_wait_count, 1);
}
END_TEST

START_TEST(a_task_has_at_most_a_thousand_volumes_and_resources)
{
    struct buf document;

    for (int count = LIMIT_RESOURCES; count <= LIMIT_RESOURCES + 1; count++) {
        buf_init(&document, &last.mem, 0);
        buf_printf(&document, "{'arn':'" ARN "','containers':[" WEB "],'ecsengine.resources':[{'name':'n','type':'t'}],'volumes':[");
        for (int i = 0; i < count - 1; i++)
            buf_printf(&document, "%s{'name':'v%d','type':'docker','dockerVolumeConfiguration':{}}", i > 0 ? "," : "", i);
        buf_puts(&document, "]}");
        parse(document.data);
        ck_assert_int_eq(count > LIMIT_RESOURCES, last.spec->refusal != NULL);
        buf_free(&document);
    }
    ck_assert_str_eq(str_text(last.spec->refusal), INIT "the task has 1001 volumes and other resources, more than 1000");
}
END_TEST

START_TEST(each_allocation_may_fail)
{
    for (last.fail_at = 1;; last.fail_at++) {
        last.allocations = 0;
        parse(PAYLOAD_WITH("'volumes':[" DOCKER("v", "'scope':'task','labels':{'a':'b'}") ",{'name':'w','host':{}}],'ecsengine.resources':["
                           "{'name':'n','type':'t','config':{'a':1},'requiredBy':[{'containerName':'a'}],'dependsOn':[{'containerName':'b'}]}]",
                           MOUNTS("a", MOUNT("v") "," MOUNT("w")) ",{'name':'b','image':'i'}"));
        if (last.allocations < last.fail_at)
            break;
        ck_assert_int_eq(last.code, ECSENGINE_ENOMEM);
    }
    last.fail_at = 0;
    ck_assert_int_eq(last.code, 0);
    ck_assert_uint_eq(last.spec->definition->resource_count, 3);
}
END_TEST

static void add(TCase *tcase)
{
    tcase_add_test(tcase, a_volume_without_a_path_is_the_tasks_own_if_somebody_mounts_it);
    tcase_add_test(tcase, who_mounts_a_volume_is_pulled_when_it_is_there);
    tcase_add_test(tcase, mounts_are_binds_of_the_volumes_name_in_the_order_of_the_document);
    tcase_add_test(tcase, raw_binds_take_the_place_of_the_tasks);
    tcase_add_test(tcase, dockers_volumes_are_made_mounted_or_not);
    tcase_add_test(tcase, in_a_task_definition_scope_and_driver_have_defaults);
    tcase_add_test(tcase, a_volume_of_the_task_is_never_autoprovisioned);
    tcase_add_test(tcase, options_and_labels_are_texts_and_not_too_many);
    tcase_add_test(tcase, of_two_volumes_with_one_name_the_first_counts);
    tcase_add_test(tcase, what_the_host_makes_is_kept_as_it_stands);
    tcase_add_test(tcase, a_task_definition_has_them_too);
    tcase_add_test(tcase, what_is_wrong_with_them_is_told_with_its_place);
    tcase_add_test(tcase, a_volume_and_a_resource_have_two_names);
    tcase_add_test(tcase, a_resource_may_stand_between_two_steps_of_one_container);
    tcase_add_test(tcase, a_task_has_at_most_a_thousand_volumes_and_resources);
    tcase_add_test(tcase, each_allocation_may_fail);
}

int main(void) { return run_cases("volumes", add); }
