/**
 * The bundled networks and data, each fetched once, by addresses relative to the page so that it can be
 * served from any folder.
 */
import { sha256 } from '../io/hash.js';
import { readNpz } from '../io/npz.js';
import { readSafetensors, toFloat32 } from '../io/safetensors.js';
import type { Model } from '../model/graph.js';
import { presetModel } from '../model/presets.js';
import { bundledData, type BundledName } from './bundled.js';
import type { DataEntry } from './files/library.js';
import { takeFile } from './head-start.js';

/** A file's bytes by address relative to the page; rejects with a sentence when it cannot be had. */
export type Fetch = (address: string) => Promise<Uint8Array>;

export class Assets {
  readonly #fetch: Fetch;
  readonly #models = new Map<string, Promise<Model>>();
  readonly #data = new Map<string, Promise<DataEntry>>();
  readonly #hashes = new Map<string, string>();

  constructor(fetch: Fetch = fetchBytes) {
    this.#fetch = fetch;
  }

  /** SHA-256 of every file that was read, by address. */
  get hashes(): ReadonlyMap<string, string> {
    return this.#hashes;
  }

  /** The bundled network of this name. */
  model(name: string): Promise<Model> {
    return remembered(this.#models, name, () => {
      const address = `networks/${name}.safetensors`;
      return this.#read(address, (bytes) => {
        const tensors = new Map(
          [...readSafetensors(bytes, address)].map(([key, tensor]) => [
            key,
            { shape: tensor.shape, data: toFloat32(tensor) },
          ]),
        );
        return presetModel(name, tensors);
      });
    });
  }

  /** The bundled data of this name, unscaled. */
  data(name: BundledName): Promise<DataEntry> {
    const { address, title, scaling, classes } = bundledData[name];
    return remembered(this.#data, name, async () => {
      const arrays = await this.#read(address, (bytes) => readNpz(bytes, address));
      const [x, y] = [arrays.get('x'), arrays.get('y')];
      if (x === undefined || y === undefined)
        throw new Error(`${address} has no arrays x and y; build the page again.`);
      const origin = [{ file: address, sha256: this.#hashes.get(address)! }];
      return { id: name, title, file: address, origin, x, y, classes, table: null, scaling, source: null };
    });
  }

  /** What `make` reads in a file, whose hash is computed meanwhile. */
  async #read<T>(address: string, make: (bytes: Uint8Array) => T): Promise<T> {
    const bytes = await this.#fetch(address);
    const hash = sha256(bytes);
    const made = make(bytes);
    this.#hashes.set(address, await hash);
    return made;
  }
}

/** Fetches relative to the page; one sentence when the server has no such file or does not answer. */
export async function fetchBytes(address: string): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await takeFile(address);
  } catch {
    throw new Error(`${address} could not be loaded: the server does not answer. Check the connection.`);
  }
  if (!response.ok) {
    throw new Error(`${address} could not be loaded: the server answered ${response.status}.`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

/** Like a cache, but a failure is forgotten, so that trying again tries again. */
function remembered<T>(known: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(name);
  if (found !== undefined) return found;
  const made = make().catch((error: unknown) => {
    known.delete(name);
    throw error;
  });
  known.set(name, made);
  return made;
}
