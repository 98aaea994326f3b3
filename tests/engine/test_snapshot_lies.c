/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots that can't be: an engine with something of everything is told one lie at a time, and what it then writes is refused. And what
 * is strange but can be is read, up to the last value that a bound allows. Every change is taken back before the engine goes on. */
#include "snapshots.h"

#include "ecsengine/event.h"
#include "engine/aside.h"
#include "engine/container.h"
#include "engine/credentials.h"
#include "engine/events.h"
#include "engine/foreign.h"
#include "engine/image.h"
#include "engine/inspect.h"
#include "engine/orphans.h"
#include "engine/queue.h"
#include "engine/task.h"
#include "model/manifest.h"

#define NAMED(n, members, containers) \
    "{'taskArn':'" ARN_HEAD n "','family':'f-" n "'," members "'containerDefinitions':[" containers "]}"
#define ONE(n, more) NAMED(n, "", "{'name':'a','image':'img-" n "','memory':4" more "}")
#define GPUS(count) ",'resourceRequirements':[{'type':'GPU','value':'" count "'}]"
#define PORT(host) ",'portMappings':[{'containerPort':80,'hostPort':" host "}]"
#define AGAIN ",'restartPolicy':{'enabled':true,'restartAttemptPeriod':60}"

static struct task *runs, *other, *lost, *pulls, *half, *volume;
static struct definition *unknown; /* of no task of the engine's */
static struct orphan *orphan, *removed;
static struct credentials *known, *known_too;
static struct stop_candidates *candidates;

/* ---- changes, and back ---- */

enum { KEPT_MAX = 24 };

static struct {
    void *at;
    size_t size;
    unsigned char old[sizeof(struct engine)];
} *kept[KEPT_MAX];
static size_t kept_count;

/* It may be changed at will until take_back(). */
static void keep(void *at, size_t size)
{
    ck_assert_uint_lt(kept_count, KEPT_MAX);
    ck_assert_uint_le(size, sizeof(struct engine));
    kept[kept_count] = malloc(sizeof(*kept[0]));
    kept[kept_count]->at = at;
    kept[kept_count]->size = size;
    memcpy(kept[kept_count++]->old, at, size);
}

static void take_back(void)
{
    while (kept_count > 0) {
        kept_count--;
        memcpy(kept[kept_count]->at, kept[kept_count]->old, kept[kept_count]->size);
        free(kept[kept_count]);
    }
}

#define KEEP(thing) keep(&(thing), sizeof(thing))
#define SET(member, value) (KEEP(member), (void)((member) = (value)))

static struct str *text(const char *words) { return str_new(&made_root.mem, words, strlen(words)); }

#define FIRST(list, type, link) container_of((list)->next, type, link)

static struct ecsengine_op *open_op(enum ecsengine_op_kind kind)
{
    for (struct list *node = made.open_ops.next; node != &made.open_ops; node = node->next)
        if (container_of(node, struct ecsengine_op, open)->kind == kind)
            return container_of(node, struct ecsengine_op, open);
    ck_abort_msg("no %d is open", kind);
}

/* ---- something of everything ---- */

static struct credentials *give_credentials(const char *name)
{
    struct str *id = text(name);
    struct credentials *credentials = credentials_new(&made_root.mem, id, "hidden-", 7);

    ck_assert_int_eq(0, credentials_make_room(&made));
    credentials_put(&made, credentials);
    str_unref(id);
    return credentials;
}

