#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A host in Python with cffi, which reads ecsengine.cdef as it is installed: a task with the runtime joined through a vtable.

ECSENGINE_LIB is the library, ECSENGINE_CDEF the declarations. Without cffi it is passed over, unless ECSENGINE_TEST_CI is set.
"""
import os
import sys
import unittest

try:
    import cffi
except ImportError:
    print("cffi is missing")
    sys.exit(1 if os.environ.get("ECSENGINE_TEST_CI") else 77)

SECOND = 1_000_000_000
WALL_AT_START = 1_700_000_000 * SECOND
TURNS_MAX = 1000
ARN = b"arn:aws:ecs:eu-central-1:123456789012:task/default/0123456789abcdef"
TASK = b"""{"taskArn": "%s", "family": "counter", "revision": 1, "containerDefinitions": [
    {"name": "web", "image": "example/web:1", "memory": 64, "cpu": 10, "essential": true}]}""" % ARN

ffi = cffi.FFI()
with open(os.environ["ECSENGINE_CDEF"]) as declarations:
    ffi.cdef(declarations.read())
lib = ffi.dlopen(os.environ["ECSENGINE_LIB"])


def call(function, *args):
    error = ffi.new("ecsengine_error **")
    code = function(*args, error)
    if code < 0:
        text = ffi.string(lib.ecsengine_error_message(error[0])).decode()
        lib.ecsengine_error_free(error[0])
        raise RuntimeError(f"{code}: {text}")
    return code


def made(function, *args, kind):
    out = ffi.new(kind + " **")
    call(function, *args, out)
    return out[0]


class Runtime:
    """A runtime behind a vtable: it completes every operation at once, from inside submit()."""

    def __init__(self, engine):
        self.engine, self.kinds, self.running, self.closed = engine, [], False, False
        self.vtable = ffi.new("ecsengine_runtime_vtable *")
        lib.ecsengine_runtime_vtable_init(self.vtable, ffi.sizeof("ecsengine_runtime_vtable"))
        # The callbacks belong to this object: cffi frees one that nobody holds.
        self.submit = self.vtable.submit = ffi.callback("void(ecsengine_op *, void *)", self.on_submit)
        self.close = self.vtable.close = ffi.callback("void(void *)", self.on_close)
        call(lib.ecsengine_set_runtime, engine, self.vtable, ffi.NULL)

    def on_submit(self, op, _user_data):
        kind = lib.ecsengine_op_get_kind(op)
        self.kinds.append(ffi.string(lib.ecsengine_op_kind_name(kind)).decode())
        result = made(lib.ecsengine_result_new, op, kind="ecsengine_result")
        if kind == lib.ECSENGINE_OP_INFO:
            lib.ecsengine_result_set_cpus(result, 4)
            lib.ecsengine_result_set_memory_mib(result, 8192)
        elif kind == lib.ECSENGINE_OP_PULL_MANIFEST:
            lib.ecsengine_result_set_failure(result, lib.ECSENGINE_FAILURE_UNSUPPORTED, b"no manifests here")
        elif kind == lib.ECSENGINE_OP_INSPECT_IMAGE:
            lib.ecsengine_result_set_image_id(result, b"sha256:" + b"1" * 64)
        elif kind == lib.ECSENGINE_OP_CREATE:
            lib.ecsengine_result_set_container_id(result, b"c0ffee")
        elif kind in (lib.ECSENGINE_OP_START, lib.ECSENGINE_OP_STOP, lib.ECSENGINE_OP_INSPECT):
            self.running = kind == lib.ECSENGINE_OP_START or (self.running and kind == lib.ECSENGINE_OP_INSPECT)
            lib.ecsengine_result_set_container_id(result, b"c0ffee")
            lib.ecsengine_result_set_running(result, 1 if self.running else 0)
            lib.ecsengine_result_set_started_at(result, WALL_AT_START)
            if not self.running:
                lib.ecsengine_result_set_exit_code(result, 143)
        call(lib.ecsengine_op_complete, op, result)

    def on_close(self, _user_data):
        self.closed = True


class Cffi(unittest.TestCase):
    def setUp(self):
        config = made(lib.ecsengine_config_new, kind="ecsengine_config")
        call(lib.ecsengine_config_set, config, b"event-ack", b"auto")
        call(lib.ecsengine_config_set, config, b"image-manifest-resolution", b"false")
        self.engine = made(lib.ecsengine_new, config, ffi.NULL, kind="ecsengine")
        lib.ecsengine_config_free(config)
        self.runtime, self.statuses, self.now = Runtime(self.engine), [], 0

    def run_until(self, wanted):
        for _ in range(TURNS_MAX):
            if wanted in self.statuses:
                return
            seen = len(self.statuses) + len(self.runtime.kinds)
            call(lib.ecsengine_dispatch, self.engine, self.now, WALL_AT_START + self.now)
            while (event := lib.ecsengine_next_event(self.engine)) != ffi.NULL:
                kind = lib.ecsengine_event_get_kind(event)
                names = (lib.ecsengine_event_kind_name(kind), lib.ecsengine_event_status(event))
                self.statuses.append(tuple(ffi.string(name).decode() for name in names))
                lib.ecsengine_event_free(event)
            if seen == len(self.statuses) + len(self.runtime.kinds):
                self.now = max(self.now, lib.ecsengine_deadline_ns(self.engine))
            if self.now > 600 * SECOND:
                break
        self.fail(f"{wanted} never came: {self.statuses} {self.runtime.kinds}")

    def test_task_runs_and_stops_on_a_runtime_behind_a_vtable(self):
        command = ffi.new("uint64_t *")
        call(lib.ecsengine_task_add, self.engine, TASK, len(TASK), command)
        self.run_until(("task", "RUNNING"))
        self.assertIn("create", self.runtime.kinds)
        call(lib.ecsengine_task_stop, self.engine, ARN, command)
        self.run_until(("task", "STOPPED"))
        self.assertIn("stop", self.runtime.kinds)
        self.assertEqual(0, lib.ecsengine_free(self.engine))
        self.assertTrue(self.runtime.closed)

    def test_enums_are_numbers_of_the_library(self):
        self.assertEqual("STOPPED", ffi.string(lib.ecsengine_task_status_name(lib.ECSENGINE_TASK_STOPPED)).decode())
        self.assertEqual("ECSENGINE_ENOMEM", ffi.string(lib.ecsengine_code_name(lib.ECSENGINE_ENOMEM)).decode())
        self.assertEqual(0, lib.ecsengine_free(self.engine))


class Installed(unittest.TestCase):
    def test_every_declared_function_can_be_called(self):
        """cffi looks symbols up when they are used: this finds one that is declared and not there."""
        adapters = {"docker": "ECSENGINE_DOCKER_LIB", "posix": "ECSENGINE_HOST_LIB", "sim": "ECSENGINE_SIM_LIB", "sqlite": "ECSENGINE_SQLITE_LIB"}
        libraries = [lib] + [ffi.dlopen(os.environ[name]) for name in adapters.values() if os.environ.get(name)]
        skipped = [prefix for prefix, name in adapters.items() if not os.environ.get(name)]
        names = {name for name in dir(lib) if name.startswith("ecsengine_")}
        self.assertGreater(len(names), 100)
        for name in sorted(names):
            if name.split("_")[1] not in skipped:
                self.assertTrue(any(self.has(library, name) for library in libraries), name)

    @staticmethod
    def has(library, name):
        try:
            return getattr(library, name) is not None
        except AttributeError:
            return False


if __name__ == "__main__":
    sys.exit(unittest.main())
