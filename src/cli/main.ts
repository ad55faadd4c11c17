/**
 * The command line: a thin shell over the modules that the page uses. Standard output carries results
 * alone; whatever is said to people goes to standard error.
 */
import { bench, describeBench } from './bench.js';
import { evaluate, type Places } from './eval.js';
import { HELP } from './help.js';
import { inspect } from './inspect.js';
import { parseCommand } from './options.js';
import { train } from './train.js';
import { UsageError } from './typed.js';
import { writeShaders } from './shaders.js';

/**
 * Runs one command; `words` is what was typed after `isoloss`.
 * Gives the exit code: 0, 1 for an error, 2 for a command that was typed wrong.
 */
export async function run(words: readonly string[], places: Places): Promise<number> {
  try {
    const command = parseCommand(words);
    switch (command.kind) {
      case 'help':
        process.stdout.write(HELP);
        break;
      case 'eval':
        process.stdout.write(`${JSON.stringify(await evaluate(command.options, places))}\n`);
        break;
      case 'train':
        process.stdout.write(`${JSON.stringify(await train(command.options, places))}\n`);
        break;
      case 'bench': {
        const result = await bench(command.options, places);
        process.stdout.write(command.options.json ? `${JSON.stringify(result)}\n` : describeBench(result));
        break;
      }
      case 'shaders':
        process.stdout.write(`${(await writeShaders(command.options)).join('\n')}\n`);
        break;
      case 'inspect':
        process.stdout.write(await inspect(command.network, places.assets));
        break;
    }
    return 0;
  } catch (error) {
    process.stderr.write(`isoloss: ${describe(error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** A sentence for errors that expect to be read, the stack for those that should not happen. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const unexpected = ['Error', 'TypeError', 'RangeError', 'ReferenceError'].includes(error.name);
  return unexpected ? (error.stack ?? error.message) : error.message;
}
