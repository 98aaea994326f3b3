# SPDX-License-Identifier: Apache-2.0
"""What the tests of ecsengine-run share: where the program is, tasks, and a session of the line protocol.

ECSENGINE_BUILD is the build directory, as for all tests. Everything runs on the simulated runtime.
"""
import json
import os
import pathlib
import signal
import subprocess
import threading
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ["ECSENGINE_BUILD"])
PROGRAM = os.environ.get("ECSENGINE_RUN", str(BUILD / "examples" / "ecsengine-run"))
LIMIT_S = 60  # for anything; what takes longer hangs
SANITIZED = "san" in BUILD.name  # a sanitizer's own memory says nothing about the program's
QUICK_CLEANUP = ("--config", "engine-task-cleanup-wait-duration=100ms")
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup we were to ignore it, and so would each program that we start


def container(name, sim="", essential=True, after=None, **members):
    """A container definition. `sim` is what the simulator makes of it; `after` the containers it depends on, name: condition."""
    definition = {"name": name, "image": "busybox:latest", "memory": 32, "cpu": 16, "essential": essential, **members}
    if sim:
        definition["dockerLabels"] = {"ecsengine.sim": sim}
    if after:
        definition["dependsOn"] = [{"containerName": other, "condition": condition} for other, condition in after.items()]
    return definition


def task(*containers, **members):
    return {"family": "test", "containerDefinitions": list(containers), **members}


def arn(number):
    return f"arn:aws:ecs:local:000000000000:task/default/{number:032x}"


def run(*args, stdin="", **options):
    """Runs the program to its end: (exit status, stdout, stderr)."""
    done = subprocess.run([PROGRAM, *args], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=LIMIT_S,
                          **options)
    return done.returncode, done.stdout, done.stderr


def run_sim(*args, **options):
    return run("--runtime", "sim", *QUICK_CLEANUP, *args, **options)


def run_task(document, *args):
    return run_sim(*args, "-", stdin=json.dumps(document))


def events(stdout):
    return [json.loads(line) for line in stdout.splitlines()]


class Background:
    """The program, running; what it prints is collected as it comes."""

    def __init__(self, *args, stdin="", env=None):
        self.process = subprocess.Popen([PROGRAM, "--runtime", "sim", *QUICK_CLEANUP, *args], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
        self.lines, self.errors = [], []
        self.changed = threading.Condition()
        self.threads = [threading.Thread(target=self._collect, args=pair, daemon=True)
                        for pair in ((self.process.stdout, self.lines), (self.process.stderr, self.errors))]
        for thread in self.threads:
            thread.start()
        if stdin:
            self.process.stdin.write(stdin.encode())
            self.process.stdin.close()

    def _collect(self, stream, lines):
        for line in stream:
            with self.changed:
                lines.append(line.decode().rstrip("\n"))
                self.changed.notify_all()

    def wait_for(self, wanted, stream=None):
        """The first line that `wanted` is true of."""
        lines = self.lines if stream is None else stream
        end = time.monotonic() + LIMIT_S
        with self.changed:
            while True:
                for line in lines:
                    if wanted(line):
                        return line
                if time.monotonic() > end or (self.process.poll() is not None and not self.changed.wait(1)):
                    raise AssertionError(f"never came; stdout: {self.lines}; stderr: {self.errors}")
                self.changed.wait(0.5)

    def interrupt(self, signo=signal.SIGINT):
        self.process.send_signal(signo)

    def end(self):
        """The exit status, once the program has ended by itself."""
        status = self.process.wait(LIMIT_S)
        for thread in self.threads:
            thread.join(LIMIT_S)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()
        return status

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.end()


class Session(Background):
    """A session of the line protocol; in a `with`, one that is killed at its end."""

    def __init__(self, *args):
        super().__init__("--stdio", *args)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def send(self, line):
        data = line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode()
        self.process.stdin.write(data + b"\n")
        self.process.stdin.flush()

    def records(self):
        with self.changed:
            return [json.loads(line) for line in self.lines]

    def wait_record(self, count=1, **members):
        """The count-th record that has these members."""
        def wanted(line):
            record = json.loads(line)
            return all(record.get(name) == value for name, value in members.items())

        end = time.monotonic() + LIMIT_S
        with self.changed:
            while True:
                found = [line for line in self.lines if wanted(line)]
                if len(found) >= count:
                    return json.loads(found[count - 1])
                if time.monotonic() > end or (self.process.poll() is not None and not self.changed.wait(1)):
                    raise AssertionError(f"never came: {members}; stdout: {self.lines}; stderr: {self.errors}")
                self.changed.wait(0.5)

    def replies(self):
        return [record for record in self.records() if "reply" in record]

    def exit(self):
        self.send({"op": "exit"})
        return self.end()
