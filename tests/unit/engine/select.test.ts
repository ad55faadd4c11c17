import { describe, expect, test } from 'vitest';
import { decideEngine, selectEngine } from '../../../src/engine/select.js';

function gpuWith(info: Partial<GPUAdapterInfo>): GPU {
  const full = {
    vendor: '',
    architecture: '',
    device: '',
    description: '',
    isFallbackAdapter: false,
    ...info,
  };
  return { requestAdapter: async () => ({ info: full }) } as unknown as GPU;
}

describe('without being asked for an engine', () => {
  test('no WebGPU: WASM, and says so', async () => {
    expect(await selectEngine('auto', undefined)).toEqual({
      engines: ['wasm', 'reference'],
      reason: 'WASM: this browser has no WebGPU',
    });
  });

  test('no adapter: WASM', async () => {
    const gpu = { requestAdapter: async () => null } as unknown as GPU;
    expect((await selectEngine('auto', gpu)).reason).toBe('WASM: this browser offers no adapter for WebGPU');
  });

  test('an adapter that throws: WASM, with the message', async () => {
    const gpu = { requestAdapter: () => Promise.reject(new Error('blocked')) } as unknown as GPU;
    expect((await selectEngine('auto', gpu)).reason).toBe("WASM: this browser's WebGPU failed (blocked)");
  });

  test('SwiftShader: WASM, because it is faster on the same cores', async () => {
    const gpu = gpuWith({ vendor: 'google', architecture: 'swiftshader', isFallbackAdapter: true });
    expect(await selectEngine('auto', gpu)).toEqual({
      engines: ['wasm', 'reference'],
      reason: "WASM: this browser's only adapter is the software renderer SwiftShader",
    });
  });

  test('a software renderer that does not own up to it is known by its name', async () => {
    const gpu = gpuWith({ description: 'llvmpipe (LLVM 15.0.6, 256 bits)' });
    expect((await selectEngine('auto', gpu)).engines[0]).toBe('wasm');
  });

  test('an unknown software renderer is believed', async () => {
    const gpu = gpuWith({ vendor: 'acme', architecture: 'soft', isFallbackAdapter: true });
    expect((await selectEngine('auto', gpu)).reason).toContain('software renderer acme soft');
  });

  test('a GPU: WebGPU, then WASM, then the reference', async () => {
    expect(await selectEngine('auto', gpuWith({ vendor: 'nvidia', architecture: 'ampere' }))).toEqual({
      engines: ['webgpu', 'wasm', 'reference'],
      reason: 'WebGPU: nvidia ampere',
    });
  });

  test('a GPU without a name', async () => {
    expect((await selectEngine('auto', gpuWith({}))).reason).toBe('WebGPU: unnamed adapter');
  });
});

describe('asked for an engine', () => {
  test('webgpu on SwiftShader is done, with the name', async () => {
    const gpu = gpuWith({ vendor: 'google', architecture: 'swiftshader', isFallbackAdapter: true });
    expect(await selectEngine('webgpu', gpu)).toEqual({
      engines: ['webgpu', 'wasm', 'reference'],
      reason: 'WebGPU: chosen by you, on the software renderer SwiftShader',
    });
  });

  test('webgpu where there is none: WASM, and says why', () => {
    expect(decideEngine('webgpu', { kind: 'no-api' })).toEqual({
      engines: ['wasm', 'reference'],
      reason: 'WASM: you chose WebGPU, but this browser has no WebGPU',
    });
  });

  test('wasm and reference do not wake the GPU', async () => {
    const gpu = { requestAdapter: () => expect.unreachable('asked for an adapter') } as unknown as GPU;
    expect((await selectEngine('wasm', gpu)).engines).toEqual(['wasm', 'reference']);
    expect((await selectEngine('reference', gpu)).engines).toEqual(['reference']);
  });
});
