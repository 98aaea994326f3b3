#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ecsengine-run with files: options, documents, output, exit status, Ctrl-C."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from runner import LIMIT_S, PROGRAM, QUICK_CLEANUP, Background, arn, container, events, run, run_sim, run_task, task


class Options(unittest.TestCase):
    def test_help_is_short_and_names_every_option(self):
        status, out, err = run("--help")
        self.assertEqual((0, ""), (status, err))
        for option in ("runtime", "docker-host", "store", "config", "sim-script", "plain", "json", "plan", "plan-format", "stdio", "exec", "verbose", "version", "help"):
            self.assertIn("--" + option, out)
        self.assertLess(len(out.splitlines()), 36)

    def test_version(self):
        self.assertEqual((0, f"ecsengine-run {os.environ['ECSENGINE_VERSION']}\n", ""), run("--version"))

    def test_what_is_wrong_is_said_and_ends_with_125(self):
        for args, said in (
            ((), "which FILE?"),
            (("--no-such-option",), "no-such-option"),
            (("--runtime", "oci", "x.json"), "oci"),
            (("--runtime", "sim", "--docker-host", "unix:///x", "x.json"), "--docker-host"),
            (("--sim-script", "container=a run=1s", "x.json"), "--sim-script"),
            (("--json", "--plain", "x.json"), "--json"),
            (("--plan-format", "dot", "x.json"), "--plan"),
            (("--plan", "--plan-format", "pdf", "x.json"), "pdf"),
            (("--plan", "--json", "x.json"), "--plan-format"),
            (("--plan", "--stdio"), "--plan-format"),
            (("--plan",), "which FILE?"),
            (("--stdio", "x.json"), "--stdio"),
            (("--stdio", "--json"), "--stdio"),
            (("--exec", "web", "x.json", "--", "ls"), "TASK/CONTAINER"),
            (("--exec", "/app", "x.json", "--", "ls"), "TASK/CONTAINER"),
            (("--exec", "web/", "x.json", "--", "ls"), "TASK/CONTAINER"),
            (("--exec", "web/app", "x.json"), "needs a command"),
            (("--exec", "web/app", "x.json", "--"), "needs a command"),
            (("--exec", "web/app", "--json", "x.json", "--", "ls"), "--json"),
            (("--exec", "web/app", "--stdio", "--", "ls"), "--stdio"),
            (("--exec", "web/app", "--", "ls"), "which FILE?"),
            (("--exec", "web/app", "x.json", "--", b"\xff"), "UTF-8"),
            (("--runtime", "sim", "--config", "cluster", "x.json"), "KEY=VALUE"),
            (("--runtime", "sim", "--config", "no-such-key=1", "x.json"), "no-such-key"),
            (("--runtime", "sim", "--config", "container-stop-timeout=soon", "x.json"), "container-stop-timeout"),
            (("--runtime", "sim", "--sim-script", "nonsense", "/dev/null"), "simulat"),
        ):
            with self.subTest(args=args):
                status, out, err = run(*args)
                self.assertEqual((125, ""), (status, out))
                self.assertIn(said, err)


