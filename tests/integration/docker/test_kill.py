#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kill -9, again and again: `ecsengine-run --store` on a real Docker Engine, under a load of tasks that start and stop.

    test_kill.py [--rounds N] [--seed SEED]

Each round is a life of the program: it goes on with what the store has, is given more tasks and stops, and is killed at a random moment: while it
starts, after some time, or when it has said so much. Some lives end in order instead, and hand over. After each, no container may be
there twice. At the end all tasks are stopped; then nothing may be left, no container may have been made or started twice, and every end must
have been told, with the exit code that Docker saw. What is drawn follows from the seed; what the machine makes of it does not quite.

ECSENGINE_TEST_DOCKER names the Docker Engine, ECSENGINE_TEST_DOCKER_REMOTE an image to be pulled.
"""
import argparse
import dataclasses
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time

from daemon import Docker, Watch
from life import Journal, Life, check_no_double
from load import Load

SETTINGS = ("--config", "engine-task-cleanup-wait-duration=500ms")
FINAL_LIMIT_S = 180


@dataclasses.dataclass
class Round:
    deeds: list  # (seconds, Journal.add or Journal.stop, what)
    how: object  # a signal, "exit" or "eof"
    seconds: float  # when, or
    records: int | None  # after so many records, and so many seconds


def draw_rounds(rng, load, count):
    """All that will be done, before anything is: so it can not depend on what happens."""
    stoppable = []
    for _ in range(count):
        deeds = []
        for _ in range(rng.randint(0, 3)):
            drawn = load.draw()
            deeds.append((rng.uniform(0, 0.8), Journal.add, drawn))
            if rng.random() < 0.8:
                stoppable.append(drawn[0])
        for _ in range(max(rng.randint(0, 2), len(stoppable) - 8)):
            if stoppable:
                deeds.append((rng.uniform(0, 0.8), Journal.stop, stoppable.pop(rng.randrange((len(stoppable) + 1) // 2))))
        deeds.sort(key=lambda deed: deed[0])
        how = signal.SIGKILL if rng.random() < 0.88 else rng.choice(("exit", "eof", signal.SIGTERM))
        when = rng.random()
        if when < 0.2:  # while it starts
            yield Round([(0, *deed[1:]) for deed in deeds], how, rng.uniform(0, 0.1), None)
        elif when < 0.6:
            yield Round(deeds, how, rng.uniform(0, 3), None)
        else:
            yield Round(deeds, how, rng.choice((0, rng.uniform(0, 0.05))), rng.randint(1, 25))


class Test:
    def __init__(self, seed, rounds, folder):
        self.folder = folder
        self.cluster = f"kill-{seed}-{os.getpid()}"
        self.url = os.environ["ECSENGINE_TEST_DOCKER"]
        if "://" not in self.url:
            self.url = "unix://" + self.url
        self.docker = Docker(self.url, self.cluster)
        self.store = str(pathlib.Path(folder, "tasks.db"))
        self.journal = Journal()
        rng = random.Random(seed)
        images = [os.environ.get("ECSENGINE_TEST_DOCKER_REMOTE", "127.0.0.1:5000/busybox:1")]
        self.rounds = list(draw_rounds(rng, Load(rng, self.cluster, images), rounds))
        self.kills = 0
        self.containers = 0

    def begin(self):
        errors = pathlib.Path(self.folder, f"life-{self.journal.lives:04}.log")
        life = Life(self.journal, self.store, self.url, errors, "--config", f"cluster={self.cluster}", *SETTINGS)
        life.send(op="list-tasks", id=self.journal.in_doubt())
        return life

    def one_life(self, planned):
        life = self.begin()
        began = time.monotonic()
        for seconds, do, what in planned.deeds:
            if planned.records is None and seconds > planned.seconds:
                break
            time.sleep(max(0, began + seconds - time.monotonic()))
            do(self.journal, life, what)
        if planned.records is not None:
            life.wait_until(lambda records: len(records) >= planned.records, 5)
            time.sleep(planned.seconds)
        else:
            time.sleep(max(0, began + planned.seconds - time.monotonic()))
        status = life.end(planned.how)
        expected = {"exit": 0, "eof": 0, signal.SIGTERM: 130, signal.SIGKILL: -signal.SIGKILL}[planned.how]
        if planned.how == signal.SIGTERM and status == -signal.SIGTERM:
            expected = status  # it had not even begun to listen
        assert status == expected, f"exit status {status} after {planned.how}"
        self.kills += planned.how == signal.SIGKILL
        check_no_double(self.docker)

    def last_life(self):
        """Stops everything, and waits until all is removed."""
        life = self.begin()
        try:
            self.journal.stop_all(life, FINAL_LIMIT_S)
        except AssertionError:
            life.kill()
            raise
        assert life.end("exit") == 0

    def run(self):
        watch = Watch(self.docker)
        done = 0
        try:
            for number, planned in enumerate(self.rounds):
                self.one_life(planned)
                done += 1
                if (number + 1) % 50 == 0:
                    print(f"round {number + 1}: {len(self.journal.tasks)} tasks", flush=True)
            self.last_life()
            self.journal.check_end(self.docker, watch, self.store)
            self.containers = len(watch.of("start"))
        finally:
            watch.close()
            self.docker.remove_all()
        return done + 1


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=12)
    arguments.add_argument("--seed", type=int, default=int(time.time()))
    given = arguments.parse_args()
    if not os.environ.get("ECSENGINE_TEST_DOCKER"):
        print("ECSENGINE_TEST_DOCKER names no Docker Engine")
        return 1 if os.environ.get("ECSENGINE_TEST_CI") else 77
    began = time.monotonic()
    folder = tempfile.mkdtemp(prefix="ecsengine-kill-")
    print(f"seed {given.seed}, {given.rounds} rounds", flush=True)
    test = Test(given.seed, given.rounds, folder)
    try:
        passed = test.run()
    except BaseException as failure:
        print(f"after {test.journal.lives} lives: {failure}\nagain: --rounds {given.rounds} --seed {given.seed}; store and logs: {folder}")
        print("0 passed, 1 failed")
        raise
    taken = sum(bool(task.taken) for task in test.journal.tasks.values())
    print(f"{given.rounds} rounds, {test.kills} kills, {taken} tasks, {test.containers} containers, {test.journal.events} events, "
          f"{time.monotonic() - began:.0f} s")
    print(f"{passed} passed, 0 failed")
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
