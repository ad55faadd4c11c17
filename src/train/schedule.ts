/** Learning-rate schedules, as PyTorch's `StepLR`, `CosineAnnealingLR` and a linear warm-up before them. */

export const scheduleNames = ['constant', 'step', 'cosine'] as const;
export type ScheduleName = (typeof scheduleNames)[number];

export interface Schedule {
  readonly name: ScheduleName;
  /** Steps over which the rate first rises linearly to its full value; 0 for none. */
  readonly warmUp: number;
  /** `step`: steps between two drops. `cosine`: steps until the rate has come down to 0, where it stays. */
  readonly period: number;
  /** `step`: what each drop multiplies the rate with. */
  readonly factor: number;
}

export const constantSchedule: Schedule = { name: 'constant', warmUp: 0, period: 1, factor: 1 };

/** The learning rate of step `step`, which counts from 0; `base` is the full one. */
export function learningRateAt(schedule: Schedule, base: number, step: number): number {
  const { name, warmUp, period, factor } = schedule;
  if (step < warmUp) return (base * (step + 1)) / warmUp;
  const since = step - warmUp;
  switch (name) {
    case 'constant':
      return base;
    case 'step':
      return base * factor ** Math.floor(since / period);
    case 'cosine':
      return since >= period ? 0 : (base * (1 + Math.cos((Math.PI * since) / period))) / 2;
  }
}
