/** Networks of equal blocks, with or without skips: which nodes they have, and the shapes of their parameters. */
import type { ActivationName, Node, Shape } from './graph.js';
import { Wiring } from './wiring.js';

/** A network by its numbers. Structured-cloneable. */
export interface Architecture {
  /** `mlp` of dense layers, or `conv` of 3×3 convolutions on images. */
  readonly kind: 'mlp' | 'conv';
  /** Shape of one sample: `[features]`, or `[channels, height, width]` for `conv`. */
  readonly input: Shape;
  /** Logits. */
  readonly outputs: number;
  readonly blocks: number;
  /** Dense layers or convolutions of a block. */
  readonly layers: number;
  /** Units of every hidden layer; channels of the first stage of `conv`. */
  readonly width: number;
  /** Whether each block adds its input to its output before the last activation. */
  readonly skips: boolean;
  /** Behind every layer of the blocks, and behind the first convolution. */
  readonly batchnorm: boolean;
  readonly activation: ActivationName;
}

export interface Draft {
  readonly nodes: readonly Node[];
  /** Weights of dense layers and convolutions by name; biases, scales and statistics have `[shape[0]]`. */
  readonly weights: ReadonlyMap<string, Shape>;
}

/** Layers with weights between input and logits, shortcuts aside. */
export function depthOf({ blocks, layers }: Pick<Architecture, 'blocks' | 'layers'>): number {
  return blocks * layers + 2;
}

/**
 * h = φ(stem·x); per block h = φ(h + y), without `h +` when there are no skips, y the layers with φ between them;
 * head·h. In `conv` three stages of blocks: the first block of the second and of the third one halves an image that is
 * larger than one pixel and doubles the channels, its skip being a strided 1×1 convolution (option B of He et al.,
 * *Deep Residual Learning*, 2016); the head sees the mean over the image. Names are those of the bundled networks.
 */
export function draft(architecture: Architecture): Draft {
  return architecture.kind === 'mlp' ? draftMlp(architecture) : draftConv(architecture);
}

function draftMlp(architecture: Architecture): Draft {
  const { input, outputs, blocks, layers, width, skips, batchnorm, activation } = architecture;
  const net = new Wiring();
  const weights = new Map<string, Shape>();
  const dense = (name: string, h: number, from: number, to: number, bias: boolean): number => {
    weights.set(`${name}.weight`, [to, from]);
    return net.dense(name, h, bias);
  };
  let h = net.activation(`stem.${activation}`, dense('stem', 0, input[0]!, width, true), activation);
  for (let i = 0; i < blocks; i++) {
    const block = `blocks.${i}`;
    let y = h;
    for (let k = 1; k <= layers; k++) {
      if (k > 1) y = net.activation(`${block}.${activation}${k - 1}`, y, activation);
      y = dense(`${block}.fc${k}`, y, width, width, !batchnorm);
      if (batchnorm) y = net.batchnorm(`${block}.bn${k}`, y);
    }
    if (skips) y = net.add(`${block}.add`, h, y);
    h = net.activation(`${block}.${activation}${layers}`, y, activation);
  }
  dense('head', h, width, outputs, true);
  return { nodes: net.nodes, weights };
}

function draftConv(architecture: Architecture): Draft {
  const { input, outputs, blocks, layers, width, skips, batchnorm, activation } = architecture;
  const net = new Wiring();
  const weights = new Map<string, Shape>();
  const conv = (
    [name, norm]: readonly [string, string],
    h: number,
    from: number,
    to: number,
    kernel: number,
    stride: number,
  ): number => {
    weights.set(`${name}.weight`, [to, from, kernel, kernel]);
    const y = net.conv2d(name, h, kernel, stride, !batchnorm);
    return batchnorm ? net.batchnorm(norm, y) : y;
  };
  let channels = width;
  let side = Math.min(input[1]!, input[2]!);
  let h = net.activation(activation, conv(['conv', 'bn'], 0, input[0]!, channels, 3, 1), activation);
  const stages = [1, 2].map((stage) => Math.ceil((stage * blocks) / 3));
  for (let i = 0; i < blocks; i++) {
    const block = `blocks.${i}`;
    const halves = i > 0 && stages.includes(i) && side > 1;
    const before = channels;
    if (halves) {
      channels *= 2;
      side = Math.ceil(side / 2);
    }
    let y = h;
    for (let k = 1; k <= layers; k++) {
      if (k > 1) y = net.activation(`${block}.${activation}${k - 1}`, y, activation);
      const [from, stride] = k === 1 ? [before, halves ? 2 : 1] : [channels, 1];
      y = conv([`${block}.conv${k}`, `${block}.bn${k}`], y, from, channels, 3, stride);
    }
    if (skips) {
      const names = [`${block}.short.0`, `${block}.short.1`] as const;
      const short = halves ? conv(names, h, before, channels, 1, 2) : h;
      y = net.add(`${block}.add`, y, short);
    }
    h = net.activation(`${block}.${activation}${layers}`, y, activation);
  }
  weights.set('fc.weight', [outputs, channels]);
  net.dense('fc', net.mean('mean', h, [1, 2]), true);
  return { nodes: net.nodes, weights };
}