static void fill_engine(void)
{
    made_set("enable-gpu-support", "true");
    made_set("host-gpus", "g0,g1,g2,g3");
    made_set("host-cpu", "1000");
    made_set("image-pull-parallel", "1");
    made_set("inspect-parallel", "1");
    made_set("image-pull-behavior", "once");
    made_set("admission-policy", "backfill");
    made_open();
    ck_assert_int_eq(ECSENGINE_ECORRUPT, restore_record(&made, "task/" ARN_HEAD "lost", "garbage", 7));
    ck_assert_int_eq(0, restore_end(&made));
    made_settle();
    lost = engine_find_task(&made, ARN_HEAD "lost");
    runs = made_add(NAMED("runs", "'volumes':[{'name':'data','dockerVolumeConfiguration':{'scope':'task'}}],",
                          "{'name':'a','image':'img','memory':4,'cpu':100" GPUS("2") PORT("8080") AGAIN "},"
                          "{'name':'b','image':'img','memory':4" PORT("8081") "}"));
    runs->notices = mem_array(&made_root.mem, 2, sizeof(*runs->notices));
    runs->notices[runs->notice_count++] = text("one is told");
    runs->notices[runs->notice_count++] = text("and another");
    other = made_add(ONE("other", GPUS("1")));
    made_settle();
    made_add(ONE("port", PORT("8080")));
    made_add(ONE("gpu", GPUS("2")));
    made_add(ONE("much", ",'cpu':900"));
    made_add(ONE("more", ",'cpu':900"));
    made_add(ONE("never", ",'cpu':9000"));
    half = made_add(NAMED("half", "", "{'name':'a','image':'img','memory':4},{'name':'b','image':'new','memory':4}"));
    made_good(made_until(ECSENGINE_OP_START));
    pulls = made_add(ONE("pulls", ""));
    struct ecsengine_op *manifest = open_op(ECSENGINE_OP_PULL_MANIFEST);
    list_remove(&manifest->link);
    made_good(manifest); /* it waits for the slot that `half` has */
    volume = made_add(NAMED("volume", "'volumes':[{'name':'data','dockerVolumeConfiguration':{'scope':'task'}}],",
                            "{'name':'a','image':'img','memory':4,'mountPoints':[{'sourceVolume':'data','containerPath':'/d'}]}"));
    inspect_want(&made, &runs->containers[0], INSPECT_VERIFY);
    inspect_want(&made, &runs->containers[1], INSPECT_VERIFY);
    inspect_want(&made, &other->containers[0], INSPECT_VERIFY);
    ck_assert_int_eq(0, orphans_adopt(&made, "left-1"));
    ck_assert_int_eq(0, engine_settle(&made));
    ck_assert_int_eq(0, orphans_adopt(&made, "left-2"));
    removed = FIRST(&made.orphans, struct orphan, link);
    orphan = container_of(removed->link.next, struct orphan, link);
    struct str *name = text("gone-1");
    ck_assert(foreign_note_gone(&made, name));
    str_unref(name);
    struct kept_record *record = restore_keep(&made, "task/\xff", "\0damaged", 8);
    list_remove(&record->link);
    aside_join(&made, record);
    candidates = mem_zalloc(&made_root.mem, sizeof(*candidates) + 2 * sizeof(candidates->arns[0]));
    candidates->mem = &made_root.mem;
    candidates->message_id = text("message-1");
    candidates->cluster_arn = text("cluster-1");
    candidates->arns[candidates->count++] = str_ref(runs->arn);
    candidates->arns[candidates->count++] = str_ref(other->arn);
    events_stop_candidates(&made, candidates);
    known = give_credentials("c1");
    known_too = give_credentials("c2");
    struct task *task = made_task(NAMED("unknown", "'volumes':[{'name':'data','dockerVolumeConfiguration':{'scope':'task'}}],",
                                        "{'name':'a','image':'img','memory':4}"));
    unknown = definition_ref(task->definition);
    task_free(task);
}

static struct ecsengine_event *last_out(void) { return container_of(made.events_out.prev, struct ecsengine_event, link); }

static void empty_engine(void)
{
    definition_unref(unknown);
    end();
}

