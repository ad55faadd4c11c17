import { describe, expect, it } from 'vitest';
import { initialState } from '../../../src/state.js';
import { Store, type StateChange } from '../../../src/ui/store.js';

function storeWithClock() {
  const clock = { now: 0 };
  const store = new Store(initialState, () => clock.now);
  const changes: string[][] = [];
  store.addEventListener('change', (event) => {
    changes.push([...(event as CustomEvent<StateChange>).detail.changed]);
  });
  return { store, clock, changes };
}

describe('Store', () => {
  it('tells what changed, and nothing when nothing did', () => {
    const { store, changes } = storeWithClock();
    store.set({ seed: 2, size: 51 });
    store.set({ seed: 2 });
    expect(changes).toEqual([['seed']]);
  });

  it('goes back and forward', () => {
    const { store, clock } = storeWithClock();
    store.set({ seed: 2 });
    clock.now = 5000;
    store.set({ range: 0.1 });
    store.back();
    expect(store.state).toEqual({ ...initialState, seed: 2 });
    store.back();
    expect(store.state).toEqual(initialState);
    expect([store.canGoBack, store.canGoForward]).toEqual([false, true]);
    store.forward();
    store.forward();
    expect(store.state).toEqual({ ...initialState, seed: 2, range: 0.1 });
  });

  it('makes one step of a quick series of the same setting', () => {
    const { store, clock } = storeWithClock();
    for (const vmax of [3, 2.9, 2.8, 2.7]) {
      clock.now += 100;
      store.set({ vmax });
    }
    store.back();
    expect(store.state.vmax).toBe('auto');
  });

  it('keeps different settings apart, however quick', () => {
    const { store } = storeWithClock();
    store.set({ seed: 2 });
    store.set({ size: 21 });
    store.back();
    expect(store.state).toEqual({ ...initialState, seed: 2 });
  });

  it('forgets the future after a new change', () => {
    const { store } = storeWithClock();
    store.set({ seed: 2 });
    store.back();
    store.set({ size: 21 });
    expect(store.canGoForward).toBe(false);
  });

  it('comes home, and back from there', () => {
    const { store } = storeWithClock();
    store.set({ seed: 2, map: 'magma' });
    store.home();
    expect(store.isHome).toBe(true);
    store.back();
    expect(store.state.map).toBe('magma');
  });
});
