/**
 * ONNX as PyTorch's exporters write it (the older one and `dynamo=True`) to the project's own network. A
 * file with an operator that is not known is refused with the operator's node and the list of known ones.
 */
import type { LossName } from '../../model/data.js';
import { ModelError } from '../../model/errors.js';
import type { Model } from '../../model/graph.js';
import { failAt, FileError, quoted } from '../errors.js';
import { integerAttribute } from './attributes.js';
import type { Call, Entry, Findings } from './call.js';
import { endings, operators } from './operators.js';
import { folds, permutation } from './fold.js';
import { allow, transposeConstant } from './indexing.js';
import { isInternal, place } from './names.js';
import { Network, type Value } from './network.js';
import { exportRecipe } from './recipe.js';
import { readModelProto, type GraphProto, type ModelProto, type NodeProto } from './proto.js';
import { Budget, type Constant, type Known, type NamedBytes, readTensor } from './tensor.js';

/** A network out of a file, and what the user should know about it. */
export interface ImportedModel {
  readonly model: Model;
  /** Sentences to show. */
  readonly notices: readonly string[];
  /** What the end of the network suggests: `ce` after a softmax, `bce` after a sigmoid, null if nothing does. */
  readonly lossHint: LossName | null;
  /** The exporter multiplied BatchNorm into the weights before it: they are not those of the `state_dict`. */
  readonly batchNormFolded: boolean;
}

/** Forms nest at most this deep before they become nodes; GELU's tanh form takes seven. */
const MAX_DEPTH = 12;

/**
 * Reads the `.onnx` file among `files`; the others hold its external data. Throws FileError for a file that
 * cannot be read or understood, ModelError for a network whose parts do not fit.
 */
export function readOnnx(files: readonly NamedBytes[]): ImportedModel {
  const models = files.filter(({ name }) => name.toLowerCase().endsWith('.onnx'));
  const [file] = models;
  if (file === undefined || models.length > 1) {
    throw new FileError(
      files[0]?.name ?? 'no file',
      '',
      `${models.length} files end in .onnx and there should be one; open one network, with the data files beside it`,
    );
  }
  const others = files.filter((other) => other !== file);
  const proto = readModelProto(file.bytes, file.name);
  try {
    return new Importer(file.name, proto, others).run();
  } catch (error) {
    if (error instanceof FileError || error instanceof ModelError) throw error;
    // Lengths are checked before arrays are made, so what is left is the machine's own limit.
    if (error instanceof RangeError)
      return failAt(file.name, '')('it does not fit in memory; export a smaller network');
    throw error;
  }
}

class Importer {
  private readonly graph: GraphProto;
  private readonly producers = new Map<string, number>();
  private readonly initializers: ReadonlyMap<string, GraphProto['initializers'][number]>;
  private readonly entries = new Map<string, Entry>();
  private readonly useCounts = new Map<string, number>();
  private readonly transposes = new Map<Constant, Constant>();
  private readonly budget = new Budget();
  private readonly findings: Findings = { batchNormFolded: false, notices: new Set() };
  private readonly storedTypes = new Set<string>();
  private readonly fail;

  constructor(
    private readonly file: string,
    private readonly proto: ModelProto,
    private readonly others: readonly NamedBytes[],
  ) {
    this.fail = failAt(file, '');
    this.graph = proto.graph;
    for (const [index, { outputs }] of this.graph.nodes.entries()) {
      for (const output of outputs) if (output !== '') this.producers.set(output, index);
    }
    this.initializers = new Map(this.graph.initializers.map((tensor) => [tensor.name, tensor]));
  }

  run(): ImportedModel {
    const { name: output, lossHint } = this.logits();
    const needed = this.needed(output);
    const { network, batch } = this.openInput();
    for (const index of needed) this.runNode(this.graph.nodes[index]!, index, network, batch, output);

    const last = this.entries.get(output);
    if (last?.kind !== 'value')
      return this.fail(`its output ${quoted(output)} does not depend on its input; export it again`);
    if (last.shape.length > 1) {
      this.fail(
        `its output has shape [${last.shape.join(', ')}] per sample, and the losses need [outputs]; flatten it in the network`,
      );
    }
    const settled = last.shape.length === 1 ? network.shaped(last) : network.settle(last);
    if (settled === 0)
      this.fail('it has no layer between its input and its output; export the network itself');
    const stored = this.graph.initializers.map(({ name }) => name);
    const model = network.model(this.file.replace(/\.onnx$/i, ''), settled, stored);
    return { model, notices: this.notices(), lossHint, batchNormFolded: this.findings.batchNormFolded };
  }

