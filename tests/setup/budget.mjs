/**
 * The first view must load fast on a slow line: fails when the JavaScript that it waits for outgrows
 * its budget. What is loaded later (workers, WASM, WGSL, data) is listed but not counted.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** In bytes, gzip level 9. */
const BUDGET = 120_000;

const html = readFileSync('dist/index.html', 'utf8');
const size = (/** @type {string} */ name) =>
  gzipSync(readFileSync(`dist/assets/${name}`), { level: 9 }).length;
const counted = readdirSync('dist/assets').filter(
  (name) => name.endsWith('.js') && html.includes(`assets/${name}"`),
);
const later = readdirSync('dist/assets').filter((name) => !counted.includes(name));

const total = counted.reduce((sum, name) => sum + size(name), 0);
for (const name of counted) console.log(`  entry ${String(size(name)).padStart(7)} B  ${name}`);
for (const name of later) console.log(`  later ${String(size(name)).padStart(7)} B  ${name}`);
console.log(`  first view: ${total} of ${BUDGET} bytes of JavaScript (gzip)`);
if (counted.length === 0)
  throw new Error('dist/index.html names no script: has the build changed its layout?');
if (total > BUDGET) {
  console.error(
    `The first view is ${total - BUDGET} bytes over its budget: load something later, by import().`,
  );
  process.exit(1);
}
