#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ecsengine-run --stdio: the line protocol (docs/line-protocol.md)."""
import json
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import unittest

from runner import LIMIT_S, PROGRAM, QUICK_CLEANUP, SANITIZED, Session, arn, container, task

LINE_MAX = 64 << 20


class Stdio(unittest.TestCase):
    def session(self, *args):
        session = Session(*args)
        self.addCleanup(session.kill)
        return session

    def add(self, session, number, *containers, **members):
        session.send({"op": "add-task", "task": task(*containers, taskArn=arn(number)), **members})


class Commands(Stdio):
    def test_a_task_lives_and_is_reported_in_order(self):
        session = self.session()
        session.wait_record(event="ready")
        self.add(session, 1, container("a", "run=300ms exit=3"), id=1)
        session.wait_record(event="task-removed", taskArn=arn(1))
        self.assertEqual(0, session.exit())
        records = session.records()
        self.assertEqual([{"reply": "add-task", "id": 1, "ok": True}, {"reply": "exit", "ok": True}], session.replies())
        of_a = [record["status"] for record in records if record.get("containerName") == "a"]
        self.assertEqual(["RUNNING", "STOPPED"], [status for status in of_a if status != "MANIFEST_PULLED"])
        stopped = next(record for record in records if record.get("containerName") == "a" and record["status"] == "STOPPED")
        self.assertEqual(3, stopped["exitCode"])
        of_task = [record["status"] for record in records if record.get("event") == "task"]
        self.assertEqual(["RUNNING", "STOPPED"], [status for status in of_task if status != "MANIFEST_PULLED"])
        order = [(record.get("event"), record.get("status")) for record in records]
        self.assertLess(order.index(("container", "STOPPED")), order.index(("task", "STOPPED")))
        self.assertLess(order.index(("task", "STOPPED")), order.index(("task-removed", None)))

    def test_commands_before_ready_are_accepted(self):
        session = self.session()
        self.add(session, 1, container("a"))
        self.assertTrue(session.wait_record(reply="add-task")["ok"])
        session.wait_record(event="container", status="RUNNING")
        self.assertEqual(1, len([record for record in session.records() if record.get("event") == "ready"]))
        self.assertEqual(0, session.exit())

    def test_stop_task_stops(self):
        session = self.session()
        self.add(session, 1, container("a"))
        session.wait_record(event="task", status="RUNNING")
        session.send({"op": "stop-task", "taskArn": arn(1), "id": "s"})
        self.assertEqual({"reply": "stop-task", "id": "s", "ok": True}, session.wait_record(reply="stop-task"))
        session.wait_record(event="task-removed", taskArn=arn(1))
        self.assertEqual(0, session.exit())

    def test_an_arn_that_is_known_is_an_update(self):
        session = self.session()
        payload = {"arn": arn(1), "family": "f", "version": "1", "desiredStatus": "RUNNING",
                   "containers": [{"name": "a", "image": "busybox:latest", "cpu": 10, "memory": 32, "essential": True}]}
        session.send({"op": "add-task", "task": payload})
        session.wait_record(event="task", status="RUNNING")
        session.send({"op": "add-task", "task": {**payload, "desiredStatus": "STOPPED"}})
        session.wait_record(event="task-removed", taskArn=arn(1))
        self.assertTrue(session.wait_record(2, reply="add-task")["ok"])
        self.assertEqual(0, session.exit())

    def test_a_refused_task_has_one_stopped_event(self):
        session = self.session()
        self.add(session, 1, container("a", after={"b": "START"}), container("b", after={"a": "START"}))
        self.assertTrue(session.wait_record(reply="add-task")["ok"])
        self.assertNotEqual("", session.wait_record(event="task", taskArn=arn(1), status="STOPPED")["reason"])
        self.assertEqual(0, session.exit())
        self.assertEqual(1, len([record for record in session.records() if record.get("taskArn") == arn(1)]))

    def test_queries_see_what_earlier_lines_did(self):
        session = self.session()
        session.wait_record(event="ready")
        add = json.dumps({"op": "add-task", "task": task(container("a"), container("b", after={"a": "START"}), taskArn=arn(1))})
        session.send("\n".join((add, json.dumps({"op": "describe-task", "taskArn": arn(1)}), '{"op":"list-tasks"}',
                                json.dumps({"op": "explain-task", "taskArn": arn(1)}))))
        described = session.wait_record(reply="describe-task")
        self.assertTrue(described["ok"], described)
        self.assertEqual(arn(1), described["task"]["taskArn"])
        self.assertEqual(["a", "b"], [each["containerName"] for each in described["task"]["containers"]])
        self.assertEqual([arn(1)], [each["taskArn"] for each in session.wait_record(reply="list-tasks")["tasks"]])
        explained = session.wait_record(reply="explain-task")["explanation"]
        self.assertEqual(arn(1), explained["taskArn"])
        self.assertEqual(["a", "b"], [each["containerName"] for each in explained["containers"]])
        self.assertEqual(0, session.exit())

    def test_a_manifest_asks_and_its_answer_stops(self):
        session = self.session()
        self.add(session, 1, container("a"))
        self.add(session, 2, container("a"))
        session.wait_record(event="task", taskArn=arn(2), status="RUNNING")
        listed = [{"taskArn": arn(1), "desiredStatus": "RUNNING"}]
        manifest = {"messageId": "m", "clusterArn": "c", "generatedAt": 1, "tasks": listed, "timeline": 7}
        session.send({"op": "task-manifest", "manifest": manifest, "id": 1})
        self.assertEqual({"reply": "task-manifest", "id": 1, "ok": True}, session.wait_record(reply="task-manifest"))
        candidate = {"taskArn": arn(2), "desiredStatus": "STOPPED", "clusterArn": "c"}
        self.assertEqual({"event": "stop-candidates", "messageId": "m", "stopCandidates": [candidate]},
                         session.wait_record(event="stop-candidates"))
        session.send({"op": "task-manifest", "manifest": manifest, "id": 2})
        self.assertEqual("ECSENGINE_EALREADY", session.wait_record(2, reply="task-manifest")["error"]["code"])
        session.send({"op": "payload-sequence", "seqNum": 8, "id": 3})
        self.assertTrue(session.wait_record(reply="payload-sequence")["ok"])
        session.send({"op": "task-manifest", "manifest": {**manifest, "timeline": 8}})
        self.assertEqual("ECSENGINE_EALREADY", session.wait_record(3, reply="task-manifest")["error"]["code"])
        session.send({"op": "stop-verified", "ack": {"messageId": "n", "stopTasks": [candidate]}})
        self.assertEqual("ECSENGINE_ENOTFOUND", session.wait_record(reply="stop-verified")["error"]["code"])
        session.send({"op": "stop-verified", "ack": {"messageId": "m", "stopTasks": [candidate]}})
        self.assertTrue(session.wait_record(2, reply="stop-verified")["ok"])
        session.wait_record(event="task-removed", taskArn=arn(2))
        self.assertEqual(0, session.exit())
        self.assertEqual([arn(2)], [record["taskArn"] for record in session.records() if record.get("status") == "STOPPED"
                                    and record["event"] == "task"])

    def test_credentials_end_a_wait(self):
        session = self.session()
        payload = {"arn": arn(1), "family": "f", "version": "1", "executionRoleCredentials": {"credentialsId": "c", "accessKeyId": "k"},
                   "containers": [{"name": "a", "image": "busybox:latest", "essential": True, "registryAuthentication":
                                   {"type": "ecr", "ecrAuthData": {"region": "x", "useExecutionRole": True}}}]}
        session.send({"op": "add-task", "task": payload})
        session.send({"op": "remove-credentials", "credentialsId": "c"})
        self.assertTrue(session.wait_record(reply="remove-credentials")["ok"])
        session.send({"op": "explain-task", "taskArn": arn(1)})
        self.assertNotEqual(None, session.wait_record(reply="explain-task"))
        session.send({"op": "set-credentials", "credentialsId": "c", "credentials": {"secretAccessKey": "HUSH"}})
        self.assertTrue(session.wait_record(reply="set-credentials")["ok"])
        session.wait_record(event="task", status="RUNNING")
        for line in ({"op": "set-credentials"}, {"op": "set-credentials", "credentialsId": "c", "credentials": "x"},
                     {"op": "set-credentials", "credentialsId": "c", "credentials": {"credentialsId": "d"}},
                     {"op": "remove-credentials", "credentialsId": 1}):
            session.send({**line, "id": json.dumps(line)})
            self.assertEqual("ECSENGINE_EDOCUMENT", session.wait_record(id=json.dumps(line))["error"]["code"])
        session.send({"op": "remove-credentials", "credentialsId": "nobody", "id": "r"})
        self.assertEqual("ECSENGINE_ENOTFOUND", session.wait_record(id="r")["error"]["code"])
        self.assertEqual(0, session.exit())
        self.assertNotIn("HUSH", "".join(session.lines) + "".join(session.errors))

    def test_manifests_that_are_none_are_refused(self):
        session = self.session()
        for line in ({"op": "task-manifest"}, {"op": "task-manifest", "manifest": "x"}, {"op": "task-manifest", "manifest": {}},
                     {"op": "stop-verified", "ack": []}, {"op": "stop-verified", "ack": {"messageId": ""}},
                     {"op": "payload-sequence"}, {"op": "payload-sequence", "seqNum": "1"}):
            session.send({**line, "id": json.dumps(line)})
            reply = session.wait_record(id=json.dumps(line))
            self.assertEqual((False, "ECSENGINE_EDOCUMENT"), (reply["ok"], reply["error"]["code"]), reply)
        self.assertEqual(0, session.exit())

    def test_a_command_is_answered_when_it_has_ended(self):
        session = self.session()
        session.send({"op": "add-task", "task": task(container("web", "run=1h"), taskArn=arn(1))})
        session.wait_record(event="task", status="RUNNING")
        for command, code in ((["echo", "a"], 0), (["false"], 1)):
            session.send({"op": "exec", "taskArn": arn(1), "containerName": "web", "exec": {"Cmd": command}, "id": command, "timeoutMs": 5000})
            reply = session.wait_record(id=command)
            self.assertEqual({"reply": "exec", "id": command, "ok": True, "exitCode": code}, {key: reply[key] for key in ("reply", "id", "ok", "exitCode")})
            self.assertEqual(" ".join(command) + "\n", "".join(piece["text"] for piece in reply["output"]))
        session.send({"op": "stop-task", "taskArn": arn(1)})
        session.wait_record(event="container", status="STOPPED")
        session.send({"op": "exec", "taskArn": arn(1), "containerName": "web", "exec": {"Cmd": ["ls"]}, "id": "late"})
        self.assertIn(session.wait_record(id="late")["error"]["code"], ("ECSENGINE_ESTATE", "ECSENGINE_ENOTFOUND"))
        self.assertEqual(0, session.exit())

    def test_commands_that_are_none_are_refused(self):
        session = self.session()
        good = {"op": "exec", "taskArn": arn(5), "containerName": "web", "exec": {"Cmd": ["ls"]}}
        for number, (line, code) in enumerate((
            ({"taskArn": 5}, "EDOCUMENT"), ({"containerName": None}, "EDOCUMENT"), ({"exec": ["ls"]}, "EDOCUMENT"), ({"exec": {}}, "EDOCUMENT"),
            ({"exec": {"Cmd": []}}, "EDOCUMENT"), ({"timeoutMs": "1"}, "EDOCUMENT"), ({"timeoutMs": 0}, "EDOCUMENT"), ({"timeoutMs": 1 << 62}, "EDOCUMENT"),
            ({}, "ENOTFOUND"),
        )):  # fmt: skip
            session.send({**good, **line, "id": number})
            reply = session.wait_record(id=number)
            self.assertEqual(("exec", False, "ECSENGINE_" + code), (reply["reply"], reply["ok"], reply["error"]["code"]), reply)
        self.assertEqual(0, session.exit())

    def test_what_is_not_there_is_not_found(self):
        session = self.session()
        for op in ("stop-task", "describe-task", "explain-task"):
            session.send({"op": op, "taskArn": arn(5), "id": op})
            reply = session.wait_record(reply=op)
            self.assertEqual((op, False, "ECSENGINE_ENOTFOUND"), (reply["id"], reply["ok"], reply["error"]["code"]))
            self.assertNotEqual("", reply["error"]["message"])
        self.assertEqual(0, session.exit())

    def test_ids_come_back_as_they_were_written(self):
        session = self.session()
        ids = ["7", '"x"', "null", '{"a":[1,{"b":null}]}', "1.50", "-0.0e3", '"\\u00e9 \\" \\\\"', "[ 1 , 2 ]", "9007199254740993"]
        for text in ids:
            session.send('{"op":"list-tasks", "id" : ' + text + " }")
        session.send('{"op":"list-tasks"}')
        session.send('{"op":"list-tasks","id":1,"\\u0069d":2}')  # the last of a name counts, however it is written
        session.exit()
        lines = [line for line in session.lines if line.startswith('{"reply":"list-tasks"')]
        for text, line in zip(ids, lines):
            self.assertTrue(line.startswith('{"reply":"list-tasks","id":' + text + ',"ok":true'), line)
        self.assertNotIn('"id"', lines[len(ids)])
        self.assertEqual(2, json.loads(lines[len(ids) + 1])["id"])