START_TEST(there_is_something_of_everything)
{
    fill_engine();
    ck_assert(!list_empty(&made.looks) && !list_empty(&made.pull_queue) && !list_empty(&made.pulling));
    ck_assert(!list_empty(&made.classes) && !list_empty(&made.gpu_waiters) && made.parked.count > 0);
    ck_assert(!list_empty(&made.orphans) && removed->op != NULL && !list_empty(&made.dirty_orphans));
    ck_assert(!list_empty(&made.dirty) && !list_empty(&made.gone) && !list_empty(&made.asides));
    ck_assert(!list_empty(&made.ops_out) && !list_empty(&made.events_out));
    ck_assert(half->batch_first != NULL);
    ck_assert_ptr_eq(candidates, last_out()->candidates);
    ck_assert(!list_empty(&runs->open_events));
    ck_assert_uint_eq(1, runs->resource_count);
    ck_assert_int_eq(TASK_LOST, lost->phase);
    ck_assert(list_linked(&pulls->containers[0].pull_link));
    twin_is_the_same();
    close_twin();
    empty_engine();
}
END_TEST

/* ---- lies ---- */

/* What the lie needs is made of its own, for a test that takes back the bytes of the engine's. */
static struct str *worn[4];
static size_t worn_count;

static struct str *wear(const char *words)
{
    ck_assert_uint_lt(worn_count, 4);
    return worn[worn_count++] = text(words);
}

static void undress(void)
{
    while (worn_count > 0)
        str_unref(worn[--worn_count]);
}

static void leave(struct list *node)
{
    KEEP(*node->prev);
    KEEP(*node->next);
    KEEP(*node);
    list_remove(node);
}

/* A container that stands for another one, in a list that has that one already. */
static void pose(const struct container *container, struct container *as, struct list *list, struct list *link)
{
    *as = (struct container){.task = container->task, .index = container->index};
    list_init(link);
    KEEP(*list->prev);
    KEEP(*list);
    list_append(list, link);
}

static struct container poser;
static struct gpu_charge posing;
static struct restart restart;
static struct port_charge *port_of(struct task *task) { return FIRST(&task->charged_ports, struct port_charge, link); }
static struct gpu_charge *gpu_of(struct task *task) { return FIRST(&task->charged_gpus, struct gpu_charge, link); }
static struct pending_ack *ack_of(struct task *task) { return FIRST(&task->open_events, struct pending_ack, link); }
static struct ecsengine_event *of_container(void)
{
    struct list *node = made.events_out.next;

    while (container_of(node, struct ecsengine_event, link)->kind != ECSENGINE_EVENT_CONTAINER)
        node = node->next;
    return container_of(node, struct ecsengine_event, link);
}
static struct ecsengine_event *first_out(void) { return FIRST(&made.events_out, struct ecsengine_event, link); }
static struct ecsengine_op *create(void) { return open_op(ECSENGINE_OP_VOLUME_CREATE); }
static struct ecsengine_op *pull(void) { return open_op(ECSENGINE_OP_PULL_IMAGE); }

static void no_instance(void) { SET(made.instance, wear("")); }
static void one_gpu_twice(void) { KEEP(made.host.gpus), memcpy(made.host.gpus.ids[1], made.host.gpus.ids[0], LIMIT_GPU_ID); }
static void credentials_without_id(void) { SET(known->id, wear("")); }
static void credentials_twice(void) { SET(known->id, known_too->id); }
static void no_name_gone(void) { SET(*(struct str **)(void *)((char *)made.gone.next + sizeof(struct list)), wear("")); }

static void index_too_high(void)
{
    pose(&other->containers[0], &poser, &made.looks, &poser.look_link);
    poser.index = other->container_count;
}

static void index_within(void)
{
    pose(&runs->containers[0], &poser, &made.looks, &poser.look_link);
    poser.index = 0;
}

static void looks_twice(void)
{
    struct container *there = FIRST(&made.looks, struct container, look_link);

    pose(there, &poser, &made.looks, &poser.look_link);
}

static void waits_for_a_pull_nowhere(void) { SET(other->containers[0].pull_waits, true); }
static void pulls_and_waits(void) { SET(FIRST(&made.pulling, struct container, pull_link)->pull_waits, true); }
static void waits_and_pulls(void) { SET(FIRST(&made.pull_queue, struct container, pull_link)->pull_waits, false); }

