import { parseArgs } from 'node:util';
import { type CaseName, caseNames } from '../src/cli/bench-cases.js';
import { contenders } from './contenders.js';

export interface RunOptions {
  readonly cases: readonly CaseName[];
  /** Ids of those who take part. */
  readonly only: readonly string[];
  /** Of each timed repetition. */
  readonly seconds: number;
  /** Of a run of the whole grid, beyond which the rest is extrapolated. */
  readonly gridSeconds: number;
  /** Of one row, beyond which whoever it is for is left out. */
  readonly rowSeconds: number;
  /** No whole grid at all. */
  readonly quick: boolean;
  /** Whether the result goes to bench/results. */
  readonly keep: boolean;
}

export const HELP = `npm run bench -- [options]

  --case a,b,c,d,e     which cases (default all)
  --only ID,ID         who takes part (default all): ${contenders.map(({ id }) => id).join(', ')}
  --seconds N          of each timed repetition (default 3)
  --grid-seconds N     of a run of the whole grid, the rest is extrapolated (default 10; the first of the
                       WASM engines always finishes)
  --row-seconds N      of one row, beyond which it is left out (default 300)
  --quick              half a second each, no whole grids, nothing kept
  --no-keep            nothing is written to bench/results
  --memory             GPU buffers and processes of the built app on ResNet-20, and nothing else
  --training           training steps, whole trainings and a dragged race, and nothing else (--quick: shorter)

PYTHON names the Python that has torch (default python3).`;

/** Null when help was asked for; throws a sentence for what is not understood. */
export function parseOptions(words: readonly string[]): RunOptions | null {
  const { values } = parseArgs({
    args: [...words],
    options: {
      case: { type: 'string' },
      only: { type: 'string' },
      seconds: { type: 'string' },
      'grid-seconds': { type: 'string' },
      'row-seconds': { type: 'string' },
      quick: { type: 'boolean' },
      'no-keep': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return null;
  const quick = values.quick ?? false;
  return {
    cases: list('case', values.case, caseNames),
    only: list(
      'only',
      values.only,
      contenders.map(({ id }) => id),
    ),
    seconds: positive('seconds', values.seconds ?? (quick ? '0.5' : '3')),
    gridSeconds: positive('grid-seconds', values['grid-seconds'] ?? '10'),
    rowSeconds: positive('row-seconds', values['row-seconds'] ?? '300'),
    quick,
    keep: !quick && !values['no-keep'],
  };
}

function list<T extends string>(flag: string, text: string | undefined, known: readonly T[]): readonly T[] {
  if (text === undefined) return known;
  return text.split(',').map((word) => {
    const name = known.find((candidate) => candidate === word);
    if (name === undefined) throw new Error(`--${flag} has '${word}', but can have ${known.join(', ')}.`);
    return name;
  });
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${flag} is '${text}', but must be a number above 0.`);
  return value;
}
