/**
 * The page `bench.html`: the benchmark of Isoloss's own engines on the visitor's machine. `?case=e&seconds=1`
 * chooses networks and how long each repetition takes; `?engine=wasm-relaxed` chooses engines.
 */
import {
  type BenchCase,
  benchCase,
  type CaseName,
  caseNames,
  caseProblem,
} from '../../src/cli/bench-cases.js';
import { benchPoints, evaluateAll } from '../../src/cli/bench-measure.js';
import { describeAdapter } from '../../src/engine/webgpu/adapter.js';
import { multiplyAdds } from '../../src/model/cost.js';
import { AGREEMENT, CHECKED, largestDifference } from '../agreement.js';
import { contenders } from '../contenders.js';
import type { Request } from '../measurement.js';
import { measureOwn, openPool, own } from '../page/isoloss.js';
import { pointsForGoodPicture } from '../picture.js';
import { HEADINGS, makeRow, type Row, rowCells, WORDS } from '../table.js';

/** Seconds of a repetition, and of a run of the whole grid before the rest is extrapolated. */
const SECONDS = 1;
const GRID_SECONDS = 20;
const SHOWN = ['webgpu', 'wasm-relaxed'];

const query = new URLSearchParams(location.search);
const find = <T extends Element>(selector: string): T => document.querySelector<T>(selector)!;
const [run, copy] = [find<HTMLButtonElement>('#run'), find<HTMLButtonElement>('#copy')];
const table = find<HTMLTableElement>('table');
const rows: Row[] = [];

function say(sentence: string): void {
  find('#status').textContent = sentence;
}

function addChoice(place: string, value: string, text: string, checked: boolean, disabled = false): void {
  const label = document.createElement('label');
  const box = document.createElement('input');
  Object.assign(box, { type: 'checkbox', value, checked, disabled });
  label.append(box, text);
  find(place).append(label);
}

function chosen(place: string): string[] {
  return [...document.querySelectorAll<HTMLInputElement>(`${place} input:checked`)].map(({ value }) => value);
}

function addRow(cells: readonly string[], tag: 'th' | 'td', place: 'thead' | 'tbody'): void {
  const line = document.createElement('tr');
  for (const [i, text] of cells.entries()) {
    const cell = document.createElement(tag);
    cell.textContent = text;
    if (tag === 'th') cell.setAttribute('scope', 'col');
    if (WORDS.has(HEADINGS[i]!)) cell.className = 'words';
    line.append(cell);
  }
  find(`table ${place}`).append(line);
}

/** Losses of the float64 reference where everybody is compared with it. */
async function referenceLosses(subject: BenchCase, check: Request['check']): Promise<Float64Array> {
  const pool = openPool(own.get('reference')!);
  try {
    const evaluator = await pool.prepare(caseProblem(subject));
    const points = { a: Float64Array.from(check.a), b: Float64Array.from(check.b) };
    return await evaluateAll(evaluator, points, subject.samples, 1);
  } finally {
    pool.dispose();
  }
}

async function measureCase(name: CaseName, engines: readonly string[], seconds: number): Promise<void> {
  const subject = benchCase(name);
  const { a, b } = benchPoints(CHECKED[name]);
  const check = { a: [...a], b: [...b] };
  say(`(${name}) ${subject.title}: float64 reference…`);
  const truth = await referenceLosses(subject, check);
  let enough: number | null = null;
  for (const id of engines) {
    const { title } = contenders.find((contender) => contender.id === id)!;
    say(`(${name}) ${subject.title}: ${title}…`);
    const request = { contender: id, case: name, check, seconds, gridSeconds: GRID_SECONDS };
    const measured = await measureOwn(own.get(id)!, subject, request);
    const difference = largestDifference(measured.check, truth);
    if (!(difference <= AGREEMENT)) {
      throw new Error(
        `${title} differs from the float64 reference by ${difference}; its time does not count`,
      );
    }
    if (measured.grid !== null) enough ??= pointsForGoodPicture(measured.grid, subject.side);
    const row = makeRow(measured, {
      case: name,
      contender: id,
      title,
      total: subject.side ** 2,
      enough,
      multiplyAddsPerPoint: multiplyAdds(subject.model) * subject.samples,
      difference,
    });
    rows.push(row);
    addRow(
      rowCells(
        row,
        rows.find((other) => other.case === name)!,
      ),
      'td',
      'tbody',
    );
  }
}

async function measureAll(): Promise<void> {
  const names = chosen('#cases') as CaseName[];
  const engines = chosen('#engines');
  if (names.length === 0 || engines.length === 0) {
    say('Choose at least one network and one engine.');
    return;
  }
  const asked = Number(query.get('seconds'));
  const seconds = asked > 0 ? asked : SECONDS;
  rows.length = 0;
  find('table tbody').replaceChildren();
  table.hidden = false;
  run.disabled = copy.disabled = true;
  try {
    for (const name of names) await measureCase(name, engines, seconds);
    say('Done.');
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  } finally {
    run.disabled = false;
    copy.disabled = rows.length === 0;
  }
}

async function copyRows(): Promise<void> {
  const date = new Date().toISOString().slice(0, 10);
  await navigator.clipboard.writeText(JSON.stringify({ date, browser: navigator.userAgent, rows }, null, 2));
  say('Copied.');
}

const listed = (key: string): string[] | undefined => query.get(key)?.split(',');
for (const name of caseNames) {
  addChoice('#cases', name, benchCase(name).title, listed('case')?.includes(name) ?? true);
}
const adapter = navigator.gpu ? await describeAdapter(navigator.gpu).catch(() => null) : null;
for (const id of SHOWN) {
  const { title, gpu } = contenders.find((contender) => contender.id === id)!;
  const absent = gpu && adapter === null;
  const where = gpu ? (adapter?.name ?? 'this browser offers no adapter') : 'every core';
  addChoice(
    '#engines',
    id,
    `${title}: ${where}`,
    !absent && (listed('engine')?.includes(id) ?? true),
    absent,
  );
}
addRow(HEADINGS, 'th', 'thead');
find<HTMLFormElement>('form').addEventListener('submit', (event) => {
  event.preventDefault();
  void measureAll();
});
copy.addEventListener('click', () => void copyRows().catch((error: unknown) => say(String(error))));
