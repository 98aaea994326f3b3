#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Docker Engine dies, hangs and comes back, under `ecsengine-run --store` with running tasks.

    test_daemon.py [--rounds N] [--seed SEED]

The test has a Docker Engine of its own. In each round tasks start and stop; the daemon is struck at a random moment, with kill -9, or with SIGSTOP,
sometimes together with the program; some tasks are added and stopped while it is away; then it is there again. Without its live-restore a
killed daemon kills the containers when it comes back; with it they live on. Nothing may be told as STOPPED that runs, whatever the daemon
does; afterwards what runs and what is told as running must become the same, and a new task must run to its end. At the end everything is stopped;
then nothing may be left and every end must have been told.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time

from daemon import Docker, OwnEngine
from life import Journal, Life, alive, check_no_double
from load import Load

SETTINGS = ("--config", "engine-task-cleanup-wait-duration=500ms")
KINDS = ("kill", "live-restore", "pause", "kill-both")
LIMIT_S = 120


class Round:
    """What will be done, drawn before anything is."""

    def __init__(self, rng, load, number, stoppable):
        self.kind = KINDS[number] if number < len(KINDS) else rng.choice(KINDS)
        self.before = [self.deed(rng, load, stoppable) for _ in range(rng.randint(2, 4))]
        self.strike_after_s = rng.uniform(0, 2)
        self.away = [self.deed(rng, load, stoppable) for _ in range(rng.randint(1, 3))]
        self.away_s = rng.uniform(0, 3)
        self.probe = load.draw(load.short)

    @staticmethod
    def deed(rng, load, stoppable):
        if len(stoppable) > 6 or (stoppable and rng.random() < 0.3):
            return Journal.stop, stoppable.pop(0)
        drawn = load.draw()
        stoppable.append(drawn[0])
        return Journal.add, drawn


