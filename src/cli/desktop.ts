/**
 * Whether a browser can be opened for the person who typed the command: someone sits in front of this
 * machine's own screen. False in CI and over SSH.
 */
export function hasDesktop(
  environment: Readonly<Record<string, string | undefined>>,
  platform: string,
): boolean {
  if (environment['CI'] || environment['SSH_CONNECTION'] || environment['SSH_TTY']) return false;
  if (platform === 'darwin' || platform === 'win32') return true;
  return Boolean(environment['DISPLAY'] || environment['WAYLAND_DISPLAY']);
}
