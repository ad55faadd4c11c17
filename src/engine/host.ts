/** A worker's side of the protocol: engines by name, problems prepared on them, calls that may be cancelled. */
import { type Engine, type EngineName, type Evaluator } from './engine.js';
import { type Answer, describeFailure, type Question, type Request } from './protocol.js';

/** How a worker's messages leave it; buffers in `transfer` go along without being copied. */
export type Post = (answer: Answer, transfer: ArrayBuffer[]) => void;

/** Answers requests; hand it every message that arrives. `open` makes an engine, once for each name. */
export function createHost(
  open: (name: EngineName) => Promise<Engine>,
  post: Post,
): (request: Request) => void {
  const engines = new Map<EngineName, Promise<Engine>>();
  const evaluators = new Map<number, Evaluator>();
  const running = new Map<number, AbortController>();

  const engineOf = (name: EngineName): Promise<Engine> => {
    let engine = engines.get(name);
    if (engine === undefined) {
      engine = open(name);
      engines.set(name, engine);
      // A failure to open may be passing; the next problem tries again.
      engine.catch(() => engines.delete(name));
    }
    return engine;
  };

  const answer = async (request: Question, signal: AbortSignal): Promise<void> => {
    const { id } = request;
    if (request.kind === 'prepare') {
      const engine = await engineOf(request.engine);
      const evaluator = await engine.prepare(request.problem, signal);
      if (signal.aborted) evaluator.dispose();
      signal.throwIfAborted();
      evaluators.set(id, evaluator);
      const { info, lanes, passes } = evaluator;
      post({ kind: 'prepared', id, info, lanes, passes }, []);
      return;
    }
    const evaluator = evaluators.get(request.evaluator);
    if (evaluator === undefined)
      throw new RangeError('this evaluator was released; prepare the problem again');
    switch (request.kind) {
      case 'evaluate': {
        const { loss, squares, correct } = await evaluator.evaluate(request.points, request.samples, signal);
        post({ kind: 'sums', id, sums: { loss, squares, correct } }, buffersOf(loss, squares, correct));
        return;
      }
      case 'derivatives': {
        const { points, samples, order } = request;
        const { a, b, aa, ab, bb } = await evaluator.derivatives(points, samples, order, signal);
        post({ kind: 'derivatives', id, derivatives: { a, b, aa, ab, bb } }, buffersOf(a, b, aa, ab, bb));
        return;
      }
      case 'differences': {
        const { centre, offsets, samples } = request;
        const { delta } = await evaluator.differences(centre, offsets, samples, signal);
        post({ kind: 'differences', id, differences: { delta } }, buffersOf(delta));
        return;
      }
    }
  };

  return (request) => {
    if (request.kind === 'open') {
      // Whoever prepares a problem hears of a failure.
      engineOf(request.engine).catch(() => undefined);
      return;
    }
    if (request.kind === 'cancel') {
      running.get(request.id)?.abort();
      return;
    }
    if (request.kind === 'release') {
      evaluators.get(request.evaluator)?.dispose();
      evaluators.delete(request.evaluator);
      return;
    }
    const { id } = request;
    const controller = new AbortController();
    running.set(id, controller);
    answer(request, controller.signal)
      .catch((error: unknown) => post({ kind: 'failed', id, error: describeFailure(error) }, []))
      .finally(() => running.delete(id));
  };
}

/** What goes along with an answer instead of being copied. */
function buffersOf(...arrays: readonly (Float64Array | null)[]): ArrayBuffer[] {
  return arrays.filter((array) => array !== null).map(({ buffer }) => buffer as ArrayBuffer);
}
