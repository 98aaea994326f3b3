#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tools that tests and totals rest on can fail: a source that is not listed, a test that failed, was skipped or never ran."""
import importlib.machinery
import importlib.util
import io
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


def load(tool):
    """A tool as a module."""
    loader = importlib.machinery.SourceFileLoader(tool, str(TOP / "tools" / tool))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(tool, loader))
    loader.exec_module(module)
    return module


class Coverage(unittest.TestCase):
    def line(self, number, count, branches=(), noncode=False):
        return {"line_number": number, "count": count, "gcovr/noncode": noncode, "branches": [{"count": each} for each in branches]}

    def test_branches_that_were_never_taken_are_counted_and_placed(self):
        lines = [self.line(1, 1), self.line(2, 3, (3, 0)), self.line(3, 0, (0, 0, 0)), self.line(4, 0, (0,), noncode=True)]
        count, missing = load("coverage").count_of({"lines": lines})
        self.assertEqual((3, 2, 5, 1), (count.lines, count.run, count.branches, count.taken))
        self.assertEqual([(2, 1, 2), (3, 3, 3)], missing)
        self.assertEqual(20.0, count.percent)

    def test_the_total_is_of_all_branches_not_of_files(self):
        files = [{"file": "a.c", "lines": [self.line(1, 1, (1, 1, 1))]}, {"file": "b.c", "lines": [self.line(1, 1, (0,))]}]
        out = io.StringIO()
        self.assertEqual(75.0, load("coverage").report(files, False, out))
        self.assertIn("3/4", out.getvalue().splitlines()[-1])

    def test_no_source_may_look_away(self):
        with tempfile.TemporaryDirectory() as top:
            folder = pathlib.Path(top, "lib", "engine")
            folder.mkdir(parents=True)
            (folder / "a.c").write_text("int a; /* LCOV_EXCL_LINE */\n")
            (folder / "b.c").write_text("int b;\n")
            self.assertEqual(["lib/engine/a.c"], load("coverage").marked(pathlib.Path(top), ["lib/engine"]))
        self.assertEqual([], load("coverage").marked(TOP))


class Proofs(unittest.TestCase):
    TEST = "int main(void) { tcase_add_test(tcase, it_holds); tcase_add_loop_test(tcase, it_holds_again, 0, 3); }\n"

    def tree(self, proof, ran=None, more=""):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        page = f"| rule | behaviour | proof |\n| --- | --- | --- |\n| 1.1 | so it is | {proof} |\n{more}"
        texts = {"tests/engine/test_a.c": self.TEST, "tests/sim/scenarios/one.txt": "", "docs/behaviour.md": page,
                 "docs/traps.md": "| trap | proof |\n| --- | --- |\n| 1 | `engine_a:it_holds` |\n"}
        for name, text in (ran or {}).items():
            texts["build/ran/" + name] = text
        for name, text in texts.items():
            path = pathlib.Path(folder.name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return pathlib.Path(folder.name)

    def complaints(self, proof, ran=None, more=""):
        top = self.tree(proof, ran, more)
        return load("proofs").check(top, top / "build" if ran is not None else None)[0]

    def test_what_is_there_is_taken(self):
        self.assertEqual([], self.complaints("`engine_a:it_holds`, `engine_a:it_holds_again`, `scenario:one`"))
        self.assertEqual([], self.complaints("not part of the engine yet"))

    def test_a_proof_that_is_misspelt_or_missing_is_found(self):
        for proof, complaint in {
            "`engine_a:it_hold`": "there is no engine_a:it_hold",
            "`engine_b:it_holds`": "there is no program engine_b",
            "`scenario:two`": "there is no scenario:two",
            "`it_holds`": "there is no program it_holds",
            "`it holds`": "names no test",
            "`engine_a`": "there is no engine_a",
            "": "has no proof",
            "by looking": "has no proof",
        }.items():
            with self.subTest(proof):
                self.assertIn(complaint, "\n".join(self.complaints(proof)))

    def test_a_rule_is_there_once(self):
        self.assertIn("is there twice", self.complaints("`scenario:one`", more="| 1.1 | again | `scenario:one` |\n")[0])

    def test_the_other_page_is_read_too(self):
        top = self.tree("`scenario:one`")
        (top / "docs" / "traps.md").write_text("| trap | proof |\n| --- | --- |\n| 1 | `engine_a:gone` |\n")
        self.assertIn("docs/traps.md:3: 1: there is no engine_a:gone", load("proofs").check(top, None)[0])
        (top / "docs" / "traps.md").unlink()
        self.assertIn("docs/traps.md: there is no such page", load("proofs").check(top, None)[0])

    def test_a_test_that_did_not_run_or_failed_proves_nothing(self):
        proof = "`engine_a:it_holds`, `scenario:one`"
        good = "ok 1 - ../tests/engine/made.h:a:it_holds: Passed\n"
        self.assertEqual([], self.complaints(proof, {"engine_a.tap": good, "scenarios.txt": "one\n"}))
        self.assertIn("did not run", self.complaints(proof, {"engine_a.tap": good})[0])
        self.assertIn("did not run", self.complaints(proof, {"engine_b.tap": good, "scenarios.txt": "one\n"})[0])
        bad = good + "not ok 2 - ../tests/engine/made.h:a:it_holds: it does not\n"
        self.assertIn("engine_a:it_holds failed", self.complaints(proof, {"engine_a.tap": bad, "scenarios.txt": "one\n"})[0])

    def test_what_is_one_test_as_a_whole_is_in_mesons_log(self):
        top = self.tree("`sim_campaign`", {})
        (top / "tests" / "sim" / "meson.build").write_text("test('sim_campaign', campaign)\n")
        check = load("proofs").check
        self.assertEqual([], check(top, None)[0])
        (top / "build" / "meson-logs").mkdir(parents=True)
        (top / "build" / "ran").mkdir()
        (top / "build" / "ran" / "engine_a.tap").write_text("ok 1 - a.c:a:it_holds: Passed\n")
        self.assertIn("sim_campaign did not run", check(top, top / "build")[0][0])
        log = top / "build" / "meson-logs" / "all.json"
        log.write_text(json.dumps({"name": "ecsengine:sim / sim_campaign", "result": "FAIL"}) + "\n")
        self.assertIn("sim_campaign failed", check(top, top / "build")[0][0])
        log.write_text(json.dumps({"name": "ecsengine:sim / sim_campaign", "result": "OK"}) + "\n")
        self.assertEqual([], check(top, top / "build")[0])

    def test_check_writes_what_is_read(self):
        line = "ok 1 - ../tests/engine/made.h:depgraph:it_holds: Passed"
        self.assertEqual(("ok", "it_holds"), load("proofs").TAP.match(line).groups())


if __name__ == "__main__":
    sys.exit(unittest.main())
