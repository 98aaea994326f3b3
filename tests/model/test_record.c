/* SPDX-License-Identifier: Apache-2.0 */
/* Records: what is written is read back byte for byte, and what somebody else wrote, cut or changed is refused, never believed. */
#include "../base/unit.h"

#include "base/prng.h"
#include "model/record.h"
#include "spec/spec.h"

#define ARN "arn:aws:ecs:us-west-2:123456789012:task/default/t1"
#define DOCUMENT                                                                                                                   \
    "{'taskArn':'" ARN "','family':'fam','revision':3,'networkMode':'bridge','cpu':'512','memory':'1024','containerDefinitions':[" \
    "{'name':'web','image':'nginx','memory':64,'cpu':10,'portMappings':[{'containerPort':80,'hostPort':8080},"                     \
    "{'containerPort':53,'protocol':'udp'}],'links':['db:data'],'volumesFrom':[{'sourceContainer':'db','readOnly':true}],"         \
    "'dependsOn':[{'containerName':'db','condition':'HEALTHY'}],'startTimeout':100,'stopTimeout':5,'command':['a','b'],"           \
    "'restartPolicy':{'enabled':true,'restartAttemptPeriod':60,'ignoredExitCodes':[3,-1]}},"                                        \
    "{'name':'db','image':'postgres:15','memoryReservation':32,'essential':false,'healthCheck':{'command':['CMD','true']}}]}"

static struct definition *parse(const char *document)
{
    struct spec_limits limits = {.payload_bytes = 1 << 20, .container_count = 10};
    struct task_spec *spec = NULL;
    struct ecsengine_error *error = NULL;
    const char *text = unit_quoted(document);

    if (spec_parse(&unit_mem, &limits, text, strlen(text), &spec, &error) < 0)
        ck_abort_msg("%s", ecsengine_error_message(error));
    if (spec->definition == NULL)
        ck_abort_msg("refused: %s", str_text(spec->refusal));
    struct definition *definition = definition_ref(spec->definition);
    task_spec_free(spec);
    return definition;
}

/* A definition with something in every member. What no document makes is put in by hand. */
static struct definition *full(void)
{
    static const uint16_t on_web[] = {0};
    static const struct transition_dependency containers[] = {
        {.on = 0, .next = ECSENGINE_CONTAINER_PULLED, .satisfied = ECSENGINE_CONTAINER_RESOURCES_PROVISIONED},
        {.on = 1, .next = ECSENGINE_CONTAINER_STOPPED, .satisfied = ECSENGINE_CONTAINER_STOPPED}};
    static const struct transition_dependency resources[] = {
        {.on = 1, .next = ECSENGINE_CONTAINER_PULLED, .satisfied = RESOURCE_CREATED}};
    static const struct bind binds[] = {{.of_resource = true, .resource = 1, .source = "", .target = "/d:ro"},
                                        {.source = "/etc", .target = "/etc"}};
    static const struct text_pair pairs[] = {{"a", "1"}, {"b", ""}};
    static const struct transition_dependency after[] = {
        {.on = 1, .next = RESOURCE_CREATED, .satisfied = ECSENGINE_CONTAINER_RUNNING}};
    static struct resource_def defs[] = {
        {.name = "key", .kind = RESOURCE_OF_HOST, .type = "secret", .config_json = "{\"a\":[1]}", .dependencies = after,
         .dependency_count = 1},
        {.name = "data", .kind = RESOURCE_VOLUME, .type = "dockerVolume", .shared = true, .autoprovision = true, .driver = "local",
         .options = pairs, .option_count = 2, .labels = pairs, .label_count = 1}};
    static const struct registry_auth auth = {.type = "ecr", .execution_role = true, .details = "{\"region\":\"us-west-2\"}"};
    struct definition *definition = parse(DOCUMENT);

    definition->resources = defs;
    definition->resource_count = 2;
    struct container_def *db = &definition->containers[1];
    db->type = CONTAINER_CNI_PAUSE;
    db->steady = ECSENGINE_CONTAINER_RESOURCES_PROVISIONED;
    db->run_dependencies = on_web;
    db->run_dependency_count = 1;
    db->container_waits = containers;
    db->container_wait_count = 2;
    db->resource_waits = resources;
    db->resource_wait_count = 1;
    db->binds = binds;
    db->bind_count = 2;
    db->registry_auth = &auth;
    ck_assert_int_eq(0, definition_seal(definition));
    return definition;
}

static struct str *text_of(const char *text) { return str_new(&unit_mem, text, strlen(text)); }

static struct port_charge *charge_port(struct task *task, uint16_t port, enum port_origin origin)
{
    struct port_charge *charge = mem_zalloc(&unit_mem, sizeof(*charge));

