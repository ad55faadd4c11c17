/** The keys that take back a change of the settings, or make it again. */

/** Which way a key leads; null for all others, and while somebody types. */
export function undoOf(event: KeyboardEvent): 'back' | 'forward' | null {
  const target = event.composedPath()[0];
  const typing = target instanceof HTMLInputElement && !['checkbox', 'range'].includes(target.type);
  if (typing || !(event.ctrlKey || event.metaKey) || event.altKey) return null;
  const key = event.key.toLowerCase();
  if (key === 'z') return event.shiftKey ? 'forward' : 'back';
  return key === 'y' ? 'forward' : null;
}
