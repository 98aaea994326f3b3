#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A host in Python that has nothing but ctypes: one task from its adding to its end, with pulled operations and events, no callback.

It shows that the API needs no C of the host's own: no macro, no struct, no callback. ECSENGINE_LIB is the library.
"""
import ctypes
import json
import os
import sys
import unittest
from ctypes import POINTER, byref, c_char_p, c_int, c_int32, c_int64, c_size_t, c_uint64, c_void_p

SECOND = 1_000_000_000
WALL_AT_START = 1_700_000_000 * SECOND
TURNS_MAX = 1000
ARN = "arn:aws:ecs:eu-central-1:123456789012:task/default/0123456789abcdef"
TASK = {
    "taskArn": ARN,
    "family": "counter",
    "revision": 1,
    "containerDefinitions": [{"name": "web", "image": "example/web:1", "memory": 64, "cpu": 10, "essential": True}],
}

# The numbers of the public enums that the test needs.
OP_CANCEL, OP_INFO, OP_PULL_MANIFEST, OP_INSPECT_IMAGE, OP_CREATE, OP_START, OP_STOP, OP_INSPECT = 1, 2, 6, 7, 9, 10, 11, 12
EVENT_READY, EVENT_CONTAINER, EVENT_TASK, EVENT_COMMAND_DONE = 1, 2, 3, 7
RUNTIME_EVENT_DIE = 3
EINVAL, ESYNTAX, ENOTFOUND = -2, -3, -6

ERROR = POINTER(c_void_p)
PROTOTYPES = {
    "version": (c_char_p, []),
    "code_name": (c_char_p, [c_int]),
    "error_code": (c_int, [c_void_p]),
    "error_message": (c_char_p, [c_void_p]),
    "error_line": (c_int32, [c_void_p]),
    "error_free": (None, [c_void_p]),
    "config_new": (c_int, [POINTER(c_void_p), ERROR]),
    "config_set": (c_int, [c_void_p, c_char_p, c_char_p, ERROR]),
    "config_get": (c_char_p, [c_void_p, c_char_p]),
    "config_free": (None, [c_void_p]),
    "new": (c_int, [c_void_p, c_void_p, POINTER(c_void_p), ERROR]),
    "free": (c_int, [c_void_p]),
    "dispatch": (c_int, [c_void_p, c_int64, c_int64, ERROR]),
    "deadline_ns": (c_int64, [c_void_p]),
    "task_add": (c_int, [c_void_p, c_char_p, c_size_t, POINTER(c_uint64), ERROR]),
    "task_stop": (c_int, [c_void_p, c_char_p, POINTER(c_uint64), ERROR]),
    "task_describe": (c_int, [c_void_p, c_char_p, POINTER(c_void_p), ERROR]),
    "text_data": (c_char_p, [c_void_p]),
    "text_free": (None, [c_void_p]),
    "next_op": (c_void_p, [c_void_p]),
    "op_get_kind": (c_int32, [c_void_p]),
    "op_kind_name": (c_char_p, [c_int32]),
    "op_container": (c_char_p, [c_void_p]),
    "op_image": (c_char_p, [c_void_p]),
    "op_create_config": (c_char_p, [c_void_p, POINTER(c_size_t)]),
    "op_complete": (c_int, [c_void_p, c_void_p, ERROR]),
    "op_release": (None, [c_void_p]),
    "result_new": (c_int, [c_void_p, POINTER(c_void_p), ERROR]),
    "result_new_for_event": (c_int, [c_void_p, POINTER(c_void_p), ERROR]),
    "result_set_container_id": (c_int, [c_void_p, c_char_p]),
    "result_set_running": (c_int, [c_void_p, c_int32]),
    "result_set_exit_code": (c_int, [c_void_p, c_int32]),
    "result_set_started_at": (c_int, [c_void_p, c_int64]),
    "result_set_finished_at": (c_int, [c_void_p, c_int64]),
    "result_set_image_id": (c_int, [c_void_p, c_char_p]),
    "result_set_digest": (c_int, [c_void_p, c_char_p, c_char_p]),
    "result_set_cpus": (c_int, [c_void_p, c_int32]),
    "result_set_memory_mib": (c_int, [c_void_p, c_int64]),
    "runtime_event": (c_int, [c_void_p, c_int32, c_char_p, c_void_p, ERROR]),
    "next_event": (c_void_p, [c_void_p]),
    "event_get_kind": (c_int32, [c_void_p]),
    "event_status": (c_char_p, [c_void_p]),
    "event_exit_code": (c_int32, [c_void_p, POINTER(c_int32)]),
    "event_command_id": (c_uint64, [c_void_p]),
    "event_command_code": (c_int, [c_void_p]),
    "event_free": (None, [c_void_p]),
}


def load():
    library = ctypes.CDLL(os.environ["ECSENGINE_LIB"])

    class Functions:
        pass

    functions = Functions()
    for name, (result, parameters) in PROTOTYPES.items():
        function = getattr(library, "ecsengine_" + name)
        function.restype, function.argtypes = result, parameters
        setattr(functions, name, function)
    return functions


LIB = load()


class Failure(Exception):
    """A negative return code with the error object's text."""

    def __init__(self, code, message, line):
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.line = code, message, line