class Execs(unittest.TestCase):
    """A simulated command says its words, and ends at once, `false` with 1; tests/integration/docker has real ones."""

    @staticmethod
    def run_exec(what, *containers, command=("ls",), **members):
        return run_sim("-", "--exec", what, "--", *command, stdin=json.dumps(task(*containers, **members)))

    def test_output_and_status_are_the_command_s_and_the_task_is_stopped(self):
        web = container("web", "run=1h exit=5")
        self.assertEqual((0, "ls -l --exec\n", ""), self.run_exec("test/web", web, command=("ls", "-l", "--exec")))
        self.assertEqual((1, "false\n", ""), self.run_exec("test/web", web, command=("false",)))

    def test_a_task_that_there_is_not(self):
        status, out, err = self.run_exec("other/web", container("web", "run=1h"))
        self.assertEqual((125, ""), (status, out))
        self.assertIn("no task is called other", err)

    def test_a_container_that_there_is_not(self):
        for name in ("test", arn(1), "0" * 31 + "1"):
            status, out, err = self.run_exec(f"{name}/db", container("web", "run=1h"), taskArn=arn(1))
            self.assertEqual((125, ""), (status, out), err)
            self.assertIn("test has no container db", err)

    def test_a_container_that_never_runs(self):
        status, out, err = self.run_exec("test/db", container("web", "run=1h"), container("db", "start=error:no", essential=False))
        self.assertEqual((125, ""), (status, out), err)
        self.assertIn("test/db has ended before the command could be run", err)

    def test_files_behind_two_hyphens_without_it(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("a.json", "--exec"):
                pathlib.Path(folder, name).write_text(json.dumps(task(container("web", "run=0s exit=3"))))
            status, out, _ = run_sim("a.json", "--", "--exec", cwd=folder)
        self.assertEqual(3, status)
        self.assertEqual(2, out.count("STOPPED, exit code 3"), out)


class Plans(unittest.TestCase):
    """--plan asks no runtime: the default one, Docker, need not be there."""

    DOCUMENT = task(container("web", after={"db": "START"}), container("db"), taskArn=arn(1))
    NOWHERE = ("--docker-host", "unix:///no/such/socket")

    def plan(self, document, *args):
        return run(*self.NOWHERE, "--plan", *args, "-", stdin=json.dumps(document))

    def test_text_has_the_steps_in_order(self):
        status, out, err = self.plan(self.DOCUMENT, "--config", "image-manifest-resolution=false")
        self.assertEqual((0, ""), (status, err))
        lines = [line.split(None, 1)[1] for line in out.splitlines() if re.match(r" +\d", line)]
        self.assertEqual(["db: pull-image busybox:latest", "db: create", "db: start",
                          "web: pull-image busybox:latest  after 3 (db START)", "web: create", "web: start", "the task is RUNNING",
                          "the task is stopped", "web: stop", "db: stop  after 9 (web, which depends on it)", "the task is STOPPED",
                          "web: remove", "db: remove", "the task is removed"], lines)

    def test_json_is_one_object_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder, name) for name in ("a.json", "b.json")]
            for path in paths:
                path.write_text(json.dumps(task(container("a"), family=path.stem)))
            status, out, err = run(*self.NOWHERE, "--plan", "--plan-format", "json", *map(str, paths))
        self.assertEqual((0, ""), (status, err))
        self.assertEqual(["a", "b"], [json.loads(line)["family"] for line in out.splitlines()])

    def test_the_configured_host_is_what_the_task_must_fit(self):
        for cpu, verdict in ((64, "fits"), (16, "never")):
            status, out, err = self.plan(self.DOCUMENT, "--plan-format", "json", "--config", f"host-cpu={cpu}", "--config",
                                         "host-memory=1000")
            self.assertEqual((0, ""), (status, err))
            self.assertEqual(verdict, json.loads(out)["verdict"])
        self.assertEqual("unknown", json.loads(self.plan(self.DOCUMENT, "--plan-format", "json")[1])["verdict"])

    def test_dot_is_a_graph(self):
        status, out, err = self.plan(self.DOCUMENT, "--plan-format", "dot")
        self.assertEqual((0, ""), (status, err))
        self.assertTrue(out.startswith("digraph plan {") and out.endswith("}\n"))
        self.assertIn('[label="START"];', out)

    def test_a_refused_task_has_a_plan_that_says_so(self):
        circle = task(container("a", after={"b": "START"}), container("b", after={"a": "START"}), taskArn=arn(1))
        status, out, err = self.plan(circle)
        self.assertEqual((125, ""), (status, err))
        self.assertRegex(out, "refused: .*dependencies")

    def test_what_is_no_task_is_said_with_its_place(self):
        status, out, err = run(*self.NOWHERE, "--plan", "-", stdin="{\n oops")
        self.assertEqual((125, ""), (status, out))
        self.assertIn("-:2:", err)


