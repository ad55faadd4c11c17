import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { initialState } from '../../../src/state.js';
import { Address, addressOf } from '../../../src/ui/address.js';

const replaceState = vi.fn<(data: null, unused: string, address: string) => void>();
const written = () => replaceState.mock.calls.map(([, , address]) => address);

let tell: (event: string) => void;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  vi.stubGlobal('window', globalThis);
  const events = new EventTarget();
  vi.stubGlobal('addEventListener', events.addEventListener.bind(events));
  tell = (name) => void events.dispatchEvent(new Event(name));
  vi.stubGlobal('history', { replaceState });
  vi.stubGlobal('location', { pathname: '/isoloss/', hash: '' });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  replaceState.mockReset();
});

describe('the address', () => {
  it('is written at once, and in a drag when that pauses or ends, with the last state', () => {
    const address = new Address();
    address.write({ ...initialState, size: 3 });
    address.write({ ...initialState, size: 5 });
    expect(written()).toEqual(['/isoloss/?size=3', '/isoloss/?size=5']);
    tell('pointerdown');
    for (let size = 6; size < 60; size++) {
      vi.advanceTimersByTime(16);
      address.write({ ...initialState, size });
    }
    expect(written()).toHaveLength(2);
    vi.advanceTimersByTime(1000);
    expect(written().slice(2)).toEqual(['/isoloss/?size=59']);
    address.write({ ...initialState, size: 7 });
    tell('pointerup');
    expect(written().slice(3)).toEqual(['/isoloss/?size=7']);
    vi.advanceTimersByTime(1000);
    tell('pointerdown');
    tell('pointercancel');
    expect(written()).toHaveLength(4);
  });

  it('is asked for again a second after a browser refused', () => {
    const address = new Address();
    replaceState.mockImplementationOnce(() => {
      throw new DOMException('too often', 'SecurityError');
    });
    address.write({ ...initialState, size: 3 });
    vi.advanceTimersByTime(999);
    expect(written()).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(written()).toEqual(['/isoloss/?size=3', '/isoloss/?size=3']);
  });

  it('of the usual state has no query', () => {
    expect(addressOf(initialState)).toBe('/isoloss/');
  });
});
