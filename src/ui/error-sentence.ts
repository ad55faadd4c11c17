/** An error's first line with its full stop; a shader's error goes on with pages of source. */
export function sentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const text = message
    .trim()
    .split('\n', 1)[0]!
    .replace(/[\s:]+$/, '');
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
