/**
 * The software renderer SwiftShader, which every Chromium for Linux brings along as a Vulkan driver.
 * With it the webgpu engine runs under Node on machines without a GPU: slowly, but with the same kernels.
 */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export interface VulkanDriver {
  /** Value for `VK_ICD_FILENAMES`. */
  readonly manifest: string;
  /** Folder with a `libvulkan.so.1` for `LD_LIBRARY_PATH`; null when the system has a loader of its own. */
  readonly loader: string | null;
}

const BROWSER_FOLDERS = [
  '/usr/lib/chromium',
  '/usr/lib64/chromium-browser',
  '/usr/lib/chromium-browser',
  '/opt/google/chrome',
  '/opt/microsoft/msedge',
  '/snap/chromium/current/usr/lib/chromium-browser',
];

const LOADER_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
];

/** SwiftShader beside `browser` (its executable) or beside any browser in the usual places; null when there is none, or not on Linux. */
export function findSwiftShader(browser: string | null): VulkanDriver | null {
  if (process.platform !== 'linux') return null;
  const folders = [...BROWSER_FOLDERS, ...playwrightFolders()];
  if (browser !== null && existsSync(browser)) folders.unshift(dirname(realpathSync(browser)));
  const folder = folders.find(
    (candidate) =>
      existsSync(join(candidate, 'vk_swiftshader_icd.json')) &&
      existsSync(join(candidate, 'libvk_swiftshader.so')),
  );
  if (folder === undefined) return null;
  const hasLoader = LOADER_FOLDERS.some((candidate) => existsSync(join(candidate, 'libvulkan.so.1')));
  return { manifest: join(folder, 'vk_swiftshader_icd.json'), loader: hasLoader ? null : folder };
}

/** Folders of the browsers that `playwright install` has downloaded. */
function playwrightFolders(): string[] {
  const cache = process.env['PLAYWRIGHT_BROWSERS_PATH'] ?? join(homedir(), '.cache/ms-playwright');
  if (!existsSync(cache)) return [];
  return readdirSync(cache)
    .filter((name) => name.startsWith('chromium'))
    .flatMap((name) => readdirSync(join(cache, name)).map((build) => join(cache, name, build)));
}
