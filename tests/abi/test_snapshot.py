#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nothing of an engine's state is left out of its snapshot.

Reads the structs of the headers. Each member is in a table of fields (lib/engine/snapshot_fields.c, lib/driver/snapshot.c), is put by a
codec or by hand, in a file that is named here and speaks of it, or need not be put, for a reason that is given here. A member that is new,
or gone, fails the test.
"""
import re
import sys
import unittest

from csource import TOP, blank

ENGINE, TASK, LISTS = "lib/engine/snapshot.c", "lib/engine/snapshot_task.c", "lib/engine/snapshot_lists.c"
OPS, WAITING, DRIVER = "lib/engine/snapshot_ops.c", "lib/engine/snapshot_waiting.c", "lib/driver/snapshot.c"
DEFINITIONS, QUEUES = "lib/engine/snapshot_definitions.c", "lib/engine/snapshot_queues.c"
OP_CODEC, EVENT_CODEC, SHARED = "lib/model/op_record.c", "lib/model/event_record.c", "lib/model/record_shared.c"

TABLES = ("lib/engine/snapshot_fields.c", DRIVER)

# Reasons that come up again and again.
OWN = "of the one who reads: the fresh engine has it"
NODE = "a place in a list or map, which is made again"
OWNER = "whose part it is"
COUNTED = "counted again"
COUNTS_REFERENCES = "of who holds it here"
SIZE = "follows from the definition"
HOST = "the host's, and joined anew"
MAILBOX = "has not come in yet: an input of what comes after"
BY_CONTENT = "follows from the content, which is put whole"
NEED = "follows from the definition"
TREE = "the tree is built again from the tasks' numbers"

# struct: (header, {member: file that puts it}, {member: why it need not be})
STRUCTS = {
    "engine": ("lib/engine/engine.h", {
        "credentials": ENGINE, "images": ENGINE, "asides": ENGINE, "gone": ENGINE, "timers": ENGINE, "host": ENGINE,
        "runtime_timer": ENGINE, "poll_timer": ENGINE, "restoring": ENGINE,
        "all": ENGINE, "touched": LISTS, "dirty": LISTS, "credential_waits": LISTS, "pull_queue": LISTS, "pulling": LISTS, "pulls": LISTS,
        "looks": LISTS, "looking": OPS,
        "gpu_holders": LISTS, "classes": WAITING, "doomed": WAITING, "gpu_waiters": WAITING,
        "orphans": OPS, "dirty_orphans": OPS, "open_ops": OPS, "info_op": OPS, "subscribe_op": OPS, "list_op": OPS, "ping_op": OPS,
        "ops_out": QUEUES, "events_out": QUEUES,
    }, {
        "root": OWN, "mem": OWN, "settings": OWN, "seed": OWN, "log_minimum": HOST, "log": HOST, "log_data": HOST,
        "tasks": NODE, "by_id": "made again with the tasks; who comes first of one id is put", "by_name": "as by_id", "definitions": NODE, "orphan_names": NODE,
        "needs": NODE, "parked": NODE, "port_holders": NODE, "acks": NODE, "container_count": COUNTED, "queue": TREE,
        "found": "there is no snapshot within a step",
        "restored_definitions": "empty when no record is being given back, and else there is no snapshot",
    }),
    "host": ("lib/engine/engine.h", {"fact_gpus": ENGINE, "gpus": ENGINE}, {
        "cpu_used": COUNTED, "memory_used": COUNTED, "gpus_used": COUNTED, "charged": COUNTED, "ports": COUNTED,
        "reserved": "follows from the settings",
    }),
    "task": ("lib/model/task.h", {
        "arn": TASK, "definition": TASK, "timer": TASK, "open_events": TASK, "batch_first": TASK, "batch_last": TASK, "charged_ports": TASK,
        "charged_gpus": TASK, "notices": TASK, "notice_count": TASK, "containers": TASK, "resources": TASK,
        "touched": LISTS, "dirty": LISTS, "credential_wait": LISTS, "waiting": WAITING,
    }, {"mem": OWN, "by_arn": NODE, "all": "tasks are put in that order", "container_count": SIZE, "resource_count": SIZE}),
    "container": ("lib/model/task.h", {
        "ports": TASK, "restart": TASK, "retry": TASK, "inspect_timer": TASK, "start_timer": TASK, "by_id": TASK, "by_name": TASK,
        "pull_link": LISTS, "look_link": LISTS, "op": OPS, "inspect_op": OPS, "index": LISTS, "agents": TASK,
    }, {"task": OWNER}),
    "agent": ("lib/model/task.h", {"timer": TASK, "op": OPS}, {"index": "its place in the container", "container": OWNER}),
    "resource": ("lib/model/task.h", {"retry": TASK, "op": OPS}, {"index": "its place in the task", "task": OWNER}),
    "restart": ("lib/model/task.h", {}, {}),
    "waiting": ("lib/model/waiting.h", {"overtaken": WAITING, "same": WAITING}, {
        "parent": TREE, "left": TREE, "right": TREE, "priority": TREE, "count": TREE, "pending": "what is pending is put with what it is added to",
        "cpu_units": NEED, "memory_mib": NEED, "least_cpu": TREE, "least_memory": TREE, "possible": "follows from the class",
        "any_possible": TREE,
    }),
    "port_charge": ("lib/model/charge.h", {}, {"by_port": NODE, "link": NODE, "task": OWNER}),
    "gpu_charge": ("lib/model/charge.h", {"id": TASK, "held": LISTS}, {"link": NODE, "task": OWNER}),
    "need": ("lib/model/need.h", {"link": WAITING, "waiting": WAITING, "class_link": WAITING}, {
        "mem": OWN, "refs": COUNTS_REFERENCES, "cpu_units": NEED, "memory_mib": NEED, "port_count": NEED, "gpu_id_count": NEED, "gpu_count": NEED,
        "exempt": NEED, "ports": NEED, "gpu_ids": NEED, "hash": NEED, "by_content": NODE, "users": COUNTED, "by_port": NODE,
    }),
    "definition": ("lib/model/definition.h", {"content": DEFINITIONS, "content_len": DEFINITIONS}, {
        "by_content": NODE, "tasks": COUNTED, "tasks_going": "of one batch while it is put together", "refs": COUNTS_REFERENCES, "arena": OWN,
        "family": BY_CONTENT, "version": BY_CONTENT, "network_mode": BY_CONTENT, "launch_type": BY_CONTENT, "cpu_units": BY_CONTENT,
        "memory_mib": BY_CONTENT, "container_count": BY_CONTENT, "resource_count": BY_CONTENT, "containers": BY_CONTENT,
        "resources": BY_CONTENT, "agent_total": BY_CONTENT, "port_total": BY_CONTENT, "need": BY_CONTENT, "hash": BY_CONTENT,
    }),
    "pending_ack": ("lib/engine/events.h", {}, {"by_id": NODE, "link": NODE, "task": OWNER}),
    "orphan": ("lib/engine/orphans.h", {"dirty": OPS, "retry": OPS, "op": OPS, "definition": OPS}, {"link": NODE, "by_name": NODE}),
    "kept_record": ("lib/engine/restore.h", {"key": ENGINE, "value": ENGINE, "len": ENGINE}, {
        "link": NODE, "by_hash": "empty when it was set aside", "kind": "nobody asks any more",
        "why": "was told already", "definition": "none when it was set aside", "task": "the same", "text": "made of key and value",
    }),
    "credentials": ("lib/model/credentials.h", {"id": ENGINE, "len": ENGINE, "document": ENGINE}, {
        "by_id": NODE, "mem": OWN, "refs": COUNTS_REFERENCES,
    }),
    "ecsengine_op": ("lib/model/op.h", {
        "id": OP_CODEC, "cancel_id": OP_CODEC, "deadline_ns": OP_CODEC, "grace_ns": OP_CODEC, "arn": OP_CODEC, "runtime_name": OP_CODEC,
        "runtime_id": OP_CODEC, "image": OP_CODEC, "image_target": OP_CODEC, "label": OP_CODEC, "definition": OP_CODEC,
        "credentials": OP_CODEC, "create_config": OP_CODEC, "create_config_len": OP_CODEC, "container_index": OP_CODEC,
        "resource_index": OP_CODEC, "of_resource": OP_CODEC, "kind": OP_CODEC, "cancel_kind": OP_CODEC, "force": OP_CODEC,
        "exec_id": OP_CODEC, "command_id": OP_CODEC, "agent_index": OP_CODEC, "of_agent": OP_CODEC,
        "open": OPS, "timer": OPS, "task": OPS, "progress": OPS, "link": QUEUES,
    }, {
        "root": OWN, "refs": COUNTS_REFERENCES, "completion": MAILBOX, "update": MAILBOX, "result": MAILBOX, "completed": MAILBOX,
        "update_queued": MAILBOX, "update_current": MAILBOX, "update_total": MAILBOX, "update_text": MAILBOX,
    }),
    "ecsengine_event": ("lib/model/event.h", {
        "id": EVENT_CODEC, "command_id": EVENT_CODEC, "time_ns": EVENT_CODEC, "pull_started_at": EVENT_CODEC, "pull_stopped_at": EVENT_CODEC,
        "execution_stopped_at": EVENT_CODEC, "command_code": EVENT_CODEC, "exit_code": EVENT_CODEC, "container_index": EVENT_CODEC,
        "kind": EVENT_CODEC, "status": EVENT_CODEC, "has_exit_code": EVENT_CODEC, "arn": EVENT_CODEC, "reason": EVENT_CODEC,
        "runtime_id": EVENT_CODEC, "image_digest": EVENT_CODEC, "definition": EVENT_CODEC, "ports": EVENT_CODEC, "ports_told": EVENT_CODEC,
        "family": EVENT_CODEC, "candidates": EVENT_CODEC, "agent_index": EVENT_CODEC, "output": EVENT_CODEC, "batch": EVENT_CODEC, "batch_next": EVENT_CODEC, "link": QUEUES,
    }, {"root": OWN, "refs": COUNTS_REFERENCES, "taken": MAILBOX}),
    "stop_candidates": ("lib/model/manifest.h", {
        "message_id": EVENT_CODEC, "cluster_arn": EVENT_CODEC, "count": EVENT_CODEC, "arns": EVENT_CODEC,
    }, {"mem": OWN}),
    "ports": ("lib/model/result.h", {"count": SHARED, "items": SHARED}, {
        "mem": OWN, "refs": COUNTS_REFERENCES, "cap": "how much room there is",
    }),
    "port_binding": ("lib/model/result.h", {"container_port": SHARED, "host_port": SHARED, "protocol": SHARED, "bind_ip": SHARED}, {}),
    "timer": ("lib/model/timer.h", {"node": ENGINE}, {"kind": OWNER}),
    "heap_node": ("lib/base/heap.h", {"key": ENGINE, "seq": ENGINE}, {"child": NODE, "next": NODE, "prev": NODE}),
    "heap": ("lib/base/heap.h", {"seq": ENGINE}, {"root": NODE}),
    "ecsengine": ("lib/driver/driver.h", {
        "engine": DRIVER, "ops_now": DRIVER, "ops_wait": DRIVER, "events_now": DRIVER, "events_wait": DRIVER, "batch": DRIVER, "began": DRIVER,
        "next_command": DRIVER, "inputs": DRIVER, "pulls_batches": DRIVER, "answer_expected": DRIVER,
    }, {
        "mailbox": OWN, "runtime": HOST, "runtime_data": HOST, "kept_ops": HOST, "store": HOST, "store_data": HOST, "event_callback": HOST,
        "event_data": HOST, "agents": "each task has the description of its own", "has_runtime": HOST, "has_store": HOST, "lock": OWN, "answer": MAILBOX,
        "turning": "there is no snapshot within a turn", "commit_now": "the same", "checks": "says when the books are looked at, and no more",
        "record_lock": OWN, "record_thread": OWN, "record_writes": OWN, "recorder": OWN, "replays": OWN,
        "thread": HOST, "thread_runs": HOST, "thread_stops": HOST,
    }),
    "mailbox": ("lib/driver/mailbox.h", {"refusing": DRIVER}, {
        "root": OWN, "lock": OWN, "arrived": OWN, "inputs": MAILBOX, "ops": "has left", "events": "has left",
        "batch": "is out already", "deadline_ns": "the next turn says when", "fd": HOST, "readable": OWN, "closed": OWN, "rung": HOST,
    }),
    "ecsengine_batch": ("lib/driver/batch.h", {"data": DRIVER, "entries": DRIVER, "count": DRIVER}, {
        "cap": "how much room there is", "failed": "a batch is out only if it has not failed",
    }),
    "batch_entry": ("lib/driver/batch.h", {"key": DRIVER, "value": DRIVER, "value_len": DRIVER, "deletes": DRIVER}, {}),
}  # fmt: skip


def members_of(text, struct):
    """The names of a struct's members; [] if there is no such struct."""
    match = re.search(r"struct\s+" + struct + r"\s*\{([^{}]*)\}", blank(text))
    names = []
    for part in re.sub(r"\[[^\]]*\]", "", match.group(1) if match else "").split(";"):
        names += [re.search(r"(\w+)\s*$", one).group(1) for one in part.split(",") if one.strip()]
    return names


