import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../setup/build-app.js';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
let html = '';

beforeAll(async () => {
  await buildApp();
  html = readFileSync(join(DIST, 'index.html'), 'utf8');
});

describe('the built page', () => {
  test('has a content security policy before anything that it governs', () => {
    const policy = html.search(/<meta http-equiv="Content-Security-Policy"/);
    expect(policy).toBeGreaterThan(0);
    expect(policy).toBeLessThan(html.search(/<(script|link)\b/));
  });

  test('allows no inline script or style, no eval and no other origin', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/
      .exec(html)![1]!
      .replaceAll('&#39;', "'");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/'unsafe-(inline|eval|hashes)'|https?:|\*/);
  });

  test('has no inline script or style itself', () => {
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/);
    expect(html).not.toMatch(/<style\b|\sstyle=|\son[a-z]+=/);
  });

  test('names its files relative to itself, so that any folder of any host will do', () => {
    const addresses = [...html.matchAll(/\b(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
    expect(addresses.length).toBeGreaterThan(1);
    for (const address of addresses) expect(address).toMatch(/^\.\//);
  });

  test('brings the networks and data with their notices', () => {
    const names = readdirSync(DIST, { recursive: true }).map(String);
    expect(names).toContain(join('networks', 'bnmlp20-plain.safetensors'));
    expect(names).toContain(join('networks', 'bnmlp20-residual.safetensors'));
    expect(names).toContain(join('networks', 'PROVENANCE.md'));
    expect(names).toContain(join('data', 'digits.npz'));
    expect(names).toContain(join('data', 'digits.LICENSE.txt'));
  });
});