    *charge = (struct port_charge){.task = task, .port = port, .container_port = 80, .origin = (uint8_t)origin};
    list_append(&task->charged_ports, &charge->link);
    return charge;
}

static struct gpu_charge *charge_gpu(struct task *task, const char *id)
{
    struct gpu_charge *charge = mem_zalloc(&unit_mem, sizeof(*charge));

    charge->task = task;
    memcpy(charge->id, id, strlen(id) + 1);
    list_append(&task->charged_gpus, &charge->link);
    return charge;
}

/* A task with something in every member that is kept. */
static struct task *full_task(struct definition *definition)
{
    struct str *arn = text_of(ARN), *reason = text_of("because");
    struct task *task = task_new(&unit_mem, arn, definition, reason);

    str_unref(arn);
    str_unref(reason);
    task->number = UINT64_MAX;
    task->phase = TASK_CLEANING;
    task->known = ECSENGINE_TASK_STOPPED;
    task->desired = ECSENGINE_TASK_STOPPED;
    task->sent = ECSENGINE_TASK_RUNNING;
    task->admitted = task->gave_up = true;
    task->known_at = 1780000000000000001;
    task->pull_started_at = 1;
    task->pull_stopped_at = 2;
    task->execution_stopped_at = INT64_C(3) << 40;
    struct container *web = &task->containers[0];
    web->known = ECSENGINE_CONTAINER_STOPPED;
    web->desired = ECSENGINE_CONTAINER_STOPPED;
    web->sent = ECSENGINE_CONTAINER_RUNNING;
    web->has_exit_code = web->create_tried = web->restopped = web->digest_resolved = web->removed = web->unanswered = true;
    web->exit_code = -1;
    web->created_at = 5;
    web->started_at = 6;
    web->finished_at = 7;
    web->runtime_name = text_of("ecs-fam-3-web-0123");
    web->runtime_id = text_of("id");
    web->error = text_of("OutOfMemoryError: \xe4\xb8\x96");
    web->image_digest = text_of("sha256:00");
    web->ports = mem_zalloc(&unit_mem, sizeof(*web->ports) + 2 * sizeof(web->ports->items[0]));
    web->ports->mem = &unit_mem;
    atomic_init(&web->ports->refs, 1);
    web->ports->count = web->ports->cap = 2;
    web->ports->items[0] = (struct port_binding){.container_port = 80, .host_port = 65535, .bind_ip = "0.0.0.0"};
    web->ports->items[1] = (struct port_binding){.container_port = 53, .host_port = 1, .protocol = PROTOCOL_UDP};
    task->resources[0].known = RESOURCE_REMOVED;
    task->resources[0].desired = RESOURCE_REMOVED;
    task->resources[0].tried = task->resources[0].removed = true;
    task->resources[0].error = text_of("no space left");
    task->resources[1].desired = RESOURCE_CREATED;
    task->resources[1].unanswered = true;
    task->resources[1].runtime_name = text_of("ecs-fam-3-data-0123");
    web->restart = mem_zalloc(&unit_mem, sizeof(*web->restart));
    web->restart->count = UINT32_MAX;
    web->restart->decision = RESTART_GAVE_UP;
    web->restart->exit_code = -2;
    web->restart->last_at = 8;
    web->restart->first_started_at = 9;
    web->restart->ended_started_at = 10;
    web->restart->ended_at = LIMIT_WALL_NS;
    web->restart->error_name = text_of("DockerStateError");
    web->restart->error_text = text_of("no");
    task->charged = true;
    task->charged_cpu_units = INT32_MAX;
    task->charged_memory_mib = 1024;
    charge_port(task, 8080, PORT_FIXED);
    charge_port(task, 32768, PORT_SEEN);
    charge_port(task, 65535, PORT_CHOSEN)->mapping = 1;
    charge_gpu(task, "GPU-1")->container = 1;
    charge_gpu(task, "GPU-2");
    return task;
}

static struct definition *find(void *context, uint64_t hash)
{
    struct definition *definition = context;

    return definition != NULL && definition->hash == hash ? definition : NULL;
}

static void write_task(struct buf *buf, const struct task *task)
{
    buf_init(buf, &unit_mem, 0);
    record_put_task(buf, task);
    ck_assert_int_eq(0, buf->failed);
}

static int read_task(const void *bytes, size_t len, struct definition *definition, struct task **out_task)
{
    struct record_reader reader = {.at = bytes, .end = (const unsigned char *)bytes + len};

    return record_get_task(&reader, &unit_mem, find, definition, out_task);
}

/* ---- parts ---- */

