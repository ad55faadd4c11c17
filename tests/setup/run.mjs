/**
 * `npm test`. Node cannot run the TypeScript of `all.ts` by itself; Vite can.
 */
import { runnerImport } from 'vite';

const { NODE_ENV } = process.env;
const { module } = await runnerImport('./tests/setup/all.ts', { configFile: false, logLevel: 'error' });
// It sets `development`, with which the build that is checked would hold the development versions of libraries.
if (NODE_ENV === undefined) delete process.env.NODE_ENV;
else process.env.NODE_ENV = NODE_ENV;
process.exitCode = await module.runAll();
