/** The network, its parameters or its data do not fit together; the message names who, what and the way out. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

/** A shape as the messages spell it: `[3, 32, 32]`. */
export function spell(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
