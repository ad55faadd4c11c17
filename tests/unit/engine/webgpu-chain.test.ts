import { describe, expect, it } from 'vitest';
import { chained, chainLanes } from '../../../src/engine/webgpu/chain.js';
import { lower } from '../../../src/engine/webgpu/lower.js';
import { Wiring } from '../../../src/model/wiring.js';
import { perceptron, residualBlocks } from '../../helpers/dense-sketches.js';
import { randomProblem, type Sketch } from '../../helpers/random-problem.js';

const steps = (sketch: Sketch): number | null => {
  const { model, d1, d2, data } = randomProblem(sketch);
  return chained(lower(model, [d1, d2], data.samples))?.steps.length ?? null;
};

/** Three dense layers of 8 units and what `wire` makes of them. */
function wired(wire: (net: Wiring, layer: (name: string, value: number) => number) => void): Sketch {
  const net = new Wiring();
  const parameters: Record<string, readonly number[]> = {};
  wire(net, (name, value) => {
    parameters[`${name}.weight`] = [8, 8];
    parameters[`${name}.bias`] = [8];
    return net.dense(name, value, true);
  });
  return { input: [8], nodes: net.nodes, parameters, samples: 8 };
}

describe('chained', () => {
  it('makes one step of dense layers up to 64 wide, whatever the input, with and without residual sums', () => {
    expect(steps(perceptron([300, 64, 64, 10], 'tanh', 8))).toBe(1);
    expect(steps(residualBlocks(64, 'relu', 3))).toBe(1);
  });

  it('leaves alone what is wider, has one layer, or has nothing to start from', () => {
    expect(steps(perceptron([5, 65, 10], 'relu', 8))).toBeNull();
    expect(steps(perceptron([5, 3], 'relu', 8))).toBeNull();
    // The stem is the same at every point, and the sum that reads it is not in the chain.
    expect(steps(residualBlocks(8, 'relu', 2, (name) => !name.startsWith('stem')))).toBeNull();
  });

  it('leaves alone two kinds of activations, and two sums under way at once', () => {
    const mixed = wired((net, layer) => {
      layer('c', net.activation('t', layer('b', net.activation('r', layer('a', 0), 'relu')), 'tanh'));
    });
    expect(steps(mixed)).toBeNull();
    const nested = wired((net, layer) => {
      const a = layer('a', 0);
      const b = layer('b', a);
      const c = net.add('s', layer('c', b), a);
      layer('e', net.add('t', layer('d', c), b));
    });
    expect(steps(nested)).toBeNull();
    const oneByOne = wired((net, layer) => {
      const a = layer('a', 0);
      const b = net.add('s', layer('b', a), a);
      net.add('t', layer('c', b), b);
    });
    expect(steps(oneByOne)).toBe(1);
  });
});

describe('chainLanes', () => {
  it('fits into 256 invocations and 16 KiB of workgroup memory at every width', () => {
    for (const [points, invocations] of [
      [2, 128],
      [1, 128],
      [1, 256],
      [4, 64],
    ] as const) {
      for (let width = 1; width <= 64; width++) {
        const { samples, outputs, depth } = chainLanes(width, points, invocations);
        expect(outputs * 8).toBeGreaterThanOrEqual(width);
        expect(samples).toBeGreaterThanOrEqual(8);
        expect(points * samples * outputs).toBeLessThanOrEqual(256);
        // Values (4 samples a lane) and weights (8 outputs a lane), of 4 bytes.
        expect(points * depth * (samples * 4 + outputs * 8) * 4).toBeLessThanOrEqual(16_384);
      }
    }
  });
});