static void gpu_of_nobody(void)
{
    posing = (struct gpu_charge){.task = other};
    list_init(&posing.held);
    posing.link.prev = &gpu_of(other)->link;
    posing.link.next = &other->charged_gpus;
    leave(&gpu_of(runs)->held);
    KEEP(*made.gpu_holders.prev);
    KEEP(made.gpu_holders);
    list_append(&made.gpu_holders, &posing.held);
}

static void gpu_held_by_fewer(void) { leave(&gpu_of(runs)->held); }
static void gpu_of_no_container(void) { SET(gpu_of(other)->container, other->container_count); }
static void gpu_without_a_name(void) { SET(gpu_of(other)->id[0], '\0'); }

static void port_0(void) { SET(port_of(runs)->port, 0); }
static void port_of_no_container(void) { SET(port_of(runs)->container, runs->container_count); }
static void port_of_no_mapping(void) { SET(port_of(runs)->mapping, 1); }
static void port_twice(void) { SET(port_of(runs)->port, container_of(port_of(runs)->link.next, struct port_charge, link)->port); }

static void ack_of_no_agent(void) { SET(ack_of(runs)->kind, ECSENGINE_EVENT_MANAGED_AGENT), SET(ack_of(runs)->container_index, 0); }
static void ack_of_no_container(void) { SET(ack_of(runs)->kind, ECSENGINE_EVENT_CONTAINER), SET(ack_of(runs)->container_index, runs->container_count); }
static void ack_to_come(void) { SET(ack_of(runs)->id, made.next_event + 1); }
static void ack_twice(void) { SET(ack_of(runs)->id, ack_of(other)->id); }
static void event_to_come(void) { SET(first_out()->id, made.next_event + 1); }
static void batch_of_a_task(void) { SET(half->batch_first->kind, ECSENGINE_EVENT_TASK); }
static void batch_of_a_batch(void) { SET(half->batch_first->batch, first_out()); }

static void candidate_without_arn(void) { SET(candidates->arns[1], wear("")); }
static void candidates_in_another_event(void) { SET(last_out()->kind, ECSENGINE_EVENT_TASK); }
static void candidates_that_are_none(void) { SET(last_out()->candidates, NULL); }

static void number_to_come(void) { SET(made.next_number, made.next_number - 1); }
static void lost_with_containers(void) { SET(runs->phase, TASK_LOST); }
static void running_without_containers(void) { SET(lost->phase, TASK_ACTIVE); }
static void arn_twice(void) { SET(other->arn, runs->arn); }
static void no_arn(void) { SET(other->arn, wear("")); }
static void restarted(void) { SET(runs->containers[0].restart, &restart); }
static void restarted_without_a_policy(void) { SET(other->containers[0].restart, &restart); }

static void op_to_come(void) { SET(made.next_op, made.next_op - 1); }
static void op_answered_and_open(void) { SET(pull()->answered, true); }
static void op_without_end(void) { SET(pull()->deadline_ns, INT64_MAX), SET(pull()->batch_id, 1); }
static void op_ends_before(void) { SET(pull()->deadline_ns, pull()->begun_ns - 1); }
static void op_for_ever(void) { SET(pull()->deadline_ns, pull()->begun_ns + LIMIT_WALL_NS / 2 + 1); }
static void op_of_a_lost_task(void)
{
    KEEP(*volume);
    volume->definition = NULL;
    volume->phase = TASK_LOST;
    volume->container_count = volume->resource_count = 0;
    volume->charged = false;
    volume->charged_memory_mib = volume->charged_cpu_units = 0;
}
static void op_of_another_task(void) { SET(pull()->task, runs); }
static void op_id_twice(void)
{
    struct ecsengine_op *first = pull(), *next = container_of(first->open.next, struct ecsengine_op, open);

    leave(&first->link); /* both have gone out */
    leave(&next->link);
    SET(next->id, first->id);
}
static void op_left_and_waits(void) { SET(create()->left, true); }
static void op_closed_and_waits(void) { leave(&create()->open); }

