import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keep, type KeptRow, merged } from '../../../bench/results.js';
import type { CaseName } from '../../../src/cli/bench-cases.js';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isoloss-results-'));
});

afterEach(() => rm(folder, { recursive: true }));

function row(name: CaseName, contender: string, millisecondsPerPoint: number): KeptRow {
  return {
    case: name,
    contender,
    title: contender.toUpperCase(),
    adapter: '2 workers',
    millisecondsPerPoint,
    points: 100,
    firstPictureSeconds: 0.1,
    goodPictureSeconds: null,
    fullGridSeconds: 2,
    measuredShare: 1,
    gflops: 10,
    executedGflops: null,
    peakGflops: null,
    shareOfPeak: null,
    difference: 1e-7,
    load: 0.5,
  };
}

const where = { date: '2026-01-02', browser: 'Chromium 1', gpu: null };

describe('what is kept of a benchmark', () => {
  test('a case that is measured again replaces itself alone', () => {
    const former = [row('a', 'torch', 1), row('d', 'torch', 2)];
    expect(merged(former, [row('b', 'torch', 3), row('a', 'torch', 4)])).toEqual([
      row('a', 'torch', 4),
      row('b', 'torch', 3),
      row('d', 'torch', 2),
    ]);
  });

  test('is a file for each contender and a table of the day, with no name of the machine', async () => {
    await keep(folder, where, [row('d', 'torch', 2), row('d', 'wasm-relaxed', 1)]);
    await keep(folder, where, [row('a', 'wasm-relaxed', 3)]);
    const text = await readFile(join(folder, '2026-01-02-wasm-relaxed.json'), 'utf8');
    const record = JSON.parse(text) as { engine: string; rows: KeptRow[] };
    expect(record).toMatchObject({ ...where, engine: 'wasm-relaxed' });
    expect(record.rows.map((kept) => kept.case)).toEqual(['a', 'd']);
    const table = await readFile(join(folder, '2026-01-02.txt'), 'utf8');
    const lines = table.split('\n').slice(1, 4);
    expect(lines.map((line) => line.split(/\s+/).slice(0, 3))).toEqual([
      ['a', 'WASM-RELAXED', '3.00'],
      ['d', 'WASM-RELAXED', '1.00'],
      ['d', 'TORCH', '2.00'],
    ]);
    expect(table).toContain('Chromium 1, WebGPU adapter: none');
  });
});
