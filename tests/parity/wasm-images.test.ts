import { describe, it } from 'vitest';
import { imageSketches } from '../helpers/image-sketches.js';
import { randomProblem } from '../helpers/random-problem.js';
import { expectReferenceSums } from '../helpers/same-sums.js';
import { wasmBuilds } from '../helpers/wasm-builds.js';

const tolerance = { relative: 5e-6, absolute: 2e-8 };

describe.each([...wasmBuilds])('WASM, %s', (_build, engine) => {
  it.each(imageSketches)('%s: within 5e-6 relative + 2e-8 absolute of the reference', (_name, sketch) =>
    expectReferenceSums(engine, randomProblem(sketch), tolerance),
  );
});
