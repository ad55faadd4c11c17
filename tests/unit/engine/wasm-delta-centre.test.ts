/** What is kept of a window's centre from call to call, and for how many samples. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { referenceEngine } from '../../../src/engine/reference.js';
import { Centre } from '../../../src/engine/wasm/centre.js';
import { WasmDelta } from '../../../src/engine/wasm/delta.js';
import { referenceProblem } from '../../helpers/fixtures.js';
import '../../helpers/wasm-builds.js';

const count = 700;
const offsets = { a: Float64Array.of(1e-3, -4e-4), b: Float64Array.of(2e-4, 1e-3) };
const centre = { a: 0.31, b: -0.2 };
const stop = () => undefined;

describe('the centre of a window', () => {
  afterEach(() => vi.restoreAllMocks());

  /** Blocks computed by each of some calls. */
  async function computed(mostKept: number | undefined, ...calls: (typeof centre)[]): Promise<number[]> {
    const problem = referenceProblem('mlp-tanh', count);
    const exact = await referenceEngine.prepare(problem);
    const delta = await WasmDelta.create(problem, 'simd128', mostKept);
    const block = vi.spyOn(Centre.prototype, 'block');
    const blocks: number[] = [];
    for (const at of calls) {
      block.mockClear();
      const samples = { first: 0, count };
      const found = (await delta.differences(at, offsets, samples, stop)).delta;
      const truth = (await exact.differences(at, offsets, samples)).delta;
      for (const [i, value] of truth.entries()) {
        expect(Math.abs(found[i]! - value)).toBeLessThan(1e-5 * Math.abs(value));
      }
      blocks.push(block.mock.calls.length);
    }
    return blocks;
  }

  it('is computed once for all samples as long as there is room, and anew for another one', async () => {
    const [all, again, other, back] = await computed(undefined, centre, centre, { a: 0, b: 0 }, centre);
    expect(all).toBeGreaterThan(4);
    expect([again, other, back]).toEqual([0, all, all]);
  });

  it('stays for the samples that there is room for', async () => {
    const [all] = await computed(undefined, centre);
    // Nothing has room for one block at least.
    expect(await computed(0, centre, centre)).toEqual([all, all]);
    const some = await computed(3 * 2 ** 20, centre, centre, centre);
    expect(some[0]).toBe(all);
    expect(some[1]).toBeGreaterThan(0);
    expect(some[1]).toBeLessThan(all!);
    expect(some[2]).toBe(some[1]);
  });

  it('stays for fewer where memory is not to be had', async () => {
    const grow = WebAssembly.Memory.prototype.grow;
    let times = 0;
    vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(function (
      this: WebAssembly.Memory,
      pages,
    ) {
      times++;
      if (times > 2) throw new RangeError('no memory');
      return grow.call(this, pages);
    });
    const [all, again] = await computed(undefined, centre, centre);
    expect(times).toBe(3);
    expect(again).toBe(all! - 1);
  });
});
