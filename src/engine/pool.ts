/**
 * An engine on several workers: every worker prepares the problem, a call of `evaluate` goes to the one with least to do,
 * results come back by transfer. No memory is shared, so a plain static host can serve it. One worker that dies
 * takes the pool with it.
 */
import type { Order } from '../model/jet.js';
import {
  type Derivatives,
  type Differences,
  type Engine,
  EngineLostError,
  type EngineInfo,
  type EngineName,
  type Evaluator,
  type Passes,
  type Point,
  type Points,
  type Problem,
  type SampleRange,
  type Sums,
} from './engine.js';
import { type Answer, type Question, type Request, revive } from './protocol.js';

/** A browser's `Worker` that runs worker.ts. */
interface BrowserWorker {
  postMessage(message: unknown): void;
  terminate(): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<Answer>) => void): void;
  addEventListener(type: 'error', listener: (event: ErrorEvent) => void): void;
  addEventListener(type: 'messageerror', listener: () => void): void;
}

/** A `Worker` of node:worker_threads that runs worker-node.ts. */
interface NodeWorker {
  postMessage(message: unknown): void;
  terminate(): Promise<number>;
  on(event: 'message', listener: (answer: Answer) => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'messageerror', listener: () => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
}

export type PoolWorker = BrowserWorker | NodeWorker;

export interface Pool extends Engine {
  readonly workers: number;
  /** Ends all workers; whatever is pending rejects with `EngineLostError`. */
  dispose(): void;
}

/** Calls in flight per worker that keep it busy: one that it computes and one that waits. */
const lanesPerWorker = 2;
/** Points that one point's derivatives weigh, first and second order, when calls are shared out. */
const firstOrderWork = 4;
const secondOrderWork = 8;

/** Samples of a share are a multiple of this, as engines take them in groups. */
const shareSamples = 8;

/** A range in at most `parts` shares of about the same size. */
function sharesOf({ first, count }: SampleRange, parts: number): SampleRange[] {
  const size = Math.max(1, Math.ceil(count / parts / shareSamples)) * shareSamples;
  return Array.from({ length: Math.max(1, Math.ceil(count / size)) }, (_, i) => {
    return { first: first + i * size, count: Math.min(size, count - i * size) };
  });
}

/** Starts `count` workers at once; `spawn` makes one. Several problems may be prepared on one pool. */
export function createPool(engine: EngineName, spawn: () => PoolWorker, count: number): Pool {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(`a pool of ${count} workers; at least one is needed`);
  }
  return new WorkerPool(engine, spawn, count);
}

class WorkerPool implements Pool {
  private readonly links: Link[];

  constructor(
    readonly name: EngineName,
    spawn: () => PoolWorker,
    readonly workers: number,
  ) {
    const lost = (error: EngineLostError): void => this.end(error);
    this.links = Array.from({ length: workers }, () => new Link(spawn(), lost));
    for (const link of this.links) link.tell({ kind: 'open', engine: name });
  }

  async prepare(problem: Problem, signal?: AbortSignal): Promise<Evaluator> {
    signal?.throwIfAborted();
    const { name } = this;
    const parts = await Promise.allSettled(
      this.links.map(async (link) => {
        const { id, answer } = link.ask(
          (own) => ({ kind: 'prepare', id: own, engine: name, problem }),
          0,
          signal,
        );
        const prepared = await answer;
        if (prepared.kind !== 'prepared') throw new TypeError(`${prepared.kind} is no answer to prepare`);
        const { info, lanes, passes } = prepared;
        return { link, evaluator: id, info, lanes, passes };
      }),
    );
    const ready = parts.filter((part) => part.status === 'fulfilled').map(({ value }) => value);
    const failed = parts.find((part) => part.status === 'rejected');
    if (failed !== undefined) {
      for (const { link, evaluator } of ready) link.tell({ kind: 'release', evaluator });
      throw failed.reason;
    }
    return new PoolEvaluator(ready);
  }

  dispose(): void {
    this.end(new EngineLostError(`the pool of ${this.name} workers was disposed of; make a new one`));
  }

  private end(error: EngineLostError): void {
    for (const link of this.links) link.end(error);
  }
}

/** A problem on one worker. */
interface Part {
  readonly link: Link;
  readonly evaluator: number;
  readonly info: EngineInfo;
  readonly lanes: number;
  readonly passes: Passes;
}

class PoolEvaluator implements Evaluator {
  readonly info: EngineInfo;
  readonly lanes: number;
  readonly passes: Passes;
  private readonly disposal = new AbortController();

  constructor(private readonly parts: readonly Part[]) {
    const { engine, adapter } = parts[0]!.info;
    const count = `${parts.length} ${parts.length === 1 ? 'worker' : 'workers'}`;
    // A GPU is the adapter whoever talks to it.
    this.info = { engine, adapter: engine === 'webgpu' ? adapter : `${count}, ${adapter}` };
    this.passes = parts[0]!.passes;
    this.lanes = parts.reduce((sum, part) => sum + Math.max(lanesPerWorker, part.lanes), 0);
  }

  async evaluate(points: Points, samples: SampleRange, signal?: AbortSignal): Promise<Sums> {
    const work = points.a.length * samples.count;
    const result = await this.ask((to) => ({ kind: 'evaluate', ...to, points, samples }), work, signal);
    if (result.kind !== 'sums') throw new TypeError(`${result.kind} is no answer to evaluate`);
    return result.sums;
  }

