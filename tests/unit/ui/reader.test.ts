import { describe, expect, it } from 'vitest';
import { openFiles } from '../../../src/ui/files/reader.js';
import type { ReadAnswer } from '../../../src/ui/files/reader-worker.js';

/** A worker that does what the test says. */
class FakeWorker extends EventTarget {
  ended = false;
  constructor(readonly behave: (worker: FakeWorker) => void) {
    super();
  }
  postMessage(): void {
    setTimeout(() => this.behave(this), 0);
  }
  answer(data: ReadAnswer): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
  terminate(): void {
    this.ended = true;
  }
}

const file = new File(['x'], 'net.onnx');
const open = (
  behave: (worker: FakeWorker) => void,
  { seconds = 60, signal, files = [file] }: { seconds?: number; signal?: AbortSignal; files?: File[] } = {},
) => {
  const worker = new FakeWorker(behave);
  return { worker, result: openFiles(files, {}, signal, () => worker as unknown as Worker, seconds) };
};

describe('reading in a worker', () => {
  it('gives what was opened and ends the worker', async () => {
    const { worker, result } = open((w) => w.answer({ kind: 'opened', opened: [] }));
    expect(await result).toEqual([]);
    expect(worker.ended).toBe(true);
  });

  it('passes the reader’s sentence on', async () => {
    const { worker, result } = open((w) => w.answer({ kind: 'refused', sentence: 'net.onnx: no.' }));
    await expect(result).rejects.toThrow('net.onnx: no.');
    expect(worker.ended).toBe(true);
  });

  it('stops a reader that takes too long', async () => {
    const { worker, result } = open(() => {}, { seconds: 0.05 });
    await expect(result).rejects.toThrow(
      'net.onnx: reading took longer than 0.05 s and was stopped; open a smaller file.',
    );
    expect(worker.ended).toBe(true);
  });

  it('survives a worker that the browser ends', async () => {
    const { worker, result } = open((w) => w.dispatchEvent(new Event('error')));
    await expect(result).rejects.toThrow(
      'net.onnx: the reader stopped (out of memory); open a smaller file.',
    );
    expect(worker.ended).toBe(true);
  });

  it('stops at once when aborted', async () => {
    const controller = new AbortController();
    const { worker, result } = open(() => {}, { signal: controller.signal });
    controller.abort();
    await expect(result).rejects.toBe(controller.signal.reason);
    expect(worker.ended).toBe(true);
  });

  it('starts none for too many files or bytes', async () => {
    const never = () => expect.unreachable('a worker was started');
    const many = Array.from({ length: 1001 }, () => file);
    await expect(openFiles(many, {}, undefined, never)).rejects.toThrow(
      'These are 1001 files, and at most 1000 are opened at once.',
    );
    const huge = { name: 'huge.npz', size: 2 ** 30 + 1 } as File;
    await expect(openFiles([huge], {}, undefined, never)).rejects.toThrow(
      'huge.npz: 1025 MiB are more than the 1024 MiB that are read; save fewer samples.',
    );
  });
});
