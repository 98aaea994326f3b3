#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tools/mutate finds the mutants that there are, each does what it says and nothing else, and survivors can not hide."""
import importlib.machinery
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path.insert(0, str(HERE))

try:
    import clang.cindex  # noqa: F401
except ImportError:
    if os.environ.get("ECSENGINE_TEST_CI"):
        raise
    sys.exit(77)

import schemata  # noqa: E402

loader = importlib.machinery.SourceFileLoader("mutate", str(TOP / "tools" / "mutate"))
mutate = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutate", loader))
loader.exec_module(mutate)

WANTED = """
toy.c names: row [RED] of names
toy.c names: row [GREEN] of names
toy.c called: delete toy_calls += by
toy.c toy_between: negate low != NULL && value < *low
toy.c toy_between: drop low != NULL
toy.c toy_between: negate low != NULL
toy.c toy_between: drop value < *low
toy.c toy_between: negate value < *low
toy.c toy_between: shift value < *low to <=
toy.c toy_between: shift value <= LIMIT to <
toy.c toy_name: case RED
toy.c toy_name: case GREEN
toy.c toy_sum: row {1} of rows
toy.c toy_sum: row {20} of rows
toy.c toy_sum: negate i < count
toy.c toy_sum: shift i < count to <=
toy.c toy_sum: delete sum += rows[i % 2].value
toy.c toy_sum: delete called(sum)
toy.c toy_sum: negate TWICE(sum) != 0
""".strip().splitlines()

# What a program prints that calls everything; after it, what it says with one mutant on.
PROGRAM = r"""
#include <stdio.h>
#include <stdbool.h>
bool toy_between(int value, const int *low); const char *toy_name(int colour); int toy_sum(int count); extern int toy_calls;
int main(void)
{
    int low = 3;
    const char *red = toy_name(0), *green = toy_name(1);
    printf("%d%d%d%d%d%d ", toy_between(2, &low), toy_between(3, &low), toy_between(4, &low), toy_between(10, NULL), toy_between(11, NULL),
           toy_between(10, &low));
    printf("%s %s %s ", red ? red : "-", green ? green : "-", toy_name(2));
    int one = toy_sum(1), two = toy_sum(2);
    printf("%d %d %d\n", one, two, toy_calls);
    return 0;
}
"""
PLAIN = "011101 red green, or so none 2 21 22"
CHANGED = {
    "names: row [RED] of names": "011101 - green, or so none 2 21 22",
    "names: row [GREEN] of names": "011101 red - none 2 21 22",
    "called: delete toy_calls += by": "011101 red green, or so none 2 21 0",
    "toy_between: shift value < *low to <=": "001101 red green, or so none 2 21 22",
    "toy_between: shift value <= LIMIT to <": "011000 red green, or so none 2 21 22",
    "toy_between: drop value < *low": "000100 red green, or so none 2 21 22",
    "toy_between: negate value < *low": "100100 red green, or so none 2 21 22",
    "toy_name: case RED": "011101 none green, or so none 2 21 22",
    "toy_name: case GREEN": "011101 red none none 2 21 22",
    "toy_sum: row {1} of rows": "011101 red green, or so none 0 20 20",
    "toy_sum: row {20} of rows": "011101 red green, or so none 2 2 2",
    "toy_sum: negate i < count": "011101 red green, or so none 0 0 0",
    "toy_sum: shift i < count to <=": "011101 red green, or so none 21 22 43",
    "toy_sum: delete sum += rows[i % 2].value": "011101 red green, or so none 0 0 0",
    "toy_sum: delete called(sum)": "011101 red green, or so none 2 21 0",
    "toy_sum: negate TWICE(sum) != 0": "011101 red green, or so none 1 0 22",
}


