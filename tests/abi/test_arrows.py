#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps the layers of lib/ apart, and the engine away from the system.

Arrows point down: base < model < {spec, engine}; engine < driver < api; the driver may also use spec. Adapters and examples see the
public headers and their own folder alone, which is the proof that a host can write its own. What makes the engine deterministic is
that base, model, spec and engine cannot reach a clock, a descriptor, a thread or a random number: no header for it, no call to it.
And a library in somebody's process prints nothing, ends nothing and leaves signals and the environment alone.
"""
import pathlib
import re
import sys
import tempfile
import unittest

from csource import TOP, blank, includes, without_includes

LAYERS = {
    "base": {"base"},
    "model": {"model", "base"},
    "spec": {"spec", "model", "base"},
    "engine": {"engine", "model", "base"},
    "driver": {"driver", "engine", "spec", "model", "base"},
    "api": {"api", "driver", "engine", "spec", "model", "base"},
}
PURE = {"base", "model", "spec", "engine"}
THREADED = {"driver", "api"}
ADAPTER_HEADERS = {"ecsengine/docker.h", "ecsengine/posix.h", "ecsengine/sim.h", "ecsengine/sqlite.h"}

# What the pure layers may have of libc. Everything else (time.h, unistd.h, pthread.h, sys/...) is I/O, a clock, a thread or chance.
PURE_HEADERS = {
    "assert.h", "ctype.h", "errno.h", "float.h", "inttypes.h", "limits.h", "math.h", "stdalign.h", "stdarg.h", "stdatomic.h", "stdbool.h",
    "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "stdnoreturn.h", "string.h", "strings.h",
}  # fmt: skip
ALLOCATING_FILES = {"base/mem.c", "base/error.c"}

SYSTEM_CALLS = {
    "clock", "clock_gettime", "clock_nanosleep", "close", "fcntl", "getentropy", "getpid", "getrandom", "gettimeofday", "gmtime", "gmtime_r",
    "localtime", "localtime_r", "mktime", "nanosleep", "open", "openat", "pipe", "poll", "read", "select", "sleep", "time", "timespec_get",
    "usleep", "write",
    "arc4random", "drand48", "lrand48", "rand", "rand_r", "random", "srand", "srandom",
    "getenv", "secure_getenv", "setlocale",
}  # fmt: skip
ALLOCATION_CALLS = {"aligned_alloc", "asprintf", "calloc", "free", "malloc", "posix_memalign", "realloc", "reallocarray", "strdup", "strndup", "vasprintf"}
RUDE_CALLS = {
    "_Exit", "_exit", "abort", "atexit", "exit", "fprintf", "fputs", "perror", "printf", "putchar", "putenv", "puts", "quick_exit", "raise",
    "setenv", "sigaction", "signal", "system", "syslog", "unsetenv", "vfprintf", "vprintf",
}  # fmt: skip
STREAM_NAMES = {"FILE", "stderr", "stdin", "stdout", "fopen", "fdopen", "fwrite", "fread", "fgets", "getline"}


def calls(text, names):
    """(line number, name) of each call by name; one through a member (`table->close(...)`), or of a static function, is none."""
    names = "|".join(sorted(names))
    own = set(re.findall(r"(?m)^static\b[^;=({]*\b(" + names + r")\(", text))
    for match in re.finditer(r"(?<![\w.>])(" + names + r")\s*\(", text):
        if match.group(1) not in own:
            yield text.count("\n", 0, match.start()) + 1, match.group(1)


def uses(text, names):
    for match in re.finditer(r"\b(" + "|".join(sorted(names)) + r")\b", text):
        yield text.count("\n", 0, match.start()) + 1, match.group(1)


class Checker:
    """Walks a source tree and collects what breaks a rule, one line each."""

    def __init__(self, top):
        self.top = top
        self.faults = []

    def fault(self, path, line, text):
        self.faults.append(f"{path.relative_to(self.top)}:{line}: {text}")

    def core_include(self, path, layer, line, name, quoted):
        if name.startswith("ecsengine/"):
            if name in ADAPTER_HEADERS:
                self.fault(path, line, f"the core does not know its adapters: {name}")
        elif quoted:
            target = name.split("/")[0] if "/" in name else layer
            if target not in LAYERS[layer]:
                self.fault(path, line, f"{layer} may not use {target}: {name}")
        elif layer in PURE and name not in PURE_HEADERS:
            self.fault(path, line, f"{layer} may not use the system: <{name}>")
        elif name in ("curl/curl.h", "jansson.h", "openssl/evp.h", "sqlite3.h"):
            self.fault(path, line, f"belongs to an adapter: <{name}>")

    def core_file(self, path, layer):
        text = path.read_text()
        for line, name, quoted in includes(text):
            self.core_include(path, layer, line, name, quoted)
        code = without_includes(blank(text))
        if layer in PURE:
            for line, name in calls(code, SYSTEM_CALLS):
                self.fault(path, line, f"{layer} may not call {name}()")
            for line, name in uses(code, STREAM_NAMES):
                self.fault(path, line, f"{layer} may not use {name}")
            if path.relative_to(self.top / "lib").as_posix() not in ALLOCATING_FILES:
                for line, name in calls(code, ALLOCATION_CALLS):
                    self.fault(path, line, f"{name}() instead of the engine's allocator")
        if layer not in THREADED:
            for line, name in uses(code, {r"pthread_\w+"}):
                self.fault(path, line, f"{layer} may not use {name}")
        self.rude(path, code)

    def rude(self, path, code):
        for line, name in calls(code, RUDE_CALLS):
            self.fault(path, line, f"a library does not call {name}()")

    def outsider_file(self, path, folder, library):
        """An adapter or an example: public headers, its own folder, and the system."""
        text = path.read_text()
        for line, name, quoted in includes(text):
            if name.startswith("ecsengine/") or not quoted:
                continue
            beside, below_lib = (path.parent / name).resolve(), (self.top / "lib" / name).resolve()
            if folder not in below_lib.parents and (folder not in beside.parents or ("/" in name and not beside.exists())):
                self.fault(path, line, f"neither a public header nor of this folder: {name}")
        if library:
            self.rude(path, without_includes(blank(text)))

    def sources(self, folder):
        return sorted(path for path in folder.rglob("*.[ch]"))

    def run(self):
        seen = 0
        lib = self.top / "lib"
        for layer in LAYERS:
            for path in self.sources(lib / layer):
                self.core_file(path, layer)
                seen += 1
        for kind in ("runtimes", "stores", "hosts"):
            for folder in sorted(path for path in (lib / kind).glob("*") if path.is_dir()):
                for path in self.sources(folder):
                    self.outsider_file(path, folder.resolve(), library=True)
                    seen += 1
        for path in self.sources(self.top / "examples"):
            self.outsider_file(path, path.parent.resolve(), library=False)
            seen += 1
        known = {*LAYERS, "runtimes", "stores", "hosts"}
        for path in sorted(lib.iterdir()) if lib.is_dir() else []:
            if path.is_dir() and path.name not in known:
                self.fault(path, 0, "a folder without a rule")
        return seen


class Arrows(unittest.TestCase):
    def test_every_layer_keeps_its_rule(self):
        checker = Checker(TOP)
        self.assertGreater(checker.run(), 0)
        self.assertEqual([], checker.faults, "\n" + "\n".join(checker.faults))


class Planted(unittest.TestCase):
    """The checker finds what it is there to find."""

    def faults_of(self, name, text):
        with tempfile.TemporaryDirectory() as folder:
            top = pathlib.Path(folder).resolve()
            path = top / name
            path.parent.mkdir(parents=True)
            path.write_text(text)
            checker = Checker(top)
            checker.run()
            return checker.faults

    def assert_found(self, name, text, words):
        faults = self.faults_of(name, text)
        self.assertEqual(1, len(faults), faults)
        self.assertIn(words, faults[0])

    def test_arrow_that_points_up(self):
        self.assert_found("lib/base/a.c", '#include "model/task.h"\n', "base may not use model")
        self.assert_found("lib/model/a.h", '#include "engine/step.h"\n', "model may not use engine")
        self.assert_found("lib/spec/a.c", '#include "engine/step.h"\n', "spec may not use engine")
        self.assert_found("lib/engine/a.c", '#include "spec/payload.h"\n', "engine may not use spec")
        self.assert_found("lib/engine/a.c", '#  include "driver/turn.h"\n', "engine may not use driver")
        self.assert_found("lib/driver/a.c", '#include "api/lock.h"\n', "driver may not use api")
        self.assert_found("lib/api/a.c", '#include "runtimes/sim/sim.h"\n', "api may not use runtimes")

    def test_core_that_knows_an_adapter(self):
        self.assert_found("lib/api/a.c", '#include "ecsengine/docker.h"\n', "does not know its adapters")
        self.assert_found("lib/driver/a.c", "#include <curl/curl.h>\n", "belongs to an adapter")

    def test_adapter_or_example_that_looks_inside(self):
        self.assert_found("lib/runtimes/sim/a.c", '#include "base/map.h"\n', "neither a public header")
        self.assert_found("lib/stores/sqlite/a.c", '#include "model/record.h"\n', "neither a public header")
        self.assert_found("examples/a.c", '#include "../lib/base/map.h"\n', "neither a public header")
        self.assert_found("examples/run/a.c", '#include "../other/a.h"\n', "neither a public header")

    def test_system_header_in_a_pure_layer(self):
        for header in ("time.h", "unistd.h", "pthread.h", "sys/stat.h", "fcntl.h", "poll.h", "signal.h", "threads.h", "sys/random.h"):
            self.assert_found("lib/engine/a.c", f"#include <{header}>\n", f"may not use the system: <{header}>")

    def test_call_of_the_system_in_a_pure_layer(self):
        for call in ("time(NULL)", "clock_gettime(0, &t)", "getrandom(b, 1, 0)", "rand()", "open(p, 0)", "read(0, b, 1)", "write(1, b, 1)"):
            self.assert_found("lib/spec/a.c", f"void f(void) {{ {call}; }}\n", "may not call")

    def test_stream_in_a_pure_layer(self):
        self.assert_found("lib/model/a.c", "static FILE *f;\n", "may not use FILE")
        self.assert_found("lib/model/a.c", 'void f(void) { printf("x"); }\n', "does not call printf()")

    def test_allocation_past_the_allocator(self):
        self.assert_found("lib/engine/a.c", "void f(void *p) { free(p); }\n", "free() instead of")
        self.assert_found("lib/base/a.c", "void *f(void) { return malloc(1); }\n", "malloc() instead of")
        self.assertEqual([], self.faults_of("lib/base/mem.c", "void *f(void) { return malloc(1); }\n"))

    def test_thread_below_the_driver(self):
        self.assert_found("lib/engine/a.c", "void f(void) { pthread_self(); }\n", "may not use pthread_self")
        self.assertEqual([], self.faults_of("lib/driver/a.c", "#include <pthread.h>\nvoid f(void) { pthread_self(); }\n"))

    def test_json_library_in_the_core(self):
        self.assert_found("lib/spec/a.c", "#include <jansson.h>\n", "may not use the system: <jansson.h>")
        self.assert_found("lib/api/a.c", "#include <jansson.h>\n", "belongs to an adapter")

    def test_rude_call_anywhere(self):
        self.assert_found("lib/driver/a.c", "void f(void) { abort(); }\n", "does not call abort()")
        self.assert_found("lib/runtimes/docker/a.c", "void f(void) { signal(1, 0); }\n", "does not call signal()")

    def test_folder_without_a_rule(self):
        self.assert_found("lib/misc/a.c", "int x;\n", "a folder without a rule")

    def test_comments_strings_and_members_are_no_calls(self):
        text = '/* time(0) */ // open(\nvoid f(struct t *t) { t->close(1); t->a.free(t); g("read(x) stderr"); }\n'
        self.assertEqual([], self.faults_of("lib/engine/a.c", text))

    def test_a_static_function_may_have_such_a_name(self):
        text = "static int raise(struct t *t)\n{\n    return t->x;\n}\nint f(struct t *t) { return raise(t); }\n"
        self.assertEqual([], self.faults_of("lib/engine/a.c", text))


if __name__ == "__main__":
    sys.exit(unittest.main())
