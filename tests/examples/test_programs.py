#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The other examples: the small programs do what they say, README.md shows readme.c as it is, and every example task ends well."""
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

from runner import BUILD, LIMIT_S, TOP, container, events, run_sim

TASKS = TOP / "examples" / "tasks"


def program(name):
    done = subprocess.run([BUILD / "examples" / name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT_S)
    return done.returncode, done.stdout.splitlines()


class Programs(unittest.TestCase):
    def test_smallest(self):
        status, lines = program("smallest")
        self.assertEqual(0, status, lines)
        words = [line.split() for line in lines]
        self.assertLess(words.index(["container", "migrate", "STOPPED"]), words.index(["container", "serve", "RUNNING"]))
        self.assertEqual(["task", "STOPPED"], words[-1])

    def test_smallest_is_small(self):
        self.assertLess(len((TOP / "examples" / "smallest.c").read_text().splitlines()), 150)

    def test_readme(self):
        status, lines = program("readme")
        self.assertEqual(0, status, lines)
        self.assertIn("task-removed", lines[-1])
        stopped = next(line for line in lines if "container" in line and "STOPPED" in line)
        self.assertGreaterEqual(float(stopped.split()[0]), 7200)

    def test_the_readme_shows_the_program_that_is_compiled(self):
        blocks = re.findall(r"^```c\n(.*?)^```$", (TOP / "README.md").read_text(), re.MULTILINE | re.DOTALL)
        self.assertEqual([(TOP / "examples" / "readme.c").read_text()], blocks)


class Tasks(unittest.TestCase):
    def test_there_are_some(self):
        self.assertLessEqual({"web.json", "init-job.json", "log-sidecar.json", "batch.json"}, {path.name for path in TASKS.iterdir()})

    def test_each_ends_well_in_time_and_leaves_nothing(self):
        for path in sorted(TASKS.glob("*.json")):
            with self.subTest(task=path.name):
                status, out, err = run_sim("--json", str(path))
                self.assertEqual((0, ""), (status, err))
                records = events(out)
                names = {each["name"] for each in json.loads(path.read_text())["containerDefinitions"]}
                stopped = [record for record in records if record.get("event") == "container" and record["status"] == "STOPPED"]
                self.assertEqual(names, {record["containerName"] for record in stopped})
                self.assertEqual({0}, {record.get("exitCode") for record in stopped})
                self.assertEqual("task-removed", records[-1]["event"])

    def test_each_uses_an_image_that_tools_make(self):
        for path in sorted(TASKS.glob("*.json")):
            images = {each["image"] for each in json.loads(path.read_text())["containerDefinitions"]}
            self.assertEqual({"busybox:latest"}, images, path.name)


if __name__ == "__main__":
    sys.exit(unittest.main())