static void orphan_without_name(void) { SET(orphan->runtime_name, wear("")); }
static void orphan_of_no_resource(void) { SET(orphan->definition, runs->definition), SET(orphan->resource_index, 1); }
static void orphan_with_a_resource(void) { SET(orphan->resource_index, 1); }
static void orphan_with_the_op_of_another(void) { SET(removed->op->runtime_name, wear("another")); }
static void orphan_with_the_op_of_a_task(void) { SET(orphan->op, pull()); }

/* ---- what is strange, and can be ---- */

static void one_number_twice(void) { SET(other->number, runs->number); }
static void later_gpus_first(void)
{
    struct list *first = made.gpu_holders.next;

    leave(first);
    KEEP(*made.gpu_holders.prev);
    KEEP(made.gpu_holders);
    list_append(&made.gpu_holders, first);
}
static void ends_as_it_begins(void) { SET(pull()->deadline_ns, pull()->begun_ns); }
static void ends_late(void) { SET(pull()->deadline_ns, pull()->begun_ns + LIMIT_WALL_NS / 2); }
static void has_no_end(void) { SET(pull()->deadline_ns, INT64_MAX); }
static void op_of_no_task(void) { SET(pull()->task, NULL); }
static void event_of_a_task_that_is_no_more(void) { SET(of_container()->definition, unknown); }
static void orphan_of_a_task_that_is_no_more(void) { SET(orphan->definition, unknown); }

static const struct lie {
    const char *name;
    void (*tell)(void);
    bool can_be;
} lies[] = {
#define LIE(tell) {#tell, tell, false}
#define TRUTH(tell) {#tell, tell, true}
    LIE(no_instance), LIE(one_gpu_twice), LIE(credentials_without_id), LIE(credentials_twice), LIE(no_name_gone),
    LIE(index_too_high), TRUTH(index_within), LIE(looks_twice), LIE(waits_for_a_pull_nowhere), LIE(pulls_and_waits), LIE(waits_and_pulls),
    LIE(gpu_of_nobody), LIE(gpu_held_by_fewer), LIE(gpu_of_no_container), LIE(gpu_without_a_name),
    LIE(port_0), LIE(port_of_no_container), LIE(port_of_no_mapping), LIE(port_twice),
    LIE(ack_of_no_container), LIE(ack_of_no_agent), LIE(ack_to_come), LIE(ack_twice), LIE(event_to_come), LIE(batch_of_a_task), LIE(batch_of_a_batch),
    LIE(candidate_without_arn), LIE(candidates_in_another_event), LIE(candidates_that_are_none),
    LIE(number_to_come), LIE(lost_with_containers), LIE(running_without_containers), LIE(arn_twice), LIE(no_arn),
    TRUTH(restarted), LIE(restarted_without_a_policy),
    LIE(op_to_come), LIE(op_answered_and_open), LIE(op_without_end), LIE(op_ends_before), LIE(op_for_ever), LIE(op_of_a_lost_task),
    LIE(op_of_another_task), LIE(op_id_twice), LIE(op_left_and_waits), LIE(op_closed_and_waits),
    LIE(orphan_without_name), LIE(orphan_of_no_resource), LIE(orphan_with_a_resource), LIE(orphan_with_the_op_of_a_task), LIE(orphan_with_the_op_of_another),
    TRUTH(one_number_twice), TRUTH(later_gpus_first), TRUTH(ends_as_it_begins), TRUTH(ends_late), TRUTH(has_no_end), TRUTH(op_of_no_task),
    TRUTH(event_of_a_task_that_is_no_more), TRUTH(orphan_of_a_task_that_is_no_more),
};

