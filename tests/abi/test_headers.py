#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every public header compiles alone, as C11 and as C++11, with gcc and with clang, at full warnings.

A compiler that is missing is a failure when ECSENGINE_TEST_CI is set, else it is passed over.
"""
import os
import shutil
import subprocess
import sys
import unittest

from csource import INCLUDE, TOP

COMPILERS = ("gcc", "clang")
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wundef", "-Wshadow", "-Werror")
PROGRAMS = {("gcc", "c"): "gcc", ("gcc", "c++"): "g++", ("clang", "c"): "clang", ("clang", "c++"): "clang++"}
HEADERS = sorted(INCLUDE.rglob("*.h"))


def compile_text(program, language, standard, text):
    command = [program, "-x", language, standard, *WARNINGS, "-fsyntax-only", f"-I{TOP / 'include'}", "-"]
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


class Alone(unittest.TestCase):
    def compile_all(self, compiler, language, standard):
        program = PROGRAMS[compiler, language]
        if shutil.which(program) is None:
            if os.environ.get("ECSENGINE_TEST_CI"):
                self.fail(f"{program} is missing")
            self.skipTest(f"{program} is missing")
        for header in HEADERS:
            name = header.relative_to(INCLUDE.parent).as_posix()
            with self.subTest(header=name):
                done = compile_text(program, language, standard, f'#include "{name}"\n#include "{name}"\n')
                self.assertEqual(0, done.returncode, done.stdout)

    def test_gcc_c11(self):
        self.compile_all("gcc", "c", "-std=c11")

    def test_gcc_cxx11(self):
        self.compile_all("gcc", "c++", "-std=c++11")

    def test_clang_c11(self):
        self.compile_all("clang", "c", "-std=c11")

    def test_clang_cxx11(self):
        self.compile_all("clang", "c++", "-std=c++11")


if __name__ == "__main__":
    sys.exit(unittest.main())