  /** The name of what goes into the loss: the first output, without a softmax or sigmoid at its end. */
  private logits(): { name: string; lossHint: LossName | null } {
    const { outputs, nodes } = this.graph;
    let name = outputs[0] ?? this.fail('it has no output; export it again');
    if (outputs.length > 1) {
      this.findings.notices.add(`The network has ${outputs.length} outputs; the first, ${name}, is used.`);
    }
    let lossHint: LossName | null = null;
    const passed = new Set<string>();
    while (!passed.has(name)) {
      passed.add(name);
      const node = nodes[this.producers.get(name) ?? -1];
      const before = node?.inputs[0];
      if (node === undefined || before === undefined) break;
      const isEnd = lossHint === null && endings.some((op) => op === node.op) && isOverOutputs(node);
      // log(softmax(x)), which some write out.
      const isLog =
        lossHint === null && node.op === 'Log' && nodes[this.producers.get(before) ?? -1]?.op === 'Softmax';
      if (isEnd) {
        lossHint = node.op === 'Sigmoid' ? 'bce' : 'ce';
        const loss = lossHint === 'ce' ? 'softmax cross-entropy' : 'binary cross-entropy';
        this.findings.notices.add(
          `The ${node.op} at the end was left out: ${loss} computes it from the logits.`,
        );
      } else if (node.op !== 'Identity' && !isLog) break;
      name = before;
    }
    return { name, lossHint };
  }