class Documents(unittest.TestCase):
    def refused(self, text, said):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "task.json")
            path.write_text(text)
            status, out, err = run_sim("--json", str(path))
        self.assertEqual((125, ""), (status, out))
        self.assertRegex(err, said)

    def test_a_file_that_is_not_there(self):
        status, out, err = run_sim("/no/such/file.json")
        self.assertEqual((125, ""), (status, out))
        self.assertIn("/no/such/file.json", err)

    def test_what_is_no_json_is_refused_with_its_place(self):
        self.refused('{\n  "family": oops\n}', r"task\.json:2:\d+")

    def test_what_is_no_object_is_refused(self):
        self.refused("[1, 2]", "object")

    def test_an_empty_file_is_refused(self):
        self.refused("", r"task\.json:")

    def test_nesting_has_a_bound(self):
        self.refused('{"family": ' + "[" * 5000 + "]" * 5000 + "}", "nested")

    def test_a_task_without_containers_is_refused_by_the_engine(self):
        status, out, err = run_task({"family": "empty"}, "--json")
        self.assertEqual(125, status)
        self.assertEqual(["STOPPED"], [event["status"] for event in events(out) if event["event"] == "task"])
        self.assertIn("refused: ", err)

    def test_one_file_that_is_no_document_means_that_nothing_starts(self):
        with tempfile.TemporaryDirectory() as folder:
            good, bad = pathlib.Path(folder, "good.json"), pathlib.Path(folder, "bad.json")
            good.write_text(json.dumps(task(container("a", "run=1s"))))
            bad.write_text("{")
            self.assertEqual((125, ""), run_sim("--json", str(good), str(bad))[:2])

    def test_two_files_cannot_be_the_same_task(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "task.json")
            path.write_text(json.dumps(task(container("a", "run=1s"), taskArn=arn(1))))
            status, out, err = run_sim(str(path), str(path))
        self.assertEqual((125, ""), (status, out))
        self.assertIn(arn(1), err)

    def test_a_circle_of_dependencies_is_refused_with_the_engines_reason(self):
        circle = task(container("a", after={"b": "START"}), container("b", after={"a": "START"}))
        status, out, err = run_task(circle, "--json")
        self.assertEqual(125, status)
        stopped = [event for event in events(out) if event["event"] == "task"]
        self.assertEqual(["STOPPED"], [event["status"] for event in stopped])
        self.assertIn(stopped[0]["reason"], err)
        self.assertNotIn("task-removed", out)

    def test_a_task_gets_an_arn_of_its_cluster(self):
        out = run_task(task(container("a", "run=100ms")), "--json", "--config", "cluster=blue")[1]
        arns = {event["taskArn"] for event in events(out) if "taskArn" in event}
        self.assertEqual(1, len(arns))
        self.assertRegex(arns.pop(), r"^arn:aws:ecs:local:000000000000:task/blue/[0-9a-f]{32}$")

    def test_arns_differ_unless_the_seed_is_the_same(self):
        def drawn(*args):
            out = run_task(task(container("a", "run=100ms")), "--json", *args)[1]
            return next(event["taskArn"] for event in events(out) if "taskArn" in event)

        self.assertNotEqual(drawn(), drawn())
        self.assertEqual(drawn("--config", "seed=7"), drawn("--config", "seed=7"))
        self.assertNotEqual(drawn("--config", "seed=7"), drawn("--config", "seed=8"))

    def test_a_tasks_own_arn_stays(self):
        out = run_task(task(container("a", "run=100ms"), taskArn=arn(9)), "--json")[1]
        self.assertEqual({arn(9)}, {event["taskArn"] for event in events(out) if "taskArn" in event})

    def test_a_payload_of_the_control_plane_runs_too(self):
        payload = {"family": "p", "version": "3", "desiredStatus": "RUNNING", "volumes": [],
                   "containers": [{"name": "a", "image": "busybox:latest", "cpu": 10, "memory": 32, "essential": True, "environment": {},
                                   "command": ["sh", "-c", "exit 4"], "overrides": "{}"}]}
        for members in ({}, {"arn": arn(3)}):
            status, out, err = run_task({**payload, **members}, "--json")
            self.assertEqual(4, status, err)
            self.assertIn('"task-removed"', out)


