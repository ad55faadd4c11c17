import { describe, expect, it } from 'vitest';
import { EngineMemoryError, EngineUnsupportedError } from '../../../src/engine/engine.js';
import { stages } from '../../../src/engine/wasm/kernels.js';
import {
  chooseBuild,
  compile,
  instantiate,
  instantiateTraining,
  ownBytes,
  supports,
} from '../../../src/engine/wasm/modules.js';
import { trainingStages } from '../../../src/engine/wasm/training-kernels.js';
import '../../helpers/wasm-builds.js';

describe('the kernels', () => {
  it.each(['simd128', 'relaxed'] as const)(
    'of the %s build are the rows of the stage table',
    async (build) => {
      const exports = WebAssembly.Module.exports(await compile(build));
      expect(exports.map(({ name }) => name).sort()).toEqual(Object.keys(stages).sort());
      expect(exports.every(({ kind }) => kind === 'function')).toBe(true);
      // The twin: a list that lacks one is noticed.
      expect(
        exports
          .map(({ name }) => name)
          .slice(1)
          .sort(),
      ).not.toEqual(Object.keys(stages).sort());
    },
  );

  it.each(['simd128', 'relaxed'] as const)(
    'for training, of the %s build, are those and the rows of its own table',
    async (build) => {
      const names = WebAssembly.Module.exports(await compile(build, 'training')).map(({ name }) => name);
      expect(names.sort()).toEqual([...Object.keys(stages), ...Object.keys(trainingStages)].sort());
      expect(names.slice(1)).not.toEqual([...Object.keys(stages), ...Object.keys(trainingStages)].sort());
    },
  );

  it('are chosen by what the JavaScript engine can run', () => {
    expect(supports('simd128')).toBe(true);
    expect(supports('relaxed')).toBe(true);
    expect(chooseBuild('auto')).toBe('relaxed');
    expect(chooseBuild(false)).toBe('simd128');
    const { validate } = WebAssembly;
    try {
      WebAssembly.validate = () => false;
      expect(() => chooseBuild(true)).toThrow(EngineUnsupportedError);
      expect(() => chooseBuild('auto')).toThrow(/no WebAssembly SIMD/);
    } finally {
      WebAssembly.validate = validate;
    }
  });

  it.each(['simd128', 'relaxed'] as const)(
    'keep their constants where nothing else lies, %s',
    async (build) => {
      for (const make of [instantiate, instantiateTraining]) {
        const { memory } = await make(build, 65_536);
        const bytes = new Uint8Array(memory.buffer);
        expect(bytes.findIndex((byte) => byte !== 0)).toBeGreaterThanOrEqual(1024);
        expect(bytes.findLastIndex((byte) => byte !== 0)).toBeLessThan(ownBytes);
      }
    },
  );

  it('say so when the memory is not to be had', async () => {
    await expect(instantiate('simd128', 2 ** 33)).rejects.toThrow(EngineMemoryError);
    await expect(instantiate('simd128', 2 ** 33)).rejects.toThrow('use fewer samples');
    await expect(instantiateTraining('simd128', 2 ** 33)).rejects.toThrow('use smaller batches');
  });
});
