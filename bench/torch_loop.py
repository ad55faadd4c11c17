"""PyTorch's strongest loop on one case.

Reads a problem (JSON: tensors by name with their place in a file of float32, nodes, points), prints one line of
JSON. Everything is resident; the weights that move live in one preallocated vector that torch.add fills, and
the layers see views of it; inference mode; no gradient, no allocation of weights, no copies of data.

Two arrangements are timed, and the faster one counts: a process for each core with one thread each, and one
process with a thread for each core. With --fold, batch norm is folded into the weights before it.
"""

import argparse
import json
import os
import statistics
import sys
import time
from multiprocessing import get_context


def load(path):
    import torch

    with open(path) as file:
        problem = json.load(file)
    with open(problem["data"], "rb") as file:
        values = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
    tensors = {}
    for name, (first, shape) in problem["tensors"].items():
        count = 1
        for size in shape:
            count *= size
        tensors[name] = values[first : first + count].reshape(shape).clone()
    return problem, tensors


def fold_batchnorm(nodes, tensors, moving):
    """Nodes without batch norm, weights and directions scaled, biases to match; values keep their numbers."""
    import torch

    folded = []
    for index, node in enumerate(nodes):
        if node["op"] != "batchnorm":
            folded.append(dict(node, out=index + 1))
            continue
        before = next(n for n in folded if n["out"] == node["inputs"][0])
        scale = tensors[node["scale"]] / torch.sqrt(tensors[node["variance"]] + node["epsilon"])
        shift = tensors[node["shift"]] - tensors[node["mean"]] * scale
        weight = before["weight"]
        for prefix in ("", "d1:", "d2:"):
            if prefix == "" or weight in moving:
                tensor = tensors[prefix + weight]
                tensor *= scale.reshape([-1] + [1] * (tensor.dim() - 1))
        name = weight + ":folded bias"
        tensors[name] = shift + (0 if before["bias"] is None else tensors[before["bias"]] * scale)
        before["bias"] = name
        before["out"] = index + 1
    return folded


class Loop:
    def __init__(self, path, fold, channels_last):
        import torch

        self.torch = torch
        problem, tensors = load(path)
        moving = problem["moving"]
        nodes = [dict(node, out=i + 1) for i, node in enumerate(problem["nodes"])]
        if fold:
            nodes = fold_batchnorm(problem["nodes"], tensors, moving)
        sizes = [tensors[name].numel() for name in moving]
        order = {"memory_format": torch.channels_last} if channels_last else {}

        def flat(prefix):
            parts = []
            for name in moving:
                tensor = tensors[prefix + name]
                if channels_last and tensor.dim() == 4:
                    tensor = tensor.permute(0, 2, 3, 1)
                parts.append(tensor.reshape(-1))
            return torch.cat(parts)

        self.base, self.d1, self.d2 = flat(""), flat("d1:"), flat("d2:")
        self.weights = torch.empty_like(self.base)
        views = dict(tensors)
        first = 0
        for name, size in zip(moving, sizes):
            view = self.weights[first : first + size]
            shape = tensors[name].shape
            if channels_last and len(shape) == 4:
                views[name] = view.reshape(shape[0], shape[2], shape[3], shape[1]).permute(0, 3, 1, 2)
            else:
                views[name] = view.reshape(shape)
            first += size
        self.inputs = tensors["inputs"]
        if self.inputs.dim() == 4:
            self.inputs = self.inputs.contiguous(**order)
        self.labels = tensors["labels"].long()
        self.steps = [self.step(node, views) for node in nodes]
        self.logits = nodes[-1]["out"]

    def step(self, node, views):
        """A function of the list of values, and where its result goes. Relu and sums work in place where allowed."""
        functional = self.torch.nn.functional
        op, inputs, out = node["op"], node["inputs"], node["out"]
        x = inputs[0]
        bias = None if node.get("bias") is None else views[node["bias"]]
        if op == "dense":
            weight = views[node["weight"]]
            return out, lambda v: functional.linear(v[x], weight, bias)
        if op == "conv2d":
            weight = views[node["weight"]]
            stride, padding = node["stride"], (node["padding"][0], node["padding"][1])
            return out, lambda v: functional.conv2d(v[x], weight, bias, stride, padding)
        if op == "batchnorm":
            mean, variance = views[node["mean"]], views[node["variance"]]
            scale, shift, epsilon = views[node["scale"]], views[node["shift"]], node["epsilon"]
            return out, lambda v: functional.batch_norm(v[x], mean, variance, scale, shift, False, 0.0, epsilon)
        if op == "activation":
            return out, lambda v: v[x].relu_()
        if op == "add":
            # The later of the two is the block's own result, which nobody else reads.
            early, late = sorted(inputs)
            return out, lambda v: v[late].add_(v[early])
        if op == "mean":
            return out, lambda v: v[x].mean(dim=(2, 3))
        if op == "flatten":
            return out, lambda v: v[x].flatten(1)
        raise ValueError(f"the benchmark's network has no {op}")

    def loss(self, a, b):
        torch = self.torch
        torch.add(self.base, self.d1, alpha=a, out=self.weights)
        self.weights.add_(self.d2, alpha=b)
        values = {0: self.inputs}
        for out, step in self.steps:
            values[out] = step(values)
        return torch.nn.functional.cross_entropy(values[self.logits], self.labels)

    def run(self, a, b):
        with self.torch.inference_mode():
            return [self.loss(x, y).item() for x, y in zip(a, b)]


