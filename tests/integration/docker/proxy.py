# SPDX-License-Identifier: Apache-2.0
"""A Docker Engine that fails where a test says so: a proxy before a real one.

It knows of each request which operation it is and whose container it is about, by the family in the container's name. A fault is kept for
a family and an operation, and holds a number of times:

    error   500, and the request is not passed on
    lost    it is passed on and done, but the connection is closed instead of an answer
    call    a function of the test is called before, and then it is passed on
    called  ... after it was done, before the answer

What was asked is kept in `calls`.
"""
import http.client
import json
import os
import re
import socket
import threading

OPERATIONS = [
    ("create", "POST", r"/containers/create$"),
    ("start", "POST", r"/containers/([^/]+)/start$"),
    ("stop", "POST", r"/containers/([^/]+)/stop$"),
    ("exec-create", "POST", r"/containers/([^/]+)/exec$"),
    ("exec-start", "POST", r"/exec/([^/]+)/start$"),
    ("exec-inspect", "GET", r"/exec/([^/]+)/json$"),
]


class Proxy:
    def __init__(self, upstream, path):
        self.upstream = upstream
        self.path = path
        self.lock = threading.Lock()
        self.names = {}  # id of a container or an exec -> family
        self.faults = {}  # (family, operation) -> [action, how often, function]
        self.calls = []  # (family, operation)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(128)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()
        os.unlink(self.path)

    def fault(self, family, operation, action, times=1, function=None):
        with self.lock:
            self.faults[family, operation] = [action, times, function]

    def count(self, family, operation):
        with self.lock:
            return self.calls.count((family, operation))

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            with client, client.makefile("rb") as source:
                self._exchange(client, source)
        except (OSError, http.client.HTTPException):
            pass  # one of the two has gone

    @staticmethod
    def _read_request(source):
        head = []
        while (line := source.readline()) not in (b"\r\n", b""):
            head.append(line)
        length = next((int(line.split(b":")[1]) for line in head if line.lower().startswith(b"content-length:")), 0)
        return head, source.read(length)

    def _identify(self, head):
        method, target, _ = head[0].decode().split(" ", 2)
        path, _, query = target.partition("?")
        for operation, wanted, pattern in OPERATIONS:
            match = re.search(pattern, path)
            if method == wanted and match:
                if operation == "create":
                    name = re.search(r"name=ecs-([a-z0-9]+)-", query)
                    return operation, name.group(1) if name else None
                return operation, self.names.get(match.group(1)) or self._by_name(match.group(1))
        return None, None

    @staticmethod
    def _by_name(name):
        match = re.match(r"ecs-([a-z0-9]+)-", name)
        return match.group(1) if match else None

    def _action(self, family, operation):
        with self.lock:
            self.calls.append((family, operation))
            fault = self.faults.get((family, operation))
            if fault is None or fault[1] == 0:
                return None, None
            fault[1] -= 1
            return fault[0], fault[2]

    def _exchange(self, client, source):
        """One request of a connection, which is closed with it."""
        head, body = self._read_request(source)
        if not head:
            return
        operation, family = self._identify(head)
        action, function = self._action(family, operation) if operation else (None, None)
        if action == "error":
            client.sendall(b'HTTP/1.1 500 Fault\r\nContent-Type: application/json\r\nContent-Length: 18\r\nConnection: close\r\n\r\n{"message":"busy"}')
            return
        if action == "call":
            function()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
            server.connect(self.upstream)
            kept = [line for line in head if not line.lower().startswith(b"connection:")]
            server.sendall(b"".join(kept) + b"Connection: close\r\n\r\n" + body)
            if operation in ("create", "exec-create") or action in ("lost", "called"):
                self._answer_whole(client, server, family, action, function)
            else:
                while piece := server.recv(65536):
                    client.sendall(piece)

    def _answer_whole(self, client, server, family, action, function):
        response = http.client.HTTPResponse(server)
        response.begin()
        body = response.read()
        if body.startswith(b"{"):
            made = json.loads(body).get("Id")
            if made:
                self.names[made] = family
        if action == "called":
            function()
        if action == "lost":
            return
        client.sendall(f"HTTP/1.1 {response.status} {response.reason}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                       f"Connection: close\r\n\r\n".encode() + body)
