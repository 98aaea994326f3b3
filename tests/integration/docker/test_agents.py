#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Managed agents on a real Docker Engine, with a stand-in for Amazon's (agent.c): started, killed, failing in every way, and with an engine
that is killed in the middle. The truth is the machine's own: which processes there are, and how often one was started.

Tasks that need nobody's death run together in one life of the program; each test looks at its own. ECSENGINE_TEST_DOCKER names the Docker
Engine, ECSENGINE_TEST_AGENT the stand-in.
"""
import concurrent.futures
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from daemon import Docker
from life import PROGRAM, Life
from proxy import Proxy

LIMIT_S = 40
NAME = "ExecuteCommandAgent"
SETTINGS = {"image-pull-behavior": "prefer-cached", "image-manifest-resolution": "false", "engine-task-cleanup-wait-duration": "500ms",
            "exec-agent-monitor-interval": "1s", "exec-agent-supervision": "immediate"}
SLEEP = ["sh", "-c", "trap 'exit 0' TERM; while true; do sleep 0.1; done"]


class Silent:
    """What Life tells of each line; here the tests look at the lines themselves."""

    def __init__(self):
        self.lives = 0

    def take(self, record, last):
        pass

    def check(self):
        pass


def processes(mark):
    """The agents of a container, by their pids: none that has ended."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            if command.rstrip(b"\0").endswith(b"/amazon-ssm-agent") and f"AGENT_MARK={mark}\0".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            pass  # it has ended meanwhile
    return found


