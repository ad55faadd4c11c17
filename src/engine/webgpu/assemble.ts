/**
 * Puts a shader together from its file: `#import name` becomes the text of `shaders/shared/name.wgsl`
 * (each once, imports of imports first), `#struct Name` the WGSL of a uniform struct declared in
 * TypeScript. Variants are `override` constants, but for `#choose what`, which imports the one of
 * `shared/what_….wgsl` that the pipeline names: ten activations in every copy of an epilogue would cost
 * a driver seconds.
 */
import type { UniformStruct } from './uniform.js';

const files: Record<string, string> = import.meta.glob(['/shaders/*.wgsl', '/shaders/shared/*.wgsl'], {
  query: '?raw',
  eager: true,
  import: 'default',
});

/** Names of the shader files, `shared/…` included, without extension. */
export function shaderNames(): string[] {
  return Object.keys(files)
    .map((path) => path.replace(/^\/shaders\//, '').replace(/\.wgsl$/, ''))
    .sort();
}

/** Text of `shaders/NAME.wgsl` before assembly. Throws when there is no such file. */
export function shaderText(name: string): string {
  const text = files[`/shaders/${name}.wgsl`];
  if (text === undefined)
    throw new Error(`shaders/${name}.wgsl does not exist; there are ${shaderNames().join(', ')}`);
  return text;
}

export type Choices = Readonly<Record<string, string>>;

/**
 * The complete WGSL of a shader.
 *
 * @param name file name below `shaders/`, without extension
 * @param structs what `#struct` may name
 * @param choices what `#choose` takes, e.g. `{ activation: 'relu' }`
 * @param read where file texts come from
 * @throws Error when an import, a struct or a choice is unknown, or a file imports itself
 */
export function assemble(
  name: string,
  structs: readonly UniformStruct[],
  choices: Choices = {},
  read: (name: string) => string = shaderText,
): string {
  const done = new Set<string>();
  const expand = (file: string, path: readonly string[]): string => {
    if (path.includes(file)) throw new Error(`shaders import each other: ${[...path, file].join(' → ')}`);
    const expandLine = (line: string): string => {
      const [, directive, word] = /^#(import|struct|choose)\s+(\w+)\s*$/.exec(line) ?? [];
      if (word === undefined) return line;
      if (directive === 'struct') {
        const struct = structs.find((candidate) => candidate.name === word);
        if (!struct)
          throw new Error(`shaders/${file}.wgsl asks for struct ${word}, which its stage does not declare`);
        return struct.wgsl;
      }
      const choice = directive === 'choose' ? choices[word] : null;
      if (choice === undefined) throw new Error(`shaders/${file}.wgsl needs a choice of ${word}`);
      const shared = choice === null ? `shared/${word}` : `shared/${word}_${choice}`;
      if (done.has(shared)) return '';
      const text = expand(shared, [...path, file]);
      done.add(shared);
      return text;
    };
    return read(file).split('\n').map(expandLine).join('\n');
  };
  return expand(name, []);
}

/** The text with line numbers, as compiler messages count them. */
export function numbered(text: string): string {
  const lines = text.split('\n');
  const width = String(lines.length).length;
  return lines.map((line, i) => `${String(i + 1).padStart(width)}  ${line}`).join('\n');
}
