/**
 * Gives Dawn under Node an adapter to test on: SwiftShader on every Linux machine, so that results do
 * not depend on the machine's GPU.
 */
import { delimiter } from 'node:path';
import { findSwiftShader } from '../../src/cli/vulkan.js';
import { findBrowser } from '../helpers/browser.js';

/**
 * On kernels made for GPUs SwiftShader is some 40 times slower than lavapipe: PyTorch's full grids would take an hour.
 * There it gets every tenth row and column of them, and the small grids in full.
 */
const SWIFTSHADER_STRIDE = '10';

/** Environment variables for a process that tests the webgpu engine; what is already set is kept. */
export function vulkanEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  if (environment['VK_ICD_FILENAMES']) return {};
  const driver = findSwiftShader(findBrowser());
  if (driver === null) return {};
  const variables: Record<string, string> = {
    VK_ICD_FILENAMES: driver.manifest,
    GRID_STRIDE: SWIFTSHADER_STRIDE,
  };
  if (driver.loader !== null) {
    variables['LD_LIBRARY_PATH'] = [environment['LD_LIBRARY_PATH'], driver.loader]
      .filter(Boolean)
      .join(delimiter);
  }
  return variables;
}
