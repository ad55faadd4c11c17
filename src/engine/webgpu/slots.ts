/** Buffers of values by liveness: a value gets a slot that no value still to be read occupies. */
import type { Step } from './program.js';

export interface Slots {
  /** Slot of each value; −1 when no step writes it. */
  readonly slots: Int32Array;
  /** Rows of each slot: those of its largest value. */
  readonly slotRows: readonly number[];
}

/**
 * @param rows rows of each value
 * @param logits value that is read after the last step
 */
export function assignSlots(steps: readonly Step[], rows: readonly number[], logits: number): Slots {
  const lastUse = new Int32Array(rows.length).fill(-1);
  for (const [i, step] of steps.entries()) {
    lastUse[step.source] = i;
    if (step.residual !== null) lastUse[step.residual] = i;
    // A value that nobody reads still needs its slot while it is written.
    lastUse[step.output] = i;
  }
  lastUse[logits] = steps.length;

  const slots = new Int32Array(rows.length).fill(-1);
  const slotRows: number[] = [];
  const busyUntil: number[] = [];
  for (const [i, { output }] of steps.entries()) {
    // Several steps may write one value, each a part of it.
    if (slots[output]! >= 0) continue;
    const size = rows[output]!;
    const misfit = (slot: number): number => Math.abs(slotRows[slot]! - size);
    let best = -1;
    for (const [slot, until] of busyUntil.entries()) {
      if (until < i && (best < 0 || misfit(slot) < misfit(best))) best = slot;
    }
    if (best < 0) best = slotRows.push(0) - 1;
    slotRows[best] = Math.max(slotRows[best]!, size);
    busyUntil[best] = lastUse[output]!;
    slots[output] = best;
  }
  return { slots, slotRows };
}