def worker(arguments, connection, threads):
    os.environ["OMP_NUM_THREADS"] = str(threads)
    os.environ["MKL_NUM_THREADS"] = str(threads)
    import torch

    torch.set_num_threads(threads)
    loop = Loop(*arguments)
    connection.send("ready")
    while True:
        task = connection.recv()
        if task is None:
            return
        connection.send(loop.run(*task))


class Team:
    """Processes that share the points of a task evenly."""

    def __init__(self, processes, threads, arguments):
        context = get_context("spawn")
        self.members = []
        for _ in range(processes):
            ours, theirs = context.Pipe()
            # Libraries read their number of threads when they are loaded, which spawning does before `worker` runs.
            os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(threads)
            process = context.Process(target=worker, args=(arguments, theirs, threads), daemon=True)
            process.start()
            self.members.append((process, ours))
        for _, connection in self.members:
            connection.recv()

    def run(self, a, b):
        count = len(self.members)
        for i, (_, connection) in enumerate(self.members):
            connection.send((a[i::count], b[i::count]))
        parts = [connection.recv() for _, connection in self.members]
        result = [0.0] * len(a)
        for i, part in enumerate(parts):
            result[i::count] = part
        return result

    def end(self):
        for process, connection in self.members:
            connection.send(None)
            process.join()


def spread(count):
    return [2 * ((i * 0.7548776662466927) % 1) - 1 for i in range(count)]


def timed(team, seconds, most, repetitions):
    """Median milliseconds a point, and how many points."""

    def once(points):
        a = spread(points)
        start = time.perf_counter()
        team.run(a, a[::-1])
        return time.perf_counter() - start

    points = 2
    once(points)
    last = once(points)
    while last < min(0.05, seconds) and points < most:
        points = min(most, 2 * points)
        last = once(points)
    points = max(len(team.members), min(most, round(points * seconds / last)))
    times = [1000 * once(points) / points for _ in range(repetitions)]
    return statistics.median(times), points


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("problem")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--fold", action="store_true")
    options = parser.parse_args()
    with open(options.problem) as file:
        problem = json.load(file)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    images = any(node["op"] == "conv2d" for node in problem["nodes"])
    ways = [
        (processes, threads, channels_last)
        for processes, threads in dict.fromkeys([(cores, 1), (1, cores)])
        for channels_last in ([False, True] if images else [False])
    ]
    most = problem["points"]

    best = None
    for processes, threads, channels_last in ways:
        team = Team(processes, threads, (options.problem, options.fold, channels_last))
        pace, _ = timed(team, 0.5, most, 1)
        if best is None or pace < best[0]:
            best = (pace, processes, threads, channels_last)
        team.end()
    _, processes, threads, channels_last = best
    team = Team(processes, threads, (options.problem, options.fold, channels_last))
    start = time.perf_counter()
    team.run(problem["coarsest"]["a"], problem["coarsest"]["b"])
    first = time.perf_counter() - start
    check = team.run(problem["check"]["a"], problem["check"]["b"])
    pace, points = timed(team, options.seconds, most, 3)
    team.end()

    import torch

    layout = ", channels last" if channels_last else ""
    plural = "process" if processes == 1 else "processes"
    json.dump(
        {
            "adapter": f"{torch.__version__.split('+')[0]}, {processes} {plural} × {threads} threads{layout}",
            "check": check,
            "millisecondsPerPoint": pace,
            "points": points,
            "firstPictureSeconds": first,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
