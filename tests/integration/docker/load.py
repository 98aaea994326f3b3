# SPDX-License-Identifier: Apache-2.0
"""Tasks drawn from a seed: short and long lives, chains, pulls, volumes."""
import random

# Asked to stop, it ends at once with 9; by itself, with its own code. The end is a mark to find its process by.
TRAPPED = "trap 'exit 9' TERM; sleep {} & wait $!; exit {} {}"


class Load:
    """Draws tasks of one cluster."""

    def __init__(self, rng: random.Random, cluster, images):
        self.rng = rng
        self.cluster = cluster
        self.images = images
        self.count = 0

    def mark(self, name):
        return f"# {self.cluster}/{self.count}/{name}."

    def container(self, name, seconds, code, **members):
        command = ["sh", "-c", TRAPPED.format(seconds, code, self.mark(name))]
        return {"name": name, "image": self.rng.choice(self.images), "memory": 16, "cpu": 2, "essential": True, "stopTimeout": 2,
                "command": command, **members}

    def short(self, name="main", **members):
        seconds, code = round(self.rng.uniform(0, 1.5), 2), self.rng.choice((0, 1, 2, 3, 77))
        return [self.container(name, seconds, code, **members)], {name: code}, []

    def long(self, name="main", **members):
        return [self.container(name, 10000, 0, **members)], {name: None}, []

    def chain(self):
        """Three in a row; the middle one ends, or does not."""
        first, last = self.container("first", 0, 0, essential=False), self.container("last", 10000, 0)
        middle, codes, _ = self.rng.choice((self.short, self.long))("middle")
        middle[0]["dependsOn"] = [{"containerName": "first", "condition": "SUCCESS"}]
        last["dependsOn"] = [{"containerName": "middle", "condition": "START"}]
        return [first, *middle, last], {"first": 0, **codes, "last": None}, []

    def with_volume(self):
        containers, codes, _ = self.rng.choice((self.short, self.long))()
        containers[0]["mountPoints"] = [{"sourceVolume": "v", "containerPath": "/v"}]
        volume = {"scope": "task", "driver": "local", "labels": {"cluster": self.cluster}}
        return containers, codes, [{"name": "v", "dockerVolumeConfiguration": volume}]

    def draw(self, kind=None):
        """What Journal.add() takes: ARN, document, container's name -> exit code or None, container's name -> its mark."""
        self.count += 1
        arn = f"arn:aws:ecs:local:000000000000:task/{self.cluster}/{self.count:032x}"
        kind = kind or self.rng.choice((self.short, self.short, self.long, self.long, self.chain, self.with_volume))
        containers, codes, volumes = kind()
        document = {"taskArn": arn, "family": kind.__name__.replace("_", "-"), "containerDefinitions": containers, "volumes": volumes}
        return arn, document, codes, {name: self.mark(name) for name in codes}
