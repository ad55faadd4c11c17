/** How long the mode "Paths" works on one move of the start while it is dragged: the race, the pictures, everything. */
import type { Browser } from 'playwright';
import { problemNames } from '../../src/train/problems/problems.js';
import { openPage } from '../../tests/helpers/page.js';
import { servePreview } from '../../tests/helpers/server.js';
import { median } from '../measurement.js';

/** Five optimizers, at rates that keep all of them on the plane for all their steps. */
const RACERS = 'gd:0.001,momentum:0.0003,rmsprop:0.01,adam:0.05,adagrad:0.3';
const MOVES = 60;

export interface RaceMeasurement {
  readonly problem: string;
  /** Of the page's thread, from the pointer's event to the end of painting, per move. */
  readonly milliseconds: number;
}

/** In the built page, on every problem that it has. */
export async function measureRaces(browser: Browser): Promise<RaceMeasurement[]> {
  const preview = await servePreview();
  try {
    const found: RaceMeasurement[] = [];
    for (const problem of problemNames) {
      const address = `${preview.url}?mode=paths&problem=${problem}&racers=${RACERS}`;
      const { page } = await openPage(browser, address);
      const plane = page.getByRole('application');
      await plane.waitFor();
      const { x, y, width, height } = (await plane.boundingBox())!;
      const session = await page.context().newCDPSession(page);
      await session.send('Performance.enable');
      const busy = async (): Promise<number> => {
        const { metrics } = await session.send('Performance.getMetrics');
        return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value;
      };
      const frame = (): Promise<void> =>
        page.evaluate(() => new Promise<void>((done) => requestAnimationFrame(() => setTimeout(done))));
      await page.mouse.move(x + 0.3 * width, y + 0.3 * height);
      await page.mouse.down();
      const times: number[] = [];
      for (let k = 0; k < MOVES; k++) {
        const before = await busy();
        await page.mouse.move(x + (0.3 + 0.006 * k) * width, y + (0.3 + 0.004 * k) * height);
        await frame();
        times.push((await busy()) - before);
      }
      await page.mouse.up();
      await page.close();
      found.push({ problem, milliseconds: median(times) });
    }
    return found;
  } finally {
    await preview.close();
  }
}
