/** A worker's side of the protocol: engines by name, problems prepared on them, calls that may be cancelled. */
import { type Engine, type EngineName, type Evaluator } from './engine.js';
import { type Answer, describeFailure, type Request } from './protocol.js';

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

  const answer = async (request: Extract<Request, { id: number }>, signal: AbortSignal): Promise<void> => {
    const { id } = request;
    if (request.kind === 'prepare') {
      const engine = await engineOf(request.engine);
      const evaluator = await engine.prepare(request.problem, signal);
      if (signal.aborted) evaluator.dispose();
      signal.throwIfAborted();
      evaluators.set(id, evaluator);
      post({ kind: 'prepared', id, info: evaluator.info, lanes: evaluator.lanes }, []);
    } else if (request.kind === 'evaluate') {
      const evaluator = evaluators.get(request.evaluator);
      if (evaluator === undefined)
        throw new RangeError('this evaluator was released; prepare the problem again');
      const { loss, squares, correct } = await evaluator.evaluate(request.points, request.samples, signal);
      const buffers = [loss, squares, correct].map(({ buffer }) => buffer as ArrayBuffer);
      post({ kind: 'sums', id, sums: { loss, squares, correct } }, buffers);
    }
  };

  return (request) => {
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