def call(function, *args):
    """Calls a function whose last parameter is the error."""
    error = c_void_p()
    code = function(*args, byref(error))
    if code >= 0:
        return code
    failure = Failure(LIB.error_code(error), LIB.error_message(error).decode(), LIB.error_line(error))
    LIB.error_free(error)
    raise failure


def made(function, *args):
    """Calls a function that gives an object through an out parameter before the error."""
    out = c_void_p()
    call(function, *args, byref(out))
    return out


class Host:
    """A host with a runtime of one kind of container: it runs until told otherwise."""

    def __init__(self, **keys):
        config = made(LIB.config_new)
        try:
            for key, value in keys.items():
                call(LIB.config_set, config, key.replace("_", "-").encode(), value.encode())
            self.engine = made(LIB.new, config, None)
        finally:
            LIB.config_free(config)
        self.now = 0
        self.operations, self.events, self.records = [], [], {}

    def close(self):
        if LIB.free(self.engine) != 0:
            raise AssertionError("ecsengine_free() refused")

    def record(self, result, container):
        running, exit_code = self.records[container]
        LIB.result_set_container_id(result, container)
        LIB.result_set_running(result, 1 if running else 0)
        LIB.result_set_started_at(result, WALL_AT_START + SECOND)
        if not running:
            LIB.result_set_exit_code(result, exit_code)
            LIB.result_set_finished_at(result, WALL_AT_START + self.now)

    def perform(self, op):
        kind = LIB.op_get_kind(op)
        self.operations.append(LIB.op_kind_name(kind).decode())
        if kind == OP_CANCEL:
            LIB.op_release(op)
            return
        result = made(LIB.result_new, op)
        container = LIB.op_container(op)
        if kind == OP_INFO:
            LIB.result_set_cpus(result, 4)
            LIB.result_set_memory_mib(result, 8192)
        elif kind == OP_PULL_MANIFEST:
            LIB.result_set_digest(result, b"sha256:" + b"0" * 64, b"application/vnd.oci.image.manifest.v1+json")
        elif kind == OP_INSPECT_IMAGE:
            LIB.result_set_image_id(result, b"sha256:" + b"1" * 64)
        elif kind == OP_CREATE:
            length = c_size_t()
            document = LIB.op_create_config(op, byref(length))
            assert len(document) == length.value and json.loads(document)["Image"].startswith("example/web")
            self.records[b"c0ffee"] = (False, 0)
            LIB.result_set_container_id(result, b"c0ffee")
        elif kind == OP_START:
            self.records[container] = (True, 0)
            self.record(result, container)
        elif kind == OP_STOP:
            self.records[container] = (False, 143)
            self.record(result, container)
        elif kind == OP_INSPECT:
            self.record(result, container)
        call(LIB.op_complete, op, result)

    def note(self, event):
        kind, exit_code = LIB.event_get_kind(event), c_int32()
        if kind == EVENT_COMMAND_DONE:
            self.events.append((kind, LIB.event_command_id(event), LIB.event_command_code(event)))
        else:
            known = LIB.event_exit_code(event, byref(exit_code))
            self.events.append((kind, LIB.event_status(event).decode(), exit_code.value if known else None))
        LIB.event_free(event)

    def turn(self):
        """One dispatch, then everything there is to take. True if there was something."""
        call(LIB.dispatch, self.engine, self.now, WALL_AT_START + self.now)
        busy = False
        while op := LIB.next_op(self.engine):
            self.perform(op)
            busy = True
        while event := LIB.next_event(self.engine):
            self.note(event)
            busy = True
        return busy

    def run_until(self, wanted, limit=600 * SECOND):
        """Turns until an event has come; when nothing is left to do the clock jumps to the deadline."""
        for _ in range(TURNS_MAX):
            if wanted in self.events:
                return
            if not self.turn():
                self.now = max(self.now, LIB.deadline_ns(self.engine))
            if self.now > limit:
                break
        raise AssertionError(f"{wanted} never came: {self.events} {self.operations}")

    def add(self, task):
        document, command = json.dumps(task).encode(), c_uint64()
        call(LIB.task_add, self.engine, document, len(document), byref(command))
        return command.value


