import { type ChildProcess, execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Result {
  readonly code: ChildProcess['exitCode'];
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as a user types it. */
export function isoloss(...words: string[]): Promise<Result> {
  return new Promise((resolve) => {
    const child = execFile(
      'npm',
      ['run', '--silent', 'isoloss', '--', ...words],
      { cwd: ROOT, shell: process.platform === 'win32' },
      (_, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}
