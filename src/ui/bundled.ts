/** The data that come with the page, and which networks go with them. */
import type { Scaling } from '../io/dataset.js';
import { presets } from '../model/presets.js';
import { initialState, isFromFile, type Patch, type State } from '../state.js';
import { isRunPlane } from '../state-runs.js';

export type BundledName = 'digits' | 'fashion';

export interface BundledData {
  readonly name: BundledName;
  /** For sentences: `100 digits`. */
  readonly noun: string;
  readonly title: string;
  /** Address relative to the page. */
  readonly address: string;
  readonly samples: number;
  readonly scaling: Scaling;
  readonly classes: readonly string[];
  readonly about: string;
  readonly licence: { readonly address: string; readonly title: string };
  /** What a first look at it takes. */
  readonly start: Pick<State, 'left' | 'right' | 'samples' | 'size'>;
}

export const bundledData: Readonly<Record<BundledName, BundledData>> = {
  digits: {
    name: 'digits',
    noun: 'digits',
    title: 'Digits',
    address: 'data/digits.npz',
    samples: 1797,
    scaling: { divide: [16], mean: [0], std: [1] },
    classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    about: 'handwritten digits (E. Alpaydin, C. Kaynak, UCI)',
    licence: { address: 'data/digits.LICENSE.txt', title: 'CC BY 4.0' },
    start: {
      left: 'bnmlp20-plain',
      right: 'bnmlp20-residual',
      samples: initialState.samples,
      size: initialState.size,
    },
  },
  fashion: {
    name: 'fashion',
    noun: 'images of Fashion-MNIST',
    title: 'Fashion-MNIST',
    address: 'data/fashion-2000.npz',
    samples: 2000,
    scaling: { divide: [255], mean: [0.286], std: [0.353] },
    classes: [
      'T-shirt',
      'Trousers',
      'Pullover',
      'Dress',
      'Coat',
      'Sandal',
      'Shirt',
      'Sneaker',
      'Bag',
      'Ankle boot',
    ],
    about: 'images of Fashion-MNIST (Zalando SE)',
    licence: { address: 'data/fashion-2000.LICENSE.txt', title: 'MIT' },
    // A ResNet-20 has a thousand times the arithmetic of the digits' networks.
    start: { left: 'resnet20-noshort-fashion', right: 'resnet20-fashion', samples: 100, size: 25 },
  },
};

/** The bundled data of this name; undefined for what came out of a file. */
export function bundledOf(name: string): BundledData | undefined {
  return Object.hasOwn(bundledData, name) ? bundledData[name as BundledName] : undefined;
}

/** The data that a bundled network was trained on. */
function dataOf(network: string): BundledName | undefined {
  return presets.find((preset) => preset.name === network)?.data;
}

/**
 * Makes a link's data, networks and samples go together, with a sentence for whatever had to give way. A
 * link that names a network alone brings that network's data.
 */
export function settleBundled(asked: State): { state: State; problems: string[] } {
  const patch: { -readonly [K in keyof Patch]: Patch[K] } = {};
  const problems: string[] = [];
  const own = [asked.left, asked.right].map(dataOf);
  const wanted = own.find((data) => data !== undefined && data !== initialState.data);
  if (asked.data === initialState.data && wanted !== undefined) patch.data = wanted;
  if (isRunPlane(asked) && !isFromFile(asked.left) && !isFromFile(asked.right)) {
    patch.plane = 'random';
    problems.push('plane: this one is of a run, which no link carries; using random.');
  }
  const data = bundledOf(patch.data ?? asked.data);
  if (data === undefined) return { state: { ...asked, ...patch }, problems };
  for (const side of ['left', 'right'] as const) {
    const network = asked[side];
    const trained = dataOf(network);
    if (trained === undefined || trained === data.name) continue;
    patch[side] = data.start[side];
    if (network !== initialState[side]) {
      problems.push(`${side}: ${network} does not take the data ${data.title}; using ${data.start[side]}.`);
    }
  }
  if (asked.samples > data.samples) {
    patch.samples = data.samples;
    problems.push(
      `samples: ${asked.samples} is more than the ${data.samples} of ${data.title}; using ${data.samples}.`,
    );
  }
  return { state: { ...asked, ...patch }, problems };
}
