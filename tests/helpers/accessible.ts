import { readFileSync } from 'node:fs';
import type { Page } from 'playwright';
import { expect } from 'vitest';

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: unknown }[];
  }[];
}

/** Runs axe-core on the page and expects no violation. */
export async function expectAccessible(page: Page): Promise<void> {
  const source = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
  // Evaluated by the debugger: the page's policy rightly refuses a script tag.
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${JSON.stringify(nodes.map(({ target }) => target))}`);
  });
  expect(found).toEqual([]);
}
