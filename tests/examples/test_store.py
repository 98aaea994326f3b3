#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ecsengine-run --store: what one run leaves, the next one goes on with.

Simulated containers die with their program, as on a machine that was started anew; tests/integration has real ones, which do not.
"""
import json
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from runner import LIMIT_S, PROGRAM, Background, Session, arn, container, events, run, run_sim, task

HANGS = ("--sim-script", "op=pull-image fault=hang")  # so a task has no containers yet


def statuses(records):
    """Of the tasks, in the order in which they were told."""
    return [record["status"] for record in records if record["event"] == "task"]


def ends(records):
    return [status for status in statuses(records) if status != "MANIFEST_PULLED"]


class Stored(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.store = str(self.folder / "tasks.db")

    def file(self, document, name="task.json"):
        path = self.folder / name
        path.write_text(json.dumps(document))
        return str(path)

    def begin(self, *args):
        program = Background("--store", self.store, "--json", *args)
        self.addCleanup(program.kill)
        return program

    def session(self, *args):
        session = Session("--store", self.store, *args)
        self.addCleanup(session.kill)
        return session

    def go_on(self, *args):
        """A run to its end: (exit status, records, stderr)."""
        status, out, err = run_sim("--store", self.store, "--json", *args)
        return status, events(out), err

    def begin_pulling(self, *files, new=True):
        """A run whose tasks are in the store, and in it as far as their images."""
        program = self.begin(*HANGS, *files)
        program.wait_for(lambda line: '"ready"' in line)
        if new:
            program.wait_for(lambda _: statuses(map(json.loads, program.lines)).count("MANIFEST_PULLED") == len(files))
        return program

    def killed_while_pulling(self, *files, new=True):
        """The ARNs of the tasks."""
        self.begin_pulling(*files, new=new).kill()
        with Session("--store", self.store, *HANGS) as session:
            session.send({"op": "list-tasks"})
            return [each["taskArn"] for each in session.wait_record(reply="list-tasks")["tasks"]]


class Refusals(Stored):
    def refused(self, said, *args):
        status, out, err = run("--runtime", "sim", "--store", self.store, *args)
        self.assertEqual((125, ""), (status, out))
        self.assertIn(said, err)
        self.assertIn(self.store, err)

    def test_a_path_that_cannot_be_opened(self):
        self.store = str(self.folder / "none" / "tasks.db")
        self.refused("No such file or directory", "--stdio")
        self.refused("No such file or directory")

    def test_what_is_no_database_is_left_as_it_is(self):
        pathlib.Path(self.store).write_bytes(b"not a database" * 100)
        self.refused("not a database", "--stdio")
        self.assertEqual(b"not a database" * 100, pathlib.Path(self.store).read_bytes())

    def test_the_database_of_another_program(self):
        with sqlite3.connect(self.store) as other:
            other.execute("CREATE TABLE mine (x)")
        other.close()
        self.refused("another program", "--stdio")

    def test_a_newer_one(self):
        self.session().exit()
        newer = sqlite3.connect(self.store)
        newer.execute("PRAGMA user_version=99")
        newer.close()
        self.refused("version 99", "--stdio")

    def test_one_that_somebody_has(self):
        owner = self.session()
        owner.wait_record(event="ready")
        self.refused("in use", "--stdio")
        self.refused("in use")
        self.assertEqual(0, owner.exit())
        self.assertEqual(0, self.session().exit())

    def test_wrong_options(self):
        for args, said in ((("--store", "", "--stdio"), "--store"), (("--plan", "--store", self.store, "x.json"), "--store")):
            status, out, err = run(*args)
            self.assertEqual((125, ""), (status, out))
            self.assertIn(said, err)


class Followed(Stored):
    def test_a_killed_run_is_gone_on_with(self):
        path = self.file(task(container("a", "run=200ms exit=3")))
        known = self.killed_while_pulling(path)
        self.assertEqual(1, len(known))
        status, records, err = self.go_on(path)
        self.assertEqual(3, status)
        self.assertIn(f"{self.store}: goes on with 1 task\n", err)
        self.assertEqual(["RUNNING", "STOPPED"], ends(records))
        self.assertEqual(set(known), {record["taskArn"] for record in records if "taskArn" in record})
        self.assertEqual("task-removed", records[-1]["event"])

    def test_no_file_need_be_named_again(self):
        self.killed_while_pulling(self.file(task(container("a", "run=200ms exit=4"))))
        status, records, err = self.go_on()
        self.assertEqual((4, ["RUNNING", "STOPPED"]), (status, ends(records)))

    def test_what_is_done_is_begun_anew(self):
        path = self.file(task(container("a", "run=200ms exit=3")))
        for _ in range(2):
            status, records, err = self.go_on(path)
            self.assertEqual((3, ""), (status, err))
            self.assertEqual(["RUNNING", "STOPPED"], ends(records))
        status, records, err = self.go_on()
        self.assertEqual((125, []), (status, [record for record in records if "taskArn" in record]))
        self.assertIn("no tasks", err)

    def test_a_file_that_was_edited_is_another_task_beside_the_first(self):
        known = self.killed_while_pulling(self.file(task(container("a", "run=200ms exit=3"))))
        status, records, err = self.go_on(self.file(task(container("a", "run=200ms exit=5"))))
        self.assertEqual(5, status)
        removed = [record["taskArn"] for record in records if record["event"] == "task-removed"]
        self.assertEqual(2, len(set(removed)))
        self.assertLess(set(known), set(removed))

    def test_a_file_that_is_named_twice_is_two_tasks_in_each_life(self):
        path = self.file(task(container("a", "run=200ms")))
        known = self.killed_while_pulling(path, path)
        self.assertEqual(2, len(set(known)))
        for files in ((), (path, path)):
            self.assertEqual(set(known), set(self.killed_while_pulling(*files, new=False)))
        status, records, err = self.go_on(path)
        self.assertIn("goes on with 2 tasks", err)
        self.assertEqual(sorted(known), sorted(record["taskArn"] for record in records if record["event"] == "task-removed"))

    def test_a_tasks_own_arn_is_what_counts(self):
        self.assertEqual([arn(7)], self.killed_while_pulling(self.file(task(container("a", "run=100ms"), taskArn=arn(7)))))
        status, records, err = self.go_on(self.file(task(container("a", "run=60s"), taskArn=arn(7))))
        self.assertEqual((0, ["RUNNING", "STOPPED"]), (status, ends(records)))

    def test_a_refused_file_starts_nothing_and_forgets_nothing(self):
        known = self.killed_while_pulling(self.file(task(container("a", "run=100ms"))))
        (self.folder / "bad.json").write_text("{")
        status, records, err = self.go_on(str(self.folder / "bad.json"))
        self.assertEqual((125, []), (status, records))
        self.assertEqual(known, self.killed_while_pulling(new=False))

    def test_the_exit_status_is_known_though_it_was_told_before(self):
        path = self.file(task(container("main", "run=100ms exit=6"), container("side", "ignore-term=true", essential=False)))
        program = self.begin(path)
        program.wait_for(lambda line: '"main"' in line and "STOPPED" in line)
        program.interrupt(signal.SIGTERM)
        self.assertEqual(143, program.end())
        status, records, err = self.go_on()
        self.assertEqual(6, status)
        self.assertNotIn("main", {record.get("containerName") for record in records})

    def test_sigterm_hands_the_tasks_over(self):
        for signo in (signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signo=signo):
                program = self.begin_pulling(self.file(task(container("a", "run=100ms exit=7"))))
                program.interrupt(signo)
                self.assertEqual(143, program.end())
                self.assertEqual([], ends(map(json.loads, program.lines)))
                self.assertEqual(7, self.go_on()[0])

    def test_ctrl_c_stops_the_tasks_still(self):
        program = self.begin(self.file(task(container("a"))))
        program.wait_for(lambda line: '"task"' in line and "RUNNING" in line)
        program.interrupt()
        self.assertEqual(130, program.end())
        self.assertIn("task-removed", program.lines[-1])
        self.assertIn("no tasks", self.go_on()[2])

    def test_a_stop_that_was_asked_for_goes_on(self):
        program = self.begin(self.file(task(container("a"))), "--sim-script", "op=stop fault=hang")
        program.wait_for(lambda line: '"task"' in line and "RUNNING" in line)
        program.interrupt()
        program.wait_for(lambda line: "in order" in line, program.errors)
        program.interrupt(signal.SIGTERM)
        self.assertEqual(143, program.end())
        self.assertEqual(["STOPPED"], ends(self.go_on()[1]))

    def test_what_nobody_read_comes_again(self):
        path = self.file(task(container("a", "run=1s exit=2")))
        program = subprocess.Popen([PROGRAM, "--runtime", "sim", "--store", self.store, "--json", path], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(program.kill)
        program.stdout.readline()
        program.stdout.close()
        self.assertIn("nobody reads", program.stderr.read())
        program.stderr.close()
        self.assertEqual(125, program.wait(LIMIT_S))
        self.assertIn("STOPPED", ends(self.go_on()[1]))


class Lines(Stored):
    def test_after_ok_kill_9_loses_nothing(self):
        session = self.session(*HANGS)
        for number in range(20):
            session.send({"op": "add-task", "task": task(container("a", "run=100ms"), taskArn=arn(number)), "id": number})
        session.wait_record(20, reply="add-task", ok=True)
        session.kill()
        session = self.session()
        session.send({"op": "list-tasks"})
        self.assertEqual([arn(number) for number in range(20)],
                         [each["taskArn"] for each in session.wait_record(reply="list-tasks")["tasks"]])
        for number in range(20):
            session.wait_record(event="task-removed", taskArn=arn(number))
        self.assertEqual(0, session.exit())

    def test_exit_leaves_the_store_to_the_next(self):
        for end in ("exit", signal.SIGTERM):
            with self.subTest(end=end):
                session = self.session(*HANGS)
                session.send({"op": "add-task", "task": task(container("a", "run=100ms"), taskArn=arn(1))})
                session.wait_record(reply="add-task", ok=True)
                if end == "exit":
                    self.assertEqual(0, session.exit())
                else:
                    session.interrupt(end)
                    self.assertEqual(130, session.end())
                session = self.session()
                session.wait_record(event="task", taskArn=arn(1), status="RUNNING")
                session.wait_record(event="task-removed", taskArn=arn(1))
                self.assertEqual(0, session.exit())

    def test_what_was_delivered_does_not_come_again(self):
        session = self.session("--config", "engine-task-cleanup-wait-duration=1h")
        session.send({"op": "add-task", "task": task(container("a", "run=100ms"), taskArn=arn(1))})
        session.wait_record(event="task", status="STOPPED")
        self.assertEqual(0, session.exit())
        session = self.session("--config", "engine-task-cleanup-wait-duration=1h")
        session.wait_record(event="ready")
        session.send({"op": "list-tasks"})
        self.assertEqual("STOPPED", session.wait_record(reply="list-tasks")["tasks"][0]["knownStatus"])
        self.assertEqual(0, session.exit())
        self.assertEqual([], [record for record in session.records() if "taskArn" in record])


if __name__ == "__main__":
    sys.exit(unittest.main())
