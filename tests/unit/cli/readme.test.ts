import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseCommand } from '../../../src/cli/options.js';

const ROOT = new URL('../../../', import.meta.url);
const readme = readFileSync(new URL('README.md', ROOT), 'utf8');

test('files and folders that the README names exist', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map((match) => match[1]!);
  const folders = [...readme.matchAll(/^\| `((?:src|shaders|tests)[^`]*)` +\|/gm)].map((match) => match[1]!);
  expect(folders.length).toBeGreaterThan(5);
  for (const path of [...links, ...folders])
    expect(existsSync(fileURLToPath(new URL(path, ROOT))), path).toBe(true);
});

test('commands that the README names are scripts of the package', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { scripts: object };
  const names = [...readme.matchAll(/npm (?:run (?:--silent )?)?(start|test|build|isoloss|bench)\b/g)].map(
    (match) => match[1]!,
  );
  expect(new Set(names)).toEqual(new Set(['start', 'test', 'build', 'isoloss', 'bench']));
  for (const name of names) expect(scripts).toHaveProperty(name);
});

test('the README’s command line is one that isoloss understands', () => {
  const command = /npm run --silent isoloss -- ([^`]*?)\n```/.exec(readme)![1]!;
  const words = command.replaceAll('\\\n', ' ').trim().split(/\s+/);
  expect(parseCommand(words)).toMatchObject({ kind: 'eval', options: { samples: 1400, engine: 'wasm' } });
});