class BadLines(Stdio):
    def test_each_has_one_answer_and_no_other_effect(self):
        session = self.session()
        session.wait_record(event="ready")
        deep = "[" * 201 + "]" * 201
        bad = [
            (b"", "ECSENGINE_ESYNTAX"),
            (b"   ", "ECSENGINE_ESYNTAX"),
            (b"hello", "ECSENGINE_ESYNTAX"),
            (b'{"op":"list-tasks"', "ECSENGINE_ESYNTAX"),
            (b'{"op":"list-tasks"}}', "ECSENGINE_ESYNTAX"),
            (b'{"op":"list-tasks"} {"op":"list-tasks"}', "ECSENGINE_ESYNTAX"),
            (b'{"op":"list-\xff\xfetasks"}', "ECSENGINE_ESYNTAX"),
            (b'{"op":"list-tasks\x00"}', "ECSENGINE_ESYNTAX"),
            (b'{"op":"exit\\u0000"}', "ECSENGINE_ESYNTAX"),
            (b"\x00", "ECSENGINE_ESYNTAX"),
            (b"[]", "ECSENGINE_EDOCUMENT"),
            (b'[{"op":"exit"}]', "ECSENGINE_EDOCUMENT"),
            (b"{}", "ECSENGINE_EDOCUMENT"),
            (b'{"op":null}', "ECSENGINE_EDOCUMENT"),
            (b'{"op":5}', "ECSENGINE_EDOCUMENT"),
            (b'{"op":["exit"]}', "ECSENGINE_EDOCUMENT"),
            (b'{"op":""}', "ECSENGINE_EUNSUPPORTED"),
            (b'{"op":"EXIT"}', "ECSENGINE_EUNSUPPORTED"),
            (b'{"op":"no-such"}', "ECSENGINE_EUNSUPPORTED"),
            (b'{"op":"' + b"x" * 100000 + b'"}', "ECSENGINE_EUNSUPPORTED"),
            (b'{"op":"stop-task"}', "ECSENGINE_EDOCUMENT"),
            (b'{"op":"stop-task","taskArn":5}', "ECSENGINE_EDOCUMENT"),
            (b'{"op":"describe-task","taskArn":null}', "ECSENGINE_EDOCUMENT"),
            (b'{"op":"explain-task"}', "ECSENGINE_EDOCUMENT"),
            (b'{"op":"add-task"}', "ECSENGINE_EDOCUMENT"),
            (b'{"op":"add-task","task":null}', "ECSENGINE_EDOCUMENT"),
            (b'{"op":"add-task","task":"text"}', "ECSENGINE_EDOCUMENT"),
            (b'{"op":"add-task","task":[]}', "ECSENGINE_EDOCUMENT"),
            (b'{"op":"add-task","task":{}}', "ECSENGINE_EDOCUMENT"),
            (b'{"op":"add-task","task":{"family":"f","containerDefinitions":[]}}', "ECSENGINE_EDOCUMENT"),
            (deep.encode(), "ECSENGINE_ELIMIT"),
            (b"[" * 1000000, "ECSENGINE_ELIMIT"),
            (b'{"op":"list-tasks","id":' + deep.encode() + b"}", "ECSENGINE_ELIMIT"),
        ]
        for line, code in bad:
            session.send(line)
        session.send('{"op":"list-tasks","id":"last"}')
        self.assertEqual([], session.wait_record(id="last")["tasks"])
        self.assertEqual(0, session.exit())
        replies = session.replies()[: len(bad)]
        for (line, code), reply in zip(bad, replies):
            with self.subTest(line=line[:60]):
                self.assertIs(False, reply["ok"])
                self.assertEqual(code, reply["error"]["code"])
                self.assertIsInstance(reply["reply"], str)
                self.assertGreater(len(reply["error"]["message"]), 5)
                self.assertLess(len(json.dumps(reply)), 1000)
        self.assertEqual(len(bad) + 2, len(session.replies()))
        self.assertFalse([record for record in session.records() if "taskArn" in record])

    def test_a_bad_line_keeps_its_op_and_id(self):
        session = self.session()
        session.send('{"op":"stop-task","id":[1]}')
        self.assertEqual([1], session.wait_record(reply="stop-task")["id"])
        session.send('{"op":"no-such","id":2}')
        self.assertEqual(2, session.wait_record(reply="no-such")["id"])
        session.send('{"id":3}')
        self.assertEqual("unknown", session.wait_record(id=3)["reply"])
        self.assertEqual(0, session.exit())

    def test_a_task_that_is_none_is_refused_in_an_event_with_the_place(self):
        session = self.session()
        self.add(session, 1, container("a"), {"name": 7, "image": "x"})
        self.assertTrue(session.wait_record(reply="add-task")["ok"])
        reason = session.wait_record(event="task", taskArn=arn(1), status="STOPPED")["reason"]
        self.assertIn("containerDefinitions[1].name", reason)
        self.assertEqual(0, session.exit())

    def test_the_longest_line_is_taken_and_a_longer_one_is_not(self):
        session = self.session()
        whole = b'{"op":"list-tasks","id":1' + b" " * (LINE_MAX - 26) + b"}"
        self.assertEqual(LINE_MAX, len(whole))
        session.send(whole)
        self.assertTrue(session.wait_record(id=1)["ok"])
        session.send(b" " + whole.replace(b'"id":1', b'"id":2'))
        self.assertEqual("ECSENGINE_ELIMIT", session.wait_record(ok=False)["error"]["code"])
        session.send('{"op":"list-tasks","id":3}')
        session.wait_record(id=3)
        session.send(b"x" * (3 * LINE_MAX))
        session.send('{"op":"list-tasks","id":4}')
        session.wait_record(id=4)
        self.assertEqual(0, session.exit())
        self.assertEqual([1, None, 3, None, 4, None], [reply.get("id") for reply in session.replies()])

    def test_a_line_that_is_too_long_takes_no_memory_for_its_length(self):
        session = self.session()
        for _ in range(4):
            session.process.stdin.write(b"y" * LINE_MAX)
        session.process.stdin.write(b"\n")
        session.send('{"op":"list-tasks","id":1}')
        session.wait_record(id=1)
        status = pathlib.Path(f"/proc/{session.process.pid}/status").read_text()
        self.assertLess(int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)), 512 << 10)
        self.assertEqual(0, session.exit())


