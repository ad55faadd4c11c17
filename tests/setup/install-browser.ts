/**
 * A browser for the tests: the machine's own, else one that is installed here and now.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findBrowser, launchBrowser } from '../helpers/browser.js';

/** The machine lacks something, or a check failed; the message is all there is to say. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}

const ADVICE =
  'The tests need a browser: install Chromium, Chrome or Edge (Debian: apt-get install chromium), or set CHROMIUM_PATH to its executable.';

/** Path and version of a browser that has been seen to start; throws SetupError when none can be had. */
export async function ensureBrowser(): Promise<string> {
  if (find() === null) install();
  const path = find();
  if (path === null) throw new SetupError(ADVICE);
  try {
    const browser = await launchBrowser();
    const version = browser.version();
    await browser.close();
    return `${path} ${version}`;
  } catch (error) {
    throw new SetupError(`${path} does not start: ${String(error)}\n${ADVICE}`);
  }
}

function find(): string | null {
  try {
    return findBrowser();
  } catch (error) {
    // CHROMIUM_PATH names no browser.
    throw new SetupError(error instanceof Error ? error.message : String(error));
  }
}

/** Debian's package where that is possible, because it brings the libraries it needs; else Playwright's build. */
function install(): void {
  const isRoot = process.getuid?.() === 0;
  const commands =
    isRoot && isDebian()
      ? [
          ['apt-get', 'update'],
          ['apt-get', 'install', '-y', '--no-install-recommends', 'chromium'],
        ]
      : [['npx', 'playwright', 'install', ...(isRoot ? ['--with-deps'] : []), 'chromium']];
  try {
    for (const [command, ...words] of commands as [string, ...string[]][]) {
      console.log(`> ${command} ${words.join(' ')}`);
      execFileSync(command, words, {
        stdio: 'inherit',
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
        shell: process.platform === 'win32',
      });
    }
  } catch {
    throw new SetupError(ADVICE);
  }
}

function isDebian(): boolean {
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}
