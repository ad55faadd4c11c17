/** Fixtures and bundled assets as files with names, as a person drops them. */
import { readFileSync } from 'node:fs';
import { readSafetensors, type Tensor } from '../../src/io/safetensors.js';
import { Assets } from '../../src/ui/assets.js';
import type { NamedBytes } from '../../src/ui/files/recognise.js';

const folder = new URL('../fixtures/', import.meta.url);
const bundled = new URL('../../public/', import.meta.url);

/** `onnx/mlp.onnx` under tests/fixtures, under its own or another name. */
export function fixtureFile(path: string, name = path.split('/').at(-1)!): NamedBytes {
  return { name, bytes: new Uint8Array(readFileSync(new URL(path, folder))) };
}

export function fixtureTensors(path: string): Map<string, Tensor> {
  const { name, bytes } = fixtureFile(path);
  return readSafetensors(bytes, name);
}

/** What comes with the page, from the disk. */
export function diskAssets(): Assets {
  return new Assets(async (address) => new Uint8Array(readFileSync(new URL(address, bundled))));
}
