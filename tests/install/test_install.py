#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is installed is enough: a consumer is built through pkg-config against the shared and the static libraries, and run.

ECSENGINE_BUILD is the build directory; it is installed below a temporary folder. ECSENGINE_ADAPTERS names the adapters that were
built, ECSENGINE_VERSION the project's version, ECSENGINE_CONSUMER the consumer's source.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
CONSUMER = os.environ["ECSENGINE_CONSUMER"]
ADAPTERS = os.environ["ECSENGINE_ADAPTERS"].split()
VERSION = os.environ["ECSENGINE_VERSION"]
COMPILER = os.environ.get("CC", "cc").split()


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}")
    return done.stdout.strip()


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        run("meson", "install", "-C", os.environ["ECSENGINE_BUILD"], "--no-rebuild", "--quiet", "--destdir", str(cls.root))
        cls.pc_dir = next(cls.root.rglob("ecsengine.pc")).parent
        cls.lib_dir = cls.pc_dir.parent
        cls.include_dir = next(cls.root.rglob("ecsengine/ecsengine.h")).parent.parent
        cls.prefix = cls.include_dir.parent

    def pkg_config(self, module, *options, libdir=None):
        """The words of pkg-config, with the prefix moved to where the files are."""
        environment = {**os.environ, "PKG_CONFIG_PATH": str(self.pc_dir)}
        moved = [f"--define-variable=prefix={self.prefix}"]
        if libdir is not None:
            moved.append(f"--define-variable=libdir={libdir}")
        return run("pkg-config", *moved, *options, module, env=environment).split()

    def static_flags(self, module, libdir):
        """Our archives, alone in a folder; the libraries below them as the distribution has them, which for libcurl means shared."""
        libdir.mkdir()
        for archive in self.lib_dir.glob("*.a"):
            shutil.copy(archive, libdir)
        flags = self.pkg_config(module, "--cflags", "--libs", libdir=libdir)
        for ours in ("ecsengine", module):
            flags += self.pkg_config(ours, "--libs", libdir=libdir)
            for private in self.pkg_config(ours, "--print-requires-private"):
                if re.match(r"[a-z]", private) and not private.startswith("ecsengine"):
                    flags += self.pkg_config(private, "--libs")
        return flags

    def build_and_run(self, module, macros, static):
        with tempfile.TemporaryDirectory() as folder:
            program = str(pathlib.Path(folder, "consumer"))
            if static:
                flags = self.static_flags(module, pathlib.Path(folder, "lib"))
            else:
                flags = self.pkg_config(module, "--cflags", "--libs")
            run(*COMPILER, "-std=c11", "-Wall", "-Wextra", "-Werror", *macros, CONSUMER, "-o", program, *flags)
            needed = run("readelf", "-d", "-W", program)
            self.assertEqual(not static, "libecsengine" in needed, needed)
            return run(program, str(pathlib.Path(folder, "store")), env={**os.environ, "LD_LIBRARY_PATH": str(self.lib_dir)})

    def check(self, module, macros, static):
        self.assertEqual(f"{VERSION} asks", self.build_and_run(module, macros, static))

    def adapter(self, name):
        if name not in ADAPTERS:
            self.skipTest(f"{name} was not built")
        return f"ecsengine-{name}", [f"-DWITH_{name.upper()}"]

    def test_core_shared(self):
        self.check("ecsengine", [], static=False)

    def test_core_static(self):
        self.check("ecsengine", [], static=True)

    def test_docker_shared(self):
        self.check(*self.adapter("docker"), static=False)

    def test_docker_static(self):
        self.check(*self.adapter("docker"), static=True)

    def test_host_shared(self):
        self.check(*self.adapter("host"), static=False)

    def test_host_static(self):
        self.check(*self.adapter("host"), static=True)

    def test_sim_shared(self):
        self.check(*self.adapter("sim"), static=False)

    def test_sim_static(self):
        self.check(*self.adapter("sim"), static=True)

    def test_sqlite_shared(self):
        self.check(*self.adapter("sqlite"), static=False)

    def test_sqlite_static(self):
        self.check(*self.adapter("sqlite"), static=True)

    def test_shared_core_asks_for_nothing_else(self):
        self.assertEqual(["-lecsengine"], self.pkg_config("ecsengine", "--libs-only-l"))

    def test_version_of_every_module(self):
        for module in ["ecsengine"] + [f"ecsengine-{name}" for name in ADAPTERS]:
            self.assertEqual([VERSION], self.pkg_config(module, "--modversion"), module)

    def test_headers_of_what_was_built_and_no_others(self):
        headers = {"docker": "docker.h", "host": "posix.h", "sim": "sim.h", "sqlite": "sqlite.h"}
        left_out = {header for name, header in headers.items() if name not in ADAPTERS}
        wanted = {path.name for path in (TOP / "include" / "ecsengine").iterdir()} - left_out
        self.assertEqual(wanted, {path.name for path in (self.include_dir / "ecsengine").iterdir()})

    def test_shared_libraries_have_their_three_names(self):
        for name in ["libecsengine"] + [f"libecsengine-{adapter}" for adapter in ADAPTERS]:
            real = self.lib_dir / f"{name}.so.{VERSION}"
            self.assertTrue(real.is_file() and not real.is_symlink(), name)
            for link in (f"{name}.so", f"{name}.so.0"):
                self.assertEqual(real.resolve(), (self.lib_dir / link).resolve())


if __name__ == "__main__":
    sys.exit(unittest.main())
