#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The libraries have the ABI that was written down in tests/abi/*.abi (libabigail).

ECSENGINE_BUILD is the build directory, gcc's and with debug information. The ABI is written down again in the same way, and the two
descriptions are compared. Not the description with the file: abidiff would then take every type whose place in a file it does not
know for a private one, and say nothing about a member that was put into the middle of the allocator. Additions count as changes too.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from csource import INCLUDE, TOP, struct_members

BASELINES = TOP / "tests" / "abi"
LIBRARIES = {
    "libecsengine": "lib/libecsengine.so.0",
    "libecsengine-docker": "lib/runtimes/docker/libecsengine-docker.so.0",
    "libecsengine-host": "lib/hosts/posix/libecsengine-host.so.0",
    "libecsengine-sim": "lib/runtimes/sim/libecsengine-sim.so.0",
    "libecsengine-sqlite": "lib/stores/sqlite/libecsengine-sqlite.so.0",
}


def difference(before, after):
    """(exit status, report) of abidiff; the status is 0 only where nothing at all differs."""
    command = ["abidiff", "--harmless", "--no-show-locs", str(before), str(after)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


class Baseline(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.build = pathlib.Path(os.environ["ECSENGINE_BUILD"])
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        subprocess.run([str(TOP / "tools" / "renew-abi"), str(cls.build), cls.folder.name], check=True)

    def compare(self, library):
        if not (self.build / LIBRARIES[library]).exists():
            self.skipTest(f"{library} was not built")
        status, report = difference(BASELINES / f"{library}.abi", pathlib.Path(self.folder.name) / f"{library}.abi")
        self.assertEqual(0, status, report)

    def test_core(self):
        self.compare("libecsengine")

    def test_every_symbol_has_its_type_written_down(self):
        for path in BASELINES.glob("*.abi"):
            text = path.read_text()
            symbols = set(re.findall(r"<elf-symbol name='(\w+)'", text))
            described = set(re.findall(r"<function-decl [^>]*elf-symbol-id='(\w+)@", text))
            self.assertGreater(len(symbols), 0, path.name)
            self.assertEqual(symbols, described, path.name)

    def test_docker(self):
        self.compare("libecsengine-docker")

    def test_host(self):
        self.compare("libecsengine-host")

    def test_sim(self):
        self.compare("libecsengine-sim")

    def test_sqlite(self):
        self.compare("libecsengine-sqlite")


    def test_only_what_the_headers_show_is_written_down(self):
        shown = {struct for header in INCLUDE.glob("*.h") for struct, _ in struct_members(header)}
        for path in BASELINES.glob("*.abi"):
            rows = re.findall(r"<(?:class|union)-decl name='(\w*)'([^>]*)>", path.read_text())
            written = {name for name, details in rows if "is-declaration-only='yes'" not in details}
            self.assertEqual(set(), written - shown, path.name)


class Planted(unittest.TestCase):
    """A baseline that is different by one thing is told apart, for each kind of thing."""

    def assert_told_apart(self, pattern, replacement):
        text = (BASELINES / "libecsengine.abi").read_text()
        changed, count = re.subn(pattern, replacement, text, count=1)
        self.assertEqual(1, count, pattern)
        with tempfile.TemporaryDirectory() as folder:
            other = pathlib.Path(folder) / "other.abi"
            other.write_text(changed)
            status, report = difference(other, BASELINES / "libecsengine.abi")
        self.assertNotEqual(0, status, report)
        self.assertNotEqual(1, status & 1, report)

    def test_symbol_that_was_there(self):
        self.assert_told_apart(r"(?s)(<elf-symbol name=')ecsengine_new('.*?>)", r"\1ecsengine_old\2")

    def test_enum_constant_with_another_value(self):
        self.assert_told_apart(r"(name='ECSENGINE_OP_LIST' value=)'14'", r"\1'15'")

    def test_struct_of_another_size(self):
        self.assert_told_apart(r"(class-decl name='ecsengine_allocator' size-in-bits=)'256'", r"\1'192'")

    def test_parameter_of_another_type(self):
        self.assert_told_apart(r"(?s)(name='ecsengine_dispatch'.*?<parameter type-id='[^']*'.*?<parameter type-id=)'[^']*'", r"\1'type-id-none'")

    def test_another_soname(self):
        self.assert_told_apart(r"soname='libecsengine.so.0'", "soname='libecsengine.so.1'")

    def test_baselines_name_no_machine(self):
        for path in BASELINES.glob("*.abi"):
            self.assertIsNone(re.search(r"'/[a-z]", path.read_text()), path.name)


if __name__ == "__main__":
    sys.exit(unittest.main())
