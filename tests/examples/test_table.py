#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The live table of ecsengine-run, on a pseudo terminal with a small emulation of a screen behind it."""
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

from runner import LIMIT_S, PROGRAM, QUICK_CLEANUP, container, task


class Screen:
    """As much of a terminal as the table needs; anything else is an error."""

    SEQUENCE = re.compile(r"\033\[(\??)(\d*)([A-Za-z])")

    def __init__(self):
        self.rows, self.row, self.column = [""], 0, 0
        self.cursor_shown = True
        self.coloured = False
        self.widest = 0

    def feed(self, text):
        at = 0
        while at < len(text):
            if text[at] == "\033":
                found = self.SEQUENCE.match(text, at)
                if not found:
                    raise AssertionError(f"unknown sequence: {text[at:at + 10]!r}")
                self.obey(*found.groups())
                at = found.end()
                continue
            self.put(text[at])
            at += 1

    def put(self, char):
        if char == "\r":
            self.column = 0
        elif char == "\n":
            self.row += 1
            if self.row == len(self.rows):
                self.rows.append("")
        elif char < " ":
            raise AssertionError(f"a control character: {char!r}")
        else:
            line = self.rows[self.row].ljust(self.column)
            self.rows[self.row] = line[:self.column] + char + line[self.column + 1:]
            self.column += 1
            self.widest = max(self.widest, self.column)

    def obey(self, private, number, letter):
        if private:
            self.cursor_shown = letter == "h"
        elif letter == "A":
            self.row -= int(number)
            assert self.row >= 0, "above the top"
        elif letter == "K":
            self.rows[self.row] = self.rows[self.row][:self.column]
        elif letter == "J":
            self.rows[self.row] = self.rows[self.row][:self.column]
            del self.rows[self.row + 1:]
        elif letter == "m":
            self.coloured = True
        else:
            raise AssertionError(f"unknown sequence ending in {letter}")

    def reflow(self, columns):
        """What terminals do to the lines on the screen when they become narrower."""
        rows = []
        for number, line in enumerate(self.rows):
            if number == self.row:
                cursor = len(rows)
            rows += [line[at:at + columns] for at in range(0, len(line), columns)] or [""]
        self.rows, self.row, self.widest = rows, cursor, 0

    def lines(self):
        return [line.rstrip() for line in self.rows if line.strip()]


class Terminal:
    """The program on a terminal of its own."""

    def __init__(self, document, *args, columns=100, rows=24, **environment):
        self.master, self.slave = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(self.slave)
        self.screen = Screen()
        self.raw = ""
        self.folder = tempfile.TemporaryDirectory()
        path = pathlib.Path(self.folder.name, "task.json")
        path.write_text(json.dumps(document))
        env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        env.update({"TERM": "xterm", "LC_ALL": "C.UTF-8", **environment})
        self.process = subprocess.Popen([PROGRAM, "--runtime", "sim", *QUICK_CLEANUP, *args, str(path)], stdin=self.slave,
                                        stdout=self.slave, stderr=self.slave, env=env, preexec_fn=self.own_session)

    def own_session(self):
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, wait_s):
        ready, _, _ = select.select([self.master], [], [], wait_s)
        if not ready:
            return False
        text = os.read(self.master, 65536).decode()
        self.raw += text
        self.screen.feed(text)
        return True

    def wait_for(self, wanted):
        """Until the screen is as wanted."""
        end = time.monotonic() + LIMIT_S
        while not wanted(self.screen.lines()):
            if not self.read(0.2) and (time.monotonic() > end or self.process.poll() is not None):
                raise AssertionError("never came:\n" + "\n".join(self.screen.lines()))

    def end(self):
        """The exit status; everything is read."""
        end = time.monotonic() + LIMIT_S
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.1)
        while self.read(0.1):
            pass
        return self.process.wait(1)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)
        self.folder.cleanup()


def row_of(lines, name):
    """The cells of a container's row."""
    for line in lines:
        cells = re.split(r"  +", line)
        if len(cells) > 1 and cells[1] == name:
            return cells
    return []


SHOP = task(container("db", "healthy-after=1s", healthCheck={"command": ["CMD-SHELL", "true"]}),
            container("web", "run=1500ms exit=3", after={"db": "HEALTHY"}, portMappings=[{"containerPort": 80, "hostPort": 0}]),
            family="shop")


