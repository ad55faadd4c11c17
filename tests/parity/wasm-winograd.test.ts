import { describe, expect, it } from 'vitest';
import { makePlan } from '../../src/engine/wasm/plan.js';
import { prefersWinograd } from '../../src/engine/wasm/winograd.js';
import type { Conv2dNode } from '../../src/model/graph.js';
import { randomProblem } from '../helpers/random-problem.js';
import { expectReferenceSums } from '../helpers/same-sums.js';
import { tiledSketches } from '../helpers/tiled-sketches.js';
import { wasmBuilds } from '../helpers/wasm-builds.js';

const tolerance = { relative: 5e-6, absolute: 2e-8 };

describe.each([...wasmBuilds])("Winograd's tiles, WASM, %s", (_build, engine) => {
  it.each(tiledSketches)(
    '%s: within 5e-6 relative + 2e-8 absolute of the reference',
    async (_name, sketch) => {
      const problem = randomProblem(sketch);
      const { model } = problem;
      const weight = model.parameters.get('conv.weight')!.shape;
      expect(prefersWinograd(model.nodes[1] as Conv2dNode, model.shapes[2]!, weight)).toBe(true);
      expect(makePlan(problem).point.calls.length).toBeLessThan(model.nodes.length);
      await expectReferenceSums(engine, problem, tolerance);
    },
  );
});
