/**
 * Basins of an optimizer on a network's plane: it runs in the full space of the weights from every start of a grid, and
 * starts that lie side by side are of one basin when no barrier lies between their ends.
 */
import { at, type Basins, DIVERGED } from './basins.js';
import type { NetworkEnd, NetworkRace, NetworkRaceOptions } from './network-race.js';
import type { Racer } from './race.js';

export interface NetworkBasinsOptions extends Pick<NetworkRaceOptions, 'steps' | 'batch' | 'seed'> {
  readonly racer: Racer;
  /** Ends of the grid along α and β. */
  readonly a: readonly [from: number, to: number];
  readonly b: readonly [from: number, to: number];
  /** Starts per side: the first of these that is done within `seconds`. */
  readonly sizes: readonly number[];
  readonly seconds: number;
}

/** Called before each start with the share of them that is done; a promise of false gives the basins up. */
export type OnStart = (share: number) => Promise<boolean>;

/** Share of the higher of two starts' losses that the loss between their ends may rise by. */
const BARRIER = 0.02;
/** Places on the way between two ends at which the loss is looked at. */
const BETWEEN = [0.25, 0.5, 0.75];
/** Moments of a run at which its loss is measured. */
const LOOKS = 20;
/** A run has arrived when no more than this share of its whole fall is left. */
const LEFT = 0.1;

/**
 * The basins, or null when they were given up. Two ends are in one place when on the straight way between them, weights
 * and running statistics alike, the loss nowhere rises above a straight line between theirs by more than `BARRIER`
 * (linear mode connectivity: Frankle, Dziugaite, Roy & Carbin 2020); places are what is so connected from start to
 * neighbouring start. Steps are those until a run has arrived, to a twentieth of them all. Rejects with a `RangeError`
 * when no size is done in time.
 */
export async function networkBasins(
  race: NetworkRace,
  { racer, a, b, sizes, seconds, ...plan }: NetworkBasinsOptions,
  onStart: OnStart = async () => true,
): Promise<Basins | null> {
  const follow = (size: number, column: number, row: number): Promise<NetworkEnd> =>
    race.follow(racer, [at(a, column, size), at(b, row, size)], plan, LOOKS);
  // A tenth of a run tells how long one takes. The first is slower: its code is compiled meanwhile.
  const short = { ...plan, steps: Math.ceil(plan.steps / 10) };
  const middle = [at(a, 1, 3), at(b, 1, 3)] as const;
  await race.follow(racer, middle, short, LOOKS / 10);
  const begin = performance.now();
  await race.follow(racer, middle, short, LOOKS / 10);
  const each = ((performance.now() - begin) / 1000) * (plan.steps / short.steps);
  const size = sizes.find((side) => side * side * each <= seconds);
  if (size === undefined) {
    const fewest = sizes.at(-1)!;
    const minutes = Math.ceil((fewest * fewest * each) / 60);
    throw new RangeError(
      `even ${fewest} × ${fewest} starts would take about ${minutes} min; take fewer steps or a smaller network`,
    );
  }

  const ends = new Int16Array(size * size);
  const steps = new Uint32Array(size * size);
  const groups = Array.from(ends, (_, i) => i);
  const root = (i: number): number => {
    while (groups[i] !== i) i = groups[i] = groups[groups[i]!]!;
    return i;
  };
  // Of the row below and of this one as far as it has come: more need not be kept.
  let below: readonly NetworkEnd[] = [];
  for (let row = 0; row < size; row++) {
    const own: NetworkEnd[] = [];
    for (let column = 0; column < size; column++) {
      const i = row * size + column;
      if (!(await onStart(i / ends.length))) return null;
      const end = await follow(size, column, row);
      own.push(end);
      if (!Number.isFinite(end.loss.at(-1)!)) {
        ends[i] = DIVERGED;
        continue;
      }
      steps[i] = arrival(end.loss, plan.steps);
      for (const [other, neighbour] of [
        [i - 1, own[column - 1]],
        [i - size, below[column]],
      ] as const) {
        if (neighbour === undefined || ends[other] === DIVERGED || root(other) === root(i)) continue;
        if (await areConnected(race, end, neighbour)) groups[root(i)] = root(other);
      }
    }
    below = own;
  }
  const sizesOf = new Map<number, number>();
  ends.forEach((end, i) => end !== DIVERGED && sizesOf.set(root(i), (sizesOf.get(root(i)) ?? 0) + 1));
  const order = [...sizesOf].toSorted(([, p], [, q]) => q - p).map(([group]) => group);
  const place = new Map(order.map((group, k) => [group, k]));
  return { size, ends: ends.map((end, i) => (end === DIVERGED ? end : place.get(root(i))!)), steps };
}

/** Whether the loss between two ends stays below the straight line between theirs, but for `BARRIER`. */
async function areConnected(race: NetworkRace, one: NetworkEnd, two: NetworkEnd): Promise<boolean> {
  const room = BARRIER * Math.max(one.loss[0]!, two.loss[0]!);
  const [from, to] = [one.loss.at(-1)!, two.loss.at(-1)!];
  for (const share of BETWEEN) {
    const most = from + share * (to - from) + room;
    if (!((await race.lossBetween(one, two, share)) <= most)) return false;
  }
  return true;
}

/** Steps after which the loss stays near its last one; `losses` are evenly spaced over all steps. */
function arrival(losses: readonly number[], steps: number): number {
  const [first, last] = [losses[0]!, losses.at(-1)!];
  const near = LEFT * Math.abs(first - last);
  let k = losses.length - 1;
  while (k > 0 && Math.abs(losses[k - 1]! - last) <= near) k--;
  return Math.round((k * steps) / (losses.length - 1));
}