  /** Nodes that the output needs, in the order of the file; counts how often each value is read. */
  private needed(output: string): number[] {
    const needed = new Set<number>();
    const wanted = [output];
    this.useCounts.set(output, 1);
    for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
      const index = this.producers.get(name);
      if (index === undefined || needed.has(index)) continue;
      needed.add(index);
      for (const input of this.graph.nodes[index]!.inputs) {
        if (input === '') continue;
        this.useCounts.set(input, (this.useCounts.get(input) ?? 0) + 1);
        wanted.push(input);
      }
    }
    return [...needed].sort((a, b) => a - b);
  }

  /** The network's input: the one that is no parameter, its first axis the batch. */
  private openInput(): { network: Network; batch: number | null } {
    const inputs = this.graph.inputs.filter(({ name }) => !this.initializers.has(name));
    const [input] = inputs;
    if (input === undefined || inputs.length > 1) {
      return this.fail(
        `it has ${inputs.length} inputs and should have one; export a network that takes one tensor`,
      );
    }
    const [batch, ...shape] = input.shape ?? [];
    const sizes = shape.map((size) => size ?? NaN);
    if (
      batch === undefined ||
      sizes.length === 0 ||
      !sizes.every((size) => Number.isSafeInteger(size) && size > 0)
    ) {
      const spelled = (input.shape ?? []).map((size) => size ?? '?').join(', ');
      return this.fail(
        `its input ${quoted(input.name)} has shape [${spelled}] and should have a batch axis and then fixed sizes; export with an example batch and only axis 0 dynamic`,
      );
    }
    const network = new Network(sizes);
    this.entries.set(input.name, network.value(0, this.fail));
    return { network, batch: batch ?? null };
  }

  private runNode(
    node: NodeProto,
    index: number,
    network: Network,
    batch: number | null,
    output: string,
  ): void {
    const fail = failAt(this.file, place(node, index));
    if (node.domain !== '' && node.domain !== 'ai.onnx') this.unknown(node, index);
    if ((node.metadata.get('pkg.onnxscript.rewriter.rule_name') ?? '').includes('FuseBatchNorm')) {
      this.findings.batchNormFolded = true;
    }
    const inputs = node.inputs.map((name) => this.entry(name, fail));
    const known = this.fold(node, inputs, fail);
    const result = known ?? this.operate({ node, index, inputs, network, batch, fail });
    const [name] = node.outputs;
    if (name === undefined) return;
    if (result.kind === 'value') {
      // What several nodes read is computed once, and no part of it is taken for part of an activation.
      if (result.index === null && (this.uses(name) > 1 || result.depth > MAX_DEPTH)) network.settle(result);
    }
    if (name === output && result.kind === 'known')
      fail('its result does not depend on the input; export it again');
    this.entries.set(name, result);
  }

  private operate(parts: {
    node: NodeProto;
    index: number;
    inputs: (Entry | null)[];
    network: Network;
    batch: number | null;
    fail: Call['fail'];
  }): Value {
    const { node, index, inputs, network, batch, fail } = parts;
    const operator = operators.get(node.op) ?? this.unknown(node, index);
    return operator({
      node,
      inputs,
      network,
      batch,
      fail,
      opset: this.proto.opset,
      budget: this.budget,
      findings: this.findings,
      transpose: (constant) => this.transpose(constant, fail),
      uses: (name) => this.uses(name),
    });
  }

  private unknown(node: NodeProto, index: number): never {
    const domain = node.domain === '' ? '' : `${node.domain}.`;
    const list = [...operators.keys(), ...endings.filter((op) => !operators.has(op))].sort();
    return failAt(
      this.file,
      place(node, index),
    )(
      `the operator ${domain}${node.op} is not known on values of the network; known are ${list.join(', ')}` +
        ` (Softmax and LogSoftmax as the end alone), so write the layer with these`,
    );
  }

  /** A value by name: computed before, or an initializer. */
  private entry(name: string, fail: Call['fail']): Entry | null {
    if (name === '') return null;
    const known = this.entries.get(name);
    if (known !== undefined) return known;
    const tensor = this.initializers.get(name);
    if (tensor === undefined)
      return fail(`its input ${quoted(name)} is made by no node before it; export it again`);
    const entry: Known = { kind: 'known', constant: this.read(tensor), name, transposed: null };
    this.entries.set(name, entry);
    return entry;
  }

  private read(tensor: GraphProto['initializers'][number]): Constant {
    const { constant, stored } = readTensor(tensor, this.file, this.others, this.budget);
    if (constant.type === 'float' && stored !== 'float32') this.storedTypes.add(stored);
    return constant;
  }

  /** What a node computes out of constants alone, or null when the network has to run for it. */
  private fold(node: NodeProto, inputs: readonly (Entry | null)[], fail: Call['fail']): Known | null {
    const [first] = inputs;
    if (node.op === 'Shape') return computed(shapeConstant(node, first ?? null, fail));
    if (node.op === 'Transpose' && first?.kind === 'known' && first.constant.shape.length === 2) {
      const [axis] = permutation(node, 2, fail);
      return axis === 0 ? first : this.transposed(first, fail);
    }
    const fold = folds.get(node.op);
    const like = node.op === 'CastLike' && first?.kind === 'known';
    if (fold === undefined || (!like && inputs.some((input) => input?.kind === 'value'))) return null;
    const constant = fold({
      node,
      inputs: inputs.map((input) => (input?.kind === 'known' ? input.constant : null)),
      budget: this.budget,
      fail,
      read: (tensor) => this.read(tensor),
    });
    if (first?.kind !== 'known') return computed(constant);
    if (!namePreserving.has(node.op)) return computed(constant);
    // Equal parameters are stored once, and the others are Identities of it under their own names.
    const alias = node.op === 'Identity' && !isInternal(node.outputs[0] ?? '');
    return { kind: 'known', constant, name: alias ? node.outputs[0]! : first.name, transposed: null };
  }

  private transposed(known: Known, fail: Call['fail']): Known {
    return {
      kind: 'known',
      constant: known.transposed ?? this.transpose(known.constant, fail),
      name: known.name,
      transposed: known.constant,
    };
  }

  private transpose(constant: Constant, fail: Call['fail']): Constant {
    let transposed = this.transposes.get(constant);
    if (transposed === undefined) {
      allow(constant.shape, this.budget, fail);
      transposed = transposeConstant(constant, [1, 0]);
      this.transposes.set(constant, transposed);
    }
    return transposed;
  }

  private uses(name: string): number {
    return this.useCounts.get(name) ?? 0;
  }

  private notices(): string[] {
    const notices = [...this.findings.notices];
    if (this.storedTypes.size > 0) {
      notices.push(`Parameters stored as ${[...this.storedTypes].join(' and ')} were rounded to float32.`);
    }
    if (this.findings.batchNormFolded) notices.push(exportRecipe(this.proto.producer, this.proto.version));
    return notices;
  }
}

/** Operators after which a parameter is still itself. */
const namePreserving: ReadonlySet<string> = new Set([
  'Identity',
  'Cast',
  'CastLike',
  'Reshape',
  'Unsqueeze',
  'Squeeze',
]);

function computed(constant: Constant): Known {
  return { kind: 'known', constant, name: null, transposed: null };
}

/** The Shape of anything: the batch is NaN. `start` and `end` came with opset 15. */
function shapeConstant(node: NodeProto, input: Entry | null, fail: Call['fail']): Constant {
  if (input === null) return fail('its input is missing; export the network again');
  const shape = input.kind === 'known' ? input.constant.shape : [NaN, ...input.shape];
  const start = integerAttribute(node, 'start', 0);
  const end = integerAttribute(node, 'end', shape.length);
  const sizes = shape.slice(start, end);
  return { type: 'int', shape: [sizes.length], data: Float64Array.from(sizes) };
}

/** Whether a softmax runs over the outputs of a sample; over the batch it is no end of a network. */
function isOverOutputs(node: NodeProto): boolean {
  return node.op === 'Sigmoid' || integerAttribute(node, 'axis', -1) !== 0;
}
