/**
 * SHA-256 in hexadecimal: the name of a file's or an array's content in what a picture says of its origin.
 * Uses the platform's own where there is one; a page that is not served securely has none, and gets the
 * few lines below.
 */
export async function sha256(bytes: Uint8Array): Promise<string> {
  // A copy, as the platform does not take views of shared memory.
  const digest = globalThis.crypto?.subtle
    ? new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', new Uint8Array(bytes)))
    : sha256Digest(bytes);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const BLOCK_BYTES = 64;

/** The first 32 bits of the fractional parts of the square roots of 8 primes and the cube roots of 64. */
interface Constants {
  readonly initial: Uint32Array;
  readonly constants: Uint32Array;
}

let known: Constants | null = null;

/** Made when first asked for: few pages need them, and every start would take two milliseconds longer. */
function shaConstants(): Constants {
  if (known === null) {
    const primes = firstPrimes(64);
    known = {
      initial: Uint32Array.from(primes.slice(0, 8), (prime) => fractionBits(prime, 2n)),
      constants: Uint32Array.from(primes, (prime) => fractionBits(prime, 3n)),
    };
  }
  return known;
}

/** SHA-256 (FIPS 180-4), 32 bytes. */
export function sha256Digest(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / BLOCK_BYTES) * BLOCK_BYTES);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
  const { initial, constants } = shaConstants();
  const state = initial.slice();
  const schedule = new Uint32Array(64);
  for (let start = 0; start < padded.length; start += BLOCK_BYTES) {
    for (let t = 0; t < 16; t++) schedule[t] = view.getUint32(start + 4 * t);
    mixBlock(state, schedule, constants);
  }
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => digest.setUint32(4 * i, word));
  return new Uint8Array(digest.buffer);
}

function mixBlock(state: Uint32Array, w: Uint32Array, constants: Uint32Array): void {
  for (let t = 16; t < 64; t++) {
    const [x, y] = [w[t - 15]!, w[t - 2]!];
    const low = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
    const high = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
    w[t] = w[t - 16]! + low + w[t - 7]! + high;
  }
  let [a, b, c, d] = [state[0]!, state[1]!, state[2]!, state[3]!];
  let [e, f, g, h] = [state[4]!, state[5]!, state[6]!, state[7]!];
  for (let t = 0; t < 64; t++) {
    const choice = (e & f) ^ (~e & g);
    const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + constants[t]! + w[t]!) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i]! += word));
}

/** Rotates 32 bits to the right. */
function turn(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

/** ⌊2³²·n^(1/root)⌋ modulo 2³², by bisection in whole numbers. */
function fractionBits(n: number, root: bigint): number {
  const target = BigInt(n) << (32n * root);
  let low = 0n;
  let high = BigInt(n) << 32n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** root <= target) low = middle;
    else high = middle;
  }
  return Number(low & 0xffffffffn);
}
