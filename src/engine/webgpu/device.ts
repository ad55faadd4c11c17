/** One compute device: its adapter's name, its loss, its errors and how many submissions are under way. */
import { EngineLostError, EngineMemoryError, EngineUnsupportedError } from '../engine.js';
import { adapterName, isSoftware } from './adapter.js';
import { Pipelines } from './pipelines.js';
import { TileMemory } from './tile-memory.js';

/** Submissions that keep the GPU busy while one is read back. */
export const IN_FLIGHT = 2;

export class ComputeDevice {
  readonly pipelines: Pipelines;
  /** Set once the device is gone. */
  lostError: EngineLostError | null = null;
  /** Rejects when the device is gone, never resolves. */
  readonly lost: Promise<never>;
  /** Tilings that were found best on this adapter. */
  readonly tilings: TileMemory;
  private free = IN_FLIGHT;
  private readonly waiting: (() => void)[] = [];

  private constructor(
    readonly device: GPUDevice,
    readonly adapter: string,
    /** It computes on the CPU. */
    readonly software: boolean,
  ) {
    this.pipelines = new Pipelines(device);
    this.tilings = new TileMemory(adapter);
    this.lost = device.lost.then(({ reason, message }) => {
      const why = message === '' ? reason : `${reason}: ${message.replace(/[\s.]+$/, '')}`;
      this.lostError = new EngineLostError(`the GPU device ${adapter} was lost (${why})`);
      throw this.lostError;
    });
    // Nobody may be waiting when it happens.
    this.lost.catch(() => {});
  }

  /**
   * A device with default limits, save those of `largest`, which are the adapter's own.
   *
   * @throws EngineUnsupportedError when there is no adapter or it gives no device
   */
  static async request(
    gpu: GPU,
    largest: readonly ('maxBufferSize' | 'maxStorageBufferBindingSize')[] = [],
  ): Promise<ComputeDevice> {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) throw new EngineUnsupportedError('WebGPU offers no adapter here; use the WASM engine');
    const name = adapterName(adapter.info);
    try {
      const requiredLimits = Object.fromEntries(largest.map((limit) => [limit, adapter.limits[limit]]));
      return new ComputeDevice(await adapter.requestDevice({ requiredLimits }), name, isSoftware(adapter));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new EngineUnsupportedError(`${name} gives no device (${reason}); use the WASM engine`, { cause });
    }
  }

  /**
   * Runs `work` inside error scopes.
   *
   * @throws EngineMemoryError when a buffer did not fit, EngineLostError when the device is gone,
   *   Error with the validation message otherwise
   */
  async scoped<T>(what: string, work: () => T): Promise<T> {
    if (this.lostError) throw this.lostError;
    const { device } = this;
    device.pushErrorScope('internal');
    device.pushErrorScope('validation');
    device.pushErrorScope('out-of-memory');
    const pop = () => [device.popErrorScope(), device.popErrorScope(), device.popErrorScope()] as const;
    let result: T;
    try {
      result = work();
    } catch (error) {
      for (const scope of pop()) scope.catch(() => {});
      throw error;
    }
    const [memory, ...others] = await this.orLost(Promise.all(pop()));
    if (memory)
      throw new EngineMemoryError(`${what}: out of GPU memory on ${this.adapter}: ${memory.message}`);
    const error = others.find((scope) => scope !== null);
    if (error) throw new Error(`${what} is refused by ${this.adapter}: ${error.message}`);
    return result;
  }

  /** The promise's result, or `EngineLostError` when the device goes first or the promise fails because it went. */
  async orLost<T>(promise: Promise<T>): Promise<T> {
    try {
      return await Promise.race([promise, this.lost]);
    } catch (error) {
      // A failed call may be seen just before the loss that caused it.
      if (!this.lostError)
        await Promise.race([this.lost.catch(() => {}), new Promise((done) => setTimeout(done, 50))]);
      throw this.lostError ?? error;
    }
  }

  /** Waits for one of the places in flight; call the result to give it back. */
  async place(): Promise<() => void> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    };
  }
}