class Table(unittest.TestCase):
    def terminal(self, document, *args, **options):
        terminal = Terminal(document, *args, **options)
        self.addCleanup(terminal.close)
        return terminal

    def test_shows_each_container_what_it_is_and_what_it_waits_for(self):
        terminal = self.terminal(SHOP)
        terminal.wait_for(lambda lines: "RUNNING" in row_of(lines, "db") and len(row_of(lines, "web")) > 3)
        self.assertIn("db", row_of(terminal.screen.lines(), "web")[-1])
        self.assertNotIn("healthy", row_of(terminal.screen.lines(), "db"))
        terminal.wait_for(lambda lines: "healthy" in row_of(lines, "db"))
        terminal.wait_for(lambda lines: "RUNNING" in row_of(lines, "web"))
        terminal.wait_for(lambda lines: re.search(r":\d+->80/tcp", " ".join(row_of(lines, "web"))))
        terminal.wait_for(lambda lines: "1s" in row_of(lines, "web"))
        self.assertEqual(3, terminal.end())

    def test_agents_stand_beside_the_container_they_run_in(self):
        web = {"name": "web", "image": "busybox:latest", "cpu": 10, "memory": 32, "essential": True, "environment": {}, "overrides": "{}",
               "managedAgents": [{"name": "ExecuteCommandAgent"}], "dockerConfig": {"config": '{"Labels":{"ecsengine.sim":"run=3s exit=3"}}'}}
        terminal = self.terminal({"family": "agents", "version": "1", "desiredStatus": "RUNNING", "containers": [web], "volumes": []})
        terminal.wait_for(lambda lines: "ExecuteCommandAgent" in row_of(lines, "web"))
        self.assertEqual(3, terminal.end())

    def test_the_final_state_stays_and_the_terminal_is_as_before(self):
        terminal = self.terminal(SHOP)
        terminal.wait_for(lambda lines: "RUNNING" in row_of(lines, "web"))
        self.assertFalse(terminal.screen.cursor_shown)
        self.assertFalse(termios.tcgetattr(terminal.slave)[3] & termios.ECHO)
        self.assertEqual(3, terminal.end())
        lines = terminal.screen.lines()
        self.assertEqual(3, len(lines), lines)
        self.assertEqual(["TASK", "CONTAINER", "STATUS"], re.split(r"  +", lines[0])[:3])
        self.assertEqual(["shop", "db", "STOPPED"], row_of(lines, "db")[:3])
        self.assertEqual(["shop", "web", "STOPPED"], row_of(lines, "web")[:3])
        self.assertIn("3", row_of(lines, "web"))
        self.assertTrue(terminal.screen.cursor_shown)
        self.assertEqual(terminal.before, termios.tcgetattr(terminal.slave))

    @unittest.skipUnless("sqlite" in os.environ["ECSENGINE_ADAPTERS"], "built without SQLite")
    def test_a_task_of_the_store_has_its_rows_and_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            store = ("--store", str(pathlib.Path(folder, "tasks.db")))
            first = self.terminal({**SHOP, "family": "first"}, *store, "--sim-script", "op=pull-image fault=hang")
            first.wait_for(lambda lines: "PULLING" in row_of(lines, "db"))
            first.process.send_signal(signal.SIGTERM)
            self.assertEqual(143, first.end())
            self.assertTrue(first.screen.cursor_shown)
            second = self.terminal({**SHOP, "family": "second"}, *store)
            second.wait_for(lambda lines: sum("RUNNING" in line for line in lines) == 4)
            self.assertEqual(3, second.end())
            rows = [re.split(r"  +", line)[:3] for line in second.screen.lines()]
            self.assertEqual([[family, name, "STOPPED"] for family in ("second", "first") for name in ("db", "web")], rows[-4:])

    def test_is_redrawn_in_place(self):
        terminal = self.terminal(SHOP)
        terminal.end()
        self.assertGreater(terminal.raw.count("CONTAINER"), 5)
        self.assertEqual(1, " ".join(terminal.screen.lines()).count("CONTAINER"))

    def test_no_line_is_wider_than_the_terminal(self):
        for columns in (200, 60, 30, 7, 1):
            first = container("a-container-with-a-very-long-name", "run=300ms", essential=False)
            second = container("b", "run=300ms", after={first["name"]: "COMPLETE"})
            terminal = self.terminal(task(first, second), columns=columns)
            self.assertEqual(0, terminal.end())
            self.assertLess(terminal.screen.widest, max(columns, 2))
            if columns == 30:
                self.assertIn("…", terminal.raw)

    def test_follows_the_width_of_the_terminal(self):
        terminal = self.terminal(task(container("a", "run=4s"), container("b", "run=60s"), container("c", after={"b": "COMPLETE"})) |
                                 {"family": "a-family-of-tasks"}, columns=100)
        terminal.wait_for(lambda lines: "RUNNING" in row_of(lines, "b") and "1s" in row_of(lines, "b"))
        while terminal.read(0.3): # a second passes until the next one
            pass
        terminal.resize(30, 24)
        terminal.screen.reflow(30)
        terminal.wait_for(lambda lines: lines and terminal.screen.widest > 0 and all(len(line) < 30 for line in lines))
        self.assertEqual(4, len(terminal.screen.lines()), terminal.screen.lines())
        self.assertEqual(0, terminal.end())
        self.assertEqual(4, len(terminal.screen.lines()), terminal.screen.lines())
        self.assertLess(terminal.screen.widest, 30)

    def test_more_rows_than_the_terminal_has_are_summed_up_until_the_end(self):
        terminal = self.terminal(task(*(container(f"c{i}", "run=2s") for i in range(10))), rows=8)
        terminal.wait_for(lambda lines: any(re.fullmatch(r"and \d+ more", line) for line in lines) and len(lines) < 8)
        terminal.end()
        lines = terminal.screen.lines()
        self.assertEqual([f"c{i}" for i in range(10)], [re.split(r"  +", line)[1] for line in lines[1:]])

    def test_colours_are_left_out_where_nobody_wants_them(self):
        quick = task(container("a", "run=300ms"))
        for environment, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)):
            terminal = self.terminal(quick, **environment)
            terminal.end()
            self.assertEqual(coloured, terminal.screen.coloured, environment)

    def test_a_terminal_that_cannot_move_gets_plain_lines(self):
        for args, environment in (((), {"TERM": "dumb"}), (("--plain",), {}), (("--json",), {})):
            terminal = self.terminal(task(container("a", "run=100ms")), *args, **environment)
            self.assertEqual(0, terminal.end())
            self.assertNotIn("\033", terminal.raw)
            self.assertNotIn("CONTAINER ", terminal.raw)
            self.assertIn("RUNNING", terminal.raw)

    def test_ctrl_c_stops_and_says_so(self):
        terminal = self.terminal(task(container("a", "ignore-term=true", stopTimeout=3)))
        terminal.wait_for(lambda lines: "RUNNING" in row_of(lines, "a"))
        os.write(terminal.master, b"\x03")
        terminal.wait_for(lambda lines: any("Ctrl-C again" in line for line in lines))
        self.assertEqual(130, terminal.end())
        self.assertEqual(["test", "a", "STOPPED"], row_of(terminal.screen.lines(), "a")[:3])
        self.assertNotIn("Ctrl-C", " ".join(terminal.screen.lines()))

    def test_leaving_at_once_leaves_the_terminal_in_order(self):
        terminal = self.terminal(task(container("a")), "--sim-script", "op=stop fault=hang")
        terminal.wait_for(lambda lines: "RUNNING" in row_of(lines, "a"))
        os.write(terminal.master, b"\x03")
        terminal.wait_for(lambda lines: any("again: at once" in line for line in lines))
        os.write(terminal.master, b"\x03")
        terminal.wait_for(lambda lines: any("again: leave" in line for line in lines))
        os.write(terminal.master, b"\x03")
        self.assertEqual(130, terminal.end())
        self.assertTrue(terminal.screen.cursor_shown)
        self.assertEqual(terminal.before, termios.tcgetattr(terminal.slave))

    def test_ctrl_z_tidies_up_and_going_on_draws_again(self):
        terminal = self.terminal(task(container("a", "run=3s exit=0")))
        terminal.wait_for(lambda lines: "RUNNING" in row_of(lines, "a"))
        os.kill(terminal.process.pid, signal.SIGTSTP)
        end = time.monotonic() + LIMIT_S
        while pathlib.Path(f"/proc/{terminal.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "T":
            self.assertLess(time.monotonic(), end)
            terminal.read(0.1)
        while terminal.read(0.1):
            pass
        self.assertEqual([], terminal.screen.lines())
        self.assertTrue(terminal.screen.cursor_shown)
        self.assertEqual(terminal.before, termios.tcgetattr(terminal.slave))
        os.kill(terminal.process.pid, signal.SIGCONT)
        terminal.wait_for(lambda lines: row_of(lines, "a"))
        self.assertFalse(terminal.screen.cursor_shown)
        self.assertEqual(0, terminal.end())

    def test_a_refused_task_says_why_in_its_row(self):
        terminal = self.terminal(task(container("a", after={"b": "START"}), container("b", after={"a": "START"})), columns=200)
        self.assertEqual(125, terminal.end())
        lines = terminal.screen.lines()
        self.assertEqual(["test", "-", "REFUSED"], row_of(lines, "-")[:3])
        self.assertGreater(len(row_of(lines, "-")[-1]), 20)

    def test_messages_stand_above_the_table(self):
        terminal = self.terminal(task(container("a", "run=500ms")), "--verbose", columns=200)
        self.assertEqual(0, terminal.end())
        lines = terminal.screen.lines()
        self.assertRegex(lines[0], r"^(error|warning|info|debug) \d+: ")
        self.assertIn("CONTAINER", lines[-2])


if __name__ == "__main__":
    sys.exit(unittest.main())
