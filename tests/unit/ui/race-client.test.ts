/** The page's side of a race: what is asked of its worker is always answered or refused. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Problem } from '../../../src/engine/engine.js';
import type { NetworkRaceOptions, Way } from '../../../src/train/network-race.js';
import type { RaceAnswer, RaceRequest } from '../../../src/train/race-worker.js';
import { RaceClient } from '../../../src/ui/paths/race-client.js';

let workers: FakeWorker[] = [];

class FakeWorker extends EventTarget {
  readonly requests: RaceRequest[] = [];
  constructor() {
    super();
    workers.push(this);
  }
  postMessage(request: RaceRequest): void {
    this.requests.push(request);
  }
  terminate(): void {}
  answer(data: RaceAnswer): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
  /** The ids under which ways were asked for. */
  get ways(): number[] {
    return this.requests.filter((request) => request.kind === 'way').map(({ id }) => id);
  }
}

beforeEach(() => {
  workers = [];
  vi.stubGlobal('Worker', FakeWorker);
});
afterEach(() => vi.unstubAllGlobals());

const options: NetworkRaceOptions = { racers: [], start: [0, 0], steps: 1, batch: 1, seed: 1 };
const wayTo = (end: number): Way => ({ start: new Map(), end: new Map([['w', Float64Array.of(end)]]) });

function racing() {
  const client = new RaceClient();
  client.race({} as Problem, options);
  return { client, worker: workers[0]! };
}

test('ways are told apart by their ids, in whatever order they come', async () => {
  const { client, worker } = racing();
  const [first, second] = [client.way(0), client.way(1)];
  const [one, two] = worker.ways;
  worker.answer({ kind: 'way', id: two!, way: wayTo(2) });
  worker.answer({ kind: 'way', id: one!, way: wayTo(1) });
  expect(await first).toEqual(wayTo(1));
  expect(await second).toEqual(wayTo(2));
});

test('a way that there is not is refused alone, and the race goes on', async () => {
  const { client, worker } = racing();
  const [first, second] = [client.way(7), client.way(1)];
  const [one, two] = worker.ways;
  worker.answer({ kind: 'failed', way: one!, message: 'there is no run 7; race first' });
  await expect(first).rejects.toThrow('there is no run 7; race first');
  expect(client.failure).toBe('');
  worker.answer({ kind: 'way', id: two!, way: wayTo(2) });
  expect(await second).toEqual(wayTo(2));
});

test('a race that has failed gives no ways, neither those that were asked for nor others', async () => {
  const { client, worker } = racing();
  const asked = client.way(0);
  worker.dispatchEvent(Object.assign(new Event('error'), { message: '' }));
  const failure = 'The race stopped: the worker did not start.';
  expect(client.failure).toBe(failure);
  await expect(asked).rejects.toThrow(failure);
  await expect(client.way(0)).rejects.toThrow(failure);
});

test('a race that nobody looks at any longer gives no ways', async () => {
  const { client } = racing();
  const asked = client.way(0);
  client.dispose();
  await expect(asked).rejects.toThrow('The race was ended.');
  await expect(client.way(0)).rejects.toThrow('There is no race yet.');
  client.race({} as Problem, options);
  const again = client.way(0);
  workers[1]!.answer({ kind: 'way', id: workers[1]!.ways[0]!, way: wayTo(3) });
  expect(await again).toEqual(wayTo(3));
});

test('a race that has failed is not begun again as it was, but another one is, on another worker', async () => {
  const problem = {} as Problem;
  const client = new RaceClient();
  client.race(problem, options);
  workers[0]!.dispatchEvent(Object.assign(new Event('error'), { message: 'no memory' }));
  client.race(problem, options);
  expect(workers).toHaveLength(1);
  client.race(problem, { ...options, steps: 2 });
  expect(client.failure).toBe('');
  expect(workers[1]!.requests.map(({ kind }) => kind)).toEqual(['prepare', 'race']);
  const way = client.way(0);
  workers[1]!.answer({ kind: 'way', id: workers[1]!.ways[0]!, way: wayTo(1) });
  expect(await way).toEqual(wayTo(1));
});