class Toy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.source = schemata.Source(str(HERE / "toy.c"), "toy.c", 1, ["-std=gnu11"])
        cls.folder = tempfile.TemporaryDirectory()
        at = pathlib.Path(cls.folder.name)
        (at / "toy.c").write_text(cls.source.rewritten())
        (at / "main.c").write_text(PROGRAM)
        cls.program = str(at / "toy")
        subprocess.run(["gcc", "-w", f"-I{HERE}", "-o", cls.program, str(at / "toy.c"), str(at / "main.c"), str(HERE / "mutant_runtime.c")],
                       check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def say(self, number, **more):
        run = subprocess.run([self.program], env={**os.environ, "MUTANT": str(number), **more}, stdout=subprocess.PIPE, text=True)
        return run.stdout.strip() if run.returncode == 0 else run.returncode

    def number(self, name):
        return next(mutant.number for mutant in self.source.mutants if mutant.key == "toy.c " + name)

    def test_the_mutants_are_those_that_there_are(self):
        self.assertEqual(sorted(WANTED), sorted(mutant.key for mutant in self.source.mutants))
        numbers = [mutant.number for mutant in self.source.mutants]
        self.assertEqual(list(range(1, len(numbers) + 1)), sorted(numbers))

    def test_without_a_mutant_nothing_changes(self):
        self.assertEqual(PLAIN, self.say(0))

    def test_each_mutant_does_what_it_says(self):
        for name, text in CHANGED.items():
            with self.subTest(name):
                self.assertEqual(text, self.say(self.number(name)))

    def test_a_dropped_guard_is_felt(self):
        self.assertEqual(-11, self.say(self.number("toy_between: drop low != NULL")))  # SIGSEGV: it looked at *NULL

    def test_a_mutant_counts_as_reached_where_it_makes_a_difference(self):
        asked = pathlib.Path(self.folder.name, "asked")
        self.say(0, MUTANT_ASKED=str(asked))
        reached = asked.read_bytes()
        self.assertTrue(reached[self.number("toy_between: shift value < *low to <=")])  # 3 < 3 was asked
        self.assertTrue(reached[self.number("toy_between: drop low != NULL")])
        self.assertFalse(reached[len(self.source.mutants) + 1])

    def test_a_mutant_that_never_ends_is_ended(self):
        name = "toy_sum: negate i < count"
        (pathlib.Path(self.folder.name) / "loop.c").write_text("#include \"mutant.h\"\nint main(void) { while (!MUTANT(2)) ; return 0; }\n")
        program = str(pathlib.Path(self.folder.name) / "loop")
        subprocess.run(["gcc", f"-I{HERE}", "-o", program, program + ".c", str(HERE / "mutant_runtime.c")], check=True)
        environment = {**os.environ, "MUTANT": "1", "MUTANT_CPU": "50", "MUTANT_WALL": "50"}
        self.assertEqual(-27, subprocess.run([program], env=environment).returncode, name)  # SIGPROF
        self.assertEqual(0, subprocess.run([program], env={**environment, "MUTANT": "2"}).returncode)

    def test_a_name_stays_when_lines_move_and_tells_twins_apart(self):
        text = (HERE / "toy.c").read_text()
        moved = pathlib.Path(self.folder.name, "moved.c")
        moved.write_text("\n\n" + text.replace("    called(sum);\n", "    called(sum);\n    called(sum);\n"))
        names = [mutant.key for mutant in schemata.Source(str(moved), "toy.c", 1, ["-std=gnu11"]).mutants]
        self.assertEqual(sorted([*WANTED, "toy.c toy_sum: delete called(sum) (#2)"]), sorted(names))

    def test_what_does_not_compile_is_refused(self):
        bad = pathlib.Path(self.folder.name, "bad.c")
        bad.write_text("int x = y;\n")
        with self.assertRaises(SystemExit):
            schemata.Source(str(bad), "bad.c", 1, ["-std=gnu11"])


class Survivors(unittest.TestCase):
    def setUp(self):
        self.mutants = schemata.Source(str(HERE / "toy.c"), "toy.c", 1, ["-std=gnu11"]).mutants
        self.one, self.two = self.mutants[0], self.mutants[1]
        self.killed = {mutant.number: "a test" for mutant in self.mutants[1:]}

    def judge(self, explained, killed=None, whole=True):
        return mutate.judge(self.mutants, self.killed if killed is None else killed, explained, whole)

    def test_a_survivor_is_explained(self):
        self.assertEqual([], self.judge({self.one.key: "why"}))
        self.assertIn("not explained: " + self.one.key, self.judge({})[0])

    def test_no_explanation_is_stale(self):
        complaints = self.judge({self.one.key: "why", self.two.key: "why"})
        self.assertEqual([f"stale, it is killed by a test: {self.two.key}"], complaints)
        complaints = self.judge({self.one.key: "why", "toy.c gone: negate x": "why"})
        self.assertEqual(["stale, there is no such mutant: toy.c gone: negate x"], complaints)
        self.assertEqual([], self.judge({self.one.key: "why", "toy.c gone: negate x": "why"}, whole=False))

    def read(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(text)
            file.flush()
            return mutate.explanations(pathlib.Path(file.name))

    def test_explanations_are_read(self):
        self.assertEqual({"a.c f: negate x": "it is so because ", "b.c g: drop y": "of that "},
                         self.read("# a remark\na.c f: negate x\n    it is so\n    because\n\nb.c g: drop y\n    of that\n"))

    def test_an_explanation_without_words_is_refused(self):
        for text in ("a.c f: negate x\n", "a.c f: negate x\nb.c g: drop y\n    why\n", "    why\n", "a\n    why\na\n    why\n"):
            with self.subTest(text), self.assertRaises(SystemExit):
                self.read(text)

    def test_every_explanation_is_of_a_mutant_that_there_is(self):
        run = subprocess.run([sys.executable, str(TOP / "tools" / "mutate"), "--explained"], stdout=subprocess.PIPE, text=True)
        self.assertEqual((0, ""), (run.returncode, run.stdout))


if __name__ == "__main__":
    unittest.main()
