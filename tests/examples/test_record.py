#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ecsengine-run --record and ecsengine-replay: what happened once happens again."""
import json
import os
import pathlib
import random
import re
import subprocess
import tempfile
import unittest

from runner import BUILD, LIMIT_S, Session, arn, container, run, run_sim, task

REPLAY = os.environ.get("ECSENGINE_REPLAY", str(BUILD / "examples" / "ecsengine-replay"))
FAULTS = [word for line in ("chance=10 op=create fault=error text=full", "chance=10 op=start fault=lost", "chance=5 op=pull-image fault=error",
                            "chance=10 op=inspect fault=error", "chance=10 op=stop fault=double", "chance=10 event=die fault=drop",
                            "chance=10 event=die fault=double", "chance=5 op=create fault=late") for word in ("--sim-script", line)]


def replay(*args):
    """(status, stdout, stderr)"""
    done = subprocess.run([REPLAY, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=LIMIT_S)
    return done.returncode, done.stdout, done.stderr


class Recorded(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "run.rec"

    def record(self, document, *args):
        return run_sim("--record", str(self.file), *args, "-", stdin=json.dumps(document))

    def test_a_run_is_replayed(self):
        status, _, _ = self.record(task(container("app", "run=1s exit=3")))
        self.assertEqual(status, 3)
        status, out, err = replay(str(self.file))
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"^\d+ turns, to \d{4}-\d\d-\d\dT[\d:.]+Z: the same, byte for byte\n$")

    def test_it_is_for_the_owner_alone(self):
        self.record(task(container("app", "run=0s")))
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)

    def test_what_was_there_is_kept(self):
        self.record(task(container("app", "run=0s exit=1")))
        first = self.file.read_bytes()
        self.record(task(container("app", "run=0s exit=2")))
        self.assertEqual((self.folder / "run.rec.1").read_bytes(), first)
        self.assertEqual(replay(str(self.file))[0], 0)

    def test_a_limit(self):
        """Older recordings go; what is kept begins in the middle of a life, and is replayed from there."""
        with Session("--record", str(self.file), "--record-limit", "64k", "--config", "seed=5") as session:
            for number in range(1, 101):
                session.send({"op": "add-task", "task": task(container("a", "run=0s"), taskArn=arn(number))})
                session.wait_record(event="task-removed", taskArn=arn(number))
            self.assertEqual(session.exit(), 0)
        former = self.folder / "run.rec.1"
        for file in (former, self.file):
            self.assertLess(file.stat().st_size, 48 << 10)
            status, out, _ = replay(str(file))
            self.assertEqual(status, 0)
            self.assertIn("begun in the middle of the engine's life: the same, byte for byte", out)
        self.assertGreaterEqual(former.stat().st_size, 32 << 10)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["run.rec", "run.rec.1"])

    def test_many_tasks_and_faults_and_a_kill(self):
        """60 tasks of up to three containers, an unreliable runtime, stops at any time, and the end by kill -9."""
        draw = random.Random(4)
        with Session("--record", str(self.file), "--config", "seed=4", *FAULTS) as session:
            for number in range(1, 61):
                names = ["a", "b", "c"][:draw.randint(1, 3)]
                containers = [container(name, f"run={draw.randint(0, 900)}ms exit={draw.choice([0, 0, 1])}",
                                        after={names[i - 1]: "START"} if i > 0 else None) for i, name in enumerate(names)]
                session.send({"op": "add-task", "task": task(*containers, taskArn=arn(number))})
                if number % 4 == 0:
                    session.send({"op": "stop-task", "taskArn": arn(draw.randint(1, number))})
            session.wait_record(30, event="task", status="STOPPED")  # not all: of some the end is not heard, and looked for later
            session.process.kill()
        status, out, err = replay(str(self.file))
        self.assertEqual((status, err), (0, ""))
        self.assertGreater(int(out.split()[0]), 60)
        status, trace, _ = replay("--trace", str(self.file))
        self.assertEqual(status, 0)
        self.assertEqual(len(re.findall(r'^  < {"input":"command","command":"task-add"', trace, re.M)), 60)
        self.assertIn('"failure":"unreachable"', trace)  # faults were struck
        for line in trace.splitlines():
            if not line.startswith("turn "):
                json.loads(line[4:])

    def test_questions_at_any_point(self):
        arns = "arn:aws:ecs:us-west-2:1:task/default/t1"
        self.record(task(container("db", "run=2s health=healthy", healthCheck={"command": ["CMD", "x"], "interval": 5}),
                         container("app", "run=1s", after={"db": "HEALTHY"}), taskArn=arns))
        status, out, err = replay("--list", str(self.file))
        self.assertEqual((status, json.loads(out)), (0, {"tasks": []}))
        self.assertIn("the same, byte for byte", err)
        turns = int(err.split()[0])
        explained = [replay("--until", str(turn), "--explain", arns, str(self.file))[1] for turn in range(1, turns)]
        self.assertTrue(any("db" in text and "HEALTHY" in text for text in explained), explained)
        status, out, _ = replay("--until", "2", "--describe", arns, str(self.file))
        self.assertEqual((status, json.loads(out)["taskArn"]), (0, arns))
        status, _, err = replay("--until", "1", "--explain", "no-such-task", str(self.file))
        self.assertEqual(status, 125)
        self.assertIn("no-such-task: ", err)

    def test_until_a_time(self):
        self.record(task(container("app", "run=0s")))
        self.assertRegex(replay("--until", "2020-01-01T00:00:00Z", str(self.file))[1], "^0 turns")
        self.assertNotRegex(replay("--until", "2100-01-01T00:00:00.5Z", str(self.file))[1], "^0 turns")

    def test_a_recording_that_breaks_off(self):
        self.record(task(container("app", "run=0s")))
        data = self.file.read_bytes()
        self.file.write_bytes(data[:-1])
        status, out, _ = replay(str(self.file))
        self.assertEqual(status, 0)
        self.assertIn("the recording breaks off within a turn", out)

    def test_bad_files_and_options(self):
        empty, other = self.folder / "empty", self.folder / "other"
        empty.write_bytes(b"")
        other.write_text("{}")
        for args, message in (([str(empty)], "the file is empty"), ([str(other)], "this is no recording of an engine"),
                              ([str(self.folder / "none")], "No such file"), ([], "which FILE?"), ([str(other), "x"], "one FILE, not also x"),
                              (["--until", "soon", str(other)], "--until takes a turn from 1, or a time in UTC, not soon"),
                              (["--until", "0", str(other)], "--until takes a turn")):
            status, out, err = replay(*args)
            self.assertEqual((status, out), (125, ""))
            self.assertIn(message, err)
        self.record(task(container("app", "run=0s")))
        data = bytearray(self.file.read_bytes())
        data[-20] ^= 1
        self.file.write_bytes(data)
        status, _, err = replay(str(self.file))
        self.assertEqual(status, 125)
        self.assertRegex(err, r"the recording is damaged at byte \d+\n")

    def test_where_it_can_not_be_written(self):
        status, _, err = run("--runtime", "sim", "--record", str(self.folder / "no" / "where"), "-", stdin="{}")
        self.assertEqual(status, 125)
        self.assertIn("where: No such file or directory", err)
        status, _, err = run("--record-limit", "1M", "x")
        self.assertEqual((status, err), (125, "ecsengine-run: --record-limit needs --record (--help lists the options)\n"))
        for size in ("0", "63k", "1T", "much", "1Mx"):
            status, _, err = run("--record", "x", "--record-limit", size, "x")
            self.assertIn("--record-limit is a size of at least 64k", err)


if __name__ == "__main__":
    unittest.main(verbosity=0)