class ExitStatus(unittest.TestCase):
    def status(self, *containers, args=()):
        status, _, err = run_task(task(*containers), "--plain", *args)
        return status, err

    def test_is_the_essential_containers(self):
        for code in (0, 3, 255):
            self.assertEqual((code, ""), self.status(container("a", f"run=200ms exit={code}")))

    def test_is_that_of_the_first_that_ended_not_of_the_first_that_is_named(self):
        self.assertEqual((5, ""), self.status(container("slow", "run=60s exit=1"), container("quick", "run=200ms exit=5")))

    def test_is_not_that_of_a_container_that_is_not_essential(self):
        self.assertEqual((2, ""), self.status(container("side", "run=100ms exit=9", essential=False), container("main", "run=1s exit=2")))

    def test_is_that_of_the_first_file(self):
        with tempfile.TemporaryDirectory() as folder:
            first, second = pathlib.Path(folder, "1.json"), pathlib.Path(folder, "2.json")
            first.write_text(json.dumps(task(container("a", "run=1s exit=6"))))
            second.write_text(json.dumps(task(container("a", "run=100ms exit=7"))))
            self.assertEqual(6, run_sim(str(first), str(second))[0])
            self.assertEqual(7, run_sim(str(second), str(first))[0])

    def test_is_125_where_the_essential_container_never_ran(self):
        status, _ = self.status(container("a", "run=1s"), args=("--sim-script", 'op=create container=a fault=error text="no room"'))
        self.assertEqual(125, status)