START_TEST(numbers_are_read_as_they_were_written)
{
    static const uint64_t values[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, INT64_MAX, UINT64_MAX - 1, UINT64_MAX};
    static const int64_t signed_values[] = {0, 1, -1, 63, -64, 64, INT64_MAX, INT64_MIN};
    struct buf buf;

    buf_init(&buf, &unit_mem, 0);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        record_number(&buf, values[i]);
    for (size_t i = 0; i < sizeof(signed_values) / sizeof(signed_values[0]); i++)
        record_signed(&buf, signed_values[i]);
    struct record_reader reader = {.at = (unsigned char *)buf.data, .end = (unsigned char *)buf.data + buf.len};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        ck_assert_uint_eq(values[i], record_read_number(&reader, UINT64_MAX));
    for (size_t i = 0; i < sizeof(signed_values) / sizeof(signed_values[0]); i++)
        ck_assert_int_eq(signed_values[i], record_read_signed(&reader));
    ck_assert(!reader.bad && reader.at == reader.end);
    ck_assert_uint_eq(0, record_read_number(&reader, UINT64_MAX));
    ck_assert(reader.bad);
    buf_free(&buf);
    unit_ends();
}
END_TEST

static bool bad_number(const char *bytes, size_t len, uint64_t max)
{
    struct record_reader reader = {.at = (const unsigned char *)bytes, .end = (const unsigned char *)bytes + len};

    return record_read_number(&reader, max) == 0 && reader.bad && reader.at == reader.end;
}

