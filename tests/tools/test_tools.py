#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tools that tests and totals rest on can fail: a source that is not listed, a test that failed, was skipped or never ran."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parent.parent.parent


def run(tool, *args):
    done = subprocess.run([sys.executable, str(TOP / "tools" / tool), *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


class ListSources(unittest.TestCase):
    def tree(self, **texts):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, text in {"lib/meson.build": "", "tests/meson.build": "", **texts}.items():
            path = pathlib.Path(folder.name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder.name

    def test_a_source_in_no_build_file_is_found(self):
        top = self.tree(**{"lib/base/a.c": "", "lib/meson.build": "x = files('base/b.c')\n"})
        status, report = run("list-sources", "--check", "--top", top)
        self.assertEqual(1, status)
        self.assertIn("lib/base/a.c", report)

    def test_a_source_may_be_named_by_its_own_folder_or_one_above(self):
        top = self.tree(**{
            "lib/base/a.c": "", "lib/meson.build": "x = files('base/a.c')\n",
            "lib/runtimes/sim/b.c": "", "lib/runtimes/sim/meson.build": "x = files('b.c')\n",
        })  # fmt: skip
        self.assertEqual((0, ""), run("list-sources", "--check", "--top", top))

    def test_a_list_of_tests_names_what_is_in_it(self):
        text = "foreach name : ['one']\n    executable('test_' + name, 'test_' + name + '.c')\nendforeach\n"
        top = self.tree(**{"tests/sim/meson.build": text, "tests/sim/test_one.c": "", "tests/sim/test_two.c": ""})
        status, report = run("list-sources", "--check", "--top", top)
        self.assertEqual((1, 1), (status, len(report.splitlines())))
        self.assertIn("tests/sim/test_two.c", report)

    def test_renewing_writes_what_is_there_and_nothing_else(self):
        build_file = "before\n# sources: base_sources base\nold\n# end of sources\nafter\n"
        top = self.tree(**{"lib/meson.build": build_file, "lib/base/b.c": "", "lib/base/a.c": "", "lib/base/a.h": ""})
        self.assertEqual(0, run("list-sources", "--renew", "--top", top)[0])
        wanted = "before\n# sources: base_sources base\nbase_sources = files(\n    'base/a.c',\n    'base/b.c',\n)\n# end of sources\nafter\n"
        self.assertEqual(wanted, pathlib.Path(top, "lib/meson.build").read_text())
        self.assertEqual((0, ""), run("list-sources", "--check", "--top", top))


class CountTests(unittest.TestCase):
    def totals(self, *records):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder, "log.json")
            log.write_text("".join(json.dumps({"name": "t", "stdout": "", "stderr": "", **record}) + "\n" for record in records))
            status, report = run("count-tests", str(log))
            return status, report.splitlines()[-1]

    def test_counts_what_a_check_program_says(self):
        self.assertEqual((0, "25 passed, 0 failed"), self.totals({"result": "OK", "stdout": "100%: Checks: 25, Failures: 0, Errors: 0\n"}))
        self.assertEqual((1, "2 passed, 2 failed"), self.totals({"result": "FAIL", "stdout": "50%: Checks: 4, Failures: 1, Errors: 1\n"}))

    def test_counts_what_unittest_says(self):
        self.assertEqual((0, "3 passed, 0 failed"), self.totals({"result": "OK", "stderr": "Ran 3 tests in 0.1s\n\nOK\n"}))
        self.assertEqual((1, "1 passed, 2 failed"), self.totals({"result": "FAIL", "stderr": "Ran 3 tests in 0.1s\n\nFAILED (failures=1, errors=1)\n"}))
        self.assertEqual((1, "2 passed, 1 failed"), self.totals({"result": "OK", "stderr": "Ran 3 tests in 0.1s\n\nOK (skipped=1)\n"}))

    def test_a_program_that_says_nothing_counts_once(self):
        self.assertEqual((0, "1 passed, 0 failed"), self.totals({"result": "OK"}))
        self.assertEqual((1, "0 passed, 1 failed"), self.totals({"result": "TIMEOUT"}))

    def test_a_crash_after_good_tests_is_a_failure(self):
        record = {"result": "FAIL", "stdout": "100%: Checks: 5, Failures: 0, Errors: 0\n"}
        self.assertEqual((1, "5 passed, 1 failed"), self.totals(record))

    def test_a_skipped_test_has_not_passed(self):
        self.assertEqual((1, "0 passed, 1 failed"), self.totals({"result": "SKIP"}))

    def test_no_test_at_all_is_a_failure(self):
        self.assertEqual((1, "0 passed, 1 failed"), self.totals())
        self.assertEqual(1, run("count-tests", os.devnull)[0])


if __name__ == "__main__":
    sys.exit(unittest.main())