class Output(unittest.TestCase):
    DOCUMENT = task(container("db", "healthy-after=200ms", healthCheck={"command": ["CMD-SHELL", "true"]}),
                    container("web", "run=300ms exit=1", after={"db": "HEALTHY"},
                              portMappings=[{"containerPort": 80, "hostPort": 0}]), family="shop")

    def test_plain_is_a_line_of_text_an_event_with_its_time(self):
        status, out, _ = run_task(self.DOCUMENT, "--plain")
        self.assertEqual(1, status)
        for line in out.splitlines():
            self.assertRegex(line, r"^\d\d:\d\d:\d\d\.\d{3} \S")
        texts = [line.split(" ", 1)[1] for line in out.splitlines()]
        self.assertIn("ready", texts)
        self.assertIn("shop/db RUNNING", texts)
        self.assertTrue(any(re.match(r"shop/web RUNNING \S+:\d+->80/tcp", text) for text in texts), texts)
        self.assertIn("shop/web STOPPED, exit code 1", texts)
        self.assertIn("shop STOPPED", "".join(texts))
        self.assertEqual("shop removed", texts[-1])
        self.assertLess(texts.index("shop/db RUNNING"), texts.index("shop/web STOPPED, exit code 1"))

    def test_agents_have_lines_of_their_own(self):
        web = {"name": "web", "image": "busybox:latest", "cpu": 10, "memory": 32, "essential": True, "environment": {}, "overrides": "{}",
               "managedAgents": [{"name": "ExecuteCommandAgent"}], "dockerConfig": {"config": '{"Labels":{"ecsengine.sim":"run=1s"}}'}}
        payload = {"family": "p", "version": "3", "desiredStatus": "RUNNING", "volumes": [], "containers": [web]}
        _, out, _ = run_task(payload, "--plain")
        lines = [line.split(" ", 1)[1] for line in out.splitlines() if "ExecuteCommandAgent" in line]
        self.assertEqual(["p/web ExecuteCommandAgent RUNNING: ExecuteCommandAgent started",
                          "p/web ExecuteCommandAgent STOPPED: Received Container Stopped event"], lines)
        _, out, _ = run_task(payload, "--json")
        told = [event for event in events(out) if event["event"] == "managed-agent"]
        self.assertEqual([("web", "ExecuteCommandAgent", "RUNNING"), ("web", "ExecuteCommandAgent", "STOPPED")],
                         [(event["containerName"], event["name"], event["status"]) for event in told])

    def test_a_pipe_gets_plain_lines_by_itself(self):
        out = run_task(self.DOCUMENT)[1]
        self.assertIn("shop/db RUNNING", out)
        self.assertNotIn("\033", out)

    def test_two_tasks_of_a_family_have_two_names(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "1.json")
            path.write_text(json.dumps(task(container("a", "run=100ms"))))
            out = run_sim(str(path), str(path))[1]
        self.assertIn("test removed", out)
        self.assertIn("test#2 removed", out)

    def test_json_is_an_object_an_event(self):
        out = run_task(self.DOCUMENT, "--json")[1]
        records = events(out)
        self.assertLessEqual({record["event"] for record in records}, {"ready", "runtime", "container", "task", "task-removed"})
        web = [record["status"] for record in records if record.get("containerName") == "web"]
        self.assertEqual(["RUNNING", "STOPPED"], [status for status in web if status != "MANIFEST_PULLED"])
        self.assertEqual("task-removed", records[-1]["event"])

    def test_nothing_that_a_runtime_says_can_command_a_terminal(self):
        out = run_task(task(container("a")), "--plain", "--sim-script", 'op=create container=a fault=error text="\033[2Jboom\a"')[1]
        self.assertIn("boom", out)
        self.assertIsNone(re.search(r"[\x00-\x09\x0b-\x1f\x7f]", out))

    def test_a_reader_that_leaves_ends_the_tasks_and_the_program(self):
        process = subprocess.Popen([PROGRAM, "--runtime", "sim", "--json", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        process.stdin.write(json.dumps(task(container("a", "run=1s", essential=False), container("b"))))
        process.stdin.close()
        process.stdout.readline()
        process.stdout.close()
        self.assertNotEqual(-signal.SIGPIPE, process.wait(LIMIT_S))
        self.assertIn("nobody reads", process.stderr.read())
        process.stderr.close()


class Interrupts(unittest.TestCase):
    def start(self, document, *args):
        program = Background("--json", *args, "-", stdin=json.dumps(document))
        self.addCleanup(program.kill)
        return program

    def test_the_first_stops_the_tasks_in_the_order_of_their_dependencies(self):
        program = self.start(task(container("db"), container("web", after={"db": "START"})))
        program.wait_for(lambda line: '"task"' in line and "RUNNING" in line)
        program.interrupt()
        self.assertEqual(130, program.end())
        stopped = [record["containerName"] for record in map(json.loads, program.lines)
                   if record["event"] == "container" and record["status"] == "STOPPED"]
        self.assertEqual(["web", "db"], stopped)
        self.assertIn("task-removed", program.lines[-1])

    def test_sigterm_is_the_same(self):
        program = self.start(task(container("a")))
        program.wait_for(lambda line: "RUNNING" in line)
        program.interrupt(signal.SIGTERM)
        self.assertEqual(130, program.end())
        self.assertIn("task-removed", program.lines[-1])

    def test_the_second_does_not_wait_for_what_ignores_the_first(self):
        program = self.start(task(container("a", "ignore-term=true", stopTimeout=100)))
        program.wait_for(lambda line: "RUNNING" in line)
        program.interrupt()
        program.wait_for(lambda line: "Ctrl-C again: at once" in line, program.errors)
        began = time.monotonic()
        program.interrupt()
        self.assertEqual(130, program.end())
        self.assertLess(time.monotonic() - began, 30)
        self.assertIn("task-removed", program.lines[-1])
        self.assertIn('"exitCode":137', "".join(program.lines).replace(" ", ""))

    def test_the_third_leaves_whatever_hangs(self):
        program = self.start(task(container("a")), "--sim-script", "op=stop fault=hang")
        program.wait_for(lambda line: "RUNNING" in line)
        for said in ("Ctrl-C again: at once", "Ctrl-C again: leave", None):
            program.interrupt()
            if said is not None:
                program.wait_for(lambda line, said=said: said in line, program.errors)
        began = time.monotonic()
        self.assertEqual(130, program.end())
        self.assertLess(time.monotonic() - began, 5)
        self.assertNotIn("task-removed", "".join(program.lines))

    def started_with_ignored(self, signo, seconds):
        program = subprocess.Popen([PROGRAM, "--runtime", "sim", *QUICK_CLEANUP, "--json", "-"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   preexec_fn=lambda: signal.signal(signo, signal.SIG_IGN))
        self.addCleanup(program.stdout.close)
        program.stdin.write(json.dumps(task(container("a", f"run={seconds}s exit=0"))).encode())
        program.stdin.close()
        program.stdout.readline()
        program.send_signal(signo)
        self.assertIn(b"task-removed", program.stdout.read())
        return program.wait(LIMIT_S)

    def test_a_hangup_that_is_ignored_stays_ignored(self):
        self.assertEqual(0, self.started_with_ignored(signal.SIGHUP, 1))

    def test_a_shells_background_job_hears_an_interrupt(self):
        self.assertEqual(130, self.started_with_ignored(signal.SIGINT, 600))


if __name__ == "__main__":
    sys.exit(unittest.main())