START_TEST(numbers_that_are_cut_too_large_or_too_long_are_bad)
{
    ck_assert(bad_number("", 0, UINT64_MAX));
    ck_assert(bad_number("\x80", 1, UINT64_MAX));
    ck_assert(bad_number("\x0b", 1, 10));
    ck_assert(bad_number("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, UINT64_MAX)); /* 65 bits */
    ck_assert(bad_number("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x01", 11, UINT64_MAX));
    ck_assert(!bad_number("\x0a", 1, 10));
}
END_TEST

static bool bad_text(const char *bytes, size_t len, size_t max)
{
    struct record_reader reader = {.at = (const unsigned char *)bytes, .end = (const unsigned char *)bytes + len};
    size_t text_len = 77;
    const char *text = record_read_text(&reader, max, &text_len);

    return reader.bad && text_len == 0 && text[0] == '\0';
}

START_TEST(text_that_is_cut_too_long_or_no_utf_8_is_bad)
{
    ck_assert(!bad_text("\x03"
                        "abc",
                        4, 3));
    ck_assert(!bad_text("\x00", 1, 0));
    ck_assert(bad_text("\x03"
                       "ab",
                       3, 10));
    ck_assert(bad_text("\x03"
                       "abc",
                       4, 2));
    ck_assert(bad_text("\x03"
                       "a\0c",
                       4, 10));
    ck_assert(bad_text("\x02"
                       "a\xff",
                       3, 10));
    ck_assert(bad_text("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, SIZE_MAX));
}
END_TEST

/* ---- frames ---- */

static void framed(struct buf *buf, unsigned version)
{
    buf_init(buf, &unit_mem, 0);
    buf_puts(buf, "before");
    size_t start = record_begin(buf, 't');
    record_text(buf, "body", 4);
    if (version != RECORD_VERSION)
        buf->data[start + 4] = (char)version;
    record_end(buf, start);
    ck_assert_int_eq(0, buf->failed);
    memmove(buf->data, buf->data + start, buf->len - start);
    buf->len -= start;
}

START_TEST(a_frame_opens_to_its_kind_and_body)
{
    struct buf buf;
    struct record_reader body;
    char kind = 0;
    size_t len;

    framed(&buf, RECORD_VERSION);
    ck_assert_uint_eq(RECORD_FRAME + 5, buf.len);
    ck_assert_int_eq(0, record_open(buf.data, buf.len, &kind, &body));
    ck_assert_int_eq('t', kind);
    ck_assert_int_eq(0, memcmp("body", record_read_text(&body, 10, &len), 4));
    ck_assert(body.at == body.end && !body.bad);
    buf_free(&buf);
}
END_TEST

START_TEST(every_cut_and_every_flipped_bit_of_a_frame_is_seen)
{
    struct buf buf;
    struct record_reader body;
    char kind;

    framed(&buf, RECORD_VERSION);
    for (size_t len = 0; len < buf.len; len++) {
        char *exact = malloc(len > 0 ? len : 1);
        memcpy(exact, buf.data, len);
        ck_assert_int_eq(ECSENGINE_ECORRUPT, record_open(exact, len, &kind, &body));
        free(exact);
    }
    for (size_t bit = 0; bit < buf.len * 8; bit++) {
        buf.data[bit / 8] ^= (char)(1 << (bit % 8));
        ck_assert_int_eq(ECSENGINE_ECORRUPT, record_open(buf.data, buf.len, &kind, &body));
        buf.data[bit / 8] ^= (char)(1 << (bit % 8));
    }
    buf_puts(&buf, "x");
    ck_assert_int_eq(ECSENGINE_ECORRUPT, record_open(buf.data, buf.len, &kind, &body));
    buf_free(&buf);
}
END_TEST

START_TEST(a_newer_version_is_told_apart_from_damage)
{
    struct buf buf;
    struct record_reader body;
    char kind;

    framed(&buf, RECORD_VERSION + 1);
    ck_assert_int_eq(ECSENGINE_EUNSUPPORTED, record_open(buf.data, buf.len, &kind, &body));
    buf_free(&buf);
    framed(&buf, 0);
    ck_assert_int_eq(ECSENGINE_ECORRUPT, record_open(buf.data, buf.len, &kind, &body));
    buf_free(&buf);
}
END_TEST

/* ---- definitions ---- */

static void ck_same_text(const char *left, const char *right) { ck_assert_str_eq(left != NULL ? left : "", right); }

static void ck_same_waits(const struct transition_dependency *left, uint16_t left_count, const struct transition_dependency *right,
                          uint16_t right_count)
{
    ck_assert_uint_eq(left_count, right_count);
    for (uint16_t i = 0; i < left_count; i++) {
        ck_assert_uint_eq(left[i].on, right[i].on);
        ck_assert_uint_eq(left[i].next, right[i].next);
        ck_assert_uint_eq(left[i].satisfied, right[i].satisfied);
    }
}

static void ck_same_pairs(const struct text_pair *left, uint16_t left_count, const struct text_pair *right, uint16_t right_count)
{
    ck_assert_uint_eq(left_count, right_count);
    for (uint16_t i = 0; i < left_count; i++) {
        ck_same_text(left[i].key, right[i].key);
        ck_same_text(left[i].value, right[i].value);
    }
}

static void ck_same_resource(const struct resource_def *left, const struct resource_def *right)
{
    ck_same_text(left->name, right->name);
    ck_same_text(left->type, right->type);
    ck_assert(left->kind == right->kind && left->shared == right->shared && left->autoprovision == right->autoprovision);
    ck_same_text(left->driver, right->driver);
    ck_same_text(left->config_json, right->config_json);
    ck_same_pairs(left->options, left->option_count, right->options, right->option_count);
    ck_same_pairs(left->labels, left->label_count, right->labels, right->label_count);
    ck_same_waits(left->dependencies, left->dependency_count, right->dependencies, right->dependency_count);
}

static void ck_same_container(const struct container_def *left, const struct container_def *right)
{
    ck_same_text(left->name, right->name);
    ck_same_text(left->image, right->image);
    ck_assert(left->essential == right->essential && left->health_check == right->health_check);
    ck_assert_uint_eq(left->cpu_units, right->cpu_units);
    ck_assert_uint_eq(left->memory_mib, right->memory_mib);
    ck_assert_uint_eq(left->memory_reservation_bytes, right->memory_reservation_bytes);
    ck_assert_int_eq(left->start_timeout_ns, right->start_timeout_ns);
    ck_assert_int_eq(left->stop_timeout_ns, right->stop_timeout_ns);
    ck_assert_uint_eq(left->dependency_count, right->dependency_count);
    for (uint16_t i = 0; i < left->dependency_count; i++) {
        ck_assert_uint_eq(left->dependencies[i].on, right->dependencies[i].on);
        ck_assert_uint_eq(left->dependencies[i].condition, right->dependencies[i].condition);
    }
    ck_assert(left->type == right->type && left->steady == right->steady);
    ck_assert_uint_eq(left->run_dependency_count, right->run_dependency_count);
    for (uint16_t i = 0; i < left->run_dependency_count; i++)
        ck_assert_uint_eq(left->run_dependencies[i], right->run_dependencies[i]);
    ck_same_waits(left->container_waits, left->container_wait_count, right->container_waits, right->container_wait_count);
    ck_same_waits(left->resource_waits, left->resource_wait_count, right->resource_waits, right->resource_wait_count);
    ck_assert_uint_eq(left->bind_count, right->bind_count);
    for (uint16_t i = 0; i < left->bind_count; i++) {
        ck_assert(left->binds[i].of_resource == right->binds[i].of_resource);
        ck_assert_uint_eq(left->binds[i].resource, right->binds[i].resource);
        ck_same_text(left->binds[i].source, right->binds[i].source);
        ck_same_text(left->binds[i].target, right->binds[i].target);
    }
    ck_assert_uint_eq(left->link_count, right->link_count);
    for (uint16_t i = 0; i < left->link_count; i++) {
        ck_assert_uint_eq(left->links[i].target, right->links[i].target);
        ck_same_text(left->links[i].alias, right->links[i].alias);
    }
    ck_assert_uint_eq(left->volumes_from_count, right->volumes_from_count);
    for (uint16_t i = 0; i < left->volumes_from_count; i++) {
        ck_assert_uint_eq(left->volumes_from[i].source, right->volumes_from[i].source);
        ck_assert(left->volumes_from[i].read_only == right->volumes_from[i].read_only);
    }
    ck_assert_uint_eq(left->port_count, right->port_count);
    for (uint16_t i = 0; i < left->port_count; i++) {
        ck_assert_uint_eq(left->ports[i].container_port, right->ports[i].container_port);
        ck_assert_uint_eq(left->ports[i].host_port, right->ports[i].host_port);
        ck_assert_uint_eq(left->ports[i].protocol, right->ports[i].protocol);
        ck_assert_uint_eq(left->ports[i].count, right->ports[i].count);
        ck_assert(left->ports[i].is_range == right->ports[i].is_range);
        ck_assert(left->ports[i].engine_chooses == right->ports[i].engine_chooses);
    }
    ck_assert_uint_eq(left->gpu_count, right->gpu_count);
    ck_assert_uint_eq(left->gpu_id_count, right->gpu_id_count);
    for (uint16_t i = 0; i < left->gpu_id_count; i++)
        ck_same_text(left->gpu_ids[i], right->gpu_ids[i]);
    ck_assert_uint_eq(left->gpu_splice_count, right->gpu_splice_count);
    ck_assert_uint_eq(left->port_splice_count, right->port_splice_count);
    for (uint16_t i = 0; i < left->port_splice_count; i++) {
        ck_assert_uint_eq(left->port_splices[i].at, right->port_splices[i].at);
        ck_assert_uint_eq(left->port_splices[i].mapping, right->port_splices[i].mapping);
        ck_assert_uint_eq(left->port_splices[i].offset, right->port_splices[i].offset);
    }
    ck_assert((left->restart == NULL) == (right->restart == NULL));
    if (left->restart != NULL) {
        ck_assert_int_eq(left->restart->period_ns, right->restart->period_ns);
        ck_assert_uint_eq(left->restart->ignored_count, right->restart->ignored_count);
        for (uint16_t i = 0; i < left->restart->ignored_count; i++)
            ck_assert_int_eq(left->restart->ignored[i], right->restart->ignored[i]);
    }
    ck_same_text(left->config_json, right->config_json);
    ck_same_text(left->labels_json, right->labels_json);
    ck_same_text(left->host_config_json, right->host_config_json);
}

START_TEST(a_definition_is_decoded_as_it_was)
{
    struct definition *definition = full(), *decoded = NULL;

    ck_assert_int_eq(0, definition_decode(&unit_mem, definition->content, definition->content_len, &decoded));
    ck_same_text(definition->family, decoded->family);
    ck_same_text(definition->version, decoded->version);
    ck_same_text(definition->network_mode, decoded->network_mode);
    ck_same_text(definition->launch_type, decoded->launch_type);
    ck_assert_uint_eq(definition->cpu_units, decoded->cpu_units);
    ck_assert_uint_eq(definition->memory_mib, decoded->memory_mib);
    ck_assert_uint_eq(2, decoded->container_count);
    for (uint16_t i = 0; i < 2; i++)
        ck_same_container(&definition->containers[i], &decoded->containers[i]);
    ck_assert_uint_eq(2, decoded->resource_count);
    for (uint16_t i = 0; i < 2; i++)
        ck_same_resource(&definition->resources[i], &decoded->resources[i]);
    ck_assert_uint_eq(definition->hash, decoded->hash);
    ck_assert_uint_eq(definition->content_len, decoded->content_len);
    ck_assert_int_eq(0, memcmp(definition->content, decoded->content, decoded->content_len));
    ck_assert_int_eq(0, definition_seal(decoded)); /* and encoded again it is the same */
    ck_assert_uint_eq(definition->hash, decoded->hash);
    ck_assert_int_eq(0, definition_find(decoded, "web"));
    ck_assert_int_eq(1, definition_find(decoded, "db"));
    ck_assert_int_eq(-1, definition_find(decoded, "we"));
    ck_assert_int_eq(1, definition_find_resource(decoded, "data"));
    ck_assert_int_eq(-1, definition_find_resource(decoded, "web"));
    definition_unref(decoded);
    definition_unref(definition);
    unit_ends();
}
END_TEST

START_TEST(equal_documents_have_equal_definitions_and_others_do_not)
{
    struct definition *one = full(), *two = full();
    struct definition *other =
        parse("{'taskArn':'" ARN "','family':'fam','containerDefinitions':[{'name':'a','image':'x','memory':4}]}");

    ck_assert_uint_eq(one->hash, two->hash);
    ck_assert_uint_ne(one->hash, other->hash);
    definition_unref(one);
    definition_unref(two);
    definition_unref(other);
    unit_ends();
}
END_TEST

START_TEST(a_cut_or_changed_definition_is_refused_or_is_another_definition)
{
    struct definition *definition = full(), *decoded;
    size_t len = definition->content_len;
    unsigned char *bytes = malloc(len);

    for (size_t cut = 0; cut < len; cut++) {
        unsigned char *exact = malloc(cut > 0 ? cut : 1);
        memcpy(exact, definition->content, cut);
        ck_assert_int_eq(ECSENGINE_ECORRUPT, definition_decode(&unit_mem, exact, cut, &decoded));
        free(exact);
    }
    for (size_t bit = 0; bit < len * 8; bit++) {
        memcpy(bytes, definition->content, len);
        bytes[bit / 8] ^= (unsigned char)(1 << (bit % 8));
        int code = definition_decode(&unit_mem, bytes, len, &decoded);
        ck_assert(code == 0 || code == ECSENGINE_ECORRUPT);
        if (code == 0) {
            ck_assert_uint_ne(definition->hash, decoded->hash);
            definition_unref(decoded);
        }
    }
    free(bytes);
    definition_unref(definition);
    unit_ends();
}
END_TEST

/* ---- tasks ---- */

START_TEST(a_task_is_read_as_it_was_written)
{
    struct definition *definition = full();
    struct task *task = full_task(definition), *read = NULL;
    struct buf first, second;

    write_task(&first, task);
    ck_assert_int_eq(0, read_task(first.data, first.len, definition, &read));
    write_task(&second, read);
    ck_assert_uint_eq(first.len, second.len);
    ck_assert_int_eq(0, memcmp(first.data, second.data, first.len));
    ck_assert_uint_eq(UINT64_MAX, read->number);
    ck_assert(read->admitted && read->gave_up);
    ck_assert_str_eq("because", str_text(read->reason));
    const struct container *web = &read->containers[0];
    ck_assert(web->has_exit_code && web->create_tried && web->restopped && web->digest_resolved && web->removed && web->unanswered);
    ck_assert_int_eq(-1, web->exit_code);
    ck_assert_uint_eq(2, web->ports->count);
    ck_assert_str_eq("0.0.0.0", web->ports->items[0].bind_ip);
    ck_assert_uint_eq(2, read->resource_count);
    ck_assert(read->resources[0].tried && read->resources[0].removed && !read->resources[1].tried);
    ck_assert(!read->resources[0].unanswered && read->resources[1].unanswered);
    ck_assert_uint_eq(RESOURCE_REMOVED, read->resources[0].known);
    ck_assert_str_eq("no space left", str_text(read->resources[0].error));
    ck_assert_str_eq("ecs-fam-3-data-0123", str_text(read->resources[1].runtime_name));
    ck_assert_uint_eq(RESOURCE_CREATED, read->resources[1].desired);
    ck_assert(read->charged);
    ck_assert_int_eq(INT32_MAX, read->charged_cpu_units);
    ck_assert_int_eq(1024, read->charged_memory_mib);
    const struct port_charge *port = container_of(read->charged_ports.prev, struct port_charge, link);
    ck_assert(port->port == 65535 && port->mapping == 1 && port->origin == PORT_CHOSEN && port->task == read);
    port = container_of(port->link.prev, struct port_charge, link);
    ck_assert_uint_eq(8080, port->port); /* what was only seen is not kept */
    ck_assert_ptr_eq(&read->charged_ports, port->link.prev);
    const struct gpu_charge *gpu = container_of(read->charged_gpus.next, struct gpu_charge, link);
    ck_assert_str_eq("GPU-1", gpu->id);
    ck_assert_uint_eq(1, gpu->container);
    ck_assert_uint_eq(0, read->emitted); /* volatile */
    ck_assert_uint_eq(0, web->applied);
    buf_free(&first);
    buf_free(&second);
    task_free(task);
    task_free(read);
    definition_unref(definition);
    unit_ends();
}
END_TEST

/* What a task can not have been given. */
START_TEST(a_charge_that_makes_no_sense_is_refused)
{
    struct definition *definition = full();
    struct buf buf;

    for (int wrong = 0; wrong < 6; wrong++) {
        struct task *task = full_task(definition), *read = NULL;
        struct port_charge *port = container_of(task->charged_ports.next, struct port_charge, link);
        struct gpu_charge *gpu = container_of(task->charged_gpus.next, struct gpu_charge, link);
        if (wrong == 1)
            port->port = 0;
        else if (wrong == 2)
            port->mapping = 2; /* the container has two */
        else if (wrong == 3)
            memcpy(gpu->id, "a,b", 4);
        else if (wrong == 4)
            task->admitted = false;
        else if (wrong == 5)
            charge_port(task, 1, PORT_FIXED); /* one more than the definition has */
        write_task(&buf, task);
        ck_assert_int_eq(wrong == 0 ? 0 : ECSENGINE_ECORRUPT, read_task(buf.data, buf.len, definition, &read));
        buf_free(&buf);
        task_free(read);
        task_free(task);
    }
    definition_unref(definition);
    unit_ends();
}
END_TEST

START_TEST(who_is_refused_has_been_given_nothing)
{
    struct str *arn = text_of(ARN);
    struct task *task = task_new(&unit_mem, arn, NULL, NULL), *read = NULL;
    struct buf buf;

    task->phase = TASK_REFUSED;
    task->admitted = task->charged = true;
    write_task(&buf, task);
    ck_assert_int_eq(ECSENGINE_ECORRUPT, read_task(buf.data, buf.len, NULL, &read));
    task_free(task);
    buf_free(&buf);
    str_unref(arn);
    unit_ends();
}
END_TEST

/* Ports of a definition that are beyond what there is. */
START_TEST(a_port_mapping_that_makes_no_sense_is_refused)
{
    static const struct port_mapping wrong[] = {
        {.container_port = 80, .count = 0},
        {.container_port = 65535, .count = 2},
        {.container_port = 80, .host_port = 65535, .count = 2},
        {.container_port = 80, .host_port = 80, .count = 1, .engine_chooses = true},
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct definition *definition = full(), *decoded = NULL;
        definition->containers[0].ports = &wrong[i];
        definition->containers[0].port_count = 1;
        ck_assert_int_eq(0, definition_seal(definition));
        ck_assert_int_eq(ECSENGINE_ECORRUPT, definition_decode(&unit_mem, definition->content, definition->content_len, &decoded));
        definition_unref(definition);
    }
    unit_ends();
}
END_TEST

START_TEST(a_definition_has_a_container)
{
    struct definition *definition = full(), *decoded = NULL;

    definition->container_count = 0;
    definition->resource_count = 0;
    ck_assert_int_eq(0, definition_seal(definition));
    ck_assert_int_eq(ECSENGINE_ECORRUPT, definition_decode(&unit_mem, definition->content, definition->content_len, &decoded));
    definition_unref(definition);
    unit_ends();
}
END_TEST

START_TEST(a_definition_that_needs_more_than_can_be_counted_is_refused)
{
    struct definition *definition = full(), *decoded = NULL;

    definition->cpu_units = UINT32_MAX;
    ck_assert_int_eq(0, definition_seal(definition)); /* its own needs are counted already */
    ck_assert_int_eq(ECSENGINE_ECORRUPT, definition_decode(&unit_mem, definition->content, definition->content_len, &decoded));
    definition_unref(definition);
    unit_ends();
}
END_TEST

START_TEST(a_refused_task_is_kept_without_a_definition)
{
    struct str *arn = text_of(ARN), *reason = text_of("a cycle");
    struct task *task = task_new(&unit_mem, arn, NULL, reason), *read = NULL;
    struct buf buf;

    task->phase = TASK_REFUSED;
    write_task(&buf, task);
    ck_assert_int_eq(0, read_task(buf.data, buf.len, NULL, &read));
    ck_assert_ptr_null(read->definition);
    ck_assert_str_eq("a cycle", str_text(read->reason));
    task_free(task);
    task_free(read);
    buf_free(&buf);
    str_unref(arn);
    str_unref(reason);
    unit_ends();
}
END_TEST

START_TEST(a_task_that_is_active_has_a_definition)
{
    struct definition *definition = full();
    struct str *arn = text_of(ARN);
    struct task *task = task_new(&unit_mem, arn, NULL, NULL), *read = NULL;
    struct buf buf;

    for (uint8_t phase = TASK_ACTIVE; phase <= TASK_LOST; phase++) { /* what is there no more, or never was, or is lost, has none */
        task->phase = phase;
        write_task(&buf, task);
        ck_assert_int_eq(phase < TASK_REMOVED ? ECSENGINE_ECORRUPT : 0, read_task(buf.data, buf.len, NULL, &read));
        if (phase >= TASK_REMOVED)
            task_free(read);
        buf_free(&buf);
    }
    task->phase = TASK_LOST + 1;
    write_task(&buf, task);
    ck_assert_int_eq(ECSENGINE_ECORRUPT, read_task(buf.data, buf.len, NULL, &read));
    buf_free(&buf);
    task_free(task);
    task = full_task(definition);
    write_task(&buf, task);
    ck_assert_int_eq(ECSENGINE_ECORRUPT, read_task(buf.data, buf.len, NULL, &read)); /* its definition is lost */
    buf_free(&buf);
    task_free(task);
    str_unref(arn);
    definition_unref(definition);
    unit_ends();
}
END_TEST

START_TEST(a_cut_task_is_refused_and_a_changed_one_never_crashes)
{
    struct definition *definition = full();
    struct task *task = full_task(definition), *read;
    struct buf buf, again;

    write_task(&buf, task);
    for (size_t cut = 0; cut < buf.len; cut++) {
        unsigned char *exact = malloc(cut > 0 ? cut : 1);
        memcpy(exact, buf.data, cut);
        ck_assert_int_eq(ECSENGINE_ECORRUPT, read_task(exact, cut, definition, &read));
        free(exact);
    }
    for (size_t bit = 0; bit < buf.len * 8; bit++) {
        buf.data[bit / 8] ^= (char)(1 << (bit % 8));
        int code = read_task(buf.data, buf.len, definition, &read);
        buf.data[bit / 8] ^= (char)(1 << (bit % 8));
        ck_assert(code == 0 || code == ECSENGINE_ECORRUPT);
        if (code == 0) {
            write_task(&again, read);
            buf_free(&again);
            task_free(read);
        }
    }
    buf_free(&buf);
    task_free(task);
    definition_unref(definition);
    unit_ends();
}
END_TEST

START_TEST(reading_without_memory_is_no_damage)
{
    struct definition *definition = full(), *decoded;
    struct task *task = full_task(definition), *read;
    struct buf buf;
    int code = ECSENGINE_ENOMEM;
    long n;

    write_task(&buf, task);
    for (n = 1; code != 0; n++) {
        unit.calls = 0;
        unit.fail_at = n;
        code = read_task(buf.data, buf.len, definition, &read);
        ck_assert(code == 0 || code == ECSENGINE_ENOMEM);
    }
    ck_assert_int_gt(n, 5);
    task_free(read);
    for (n = 1, code = ECSENGINE_ENOMEM; code != 0; n++) {
        unit.calls = 0;
        unit.fail_at = n;
        code = definition_decode(&unit_mem, definition->content, definition->content_len, &decoded);
        ck_assert(code == 0 || code == ECSENGINE_ENOMEM);
    }
    ck_assert_int_gt(n, 3);
    unit.fail_at = 0;
    definition_unref(decoded);
    buf_free(&buf);
    task_free(task);
    definition_unref(definition);
    unit_ends();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, numbers_are_read_as_they_were_written);
    tcase_add_test(tcase, numbers_that_are_cut_too_large_or_too_long_are_bad);
    tcase_add_test(tcase, text_that_is_cut_too_long_or_no_utf_8_is_bad);
    tcase_add_test(tcase, a_frame_opens_to_its_kind_and_body);
    tcase_add_test(tcase, every_cut_and_every_flipped_bit_of_a_frame_is_seen);
    tcase_add_test(tcase, a_newer_version_is_told_apart_from_damage);
    tcase_add_test(tcase, a_definition_is_decoded_as_it_was);
    tcase_add_test(tcase, equal_documents_have_equal_definitions_and_others_do_not);
    tcase_add_test(tcase, a_cut_or_changed_definition_is_refused_or_is_another_definition);
    tcase_add_test(tcase, a_task_is_read_as_it_was_written);
    tcase_add_test(tcase, a_charge_that_makes_no_sense_is_refused);
    tcase_add_test(tcase, who_is_refused_has_been_given_nothing);
    tcase_add_test(tcase, a_port_mapping_that_makes_no_sense_is_refused);
    tcase_add_test(tcase, a_definition_has_a_container);
    tcase_add_test(tcase, a_definition_that_needs_more_than_can_be_counted_is_refused);
    tcase_add_test(tcase, a_refused_task_is_kept_without_a_definition);
    tcase_add_test(tcase, a_task_that_is_active_has_a_definition);
    tcase_add_test(tcase, a_cut_task_is_refused_and_a_changed_one_never_crashes);
    tcase_add_test(tcase, reading_without_memory_is_no_damage);
}

int main(void) { return unit_run("record", fill); }
