import { describe, expect, it } from 'vitest';
import { assemble, numbered, shaderNames, shaderText } from '../../../src/engine/webgpu/assemble.js';
import { compileError } from '../../../src/engine/webgpu/pipelines.js';
import { stages, type Access, type Stage } from '../../../src/engine/webgpu/stages.js';
import { uniform } from '../../../src/engine/webgpu/uniform.js';

const spellings: Readonly<Record<string, Access>> = {
  '<uniform>': 'uniform',
  '<storage, read>': 'read',
  '<storage, read_write>': 'read_write',
};

describe('stage table', () => {
  const entryPoints = shaderNames().filter((name) => !name.includes('/'));

  it('has one row for each shader file', () => {
    expect(Object.keys(stages).sort()).toEqual(entryPoints);
  });

  it.each(entryPoints)('%s: bindings are those of its row, in order', (name) => {
    const { bindings, struct }: Stage = stages[name as keyof typeof stages];
    const text = shaderText(name);
    const declared = [...text.matchAll(/@group\(0\) @binding\((\d+)\) var(<[^>]*>) (\w+):/g)];
    expect(declared.map(([, binding]) => Number(binding))).toEqual(bindings.map((_, i) => i));
    expect(declared.map(([, , space, variable]) => [variable, spellings[space!]])).toEqual(bindings);
    expect(text).toContain(`#struct ${struct.name}`);
    expect(bindings.filter(([, access]) => access !== 'uniform').length).toBeLessThanOrEqual(8);
  });

  it.each(entryPoints)(
    '%s: reads purpose, imports, bindings, constants, workgroup variables, main',
    (name) => {
      const text = shaderText(name);
      expect(text).toMatch(/^\/\/ \S/);
      const places = [/^#/m, /^@group/m, /^(override|const)/m, /^var<workgroup>/m, /^@compute/m]
        .map((pattern) => text.search(pattern))
        .filter((place) => place >= 0);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    },
  );

  it('keeps bindings and entry points out of shared files', () => {
    for (const name of shaderNames().filter((file) => file.startsWith('shared/'))) {
      expect(shaderText(name), name).not.toMatch(/@group|@compute|fma\(/);
    }
  });
});

describe('assemble', () => {
  const struct = uniform('Shape', { rows: 'u32', slope: 'f32' });
  const files: Record<string, string> = {
    stage: '#import b\n#import a\n#struct Shape\nmain',
    'shared/a': 'a',
    'shared/b': '#import a\nb',
    'shared/loop': '#import loop',
    'shared/fn_relu': 'relu',
    chosen: '#choose fn',
    broken: '#import loop',
  };
  const read = (name: string) => files[name] ?? '';

  it('imports every file once, dependencies first', () => {
    const text = assemble('stage', [struct], {}, read);
    expect(text.split('\n').filter((line) => line !== '')).toEqual([
      'a',
      'b',
      ...struct.wgsl.split('\n'),
      'main',
    ]);
  });

  it('takes the chosen file', () => {
    expect(assemble('chosen', [], { fn: 'relu' }, read)).toBe('relu');
    expect(() => assemble('chosen', [], {}, read)).toThrow('needs a choice of fn');
  });

  it('refuses loops, unknown structs and unknown files', () => {
    expect(() => assemble('broken', [], {}, read)).toThrow('import each other');
    expect(() => assemble('stage', [], {}, read)).toThrow('asks for struct Shape');
    expect(() => shaderText('nowhere')).toThrow('shaders/nowhere.wgsl does not exist');
  });
});

describe('uniform', () => {
  const struct = uniform('Shape', { rows: 'u32', offset: 'i32', slope: 'f32' });

  it('prints its WGSL and packs the same layout', () => {
    expect(struct.wgsl).toBe('struct Shape {\n  rows: u32,\n  offset: i32,\n  slope: f32,\n}');
    expect(struct.size).toBe(16);
    const view = new DataView(new ArrayBuffer(32));
    struct.pack({ rows: 7, offset: -2, slope: 0.25 }, view, 16);
    expect([view.getUint32(16, true), view.getInt32(20, true), view.getFloat32(24, true)]).toEqual([
      7, -2, 0.25,
    ]);
  });

  it('refuses numbers that are no such integer', () => {
    const view = new DataView(new ArrayBuffer(16));
    expect(() => struct.pack({ rows: -1, offset: 0, slope: 0 }, view, 0)).toThrow(
      'Shape.rows must be u32, got -1',
    );
    expect(() => struct.pack({ rows: 0, offset: 2 ** 31, slope: 0 }, view, 0)).toThrow(RangeError);
    expect(() => struct.pack({ rows: 0.5, offset: 0, slope: 0 }, view, 0)).toThrow(RangeError);
  });
});

describe('compile errors', () => {
  it('show every message with its place, the name and the numbered source', () => {
    const messages = [
      { type: 'warning', lineNum: 1, linePos: 2, message: 'odd' },
      { type: 'error', lineNum: 2, linePos: 5, message: 'bad' },
    ] as const;
    const error = compileError('dense relu', 'one\ntwo', messages);
    expect(error?.message).toBe(
      'shader dense relu does not compile:\n  1:2 warning: odd\n  2:5 error: bad\n1  one\n2  two',
    );
    expect(compileError('dense relu', 'one', [messages[0]])).toBeNull();
  });

  it('number lines to the width of the last', () => {
    expect(
      numbered('a\n'.repeat(9) + 'b')
        .split('\n')
        .at(0),
    ).toBe(' 1  a');
  });
});
