/** From settings to what is raced. */
import type { State } from '../../state.js';
import { FormulaError } from '../../train/problems/formula.js';
import {
  formulaProblem,
  type Problem,
  problemNames,
  problemOf,
  problems,
} from '../../train/problems/problems.js';
import type { Racer } from '../../train/race.js';

export interface Setting {
  readonly problem: Problem;
  readonly title: string;
  readonly formula: string;
  readonly note: string;
  readonly start: readonly [w1: number, w2: number];
  readonly racers: readonly Racer[];
}

type Settings = Pick<State, 'problem' | 'formula' | 'span' | 'start' | 'racers'>;

/** What the settings say; a sentence where the formula is none. */
export function settingOf(state: Settings, before: Setting | null): Setting | string {
  const name = problemNames.find((candidate) => candidate === state.problem);
  try {
    const described =
      name === undefined ? formulaText(state.formula) : { ...problems[name], title: problems[name].title };
    const isSame =
      before !== null &&
      before.title === described.title &&
      before.formula === described.formula &&
      (name !== undefined || before.problem.w1[1] === state.span);
    const problem = isSame
      ? before.problem
      : name === undefined
        ? formulaProblem(state.formula, state.span)
        : problemOf(name);
    return {
      problem,
      title: described.title,
      formula: described.formula,
      note: described.note,
      start: state.start === 'auto' ? problem.start : [state.start.a, state.start.b],
      racers: state.racers === 'auto' ? usualRacers(problem) : state.racers,
    };
  } catch (error) {
    if (error instanceof FormulaError) return `${error.message}.`;
    throw error;
  }
}

function formulaText(formula: string): { title: string; formula: string; note: string } {
  return {
    title: 'Your formula',
    formula,
    note: 'Of w1 and w2, with + − * / ^, brackets, pi, e and functions such as exp, log, sin, tanh, sigmoid.',
  };
}

/**
 * Four kinds with rates that suit the problem: a velocity of factor 0.9 moves ten times as far in the end, and
 * adaptive steps are lengths, so they go by the picture's width.
 */
function usualRacers({ rate, w1 }: Problem): Racer[] {
  const width = w1[1] - w1[0];
  const short = (value: number): number => Number(value.toPrecision(1));
  return [
    { name: 'gd', rate },
    { name: 'momentum', rate: short(rate / 4) },
    { name: 'rmsprop', rate: short(width / 200) },
    { name: 'adam', rate: short(width / 40) },
  ];
}
