/** Trainings on the page and what becomes of those that fail. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Assignment, Message, Ready, Request, Standing } from '../../../src/train/messages.js';
import { Runs } from '../../../src/ui/train/runs.js';
import type { Setting } from '../../../src/ui/train/setting.js';
import { adamPlan as plan } from '../../helpers/training-problems.js';

let workers: FakeWorker[] = [];

class FakeWorker extends EventTarget {
  readonly requests: Request[] = [];
  isOver = false;
  constructor() {
    super();
    workers.push(this);
  }
  postMessage(request: Request): void {
    if (!this.isOver) this.requests.push(request);
  }
  terminate(): void {
    this.isOver = true;
  }
  say(data: Message): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
  get assignment(): Assignment {
    const [first] = this.requests;
    if (first?.kind !== 'ask' || first.question.kind !== 'begin') throw new Error('nothing was begun');
    return first.question.assignment;
  }
  get kinds(): string[] {
    return this.requests.map((request) => (request.kind === 'ask' ? request.question.kind : request.kind));
  }
  answer(kind: string, value: unknown): void {
    for (const request of this.requests) {
      if (request.kind !== 'ask' || request.question.kind !== kind) continue;
      this.say({ kind: 'answer', id: request.id, value: value as Ready });
    }
  }
}

beforeEach(() => {
  workers = [];
  vi.stubGlobal('Worker', FakeWorker);
});
afterEach(() => vi.unstubAllGlobals());

const setting = { trainees: [{}, {}], data: {}, samples: 100, loss: 'ce' } as unknown as Setting;
const ready = { perEpoch: 7 } as Ready;
const standingAt = (step: number) => ({ step, running: false, secondsPerStep: null }) as Standing;
const settled = () => new Promise((resolve) => void setTimeout(resolve, 0));

/** Two runs at step 5. */
async function begun(): Promise<Runs> {
  const runs = new Runs();
  runs.begin(setting, plan, 'auto', [{} as never, {} as never], 2);
  for (const worker of workers) {
    worker.answer('begin', ready);
    worker.say({ kind: 'standing', standing: standingAt(5) });
  }
  await settled();
  return runs;
}

test('a reset takes runs that are well back to their first step, in the workers that they have', async () => {
  const runs = await begun();
  expect([runs.ready, runs.canReset]).toEqual([true, true]);
  runs.reset();
  expect(workers.map(({ kinds }) => kinds)).toEqual([
    ['begin', 'reset'],
    ['begin', 'reset'],
  ]);
  for (const worker of workers) worker.say({ kind: 'standing', standing: standingAt(0) });
  expect([runs.ready, runs.canReset]).toEqual([true, false]);
});

test.each([
  [
    'broke',
    'Device lost.',
    (worker: FakeWorker) => worker.say({ kind: 'broke', error: { name: 'Error', message: 'device lost' } }),
  ],
  [
    'stopped',
    'The worker that trains stopped (out of memory); reset the run.',
    (worker: FakeWorker) =>
      worker.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' })),
  ],
] as const)(
  'a run that %s begins anew at a reset, with the plan of now, beside one that is well',
  async (_, words, fail) => {
    const runs = await begun();
    runs.replan({ ...plan, learningRate: 0.5 });
    fail(workers[1]!);
    await settled();
    expect([runs.ready, runs.canReset]).toEqual([false, true]);
    expect(runs.all[1]!.failure.toLowerCase()).toBe(words.toLowerCase());

    runs.reset();
    expect(workers.map(({ isOver }) => isOver)).toEqual([false, true, false]);
    expect(workers[0]!.kinds).toEqual(['begin', 'replan', 'reset']);
    const [, , anew] = workers;
    expect(anew!.assignment).toEqual({
      ...workers[0]!.assignment,
      plan: { ...plan, learningRate: 0.5 },
      kept: null,
    });
    expect([runs.ready, runs.step, runs.all[1]!.failure]).toEqual([false, 0, '']);
    anew!.answer('begin', ready);
    await settled();
    expect(runs.ready).toBe(true);
    const kept = runs.all[1]!.remote.keep();
    anew!.answer('keep', 'what it has');
    expect(await kept).toBe('what it has');
  },
);

test('what was asked of a run before it began anew is no failure of the new one', async () => {
  const runs = await begun();
  const [run] = runs.all;
  const asked = run!.measureCurvature();
  workers[0]!.say({ kind: 'broke', error: { name: 'Error', message: 'device lost' } });
  runs.reset();
  await asked;
  expect([run!.failure, run!.measuring, run!.curvature]).toEqual(['', false, null]);
});

test('a run that could not begin begins at a reset', async () => {
  const runs = new Runs();
  runs.begin(setting, plan, 'auto');
  expect(runs.canReset).toBe(false);
  workers[0]!.say({
    kind: 'failed',
    id: 1,
    error: { name: 'RangeError', message: 'a batch of 16 is too large' },
  });
  await settled();
  expect([runs.ready, runs.canReset]).toEqual([false, true]);
  runs.reset();
  for (const worker of workers) worker.answer('begin', ready);
  await settled();
  expect(runs.ready).toBe(true);
});