def tabled(text):
    """{struct: [members]} of the tables in a source."""
    found = {}
    for struct, member in re.findall(r"\b(?:NUMBER|FLAG|SIGNED|TEXT)\((\w+), (\w+)", blank(text)):
        found.setdefault(struct, []).append(member)
    return found


def faults_of(struct, members, in_tables, by_hand, exempt, read):
    """What is wrong with one struct, a line each. `read` gives a source's text."""
    faults = [f"struct {struct}: there is no such struct, or it has no members"] if not members else []
    for member in members:
        places = [member in in_tables, member in by_hand, member in exempt]
        if sum(places) == 0:
            faults.append(f"struct {struct}: {member} is not in the snapshot, and nothing says why it need not be")
        elif sum(places) > 1:
            faults.append(f"struct {struct}: {member} is said to be put twice, or not at all")
        if member in by_hand and not re.search(r"\b" + member + r"\b", blank(read(by_hand[member]))):
            faults.append(f"struct {struct}: {by_hand[member]} does not speak of {member}")
    for member in sorted({*in_tables, *by_hand, *exempt} - set(members)):
        faults.append(f"struct {struct}: has no member {member}")
    faults += [f"struct {struct}: {member} is in its table twice" for member in sorted(set(in_tables)) if in_tables.count(member) > 1]
    return faults