START_TEST(a_lie_is_refused_and_what_can_be_is_read)
{
    struct buf bytes, again;

    fill_engine();
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        lies[i].tell();
        ck_assert_int_eq(0, put_masked(&made, true, &bytes));
        take_back();
        undress();
        int code = get(bytes.data, bytes.len);
        ck_assert_msg(code == (lies[i].can_be ? 0 : ECSENGINE_ECORRUPT), "%s: %d", lies[i].name, code);
        if (lies[i].can_be) {
            ck_assert_int_eq(0, put_masked(&twin, true, &again));
            ck_assert_msg(bytes.len == again.len && memcmp(bytes.data, again.data, bytes.len) == 0, "%s: the twin is another", lies[i].name);
            buf_free(&again);
        }
        close_twin();
        buf_free(&bytes);
    }
    twin_is_the_same(); /* none has left a trace */
    close_twin();
    empty_engine();
}
END_TEST

/* Who waits for an operation makes something of the answers of certain kinds alone: a sign for each kind, from 0. */
static void waited_for(struct ecsengine_op *op, struct ecsengine_op **place, const char *kinds, const char *who)
{
    struct buf bytes;

    ck_assert_uint_eq(ECSENGINE_OP_AGENT_CLEAN + 1, strlen(kinds));
    SET(*place, op);
    KEEP(op->kind);
    for (int kind = ECSENGINE_OP_CANCEL; kinds[kind] != '\0'; kind++) {
        op->kind = (uint8_t)kind;
        ck_assert_int_eq(0, put(&made, &bytes));
        int code = get(bytes.data, bytes.len);
        ck_assert_msg(code == (kinds[kind] == '+' ? 0 : ECSENGINE_ECORRUPT), "%s, %d: %d", who, kind, code);
        close_twin();
        buf_free(&bytes);
    }
    take_back();
}

START_TEST(who_waits_for_an_operation_waits_for_one_of_its_kinds)
{
    fill_engine();
    struct ecsengine_op *op = pull(), *of_resource = create();
    struct container *container = &half->containers[op->container_index];

    ck_assert_ptr_eq(op, container->op);
    waited_for(op, &container->op, "---+-+++++++++-+---------+-", "a container");
    waited_for(of_resource, &volume->resources[0].op, "---+------------+++++------", "a resource");
    SET(container->op, NULL);
    waited_for(op, &container->inspect_op, "------------+--------------", "an inspection");
    SET(container->op, NULL);
    waited_for(op, &made.info_op, "--+------------------------", "the host's facts");
    SET(container->op, NULL);
    waited_for(op, &made.subscribe_op, "----+----------------------", "the stream");
    SET(container->op, NULL);
    waited_for(op, &made.list_op, "--------------+------------", "the look");
    struct ecsengine_op *none = NULL;
    SET(container->op, NULL);
    waited_for(op, &none, "--+++++++++++++++++++++++++", "nobody");
    empty_engine();
}
END_TEST

/* The event of a container that waits to be told and is summed up by one of its task is one event, in the twin as well. */
START_TEST(an_event_that_is_summed_up_is_the_one_that_waits)
{
    struct buf bytes;
    size_t batches = 0;

    fill_engine();
    ck_assert_int_eq(0, put(&made, &bytes));
    ck_assert_int_eq(0, get(bytes.data, bytes.len));
    const struct list *node = twin.events_out.next;
    for (const struct list *like = made.events_out.next; like != &made.events_out; like = like->next, node = node->next) {
        const struct ecsengine_event *event = container_of(node, const struct ecsengine_event, link), *one = event->batch;
        const struct ecsengine_event *its = container_of(like, const struct ecsengine_event, link)->batch;
        for (; its != NULL; its = its->batch_next, one = one->batch_next, batches++) {
            ck_assert_uint_eq(its->id, one->id);
            ck_assert_uint_eq(atomic_load(&its->refs), atomic_load(&one->refs));
            ck_assert_int_eq(list_linked(&its->link), list_linked(&one->link));
        }
        ck_assert_ptr_null(one);
    }
    ck_assert_uint_gt(batches, 1);
    const struct task *twins = engine_find_task(&twin, str_text(half->arn));
    ck_assert(list_linked(&twins->batch_first->link));
    ck_assert_uint_eq(2, atomic_load(&twins->batch_first->refs));
    ck_assert_ptr_eq(twins->batch_first, twins->batch_last);
    close_twin();
    buf_free(&bytes);
    empty_engine();
}
END_TEST

