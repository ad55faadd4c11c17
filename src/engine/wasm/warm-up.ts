/** Something to compute before there is a problem. */
import type { Problem } from '../engine.js';

/** Features, as many as a register block takes and more. */
const WIDTH = 64;
const SAMPLES = 64;

/** Two dense layers with an activation between them. */
export function smallProblem(): Problem {
  const data = new Float32Array(WIDTH * WIDTH).fill(1 / WIDTH);
  const shape = [WIDTH, WIDTH];
  const names = ['first', 'second'];
  const direction = new Map(names.map((name) => [name, data]));
  return {
    model: {
      name: 'warm-up',
      nodes: [
        { op: 'dense', name: 'a', inputs: [0], weight: 'first', bias: null },
        { op: 'activation', name: 'b', inputs: [1], fn: 'relu', slope: 0 },
        { op: 'dense', name: 'c', inputs: [2], weight: 'second', bias: null },
      ],
      shapes: [[WIDTH], [WIDTH], [WIDTH], [WIDTH]],
      parameters: new Map(names.map((name) => [name, { name, shape, data, kind: 'weight' }])),
    },
    d1: direction,
    d2: direction,
    data: {
      name: 'ones',
      samples: SAMPLES,
      shape: [WIDTH],
      inputs: new Float32Array(SAMPLES * WIDTH).fill(1),
      labels: new Int32Array(SAMPLES),
      targets: null,
    },
    loss: 'ce',
  };
}
