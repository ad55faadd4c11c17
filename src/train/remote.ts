/**
 * The page's side of a training in a worker.
 *
 * Fires `update` when `standing` or `failure` has changed.
 */
import { revive } from '../engine/protocol.js';
import type { Answers, Assignment, Command, Kept, Message, Question, Ready, Standing } from './messages.js';
import type { Sharpness } from './sharpness.js';
import type { Snapshot } from './trainer.js';

function spawn(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
}

interface Waiting {
  readonly resolve: (value: Answers[keyof Answers]) => void;
  readonly reject: (error: Error) => void;
}

export class RemoteTraining extends EventTarget {
  private readonly worker: Worker = spawn();
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;
  #standing: Standing | null = null;
  #failure: Error | null = null;

  constructor() {
    super();
    this.worker.addEventListener('message', ({ data }: MessageEvent<Message>) => this.hear(data));
    this.worker.addEventListener('error', ({ message }) =>
      this.end(
        new Error(`The worker that trains stopped (${message || 'it did not start'}); reset the run.`),
      ),
    );
  }

  /** Where the run is; null before it was begun. */
  get standing(): Standing | null {
    return this.#standing;
  }

  /** Why nothing more comes; null while all is well. */
  get failure(): Error | null {
    return this.#failure;
  }

  begin(assignment: Assignment): Promise<Ready> {
    return this.ask({ kind: 'begin', assignment }) as Promise<Ready>;
  }

  snapshot(): Promise<Snapshot> {
    return this.ask({ kind: 'snapshot' }) as Promise<Snapshot>;
  }

  keep(): Promise<Kept> {
    return this.ask({ kind: 'keep' }) as Promise<Kept>;
  }

  sharpness(): Promise<Sharpness> {
    return this.ask({ kind: 'sharpness' }) as Promise<Sharpness>;
  }

  tell(command: Command): void {
    this.worker.postMessage(command);
  }

  /** Ends the worker; what is still asked is rejected. */
  close(): void {
    this.end(new Error('The run was closed.'));
  }

  private ask(question: Question): Promise<Answers[keyof Answers]> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ kind: 'ask', id, question });
    });
  }

  private hear(message: Message): void {
    switch (message.kind) {
      case 'standing':
        this.#standing = message.standing;
        break;
      case 'broke':
        this.#failure = revive(message.error);
        break;
      case 'answer':
        this.waiting.get(message.id)?.resolve(message.value);
        this.waiting.delete(message.id);
        return;
      case 'failed':
        this.waiting.get(message.id)?.reject(revive(message.error));
        this.waiting.delete(message.id);
        return;
    }
    this.dispatchEvent(new Event('update'));
  }

  private end(error: Error): void {
    this.worker.terminate();
    this.#failure = error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
    this.dispatchEvent(new Event('update'));
  }
}