  async derivatives(
    points: Points,
    samples: SampleRange,
    order: Order,
    signal?: AbortSignal,
  ): Promise<Derivatives> {
    const work = points.a.length * samples.count * (order === 1 ? firstOrderWork : secondOrderWork);
    const result = await this.ask(
      (to) => ({ kind: 'derivatives', ...to, points, samples, order }),
      work,
      signal,
    );
    if (result.kind !== 'derivatives') throw new TypeError(`${result.kind} is no answer to derivatives`);
    return result.derivatives;
  }

  async differences(
    centre: Point,
    offsets: Points,
    samples: SampleRange,
    signal?: AbortSignal,
  ): Promise<Differences> {
    // By samples and not by offsets, so that no worker repeats the centre's values, and each share always to the same
    // worker, which keeps them from call to call.
    const shares = sharesOf(samples, this.parts.length);
    const results = await Promise.all(
      shares.map(async (share, i) => {
        const work = (1 + offsets.a.length) * share.count;
        const result = await this.ask(
          (to) => ({ kind: 'differences', ...to, centre, offsets, samples: share }),
          work,
          signal,
          this.parts[i],
        );
        if (result.kind !== 'differences') throw new TypeError(`${result.kind} is no answer to differences`);
        return result.differences.delta;
      }),
    );
    return { delta: offsets.a.map((_, i) => results.reduce((sum, delta) => sum + delta[i]!, 0)) };
  }

  /** Sends a request to this worker, or to the one with least to do. */
  private ask(
    make: (to: { readonly id: number; readonly evaluator: number }) => Question,
    work: number,
    signal: AbortSignal | undefined,
    part = this.idlest(),
  ): Promise<Answer> {
    const signals = signal === undefined ? [this.disposal.signal] : [this.disposal.signal, signal];
    const stop = AbortSignal.any(signals);
    if (stop.aborted) return Promise.reject(stop.reason as Error);
    const { link, evaluator } = part;
    return link.ask((id) => make({ id, evaluator }), work, stop).answer;
  }

  private idlest(): Part {
    return this.parts.reduce((least, part) => (part.link.load < least.link.load ? part : least));
  }

  dispose(): void {
    if (this.disposal.signal.aborted) return;
    this.disposal.abort(new EngineLostError('this evaluator was disposed of; prepare the problem again'));
    for (const { link, evaluator } of this.parts) link.tell({ kind: 'release', evaluator });
  }
}

interface Pending {
  readonly work: number;
  /** Nobody waits for the answer any more. */
  abandoned: boolean;
  settle(result: Answer | Error): void;
}

/** One worker: its requests, by id, and what it still has to do. */
class Link {
  /** Points × samples that are asked for and not answered, cancelled ones included: it still has to get to them. */
  load = 0;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private ended: EngineLostError | null = null;

  constructor(
    private readonly worker: PoolWorker,
    lost: (error: EngineLostError) => void,
  ) {
    const died = (reason: string): void => lost(new EngineLostError(`a worker of the pool died: ${reason}`));
    const garbled = (): void => died('an answer could not be read');
    if ('on' in worker) {
      worker.on('message', (answer) => this.settle(answer));
      worker.on('messageerror', garbled);
      worker.on('error', (error) => died(error instanceof Error ? error.message : String(error)));
      worker.on('exit', (code) => died(`it ended with code ${code}`));
    } else {
      worker.addEventListener('message', ({ data }) => this.settle(data));
      worker.addEventListener('messageerror', garbled);
      worker.addEventListener('error', ({ message }) => died(message || 'it did not start'));
    }
  }

  /** Sends a request; its answer rejects at once when `signal` aborts. */
  ask(
    make: (id: number) => Question,
    work: number,
    signal?: AbortSignal,
  ): { readonly id: number; readonly answer: Promise<Answer> } {
    const id = ++this.lastId;
    const answer = new Promise<Answer>((resolve, reject) => {
      if (this.ended !== null) throw this.ended;
      // First, as it throws when something cannot be cloned.
      this.worker.postMessage(make(id));
      const stop = (): void => {
        pending.abandoned = true;
        this.tell({ kind: 'cancel', id });
        reject(signal!.reason);
      };
      signal?.addEventListener('abort', stop, { once: true });
      const pending: Pending = {
        work,
        abandoned: false,
        settle: (result) => {
          signal?.removeEventListener('abort', stop);
          if (result instanceof Error) reject(result);
          else resolve(result);
        },
      };
      this.pending.set(id, pending);
      this.load += work;
    });
    return { id, answer };
  }

  tell(request: Exclude<Request, Question>): void {
    if (this.ended === null) this.worker.postMessage(request);
  }

  end(error: EngineLostError): void {
    if (this.ended !== null) return;
    this.ended = error;
    void this.worker.terminate();
    for (const pending of this.pending.values()) pending.settle(error);
    this.pending.clear();
    this.load = 0;
  }

  private settle(answer: Answer): void {
    const pending = this.pending.get(answer.id);
    if (pending === undefined) return;
    this.pending.delete(answer.id);
    this.load -= pending.work;
    // Prepared before the cancellation arrived: nobody else would free it.
    if (pending.abandoned && answer.kind === 'prepared') this.tell({ kind: 'release', evaluator: answer.id });
    pending.settle(answer.kind === 'failed' ? revive(answer.error) : answer);
  }
}
