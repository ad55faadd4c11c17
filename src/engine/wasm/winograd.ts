/**
 * Winograd's F(2×2, 3×3) (Lavin and Gray, arXiv 1509.09308): where a convolution 3×3 of stride 1 takes 36 products for
 * four pixels it takes 16, after transforms that add only. That of the filters is linear, so base and directions are
 * transformed once and combined at every point.
 */
import type { Conv2dNode, Shape } from '../../model/graph.js';
import { TILE, transformFilter } from '../../math/winograd.js';
import { pack, packedLength, rowBytes } from './pack.js';

/** What transforming one channel of a tile, in or out, costs in multiply-adds of a group: about 80 instructions twice. */
const transformCost = 29;

/** Whether a convolution can be done so and gains by it. Shapes are those of output and weight. */
export function prefersWinograd(node: Conv2dNode, output: Shape, weight: Shape): boolean {
  const [outputs, channels, kernelHeight, kernelWidth] = weight as [number, number, number, number];
  const plain = [...node.stride, ...node.dilation].every((step) => step === 1);
  if (kernelHeight !== 3 || kernelWidth !== 3 || !plain) return false;
  const [, height, width] = output as [number, number, number];
  const own = outputs / node.groups;
  const tiles = Math.ceil(height / 2) * Math.ceil(width / 2);
  const cost = TILE * channels * own + transformCost * (channels + own);
  return tiles * cost < 9 * height * width * channels * own;
}

/** Multiply-adds of a sample's products. */
export function tiledMultiplyAdds([, height, width]: Shape, [outputs, channels]: Shape): number {
  return Math.ceil(height! / 2) * Math.ceil(width! / 2) * TILE * outputs! * channels!;
}

/** How many numbers a weight's filters become. */
export function transformedCount([outputs, channels]: Shape): number {
  return TILE * outputs! * channels!;
}

/** Size of the padded input that tiles cover, the last row and column of an odd output included. */
export function tiledSize([, height, width]: Shape): [height: number, width: number] {
  return [2 * Math.ceil(height! / 2) + 2, 2 * Math.ceil(width! / 2) + 2];
}

/** Bytes for the transformed input and the products of one tile. */
export function tileScratch(channels: number, outputs: number): number {
  return TILE * (channels + outputs) * rowBytes;
}

/** Floats of transformed filters. */
export function transformedLength(outputs: number, channels: number): number {
  return TILE * packedLength(outputs, channels);
}

/** Filters `[outputs, channels, 3, 3]` as G·g·Gᵀ, packed `[16][⌈outputs/4⌉][channels][4]`. */
export function transformFilters(filters: Float32Array, outputs: number, channels: number): Float32Array {
  const points = Array.from({ length: TILE }, () => new Float32Array(outputs * channels));
  for (let filter = 0; filter < outputs * channels; filter++) {
    const whole = transformFilter((element) => filters[9 * filter + element]!);
    for (let k = 0; k < TILE; k++) points[k]![filter] = whole[k]!;
  }
  const packed = new Float32Array(transformedLength(outputs, channels));
  const length = packed.length / TILE;
  for (const [k, point] of points.entries()) packed.set(pack(point, outputs, channels), k * length);
  return packed;
}
