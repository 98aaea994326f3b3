#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Three lists of symbols agree for each library: the ECSENGINE_API declarations, the version map, and what the linked file exports.

Reads the libraries from the environment: ECSENGINE_LIB, ECSENGINE_DOCKER_LIB, ECSENGINE_SIM_LIB (an adapter that was not built is not
looked at). Also holds what the libraries ask of the system: which libraries they need, and which functions they never call.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from csource import ADAPTERS, TOP, blank, core_headers, exported

STRIPPED_BYTES_MAX = 400 * 1024

# A library that lives in somebody's process: it neither prints nor ends it, nor touches its signals and environment.
NEVER_IMPORTED = {
    "_exit", "abort", "atexit", "exit", "fork", "fprintf", "perror", "printf", "putchar", "putenv", "puts", "quick_exit", "raise", "setenv",
    "setlocale", "sigaction", "signal", "stderr", "stdout", "syslog", "system", "unsetenv", "vfork", "vfprintf", "vprintf",
}  # fmt: skip


def output_of(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, "LC_ALL": "C"}).stdout


def map_of(path):
    """{node: [symbols in the order of the file]}; a name with a wildcard counts as a symbol, and so fails every comparison."""
    nodes = {}
    for match in re.finditer(r"(\w+)\s*\{([^}]*)\}\s*(\w*)\s*;", blank(path.read_text())):
        visible = re.search(r"global:(.*?)(?:local:|$)", match.group(2), re.DOTALL)
        nodes[match.group(1)] = visible.group(1).replace(";", " ").split() if visible else []
    return nodes


def exports_of(library):
    """{symbol: version node} of the functions and objects that a file defines for others; the nodes themselves are left out."""
    found = {}
    for line in output_of("nm", "-D", "--defined-only", "--with-symbol-versions", library).splitlines():
        kind, name = line.split()[-2:]
        symbol, _, node = name.replace("@@", "@").partition("@")
        if kind != "A":
            found[symbol] = node
    return found


def dynamic_of(library, tag):
    return re.findall(r"\(" + tag + r"\).*\[(.*)\]", output_of("readelf", "-d", "-W", library))


class Library:
    """The checks, for each library that has headers, a map and a file."""

    headers = ()
    variable = ""
    map_file = None
    soname = ""
    needed_max = frozenset()

    @classmethod
    def setUpClass(cls):
        cls.library = os.environ.get(cls.variable)
        if not cls.library:
            raise unittest.SkipTest(f"not built: {cls.variable} is not set")
        cls.declared = [name for header in cls.headers for _, name in exported(header)]
        cls.nodes = map_of(cls.map_file)
        cls.mapped = [symbol for symbols in cls.nodes.values() for symbol in symbols]
        cls.exports = exports_of(cls.library)

    def test_nothing_is_declared_twice(self):
        self.assertEqual(sorted(set(self.declared)), sorted(self.declared))

    def test_map_lists_what_the_headers_declare(self):
        self.assertEqual(sorted(self.declared), sorted(self.mapped))

    def test_file_exports_what_the_map_lists(self):
        self.assertEqual(sorted(self.mapped), sorted(self.exports))

    def test_every_symbol_has_the_node_of_the_map(self):
        wanted = {symbol: node for node, symbols in self.nodes.items() for symbol in symbols}
        self.assertEqual(wanted, self.exports)

    def test_map_is_sorted_and_closed(self):
        for node, symbols in self.nodes.items():
            self.assertEqual(sorted(symbols), symbols, node)
        self.assertRegex(self.map_file.read_text(), r"local:\s*\*;")

    def test_every_symbol_has_the_prefix(self):
        self.assertEqual([], [symbol for symbol in self.exports if not symbol.startswith("ecsengine_")])

    def test_soname(self):
        self.assertEqual([self.soname], dynamic_of(self.library, "SONAME"))

    def test_needs_no_other_library(self):
        self.assertEqual(set(), set(dynamic_of(self.library, "NEEDED")) - self.needed_max)

    def test_no_path_to_libraries_inside_but_the_build_tree_s(self):
        for path in dynamic_of(self.library, "RUNPATH") + dynamic_of(self.library, "RPATH"):
            self.assertTrue(all(part.startswith("$ORIGIN") for part in path.split(":")), path)

    def test_never_prints_ends_or_meddles(self):
        imported = {line.split()[-1].partition("@")[0] for line in output_of("nm", "-D", "--undefined-only", self.library).splitlines()}
        self.assertEqual(set(), imported & NEVER_IMPORTED)


class Core(Library, unittest.TestCase):
    headers = core_headers()
    variable = "ECSENGINE_LIB"
    map_file = TOP / "lib" / "api" / "libecsengine.map"
    soname = "libecsengine.so.0"
    needed_max = {"libc.so.6"}

    def test_stripped_size(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copy(self.library, folder)
            subprocess.run(["strip", copy], check=True)
            self.assertLessEqual(os.path.getsize(copy), STRIPPED_BYTES_MAX)


class Docker(Library, unittest.TestCase):
    headers = [ADAPTERS["docker"]]
    variable = "ECSENGINE_DOCKER_LIB"
    map_file = TOP / "lib" / "runtimes" / "docker" / "libecsengine-docker.map"
    soname = "libecsengine-docker.so.0"
    needed_max = {"libecsengine.so.0", "libcurl.so.4", "libjansson.so.4", "libc.so.6"}


class Host(Library, unittest.TestCase):
    headers = [ADAPTERS["host"]]
    variable = "ECSENGINE_HOST_LIB"
    map_file = TOP / "lib" / "hosts" / "posix" / "libecsengine-host.map"
    soname = "libecsengine-host.so.0"
    needed_max = {"libecsengine.so.0", "libcrypto.so.3", "libjansson.so.4", "libc.so.6"}


class Sim(Library, unittest.TestCase):
    headers = [ADAPTERS["sim"]]
    variable = "ECSENGINE_SIM_LIB"
    map_file = TOP / "lib" / "runtimes" / "sim" / "libecsengine-sim.map"
    soname = "libecsengine-sim.so.0"
    needed_max = {"libecsengine.so.0", "libjansson.so.4", "libc.so.6"}


class Sqlite(Library, unittest.TestCase):
    headers = [ADAPTERS["sqlite"]]
    variable = "ECSENGINE_SQLITE_LIB"
    map_file = TOP / "lib" / "stores" / "sqlite" / "libecsengine-sqlite.map"
    soname = "libecsengine-sqlite.so.0"
    needed_max = {"libecsengine.so.0", "libsqlite3.so.0", "libc.so.6"}


if __name__ == "__main__":
    sys.exit(unittest.main())
