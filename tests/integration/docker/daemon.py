# SPDX-License-Identifier: Apache-2.0
"""A Docker Engine as its tests see it: what it has, what it says, and, if it is the test's own, its death and return.

All is asked of its HTTP interface, not of the program under test: this is the truth that the program is held against.
"""
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

TOP = pathlib.Path(__file__).resolve().parent.parent.parent.parent
LABEL = "com.amazonaws.ecs."
LIMIT_S = 60


class Connection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("docker", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Docker:
    """What belongs to one cluster: a test has one of its own."""

    def __init__(self, url, cluster):
        self.path = url.removeprefix("unix://")
        self.cluster = cluster

    def ask(self, target, method="GET", timeout=LIMIT_S, **query):
        connection = Connection(self.path, timeout)
        try:
            connection.request(method, target + "?" + urllib.parse.urlencode(query))
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            raise OSError(f"{method} {target}: {answer.status} {text.decode()}")
        return json.loads(text) if text.strip() else None

    def filters(self):
        return json.dumps({"label": [f"{LABEL}cluster={self.cluster}"]})

    def containers(self):
        """(task ARN, container's name) -> its records; more than one is a double."""
        found = {}
        for record in self.ask("/containers/json", all=1, filters=self.filters()):
            key = record["Labels"][LABEL + "task-arn"], record["Labels"][LABEL + "container-name"]
            found.setdefault(key, []).append(record)
        return found

    def volumes(self):
        return [record["Name"] for record in self.ask("/volumes", filters=json.dumps({"label": [f"cluster={self.cluster}"]}))["Volumes"] or []]

    def remove_all(self):
        for records in self.containers().values():
            for record in records:
                self.ask(f"/containers/{record['Id']}", method="DELETE", force=1, v=1)
        for name in self.volumes():
            self.ask(f"/volumes/{name}", method="DELETE", force=1)


class Watch:
    """Every event of a cluster's containers, as the daemon told it."""

    def __init__(self, docker):
        self.events = []
        self.connection = Connection(docker.path, None)
        self.connection.request("GET", "/events?" + urllib.parse.urlencode({"filters": docker.filters()}))
        self.answer = self.connection.getresponse()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        try:
            for line in self.answer:
                self.events.append(json.loads(line))
        except (OSError, ValueError, http.client.HTTPException):
            pass  # closed, or the daemon has died

    def of(self, action):
        """(task ARN, container's name) -> the events of that kind."""
        found = {}
        for event in list(self.events):
            if event["Type"] == "container" and event["Action"] == action:
                attributes = event["Actor"]["Attributes"]
                found.setdefault((attributes[LABEL + "task-arn"], attributes[LABEL + "container-name"]), []).append(event)
        return found

    def settle(self):
        """Waits until the end of every container that was made has come through."""
        end = time.monotonic() + LIMIT_S
        while self.of("create").keys() - self.of("destroy").keys():
            assert time.monotonic() < end, f"made, and never destroyed: {self.of('create').keys() - self.of('destroy').keys()}"
            time.sleep(0.05)

    def close(self):
        self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.connection.close()


class OwnEngine:
    """A Docker Engine that a test may kill."""

    def __init__(self, folder):
        self.folder = folder
        self.paused = False
        self.url = f"unix://{folder}/docker.sock"

    def up(self, *options):
        if self.paused:
            self.go_on()
        subprocess.run([TOP / "tools" / "docker-up", *options, self.folder], check=True, stdout=subprocess.DEVNULL, timeout=2 * LIMIT_S)

    def pid(self, of="dockerd.pid"):
        return int(pathlib.Path(self.folder, of).read_text())

    def kill(self):
        """The daemon, whose containerd dies with it; the containers live on."""
        pids = self.pid(), self.pid("exec/containerd/containerd.pid")
        os.kill(pids[0], signal.SIGKILL)
        end = time.monotonic() + LIMIT_S
        while any(os.path.exists(f"/proc/{pid}/exe") for pid in pids):
            assert time.monotonic() < end, "the daemon does not die"
            time.sleep(0.01)

    def pause(self):
        os.kill(self.pid(), signal.SIGSTOP)
        self.paused = True

    def go_on(self):
        os.kill(self.pid(), signal.SIGCONT)
        self.paused = False

    def close(self, docker):
        """The end of it and of its containers, however the test ended."""
        self.up()  # if it is dead
        docker.remove_all()
        subprocess.run([TOP / "tools" / "docker-down", self.folder], check=True, stdout=subprocess.DEVNULL, timeout=3 * LIMIT_S)
        mounts = [line.split()[1] for line in pathlib.Path("/proc/mounts").read_text().splitlines()]
        for mount in sorted((mount for mount in mounts if mount.startswith(self.folder + "/")), reverse=True):
            subprocess.run(["umount", "-l", mount], check=False)  # in some containers the engine leaves its folders mounted
