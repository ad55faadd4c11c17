import { expect, test } from 'vitest';
import { hasDesktop } from '../../../src/cli/desktop.js';

test.each([
  ['Linux with X', { DISPLAY: ':0' }, 'linux', true],
  ['Linux with Wayland', { WAYLAND_DISPLAY: 'wayland-0' }, 'linux', true],
  ['Linux without a screen', {}, 'linux', false],
  ['macOS', {}, 'darwin', true],
  ['Windows', {}, 'win32', true],
  [
    'a forwarded display over SSH',
    { DISPLAY: 'localhost:10.0', SSH_CONNECTION: '10.0.0.1 5 10.0.0.2 22' },
    'linux',
    false,
  ],
  ['a Mac over SSH', { SSH_TTY: '/dev/ttys001' }, 'darwin', false],
  ['CI with a virtual display', { CI: 'true', DISPLAY: ':99' }, 'linux', false],
])('%s', (_, environment, platform, expected) => {
  expect(hasDesktop(environment, platform)).toBe(expected);
});