class World:
    """A folder with what a host has, a proxy, and lives of the program."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="ecsengine-agents-")
        self.cluster = os.path.basename(self.folder)
        url = os.environ["ECSENGINE_TEST_DOCKER"]
        self.docker = Docker(url, self.cluster)
        self.proxy = Proxy(self.docker.path, f"{self.folder}/docker.sock")
        self.life = None
        for version in ("3.0.9", "3.1.0.0"):
            for name in ("amazon-ssm-agent", "ssm-agent-worker", "ssm-session-worker"):
                self.install(f"bin/{version}/{name}")
        self.install("certs/tls-ca-bundle.pem")
        self.files("config").mkdir()

    def files(self, path):
        return pathlib.Path(self.folder, "execute-command", path)

    def install(self, path):
        self.files(path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(os.environ["ECSENGINE_TEST_AGENT"], self.files(path))

    def end_life(self):
        if self.life is None:
            return
        self.life.kill()
        self.life.thread.join(LIMIT_S)
        self.life.process.stdout.close()
        self.life.errors.close()
        try:
            self.life.process.stdin.close()
        except BrokenPipeError:
            pass  # what it did not read any more
        self.life = None

    def begin(self, **more):
        self.end_life()
        settings = {**SETTINGS, "cluster": self.cluster, "exec-agent-dir": str(self.files("")), "exec-agent-dir-for-runtime": str(self.files("")),
                    "exec-agent-log-dir": f"{self.folder}/log", **more}
        options = [part for key, value in settings.items() for part in ("--config", f"{key}={value}")]
        self.life = Life(Silent(), f"{self.folder}/tasks.db", f"unix://{self.proxy.path}", f"{self.folder}/life-{time.monotonic_ns()}.log", *options)
        return self.life

    def mark(self, family):
        return f"{self.cluster}-{family}"

    def arn(self, family):
        return f"arn:aws:ecs:us-west-2:123456789012:task/{self.cluster}/{family}"

    def add(self, family, command=None, environment=None, **more):
        container = {"name": "web", "image": "busybox:latest", "command": command or SLEEP, "essential": True, "cpu": 10, "memory": 32,
                     "environment": {"AGENT_MARK": self.mark(family), **(environment or {})},
                     "managedAgents": [{"name": NAME, "properties": {"sessionLimit": "3"}}], "stopTimeout": 2, **more}
        task = {"arn": self.arn(family), "family": family, "version": "1", "desiredStatus": "RUNNING", "containers": [container], "volumes": []}
        self.life.send(op="add-task", id=family, task=task)

    def agent_events(self, family):
        return [(record["status"], record["reason"]) for record in self.life.records
                if record.get("event") == "managed-agent" and record["taskArn"] == self.arn(family)]

    def await_event(self, family, status, count=1):
        """Waits until there were so many events of that status; returns all of that agent's."""
        def there(_records):
            return sum(event[0] == status for event in self.agent_events(family)) >= count

        assert self.life.wait_until(there, LIMIT_S), f"{family}: no {status}: {self.agent_events(family)}; {self.explain(family)}"
        return self.agent_events(family)

    def explain(self, family):
        return self.life.ask("explain-task", taskArn=self.arn(family)) if self.life.process.poll() is None else "the program has ended"

    def starts(self, family):
        """How often its agent was started, by its own word."""
        task = self.arn(family).rsplit("/", 1)[1]
        try:
            return len(pathlib.Path(self.folder, "log", task, "web", "starts").read_text().split())
        except FileNotFoundError:
            return 0

    def run(self, family, *command, **more):
        return self.life.ask("exec", taskArn=self.arn(family), containerName="web", exec={"Cmd": command, **more}, timeoutMs=20000)

    def await_processes(self, family, count, seconds=LIMIT_S):
        end = time.monotonic() + seconds
        while len(found := processes(self.mark(family))) != count and time.monotonic() < end:
            time.sleep(0.05)
        assert len(found) == count, f"{family}: {len(found)} agents instead of {count}: {self.agent_events(family)}"
        return found

    def stop(self, family):
        self.life.send(op="stop-task", taskArn=self.arn(family))
        gone = self.life.wait_until(lambda records: any(record.get("event") == "task-removed" and record["taskArn"] == self.arn(family)
                                                        for record in records), LIMIT_S)
        assert gone, f"{family} does not end: {self.explain(family)}"

    def close(self, failed):
        self.end_life()
        self.docker.remove_all()
        self.proxy.close()
        if failed:
            print(f"store, logs and files: {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder)


class Together(unittest.TestCase):
    """Tasks of one life, each with its own trouble."""

    @classmethod
    def setUpClass(cls):
        cls.world = world = World()
        world.begin()
        world.proxy.fault("createtwice", "exec-create", "error", 2)
        world.proxy.fault("createnever", "exec-create", "error", 1000)
        world.proxy.fault("startonce", "exec-start", "error", 1)
        world.proxy.fault("startlost", "exec-start", "lost", 1)
        world.proxy.fault("inspectonce", "exec-inspect", "error", 1)
        for family in ("plain", "killed", "createtwice", "createnever", "startonce", "startlost", "inspectonce", "readonly"):
            world.add(family, **({"dockerConfig": {"hostConfig": '{"ReadonlyRootfs":true}'}} if family == "readonly" else {}))
        world.add("exits", environment={"AGENT_EXIT": "3"})
        world.add("stubborn", environment={"AGENT_STUBBORN": "1"})
        world.add("policy", command=["sh", "-c", "sleep 3; exit 1"],
                  restartPolicy={"enabled": True, "restartAttemptPeriod": 1, "ignoredExitCodes": []})

    @classmethod
    def tearDownClass(cls):
        cls.world.close(failed=cls.failed)

    failed = False

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        type(self).failed |= len(result.failures) + len(result.errors) > before

    def started_once(self, family):
        world = self.world
        self.assertEqual([("RUNNING", f"{NAME} started")], world.await_event(family, "RUNNING"))
        world.await_processes(family, 1)
        return world

    def test_agent_is_started_and_has_what_it_needs(self):
        world = self.started_once("plain")
        self.assertEqual(1, world.starts("plain"))
        listed = world.run("plain", "sh", "-c", "cd /ecs-execute-command-*; ls . configuration certs; cat configuration/amazon-ssm-agent.json")
        text = "".join(piece["text"] for piece in listed["output"])
        self.assertEqual(0, listed["exitCode"], listed)
        for part in ("amazon-ssm-agent", "ssm-agent-worker", "ssm-session-worker", "seelog.xml", "amazon-ssm-agent.crt", '"SessionWorkersLimit": 3'):
            self.assertIn(part, text)
        names = sorted(path.name for path in world.files("config").iterdir())
        self.assertEqual(2, len(names), names)  # shared by all containers of this world
        self.assertRegex(names[0], r"^amazon-ssm-agent-[\w=-]{44}\.json$")
        self.assertRegex(names[1], r"^seelog-[\w=-]{44}\.xml$")

    def test_agent_that_is_killed_in_its_container_is_started_again(self):
        world = self.started_once("killed")
        before = world.await_processes("killed", 1)
        reply = world.run("killed", "sh", "-c", "kill -9 $(pidof amazon-ssm-agent)")
        self.assertEqual(0, reply.get("exitCode"), reply)
        events = world.await_event("killed", "RUNNING", 2)
        self.assertEqual(("RUNNING", f"{NAME} restarted"), events[-1])
        self.assertNotEqual(before, world.await_processes("killed", 1))
        self.assertEqual(2, world.starts("killed"))

    def test_creates_that_fail_are_tried_again(self):
        self.started_once("createtwice")
        self.assertEqual(3, self.world.proxy.count("createtwice", "exec-create"))

    def test_a_start_that_fails_is_tried_again(self):
        self.started_once("startonce")
        self.assertEqual(1, self.world.starts("startonce"))

    def test_a_start_without_an_answer_makes_no_second_agent(self):
        self.started_once("startlost")
        self.assertEqual(1, self.world.starts("startlost"))

    def test_an_inspection_that_fails_makes_no_second_agent(self):
        self.started_once("inspectonce")
        self.assertEqual(1, self.world.starts("inspectonce"))

    def test_a_root_that_can_only_be_read_is_enough(self):
        self.started_once("readonly")

    def test_creates_that_never_work_are_told_and_the_container_runs_on(self):
        world = self.world
        events = world.await_event("createnever", "STOPPED")
        self.assertEqual([("STOPPED", f"unable to start {NAME} [create]: Error response from daemon: busy")], events)
        self.assertGreaterEqual(world.proxy.count("createnever", "exec-create"), 5)
        self.assertEqual([], processes(world.mark("createnever")))
        world.proxy.fault("createnever", "exec-create", "error", 0)
        self.assertEqual(0, world.run("createnever", "true")["exitCode"])

    def test_an_agent_that_exits_at_once_is_tried_again_and_told(self):
        """Whether a look still finds it running is chance: then what fails is a restart. That it has ended is told."""
        world = self.world
        events = world.await_event("exits", "STOPPED")
        first = next(number for number, event in enumerate(events) if event[0] == "STOPPED")
        reasons = {f"{NAME} process exited with exit code: 3"} | ({f"{NAME} cannot be restarted"} if first > 0 else set())
        self.assertIn(events[first][1], reasons, events)
        self.assertGreaterEqual(world.starts("exits"), 2)
        world.await_processes("exits", 0)

    def test_an_agent_that_hears_nothing_ends_with_its_container(self):
        world = self.started_once("stubborn")
        world.stop("stubborn")
        self.assertEqual(("STOPPED", "Received Container Stopped event"), world.agent_events("stubborn")[-1])
        self.assertEqual([], processes(world.mark("stubborn")))
        order = [(record["event"], record["status"]) for record in world.life.records
                 if record.get("taskArn") == world.arn("stubborn") and record.get("status") == "STOPPED" and "event" in record]
        self.assertEqual([("managed-agent", "STOPPED"), ("container", "STOPPED"), ("task", "STOPPED")], order)
        self.assertFalse(pathlib.Path(world.folder, "log", "stubborn").exists())

    def test_a_container_that_is_started_again_has_its_agent_again(self):
        world = self.world
        world.await_event("policy", "RUNNING", 2)
        world.await_processes("policy", 1)
        self.assertGreaterEqual(world.starts("policy"), 2)


class Killed(unittest.TestCase):
    """The program is killed -9 at a moment that the proxy sees, and goes on in another life: exactly one agent then."""

    MOMENTS = {
        "before the exec is created": ("exec-create", "call"),
        "when the exec is created": ("exec-create", "called"),
        "before the exec is started": ("exec-start", "call"),
        "when the exec is started": ("exec-start", "called"),
        "when it was looked at": ("exec-inspect", "called"),
    }

    def kill_at(self, moment):
        operation, action = self.MOMENTS[moment]
        world = World()
        failed = True
        try:
            life = world.begin()
            world.proxy.fault("web", operation, action, 1, life.process.kill)
            world.add("web")
            self.assertEqual(-signal.SIGKILL, life.process.wait(LIMIT_S))
            world.begin()
            world.await_event("web", "RUNNING")
            world.await_processes("web", 1)
            time.sleep(1.5)  # a second one would come now, with the next look
            world.await_processes("web", 1, 0)
            world.stop("web")
            self.assertEqual([], processes(world.mark("web")))
            self.assertEqual({}, world.docker.containers())
            failed = False
        finally:
            world.close(failed)

    def test_at_each_moment_of_a_start(self):
        """All at once, each in a world of its own."""
        with concurrent.futures.ThreadPoolExecutor(len(self.MOMENTS)) as pool:
            worlds = {moment: pool.submit(self.kill_at, moment) for moment in self.MOMENTS}
        for moment, outcome in worlds.items():
            with self.subTest(moment):
                outcome.result()

    def test_while_the_agent_runs(self):
        world = World()
        failed = True
        try:
            life = world.begin()
            world.add("web")
            world.await_event("web", "RUNNING")
            before = world.await_processes("web", 1)
            life.kill()
            world.begin()
            self.assertTrue(world.life.wait_until(lambda records: any(record.get("event") == "ready" for record in records)))
            time.sleep(2.5)  # some looks at it
            self.assertEqual(before, processes(world.mark("web")))
            os.kill(before[0], signal.SIGKILL)
            world.await_event("web", "RUNNING")  # it is watched in this life too
            world.await_processes("web", 1)
            world.stop("web")
            failed = False
        finally:
            world.close(failed)


class Unprepared(unittest.TestCase):
    """A host without the agent's files: the container runs, without an agent."""

    def reason(self, spoil):
        world = World()
        failed = True
        try:
            spoil(world)
            world.begin()
            world.add("web")
            events = world.await_event("web", "STOPPED")
            self.assertTrue(world.life.wait_until(lambda records: any(record.get("event") == "container" and record["status"] == "RUNNING" for record in records)))
            self.assertEqual(0, world.run("web", "true")["exitCode"])
            self.assertEqual([], processes(world.mark("web")))
            world.stop("web")
            failed = False
        finally:
            world.close(failed)
        return events[0][1].replace(world.folder, "DIR")

    def test_no_version(self):
        self.assertEqual(f"{NAME} Initialization failed - no valid versions were found in DIR/execute-command/bin",
                         self.reason(lambda world: [world.files(f"bin/{version}/ssm-agent-worker").unlink() for version in ("3.0.9", "3.1.0.0")]))

    def test_no_certificates(self):
        self.assertEqual(f"{NAME} Initialization failed - could not find certs", self.reason(lambda world: world.files("certs/tls-ca-bundle.pem").unlink()))


class OneOff(unittest.TestCase):
    """Commands in a container that has no agent, by the line protocol and by --exec."""

    CONFIG = ("--config", "image-pull-behavior=prefer-cached", "--config", "image-manifest-resolution=false",
              "--config", "engine-task-cleanup-wait-duration=500ms")

    def setUp(self):
        self.world = World()
        self.failed = True
        self.document = pathlib.Path(self.world.folder, "task.json")
        container = {"name": "app", "image": "busybox:latest", "memory": 32, "essential": True, "stopTimeout": 2, "command": SLEEP}
        self.document.write_text(json.dumps({"family": "web", "containerDefinitions": [container]}))

    def tearDown(self):
        self.world.close(self.failed)

    def exec(self, *args):
        done = subprocess.run([PROGRAM, "--docker-host", f"unix://{self.world.proxy.path}", "--config", f"cluster={self.world.cluster}", *self.CONFIG, *args],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT_S)
        return done.returncode, done.stdout, done.stderr

    def test_output_and_status_are_the_command_s_and_the_task_is_gone(self):
        status, out, err = self.exec(str(self.document), "--exec", "web/app", "--", "sh", "-c", r"echo one; echo two >&2; printf '\377'; exit 7")
        self.assertEqual((7, b"one\n\xff", b"two\n"), (status, out, err))
        self.assertEqual({}, self.world.docker.containers())
        self.failed = False

    def test_a_command_that_there_is_not(self):
        status, out, err = self.exec(str(self.document), "--exec", "web/app", "--", "/no/such/program")
        self.assertIn(status, (125, 126, 127))
        self.assertIn(b"/no/such/program", out + err)
        self.failed = False

    def test_with_a_store_the_task_runs_on_and_the_next_can_look_into_it(self):
        store = ("--store", f"{self.world.folder}/store.db")
        status, out, _ = self.exec(*store, str(self.document), "--exec", "web/app", "--", "hostname")
        self.assertEqual(0, status)
        self.assertEqual(1, len(self.world.docker.containers()))
        self.assertEqual((0, out), self.exec(*store, "--exec", "web/app", "--", "hostname")[:2])
        self.failed = False

    def test_much_output_is_cut_and_the_command_ends(self):
        status, out, err = self.exec(str(self.document), "--exec", "web/app", "--", "sh", "-c", "yes | head -c 3000000; exit 3")
        self.assertEqual((3, 1 << 20), (status, len(out)))
        self.assertIn(b"the rest is left out", err)
        self.failed = False

    def test_the_line_protocol_tells_the_output_in_order(self):
        world = self.world
        world.begin()
        world.add("web", managedAgents=[])
        self.assertTrue(world.life.wait_until(lambda records: any(record.get("status") == "RUNNING" for record in records), LIMIT_S))
        reply = world.run("web", "sh", "-c", "id -un; pwd; echo $A >&2; sleep 0.2; exit 9", Env=["A=b"], WorkingDir="/tmp", User="0")
        self.assertEqual((True, 9), (reply["ok"], reply["exitCode"]), reply)
        self.assertEqual({"stdout": "root\n/tmp\n", "stderr": "b\n"}, {stream: "".join(piece["text"] for piece in reply["output"] if piece["stream"] == stream)
                                                                       for stream in ("stdout", "stderr")})
        self.assertEqual("tty\r\n", "".join(piece["text"] for piece in world.run("web", "sh", "-c", "test -t 1 && echo tty", Tty=True)["output"]))
        reply = world.run("web", "sh", "-c", "exec >&- 2>&-; sleep 0.7; exit 4")
        self.assertEqual(4, reply["exitCode"], reply)
        world.stop("web")
        self.failed = False


if __name__ == "__main__":
    if not os.environ.get("ECSENGINE_TEST_DOCKER"):
        print("ECSENGINE_TEST_DOCKER names no Docker Engine")
        sys.exit(1 if os.environ.get("ECSENGINE_TEST_CI") else 77)
    unittest.main()