static unsigned references(const struct list *queue)
{
    unsigned sum = 0;

    for (const struct list *node = queue->next; node != queue; node = node->next)
        sum += atomic_load(&container_of(node, const struct ecsengine_event, link)->refs);
    return sum;
}

/* Some have left the engine, and wait in a queue of the driver's. */
START_TEST(events_are_found_in_whichever_queue_they_wait)
{
    const struct secret_mask mask = {.hidden = false};
    struct snapshot_queues both = queues();
    struct list *later = both.events[0];
    struct buf bytes;

    fill_engine();
    for (struct list *node = made.events_out.prev, *before; node != &made.events_out; node = before) {
        before = node->prev;
        if (container_of(node, struct ecsengine_event, link)->id <= half->batch_first->id)
            continue;
        list_remove(node);
        list_prepend(later, node);
    }
    unsigned in_the_engine = references(&made.events_out), behind_it = references(later);
    ck_assert(!list_empty(&made.events_out) && !list_empty(later));
    buf_init(&bytes, &made_root.mem, 0);
    ck_assert_int_eq(0, snapshot_put(&made, &both, &mask, &bytes));
    list_splice(&made.events_out, later);
    ck_assert_int_eq(0, get(bytes.data, bytes.len));
    ck_assert_uint_eq(behind_it, references(later)); /* the twin's now */
    ck_assert_uint_eq(in_the_engine, references(&twin.events_out));
    close_twin();
    buf_free(&bytes);
    empty_engine();
}
END_TEST

START_TEST(whichever_block_is_not_there_it_is_memory_that_is_lacking)
{
    struct buf bytes, other_bytes;
    int code = ECSENGINE_ENOMEM;
    long failures = 0;

    fill_engine();
    for (unit.fail_at = 1; code != 0; unit.fail_at++, failures++) {
        unit.calls = 0;
        code = put(&made, &bytes);
        ck_assert(code == 0 || code == ECSENGINE_ENOMEM);
        if (code < 0)
            buf_free(&bytes);
    }
    ck_assert_int_gt(failures, 5);
    unit.fail_at = 0;
    code = ECSENGINE_ENOMEM;
    for (failures = 0; code != 0; failures++) {
        struct snapshot_queues none = queues();
        struct record_reader reader = {.at = (const unsigned char *)bytes.data, .end = (const unsigned char *)bytes.data + bytes.len};
        ck_assert_int_eq(0, engine_init(&twin, &made_root, &made_settings, 7));
        unit.calls = 0;
        unit.fail_at = failures + 1;
        code = snapshot_get(&twin, &none, &reader);
        unit.fail_at = 0;
        ck_assert_msg(code == 0 || code == ECSENGINE_ENOMEM, "allocation %ld: %d", failures + 1, code);
        if (code != 0)
            close_twin();
    }
    ck_assert_int_gt(failures, 10); /* a block of the allocator has room for many of ours */
    ck_assert_int_eq(0, put_masked(&twin, true, &other_bytes));
    ck_assert_uint_eq(bytes.len, other_bytes.len);
    ck_assert_mem_eq(bytes.data, other_bytes.data, bytes.len);
    close_twin();
    buf_free(&bytes);
    buf_free(&other_bytes);
    empty_engine();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, made_start, NULL);
    tcase_add_test(tcase, there_is_something_of_everything);
    tcase_add_test(tcase, a_lie_is_refused_and_what_can_be_is_read);
    tcase_add_test(tcase, who_waits_for_an_operation_waits_for_one_of_its_kinds);
    tcase_add_test(tcase, an_event_that_is_summed_up_is_the_one_that_waits);
    tcase_add_test(tcase, events_are_found_in_whichever_queue_they_wait);
    tcase_add_test(tcase, whichever_block_is_not_there_it_is_memory_that_is_lacking);
}

int main(void) { return made_run("snapshot_lies", fill); }
