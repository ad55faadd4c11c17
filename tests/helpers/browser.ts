/**
 * Which browser the tests run in, and how it is started. Any Chromium, Chrome or Edge of the machine
 * will do; Playwright's own build is the last choice, because it is a download.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright';

const COMMANDS = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
  'microsoft-edge-stable',
  'msedge',
];

/** Path of a Chromium, Chrome or Edge: `CHROMIUM_PATH`, then PATH, then the usual places; null when there is none. */
export function findBrowser(): string | null {
  const chosen = process.env['CHROMIUM_PATH'];
  if (chosen) {
    if (!isExecutable(chosen))
      throw new Error(`CHROMIUM_PATH is '${chosen}', which is not an executable file.`);
    return chosen;
  }
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const inPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => COMMANDS.map((command) => join(folder, command + suffix)));
  return [...inPath, ...usualPlaces(), chromium.executablePath()].find(isExecutable) ?? null;
}

function usualPlaces(): string[] {
  if (process.platform === 'darwin') {
    return ['/Applications', join(homedir(), 'Applications')].flatMap((folder) =>
      ['Chromium', 'Google Chrome', 'Microsoft Edge'].map((app) =>
        join(folder, `${app}.app/Contents/MacOS/${app}`),
      ),
    );
  }
  if (process.platform === 'win32') {
    return ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA']
      .map((name) => process.env[name])
      .filter((folder) => folder !== undefined)
      .flatMap((folder) =>
        ['Google/Chrome', 'Chromium', 'Microsoft/Edge'].map((app) =>
          join(folder, app, 'Application', app === 'Microsoft/Edge' ? 'msedge.exe' : 'chrome.exe'),
        ),
      );
  }
  return [
    '/usr/lib/chromium/chromium',
    '/opt/google/chrome/google-chrome',
    '/opt/microsoft/msedge/microsoft-edge',
    '/snap/bin/chromium',
  ];
}

function isExecutable(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface LaunchOptions {
  /** Lets the page use WebGPU on any adapter, the software renderer SwiftShader included. Default false. */
  readonly webgpu?: boolean;
  /** Shows the window. Default false. */
  readonly headed?: boolean;
}

/**
 * Starts the browser that `findBrowser` names; throws when there is none. The sandbox is off for root
 * (Chromium refuses to start otherwise) and where the system does not allow one, as in most containers.
 */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === null) {
    throw new Error(
      'No Chromium, Chrome or Edge was found: install one, or set CHROMIUM_PATH to its executable.',
    );
  }
  const args = ['--disable-background-networking', '--force-color-profile=srgb'];
  if (options.webgpu) args.push('--enable-unsafe-webgpu');
  const launch = (chromiumSandbox: boolean) =>
    chromium.launch({ executablePath, headless: !options.headed, args, chromiumSandbox });
  if (process.getuid?.() === 0) return launch(false);
  try {
    return await launch(true);
  } catch (error) {
    if (error instanceof Error && /sandbox/i.test(error.message)) return launch(false);
    throw error;
  }
}