class Streams(Stdio):
    def test_lines_may_come_a_byte_at_a_time(self):
        session = self.session()
        for byte in b'{"op":"list-tasks","id":1}\r\n{"op":"list-tasks","id":2}\n':
            session.process.stdin.write(bytes([byte]))
            session.process.stdin.flush()
        session.wait_record(id=2)
        self.assertEqual(0, session.exit())
        self.assertEqual([1, 2], [reply.get("id") for reply in session.replies()[:2]])

    def test_the_end_of_input_is_exit_and_ends_the_last_line(self):
        session = self.session()
        session.process.stdin.write(b'{"op":"list-tasks","id":1}\n{"op":"list-tasks","id":2}')
        session.process.stdin.close()
        self.assertEqual(0, session.end())
        self.assertEqual([1, 2], [reply["id"] for reply in session.replies()])

    def test_half_a_line_at_the_end_is_answered_as_what_it_is(self):
        session = self.session()
        session.process.stdin.write(b'{"op":"exi')
        session.process.stdin.close()
        self.assertEqual(0, session.end())
        self.assertEqual(["ECSENGINE_ESYNTAX"], [reply["error"]["code"] for reply in session.replies()])

    def test_no_input_at_all(self):
        session = self.session()
        session.process.stdin.close()
        self.assertEqual(0, session.end())
        self.assertEqual([], session.replies())

    def test_what_was_asked_before_the_end_is_answered(self):
        session = self.session()
        lines = [json.dumps({"op": "add-task", "id": number, "task": task(container("a"), taskArn=arn(number))}) for number in range(50)]
        session.process.stdin.write("\n".join(lines).encode())
        session.process.stdin.close()
        self.assertEqual(0, session.end())
        replies = session.replies()
        self.assertEqual(list(range(50)), sorted(reply["id"] for reply in replies))
        self.assertTrue(all(reply["ok"] for reply in replies))

    def test_nothing_follows_the_reply_to_exit(self):
        session = self.session()
        self.add(session, 1, container("a"))
        session.send('{"op":"exit","id":"bye"}\n{"op":"list-tasks"}\nnonsense')
        self.assertEqual(0, session.end())
        self.assertEqual({"reply": "exit", "id": "bye", "ok": True}, session.records()[-1])
        self.assertEqual(["add-task", "exit"], [reply["reply"] for reply in session.replies()])

    def test_a_signal_is_exit(self):
        for signo in (signal.SIGINT, signal.SIGTERM):
            session = self.session()
            session.wait_record(event="ready")
            session.interrupt(signo)
            self.assertEqual(130, session.end())

    def test_a_reader_that_leaves_ends_the_program(self):
        session = SlowReader()
        self.addCleanup(session.kill)
        session.process.stdout.readline()
        session.process.stdout.close()
        with self.assertRaises(BrokenPipeError):
            for _ in range(LIMIT_S * 100):
                session.process.stdin.write(b'{"op":"list-tasks"}\n')
                session.process.stdin.flush()
                time.sleep(0.01)
        self.assertEqual(125, session.process.wait(LIMIT_S))

    def test_a_slow_reader_costs_a_bounded_amount_of_memory_and_misses_nothing(self):
        count = 100000
        session = SlowReader(queries=count)
        self.addCleanup(session.kill)
        time.sleep(2)
        self.assertTrue(session.writer.is_alive(), "all commands were taken though nobody reads the replies")
        if not SANITIZED:
            self.assertLess(session.resident_mib(), 64)
        replies = [record for record in session.read_all() if record.get("reply") == "list-tasks"]
        self.assertEqual(list(range(count)), [reply["id"] for reply in replies])
        self.assertEqual(0, session.process.wait(LIMIT_S))

    def test_events_wait_for_a_slow_reader_and_the_engine_does_not(self):
        count = 400
        session = SlowReader(tasks=count)
        self.addCleanup(session.kill)
        time.sleep(2)
        removed = []

        def all_removed(seen):
            if seen[-1].get("event") == "task-removed":
                removed.append(seen[-1]["taskArn"])
            return len(removed) == count

        session.read_all(until=all_removed)
        self.assertEqual(count, len(set(removed)))


class SlowReader:
    """Sends lines as fast as they are taken; reads nothing until read_all()."""

    def __init__(self, queries=0, tasks=0):
        self.queries, self.tasks = queries, tasks
        self.process = subprocess.Popen([PROGRAM, "--runtime", "sim", *QUICK_CLEANUP, "--stdio"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.writer = threading.Thread(target=self._write, daemon=True)
        if queries or tasks:
            self.writer.start()

    def _write(self):
        for number in range(self.tasks):
            line = {"op": "add-task", "task": task(container("a", "run=100ms"), taskArn=arn(number))}
            self.process.stdin.write(json.dumps(line).encode() + b"\n")
        for number in range(self.queries):
            self.process.stdin.write(b'{"op":"list-tasks","id":%d}\n' % number)
        self.process.stdin.flush()
        if not self.tasks:
            self.process.stdin.close()

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) >> 10

    def read_all(self, until=lambda seen: False):
        seen = []
        for line in self.process.stdout:
            seen.append(json.loads(line))
            if until(seen):
                break
        self.writer.join(LIMIT_S)
        return seen

    def kill(self):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            try:
                stream.close()
            except BrokenPipeError:
                pass


if __name__ == "__main__":
    sys.exit(unittest.main())
