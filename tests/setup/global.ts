/**
 * Runs in the test runner's own process before it starts a process per test file; those inherit the
 * environment, which for the dynamic linker must be right from their first moment.
 */
import { vulkanEnvironment } from './vulkan.js';

export function setup(): void {
  Object.assign(process.env, vulkanEnvironment());
}