def read_source(name):
    return (TOP / name).read_text()


class Snapshot(unittest.TestCase):
    def test_every_member_is_put_or_need_not_be(self):
        tables = {}
        for name in TABLES:
            for struct, members in tabled(read_source(name)).items():
                tables.setdefault(struct, []).extend(members)
        self.assertEqual(set(), set(tables) - set(STRUCTS), "tables of structs that are not looked at")
        faults = []
        for struct, (header, by_hand, exempt) in STRUCTS.items():
            faults += faults_of(struct, members_of(read_source(header), struct), tables.get(struct, []), by_hand, exempt, read_source)
        self.assertEqual([], faults, "\n" + "\n".join(faults))


class Planted(unittest.TestCase):
    """The test finds what it is there to find."""

    header = "struct thing {\n    uint8_t known; /* a; b */\n    struct list link, other;\n    uint64_t bits[2][64 / 8];\n};\n"
    table = "    NUMBER(thing, known, 5),\n    NUMBER(thing, bits, ALL),\n"

    def faults(self, header=None, table=None, by_hand=None, exempt=None, source="list_append(&thing->link);"):
        members = members_of(header or self.header, "thing")
        tables = tabled(self.table if table is None else table)
        by_hand = {"link": "a.c"} if by_hand is None else by_hand
        return faults_of("thing", members, tables.get("thing", []), by_hand, exempt or {"other": "for a reason"}, lambda name: source)

    def test_members_are_read(self):
        self.assertEqual(["known", "link", "other", "bits"], members_of(self.header, "thing"))
        self.assertEqual([], self.faults())

    def test_a_new_member(self):
        faults = self.faults(header=self.header.replace("};", "    bool fresh;\n};"))
        self.assertEqual(["struct thing: fresh is not in the snapshot, and nothing says why it need not be"], faults)

    def test_a_member_that_is_gone(self):
        self.assertEqual(["struct thing: has no member bits"], self.faults(header=self.header.replace("uint64_t bits[2][64 / 8];", "")))

    def test_a_member_that_left_its_table(self):
        self.assertEqual(1, len(self.faults(table="    NUMBER(thing, known, 5),\n")))

    def test_a_member_that_is_twice_in_its_table(self):
        self.assertEqual(["struct thing: known is in its table twice"], self.faults(table=self.table + "    FLAG(thing, known),\n"))

    def test_a_member_that_is_put_and_exempt(self):
        self.assertEqual(1, len(self.faults(exempt={"other": "a reason", "known": "a reason"})))

    def test_a_file_that_does_not_put_it(self):
        self.assertEqual(["struct thing: a.c does not speak of link"], self.faults(source="/* link */"))

    def test_a_struct_that_is_not_there(self):
        self.assertIn("there is no such struct", self.faults(header="struct other {\n    int x;\n};\n")[0])


if __name__ == "__main__":
    sys.exit(unittest.main())