class Ctypes(unittest.TestCase):
    def setUp(self):
        self.host = Host(event_ack="auto", seed="7")
        self.addCleanup(self.host.close)

    def test_version_is_the_project_s(self):
        self.assertEqual(os.environ["ECSENGINE_VERSION"], LIB.version().decode())

    def test_task_runs_and_ends_with_its_exit_code(self):
        host = self.host
        command = host.add(TASK)
        host.run_until((EVENT_TASK, "RUNNING", None))
        host.run_until((EVENT_COMMAND_DONE, command, 0))
        for name in ("info", "subscribe", "pull-image", "create", "start"):
            self.assertIn(name, host.operations)
        self.assertLess(host.operations.index("create"), host.operations.index("start"))
        self.assertIn((EVENT_READY, "", None), host.events)
        self.assertIn((EVENT_CONTAINER, "RUNNING", None), host.events)

        text = made(LIB.task_describe, host.engine, ARN.encode())
        described = json.loads(LIB.text_data(text))
        LIB.text_free(text)
        self.assertEqual("RUNNING", described["knownStatus"])

        host.records[b"c0ffee"] = (False, 3)
        details = made(LIB.result_new_for_event, host.engine)
        LIB.result_set_exit_code(details, 3)
        call(LIB.runtime_event, host.engine, RUNTIME_EVENT_DIE, b"c0ffee", details)
        host.run_until((EVENT_TASK, "STOPPED", None))
        self.assertIn((EVENT_CONTAINER, "STOPPED", 3), host.events)

    def test_task_is_stopped(self):
        host = self.host
        host.add(TASK)
        host.run_until((EVENT_TASK, "RUNNING", None))
        call(LIB.task_stop, host.engine, ARN.encode(), None)
        host.run_until((EVENT_TASK, "STOPPED", None))
        self.assertIn("stop", host.operations)

    def test_errors_say_what_and_where(self):
        with self.assertRaises(Failure) as caught:
            call(LIB.task_add, self.host.engine, b'{"taskArn":\n oops}', 18, None)
        self.assertEqual((ESYNTAX, 2), (caught.exception.code, caught.exception.line))
        with self.assertRaises(Failure) as caught:
            Host(no_such_key="1")
        self.assertEqual(EINVAL, caught.exception.code)
        self.assertIn("no-such-key", caught.exception.message)
        with self.assertRaises(Failure) as caught:
            made(LIB.task_describe, self.host.engine, b"arn:aws:ecs:x:1:task/none")
        self.assertEqual(ENOTFOUND, caught.exception.code)

    def test_idle_engine_lets_the_host_sleep(self):
        for _ in range(TURNS_MAX):
            if not self.host.turn():
                break
        self.assertGreaterEqual(LIB.deadline_ns(self.host.engine), self.host.now + 60 * SECOND)


if __name__ == "__main__":
    sys.exit(unittest.main())
