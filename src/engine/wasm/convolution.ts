/** Calls of conv2d and winograd. */
import { at, type Bind, nowhere, type Of, shapeOf, storageOf } from './machine.js';
import { pack, packedLength, rowBytes } from './pack.js';
import type { Site } from './plan.js';
import { epilogueOf, vectorsAt } from './products.js';
import { convolutionTable } from './tables.js';
import { transformedLength, transformFilters } from './winograd.js';

/** `scratch` is the offset of the call's scratch memory in bytes a group. */
export function convolution(
  { node, epilogue, inputs, out }: Of<'product'>,
  scratch: number,
  plan: Site,
): Bind {
  if (node.op !== 'conv2d') throw new TypeError(`${node.name} is no convolution`);
  const { arena, plane } = plan;
  const input = shapeOf(plan, inputs[0]!);
  const output = shapeOf(plan, out);
  const [channels, height, width] = input as [number, number, number];
  const [outChannels, rows, columns] = output as [number, number, number];
  const weight = plane.parameter(node.weight).shape;
  const table = convolutionTable(node, input, output, weight);
  const [paddedHeight, paddedWidth] = table.padded;
  const taps = table.offsets.length;
  const outputs = outChannels / node.groups;
  const ownChannels = channels / node.groups;
  // Each group of channels is a convolution of its own.
  const packed = table.winograd ? transformedLength(outputs, ownChannels) : packedLength(outputs, taps);
  const weights = plane.place(arena, node.weight, (data) => {
    const all = new Float32Array(packed * node.groups);
    for (let g = 0; g < node.groups; g++) {
      const own = data.subarray(g * outputs * taps, (g + 1) * outputs * taps);
      all.set(
        table.winograd ? transformFilters(own, outputs, ownChannels) : pack(own, outputs, taps),
        g * packed,
      );
    }
    return all;
  });
  const vectors = plane.vectors(arena, outChannels, node.bias, epilogue.norm);
  const offsets = table.winograd ? null : arena.table(table.offsets.map((row) => row * rowBytes));
  const { code, slope, residual } = epilogueOf(epilogue, plan);
  const line = paddedWidth * rowBytes;
  const area = paddedHeight * line;
  return (machine) => {
    const { kernels } = machine;
    const offsetsAt = machine.slot(offsets);
    const x = machine.value(storageOf(plan, inputs[0]!));
    const y = machine.value(storageOf(plan, out));
    const r = residual(machine);
    const padded = scratch < 0 ? 0 : machine.scratch(scratch);
    // The padded inputs of all groups of a block come first.
    const tiles = padded + table.tiles * plan.blockGroups;
    const parts = Array.from({ length: node.groups }, (_, g) => ({
      weights: machine.slot(weights) + 4 * packed * g,
      ...vectorsAt(machine, vectors, g * outputs),
      from: ownChannels * area * g,
      to: outputs * rows * columns * rowBytes * g,
    }));
    return (block) => {
      const { groups } = block;
      let source = at(x, block);
      if (table.pads) {
        const [top, left] = node.padding;
        kernels.pad_image(
          source,
          padded,
          channels,
          height,
          width,
          top,
          left,
          paddedHeight,
          paddedWidth,
          groups,
        );
        source = padded;
      }
      for (const { weights: w, centre, scale, shift, from, to } of parts) {
        const added = r === nowhere ? 0 : at(r, block) + to;
        const target = at(y, block) + to;
        if (table.winograd) {
          kernels.winograd(
            source + from,
            w,
            centre,
            scale,
            shift,
            added,
            target,
            tiles,
            ownChannels,
            outputs,
            groups,
            rows,
            columns,
            line,
            area,
            channels * area,
            r.stride,
            y.stride,
            code,
            slope,
          );
        } else {
          kernels.conv2d(
            source + from,
            w,
            offsetsAt,
            centre,
            scale,
            shift,
            added,
            target,
            taps,
            outputs,
            groups,
            rows,
            columns,
            node.stride[0] * line,
            node.stride[1] * rowBytes,
            channels * area,
            r.stride,
            y.stride,
            code,
            slope,
          );
        }
      }
    };
  };
}