class Test:
    def __init__(self, seed, rounds, folder):
        self.folder = folder
        self.cluster = f"daemon-{seed}"
        self.engine = OwnEngine(str(pathlib.Path(folder, "docker")))
        self.docker = Docker(self.engine.url, self.cluster)
        self.store = str(pathlib.Path(folder, "tasks.db"))
        self.journal = Journal()
        self.life = None
        self.kills = 0
        rng = random.Random(seed)
        self.engine.up("--registry")
        registry = pathlib.Path(self.engine.folder, "registry.address").read_text().strip()
        load = Load(rng, self.cluster, [f"{registry}/busybox:1"])
        stoppable = []
        self.rounds = [Round(rng, load, number, stoppable) for number in range(rounds)]

    def begin(self):
        errors = pathlib.Path(self.folder, f"life-{self.journal.lives:04}.log")
        self.life = Life(self.journal, self.store, self.engine.url, errors, "--config", f"cluster={self.cluster}", *SETTINGS)
        self.life.send(op="list-tasks", id=self.journal.in_doubt())
        self.wait(lambda records: any(record.get("event") == "ready" for record in records), "ready")

    def wait(self, wanted, what):
        assert self.life.wait_until(wanted, LIMIT_S), f"never came: {what}{self.both_sides()}"

    def states(self):
        """Of what is told as RUNNING and does not run: what the daemon says."""
        found = self.docker.containers()
        return {key: [self.state(record["Id"]) for record in found.get(key, [])] for key in self.dead()}

    def state(self, container):
        try:
            return self.docker.ask(f"/containers/{container}/json")["State"]
        except OSError as error:
            return {"Running": False, "Error": str(error)}  # it was removed meanwhile

    def both_sides(self):
        return "".join(f"\n{key}\n  program: {self.life.ask('explain-task', taskArn=key[0])}\n  daemon: {states}"
                       for key, states in self.states().items())

    def runtime_told(self, status):
        return sum(record.get("event") == "runtime" and record["status"] == status for record in self.life.records)

    def do(self, deeds):
        for what, arguments in deeds:
            what(self.journal, self.life, arguments)

    def strike(self, planned):
        """The daemon is away when this returns, and, but for a pause, that was told."""
        lost = self.runtime_told("UNREACHABLE")
        if planned.kind == "pause":
            self.engine.pause()
            return
        self.engine.kill()
        self.kills += 1
        if planned.kind == "kill-both":
            self.life.end(signal.SIGKILL)
            self.life = None
            return
        self.wait(lambda _: self.runtime_told("UNREACHABLE") > lost, "UNREACHABLE")

    def come_back(self, planned):
        if planned.kind == "pause":
            self.engine.go_on()
        else:
            self.engine.up(*(["--live-restore"] if planned.kind == "live-restore" else []))
        if self.life is None:
            self.begin()
        self.wait(lambda _: self.runtime_told("CONNECTED") > self.runtime_told("UNREACHABLE"), "CONNECTED")

    def told_running(self):
        """(ARN, container's name) -> its mark."""
        return {(arn, name): task.marks[name] for arn, task in self.journal.tasks.items() for name in task.marks
                if task.told("container", "RUNNING", name) and not task.told("container", "STOPPED", name)}

    def dead(self):
        """What is told as RUNNING and has no process."""
        return [key for key, mark in self.told_running().items() if not alive(mark)]

    def half_started(self):
        """Whether the daemon itself takes for running all that is told as RUNNING and does not run: one that was killed between the two
        steps of a start may do so for as long as it lives, and says of it that it was never started."""
        return all(states and all(state["Running"] and state["StartedAt"].startswith("0001-") for state in states)
                   for states in self.states().values())

    def see_ends(self):
        """Waits until all ends are told, or only of what the daemon has half started not."""
        self.wait(lambda _: self.half_started(), "the end of what does not run")
        self.life.wait_until(lambda _: not self.dead(), 20)

    def start_again(self):
        print("  the daemon takes for running what it has half started; it is started again", flush=True)
        lost = self.runtime_told("UNREACHABLE")
        self.engine.kill()
        self.wait(lambda _: self.runtime_told("UNREACHABLE") > lost, "UNREACHABLE")
        self.engine.up()
        self.wait(lambda _: self.runtime_told("CONNECTED") > self.runtime_told("UNREACHABLE"), "CONNECTED")
        self.wait(lambda _: not self.dead(), "the end of what does not run")
        self.journal.check()

    def one_round(self, planned):
        self.do(planned.before)
        time.sleep(planned.strike_after_s)
        before = self.told_running()
        self.strike(planned)
        if self.life is not None:
            self.do(planned.away)
        if planned.kind in ("kill", "live-restore"):
            self.check_explained([drawn[0] for what, drawn in planned.away if what is Journal.add])
        time.sleep(planned.away_s + (3 if planned.kind == "pause" else 0))
        self.journal.check()
        self.come_back(planned)
        self.do([(Journal.add, planned.probe)])
        arn = planned.probe[0]
        self.wait(lambda _: self.journal.tasks[arn].told("task-removed"), f"the end of {arn}")
        self.see_ends()
        self.journal.check()
        check_no_double(self.docker)
        if planned.kind in ("live-restore", "pause"):
            ended = [key for key in before if key not in self.told_running() and not self.may_end(key)]
            assert not ended, f"ended, though neither it nor anybody else wanted that: {ended}"
        if self.dead():
            self.start_again()

    def check_explained(self, arns):
        """Of tasks that were added while the daemon is away."""
        for arn in arns:
            explained = self.life.ask("explain-task", taskArn=arn)
            assert "runtime-unreachable" in json.dumps(explained), f"waits for the daemon, and does not say so: {explained}"

    def may_end(self, key):
        task = self.journal.tasks[key[0]]
        return task.stopped or any(code is not None for code in task.codes.values())

    def run(self):
        self.begin()
        for number, planned in enumerate(self.rounds):
            print(f"round {number + 1}: {planned.kind}, {len(self.journal.open())} tasks", flush=True)
            self.one_round(planned)
        self.journal.stop_all(self.life, LIMIT_S)
        assert self.life.end("exit") == 0
        self.journal.check_end(self.docker, None, self.store)
        return len(self.rounds) + 1

    def close(self):
        if self.life is not None:
            self.life.kill()
        self.engine.close(self.docker)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=4)
    arguments.add_argument("--seed", type=int, default=int(time.time()))
    given = arguments.parse_args()
    if not os.environ.get("ECSENGINE_TEST_DOCKER"):
        print("ECSENGINE_TEST_DOCKER names no Docker Engine: neither is one of its own to be started here")
        return 1 if os.environ.get("ECSENGINE_TEST_CI") else 77
    began = time.monotonic()
    folder = tempfile.mkdtemp(prefix="ecsengine-daemon-")
    print(f"seed {given.seed}, {given.rounds} rounds", flush=True)
    test = Test(given.seed, given.rounds, folder)
    try:
        passed = test.run()
    except BaseException as failure:
        print(f"{failure}\nagain: --rounds {given.rounds} --seed {given.seed}; store and logs: {folder}")
        print("0 passed, 1 failed")
        raise
    finally:
        test.close()
    taken = sum(bool(task.taken) for task in test.journal.tasks.values())
    print(f"{given.rounds} rounds, the daemon killed {test.kills} times, {taken} tasks, {test.journal.events} events, {time.monotonic() - began:.0f} s")
    print(f"{passed} passed, 0 failed")
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
