"""PyTorch on the training that is timed: SGD on batches in a fixed order, one thread.

Reads a problem (JSON: tensors by name with their place in a file of float32, layers), prints one line of JSON. Two ways
are timed, modules with torch.optim and a hand-written update, and the faster one counts.
"""

import json
import os
import statistics
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import torch

torch.set_num_threads(1)


class Training:
    def __init__(self, problem, with_optimizer):
        with open(problem["data"], "rb") as file:
            values = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
        tensors = {}
        for name, (first, shape) in problem["tensors"].items():
            count = 1
            for size in shape:
                count *= size
            tensors[name] = values[first : first + count].reshape(shape).clone()
        size = problem["batch"]
        count = tensors["inputs"].shape[0] // size
        self.parts = [
            (tensors["inputs"][k * size : (k + 1) * size], tensors["labels"][k * size : (k + 1) * size].long())
            for k in range(count)
        ]
        self.start = [tensors[name] for name in problem["parameters"]]
        self.parameters = [torch.nn.Parameter(tensor.clone()) for tensor in self.start]
        self.rate = problem["rate"]
        self.optimizer = torch.optim.SGD(self.parameters, lr=self.rate) if with_optimizer else None
        self.next = 0

    def step(self):
        x, y = self.parts[self.next % len(self.parts)]
        self.next += 1
        functional = torch.nn.functional
        last = len(self.parameters) - 2
        for i in range(0, len(self.parameters), 2):
            x = functional.linear(x, self.parameters[i], self.parameters[i + 1])
            if i < last:
                x = functional.relu(x)
        loss = functional.cross_entropy(x, y)
        if self.optimizer is not None:
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
        else:
            gradients = torch.autograd.grad(loss, self.parameters)
            with torch.no_grad():
                torch._foreach_add_(self.parameters, gradients, alpha=-self.rate)
        return loss

    def losses(self, count):
        with torch.no_grad():
            for parameter, start in zip(self.parameters, self.start):
                parameter.copy_(start)
        self.next = 0
        return [self.step().item() for _ in range(count)]

    def time(self, steps):
        start = time.perf_counter()
        for _ in range(steps):
            self.step()
        return (time.perf_counter() - start) / steps


def main():
    with open(sys.argv[1]) as file:
        problem = json.load(file)
    seconds = float(sys.argv[2])
    ways = {"torch.optim": Training(problem, True), "own update": Training(problem, False)}
    for way in ways.values():
        way.time(50)
    name = min(ways, key=lambda each: ways[each].time(200))
    best = ways[name]
    losses = best.losses(problem["checked"])
    steps = max(5, round(seconds / best.time(50)))
    pace = statistics.median(best.time(steps) for _ in range(5))
    json.dump(
        {
            "adapter": f"{torch.__version__.split('+')[0]}, 1 thread, {name}",
            "millisecondsPerStep": 1000 * pace,
            "steps": steps,
            "losses": losses,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
