import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Where Vite's preview listens unless something else does. */
const USUAL_PORT = 4173;

/** A copy of the project as a newcomer has it: nothing built yet, and other tests keep their build. */
let copy = '';
let occupant: Server | null = null;

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'isoloss-start-'));
  const left = new Set(['node_modules', 'dist', '.git']);
  cpSync(ROOT, copy, { recursive: true, filter: (path) => path === ROOT || !left.has(basename(path)) });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
  occupant = await occupy(USUAL_PORT);
});

afterAll(() => {
  occupant?.close();
  rmSync(copy, { recursive: true, force: true });
});

/** Takes the port; null when another program has it, which serves the test as well. */
function occupy(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, 'localhost', () => resolve(server));
  });
}

test('npm start builds the app, prints its address on a free port and serves it', async () => {
  const windows = process.platform === 'win32';
  const environment = { ...process.env, CI: 'true', NO_COLOR: '1' };
  // The test runner's own mode would make Vite bundle the development versions of libraries.
  delete (environment as NodeJS.ProcessEnv)['NODE_ENV'];
  const child = spawn('npm', ['start'], { cwd: copy, env: environment, detached: !windows, shell: windows });
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let output = '';
      const read = (chunk: Buffer) => {
        output += chunk.toString();
        const found = /http:\/\/localhost:\d+\//.exec(output);
        if (found) resolve(found[0]);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${output}`)));
    });
    expect(Number(new URL(address).port)).not.toBe(USUAL_PORT);

    const page = await (await fetch(address)).text();
    expect(page).toContain('<isoloss-app');
    const script = /src="(\.\/assets\/[^"]+\.js)"/.exec(page)?.[1];
    expect(script).toBeDefined();
    expect((await fetch(new URL(script!, address))).status).toBe(200);
  } finally {
    if (windows) spawn('taskkill', ['/pid', String(child.pid), '/t', '/f']);
    else process.kill(-child.pid!, 'SIGTERM');
  }
});
