import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { caseNames } from '../../../src/cli/bench-cases.js';
import { caseShaders, writeShaders } from '../../../src/cli/shaders.js';

describe.each(caseNames)('the shaders of case %s', (name) => {
  test('are assembled, complete and distinct, with values for constants that they have', async () => {
    const shaders = await caseShaders(name);
    expect(new Set(shaders.map((shader) => shader.name)).size).toBe(shaders.length);
    expect(shaders.map((shader) => shader.name)).toContain('loss');
    for (const { name: file, code, entryPoint, constants } of shaders) {
      expect(code, file).not.toMatch(/^#/m);
      expect(code, file).toMatch(new RegExp(`@compute[^{]*\\bfn ${entryPoint}\\(`));
      for (const constant of Object.keys(constants))
        expect(code).toMatch(new RegExp(`override ${constant}\\b`));
    }
  });
});

test('those of a convolutional network include Winograd’s tiles', async () => {
  const names = (await caseShaders('c')).map(({ label }) => label.split(' ')[0]);
  expect(names).toEqual(expect.arrayContaining(['winograd_input', 'winograd_output']));
});

test('each becomes a .wgsl and a .json beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'isoloss-shaders-'));
  try {
    const out = join(folder, 'new');
    const paths = await writeShaders({ case: 'd', out });
    expect(readdirSync(out)).toHaveLength(2 * paths.length);
    for (const path of paths) {
      const facts = JSON.parse(readFileSync(path.replace(/wgsl$/, 'json'), 'utf8')) as Record<
        string,
        unknown
      >;
      expect(facts).toMatchObject({ case: 'd', entryPoint: 'main' });
      expect(facts['constants']).toBeTypeOf('object');
      expect(readFileSync(path, 'utf8')).toContain('fn main(');
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
