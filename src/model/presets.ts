import { draft } from './architecture.js';
import { buildModel } from './build.js';
import { ModelError } from './errors.js';
import type { ActivationName, Model, Node, Parameter, Shape } from './graph.js';
import { opOf } from './ops/index.js';
import { Wiring } from './wiring.js';

/** A network the project knows by name; its weights come from a safetensors file of the same name. */
export interface Preset {
  readonly name: string;
  /** For menus, e.g. `20 blocks with skips, batch norm`. */
  readonly title: string;
  /** The data it was trained on. */
  readonly data: 'digits' | 'fashion';
  /** Shape of one sample. */
  readonly input: Shape;
  readonly skips: boolean;
}

interface PresetNetwork extends Preset {
  wire(): readonly Node[];
}

const digits = { data: 'digits', input: [64] } as const;
const fashion = { data: 'fashion', input: [1, 28, 28] } as const;
const common = { outputs: 10, layers: 2, batchnorm: true, activation: 'relu' } as const;

const architectures: readonly PresetNetwork[] = [
  batchnormMlp(20, false),
  batchnormMlp(20, true),
  batchnormMlp(10, false),
  batchnormMlp(10, true),
  {
    name: 'mlp-plain-relu',
    title: '10 blocks without skips',
    ...digits,
    skips: false,
    wire: () => mlp(10, 'relu', false),
  },
  {
    name: 'mlp-residual-relu',
    title: '10 blocks with skips',
    ...digits,
    skips: true,
    wire: () => mlp(10, 'relu', true),
  },
  {
    name: 'mlp-tanh',
    title: '2 blocks with skips, tanh',
    ...digits,
    skips: true,
    wire: () => mlp(2, 'tanh', true),
  },
  {
    name: 'resnet20-noshort-fashion',
    title: 'ResNet-20 without skips',
    ...fashion,
    skips: false,
    wire: () => resnet20(false),
  },
  {
    name: 'resnet20-fashion',
    title: 'ResNet-20 with skips',
    ...fashion,
    skips: true,
    wire: () => resnet20(true),
  },
];

/** The bundled networks, in the order of menus. */
export const presets: readonly Preset[] = architectures;

function batchnormMlp(blocks: number, skips: boolean): PresetNetwork {
  return {
    name: `bnmlp${blocks}-${skips ? 'residual' : 'plain'}`,
    title: `${blocks} blocks ${skips ? 'with' : 'without'} skips, batch norm`,
    ...digits,
    skips,
    wire: () => draft({ ...digits, ...common, kind: 'mlp', width: 32, blocks, skips }).nodes,
  };
}

/** h = fn(stem·x), per block h = fn(h + b·fn(a·h)) (without `h +` when there are no skips), head·h. */
function mlp(blocks: number, fn: ActivationName, skips: boolean): readonly Node[] {
  const net = new Wiring();
  let h = net.activation(`stem.${fn}`, net.dense('stem', 0, true), fn);
  for (let i = 0; i < blocks; i++) {
    let y = net.activation(`a.${i}.${fn}`, net.dense(`a.${i}`, h, true), fn);
    y = net.dense(`b.${i}`, y, true);
    if (skips) y = net.add(`b.${i}.add`, h, y);
    h = net.activation(`b.${i}.${fn}`, y, fn);
  }
  net.dense('head', h, true);
  return net.nodes;
}

/** ResNet-20 for small images (He et al. 2016, section 4.2): three stages of three blocks. */
function resnet20(skips: boolean): readonly Node[] {
  return draft({ ...fashion, ...common, kind: 'conv', width: 16, blocks: 9, skips }).nodes;
}

/**
 * The preset `name` with these tensors as its parameters, by PyTorch name and in their order.
 * PyTorch's `num_batches_tracked` counters are passed over. Throws `ModelError` for an unknown preset,
 * and names every tensor that is missing or too many.
 */
export function presetModel(
  name: string,
  tensors: ReadonlyMap<string, { readonly shape: Shape; readonly data: Float32Array }>,
): Model {
  const preset = architectures.find((candidate) => candidate.name === name);
  if (preset === undefined) {
    throw new ModelError(
      `${name} is not one of the presets ${presets.map((known) => known.name).join(', ')}`,
    );
  }
  const nodes = preset.wire();
  const kinds = new Map<string, Parameter['kind']>();
  for (const node of nodes) {
    const { weights, statistics } = opOf(node).parameters(node);
    for (const weight of weights) kinds.set(weight, 'weight');
    for (const statistic of statistics) kinds.set(statistic, 'statistic');
  }
  const given = [...tensors].filter(([tensor]) => !tensor.endsWith('.num_batches_tracked'));
  const missing = [...kinds.keys()].filter((parameter) => !tensors.has(parameter));
  const extra = given.map(([tensor]) => tensor).filter((tensor) => !kinds.has(tensor));
  if (missing.length + extra.length > 0) {
    const lists = [
      ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
      ...(extra.length > 0 ? [`unknown: ${extra.join(', ')}`] : []),
    ];
    throw new ModelError(`the tensors are not those of ${name}; ${lists.join('; ')}`);
  }
  const parameters = given.map(([tensor, { shape, data }]): Parameter => ({
    name: tensor,
    shape,
    data,
    kind: kinds.get(tensor)!,
  }));
  return buildModel(name, preset.input, nodes, parameters);
}
