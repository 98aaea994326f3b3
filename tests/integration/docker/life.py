# SPDX-License-Identifier: Apache-2.0
"""One life of `ecsengine-run --stdio --store`, and the journal of all of them: what was asked, and what was told.

An event counts as told when its whole line has come, as the line protocol has it. Each is held against the truth at once: a container
that is told as STOPPED must have no process on this machine. What the program says on standard error is kept in a file a life, for whoever
has to look into a failure.
"""
import dataclasses
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import threading
import time

BUILD = pathlib.Path(os.environ["ECSENGINE_BUILD"])
PROGRAM = BUILD / "examples" / "ecsengine-run"
LIMIT_S = 60
AWAY = ("EOF", "Cannot connect to the Docker daemon", "error during connect")  # in a reason: what should have waited did not


class Life:
    def __init__(self, journal, store, url, errors, *args):
        self.journal = journal
        self.last = {}
        self.errors = open(errors, "wb")
        self.process = subprocess.Popen([PROGRAM, "--stdio", "--verbose", "--store", store, "--docker-host", url, *args],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)
        self.records = []
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            if line.endswith(b"\n"):  # else the program died while it wrote: not told
                record = json.loads(line)
                self.journal.take(record, self.last)
                with self.changed:
                    self.records.append(record)
                    self.changed.notify_all()

    def send(self, **line):
        try:
            self.process.stdin.write(json.dumps(line).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # dead already: there is no reply either

    def wait_until(self, wanted, limit_s=LIMIT_S):
        """Whether `wanted`, a question about the records, became true."""
        end = time.monotonic() + limit_s
        with self.changed:
            while not wanted(self.records):
                if time.monotonic() > end or (self.process.poll() is not None and not self.thread.is_alive()):
                    return wanted(self.records)
                self.changed.wait(0.2)
        return True

    def ask(self, op, **line):
        """The reply to a question."""
        name = f"{op} {time.monotonic()}"
        self.send(op=op, id=name, **line)
        assert self.wait_until(lambda records: any(record.get("id") == name for record in records)), f"no reply to {op}"
        return next(record for record in self.records if record.get("id") == name)

    def end(self, how):
        """Ends it by a signal, `exit` or the end of input. Returns the exit status."""
        if how == "exit":
            self.send(op="exit")
        elif how == "eof":
            self.process.stdin.close()
        else:
            self.process.send_signal(how)
        status = self.process.wait(LIMIT_S)
        self.thread.join(LIMIT_S)
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.stdout.close()
        self.errors.close()
        self.journal.lives += 1
        self.journal.check()
        return status

    def kill(self):
        """For the case that something has failed already."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@dataclasses.dataclass
class Task:
    document: dict
    codes: dict  # container's name -> the exit code that it ends with by itself, or None
    marks: dict  # and what its process has on its command line
    taken: bool | None = None  # None: not known, there was no reply
    stopped: bool = False  # a stop was sent
    events: list = dataclasses.field(default_factory=list)

    def told(self, kind, status=None, container=None):
        return [event for event in self.events
                if event["event"] == kind and status in (None, event.get("status")) and container in (None, event.get("containerName"))]


def alive(mark):
    """Whether a process of this machine has the mark on its command line."""
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in path.read_bytes():
                return True
        except OSError:
            pass  # it has ended meanwhile
    return False


class Journal:
    def __init__(self):
        self.tasks = {}
        self.lives = 0
        self.events = 0
        self.faults = []  # found by the threads that read

    def check(self):
        assert not self.faults, "; ".join(self.faults)

    def take(self, record, last):
        """What a life has told; `last` is what it told last of each task and container."""
        if "reply" in record:
            self._reply(record)
        elif "taskArn" in record and record["taskArn"] in self.tasks:
            self._event(self.tasks[record["taskArn"]], record, last)
        elif "taskArn" in record:
            self.faults.append(f"an event of nobody's task: {record}")

    def _event(self, task, record, last):
        name = record.get("containerName")
        key = record["taskArn"], record["event"], name
        rank = ("MANIFEST_PULLED", "RUNNING", "STOPPED", None).index(record.get("status"))
        if last.get(key, -1) >= rank:
            self.faults.append(f"told twice, or out of order, in one life: {record}")
        if any(text in record.get("reason", "") for text in AWAY):
            self.faults.append(f"blames the daemon's death: {record}")
        if record.get("status") == "STOPPED" and name is not None and alive(task.marks[name]):
            self.faults.append(f"told as STOPPED while it runs: {record}")
        last[key] = rank
        task.events.append(record)
        self.events += 1

    def _reply(self, record):
        if record["reply"] == "add-task" and record["ok"]:
            self.tasks[record["id"]].taken = True
        elif record["reply"] == "add-task" and record["error"]["code"] != "ECSENGINE_ECLOSED":
            self.faults.append(f"refused: {record}")
        elif record["reply"] == "list-tasks" and isinstance(record["id"], list):
            known = {each["taskArn"] for each in record["tasks"]}
            for arn in record["id"]:  # those that were not known to be taken when it was asked
                self.tasks[arn].taken = arn in known or bool(self.tasks[arn].events)

    def add(self, life, drawn):
        arn, document, codes, marks = drawn
        self.tasks[arn] = Task(document, codes, marks)
        life.send(op="add-task", id=arn, task=document)

    def stop(self, life, arn):
        if arn in self.tasks:  # else the life ended before its add
            self.tasks[arn].stopped = True
            life.send(op="stop-task", taskArn=arn)

    def in_doubt(self):
        return [arn for arn, task in self.tasks.items() if task.taken is None]

    def stop_all(self, life, limit_s):
        """Stops what there is, and waits until all of it is removed."""
        for each in life.ask("list-tasks")["tasks"]:
            self.stop(life, each["taskArn"])
        end = time.monotonic() + limit_s
        while left := life.ask("list-tasks")["tasks"]:
            assert time.monotonic() < end, "does not end: " + str([life.ask("explain-task", taskArn=each["taskArn"]) for each in left])
            time.sleep(0.2)
        assert life.wait_until(lambda _: not self.open()), f"removed, but not told: {self.open()}"

    def open(self):
        """What has not been told as removed."""
        return [arn for arn, task in self.tasks.items() if task.taken and not task.told("task-removed")]

    def check_end(self, docker, watch, store):
        """All tasks are stopped and removed: was everything told, and told as it was? Is anything left? `watch` has what the daemon told; it is
        None where the daemon died meanwhile."""
        self.check()
        if watch is not None:
            watch.settle()
        for arn, task in self.tasks.items():
            if not task.taken:
                assert not task.events, f"{arn} was not taken, but told of: {task.events}"
                continue
            assert task.told("task", "STOPPED") and task.told("task-removed"), f"{arn} has no end: {task.events}"
            for name, code in task.codes.items():
                ends = task.told("container", "STOPPED", name)
                assert ends, f"the end of {arn} {name} was not told: {task.events}"
                if watch is not None:
                    self._check_container(watch, arn, name, task, ends)
                if watch is not None and not task.stopped and len(task.codes) == 1 and code is not None:
                    assert {end.get("exitCode") for end in ends} == {code}, f"{arn} should have ended with {code}: {ends}"
        if watch is not None:
            strangers = {arn for arn, _ in watch.of("create")} - {arn for arn, task in self.tasks.items() if task.taken}
            assert not strangers, f"containers of tasks that were not taken: {strangers}"
        left = docker.containers(), docker.volumes()
        assert not any(left), f"left over: {left}"
        kept = sqlite3.connect(store)
        keys = [key for key, in kept.execute("SELECT key FROM record UNION ALL SELECT key FROM quarantine")]
        kept.close()
        keys = [key for key in keys if not key.startswith("orphan/")]  # of a create that a death has cut off: there is nothing, and it is looked for a while
        assert keys == ["engine"], f"left in the store: {keys}"

    @staticmethod
    def _check_container(watch, arn, name, task, ends):
        creates, starts, dies = (watch.of(action).get((arn, name), []) for action in ("create", "start", "die"))
        assert len(creates) <= 1 and len(starts) <= 1, f"{arn} {name} was made or started more than once: {creates + starts}"
        if not starts:
            return
        first = [event["status"] for event in task.events if event.get("containerName") == name and event["status"] != "MANIFEST_PULLED"][0]
        assert first == "RUNNING", f"{arn} {name} ran, which was not told first: {task.events}"
        code = int(dies[0]["Actor"]["Attributes"]["exitCode"])
        assert {end.get("exitCode") for end in ends} == {code}, f"{arn} {name} ended with {code}, told was {ends}"


def check_no_double(docker):
    doubles = {key: records for key, records in docker.containers().items() if len(records) > 1}
    assert not doubles, f"more than one container of a task and name: {doubles}"
