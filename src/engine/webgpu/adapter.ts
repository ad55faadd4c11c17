/** Names of adapters, for the page and the command line. */

export interface AdapterDescription {
  readonly name: string;
  /** Runs on the CPU: slower than the WASM engine. */
  readonly software: boolean;
}

/** Strings of known software renderers; some do not set `isFallbackAdapter`. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i;

/** e.g. `google swiftshader (SwiftShader driver-5.0.0)`: vendor and architecture, then what else is known. */
export function adapterName({ vendor, architecture, description }: GPUAdapterInfo): string {
  const short = [vendor, architecture].filter((word) => word !== '').join(' ');
  if (short === '') return description === '' ? 'unnamed adapter' : description;
  return description === '' ? short : `${short} (${description})`;
}

/** Whether an adapter computes on the CPU. */
export function isSoftware(adapter: GPUAdapter): boolean {
  const { info } = adapter;
  // The flag moved from the adapter to its info; browsers from before the move still have the former.
  const former = (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter;
  const words = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return info.isFallbackAdapter || former === true || SOFTWARE.test(words);
}

/** The adapter that the engine would use, or null when there is none. */
export async function describeAdapter(gpu: GPU): Promise<AdapterDescription | null> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  return adapter && { name: adapterName(adapter.info), software: isSoftware(adapter) };
}
