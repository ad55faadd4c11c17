/** Whether derivatives and differences have room on a device, which decides in what arithmetic they are. */
import { describe, expect, it } from 'vitest';
import type { ComputeDevice } from '../../../src/engine/webgpu/device.js';
import { WebgpuDelta } from '../../../src/engine/webgpu/delta/differences.js';
import { WebgpuDerivatives } from '../../../src/engine/webgpu/jets/derivatives.js';
import { referenceProblem } from '../../helpers/fixtures.js';

/** A device that binds at most so many bytes. */
function deviceOf(maxStorageBufferBindingSize: number): ComputeDevice {
  return { device: { limits: { maxStorageBufferBindingSize } } } as unknown as ComputeDevice;
}

const problem = referenceProblem('resnet20-fashion', 4);
const tooLarge = 'its values are too large for this adapter';

describe.each(['chain', 'tiled', 'direct'] as const)('%s kernels', (kernels) => {
  const choice = { kernels, tiling: null };

  it('have room for a ResNet-20 in the buffers that WebGPU promises', () => {
    const device = deviceOf(2 ** 27);
    expect(WebgpuDerivatives.fits(device, problem, 1, choice)).toBe(true);
    expect(WebgpuDerivatives.fits(device, problem, 2, choice)).toBe(true);
    expect(WebgpuDelta.refuses(device, problem, choice)).toBe(null);
  });

  it('have none in buffers of 256 KiB, and say so', () => {
    const device = deviceOf(2 ** 18);
    expect(WebgpuDerivatives.fits(device, problem, 2, choice)).toBe(false);
    expect(WebgpuDelta.refuses(device, problem, choice)).toBe(tooLarge);
  });

  it('have none for the centre of differences where only their values fit', () => {
    expect(WebgpuDelta.refuses(deviceOf(2 ** 23), problem, choice)).toBe(tooLarge);
    expect(WebgpuDelta.refuses(deviceOf(2 ** 26), problem, choice)).toBe(null);
  });
});
