/**
 * `npm test`. Node cannot run the TypeScript of `all.ts` by itself; Vite can.
 */
import { runnerImport } from 'vite';

const { module } = await runnerImport('./tests/setup/all.ts', { configFile: false, logLevel: 'error' });
process.exitCode = await module.runAll();
