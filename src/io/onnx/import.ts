/**
 * ONNX as PyTorch's exporters write it (the older one and `dynamo=True`) to the project's own network. A
 * file with an operator that is not known is refused with the operator's node and the list of known ones.
 */
import type { LossName } from '../../model/data.js';
import { ModelError } from '../../model/errors.js';
import type { Model } from '../../model/graph.js';
import { type Fail, failAt, FileError, quoted } from '../errors.js';
import { integerAttribute } from './attributes.js';
import type { Entry, Findings } from './call.js';
import { folds, permutation } from './fold.js';
import { allow, transposeConstant } from './indexing.js';
import { isInternal, place } from './names.js';
import { Network, type Value } from './network.js';
import { endings, operators } from './operators.js';
import { type Outline, outline } from './outline.js';
import {
  type InputProto,
  type ModelProto,
  type NodeProto,
  readModelProto,
  type TensorProto,
} from './proto.js';
import { exportRecipe } from './recipe.js';
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
  private readonly outline: Outline;
  private readonly network: Network;
  /** Size of the batch when the file fixes it. */
  private readonly batch: number | null;
  private readonly initializers: ReadonlyMap<string, TensorProto>;
  private readonly entries = new Map<string, Entry>();
  private readonly transposes = new Map<Constant, Constant>();
  private readonly budget = new Budget();
  private readonly findings: Findings = { batchNormFolded: false, notices: new Set() };
  private readonly storedTypes = new Set<string>();
  private readonly fail: Fail;

  constructor(
    private readonly file: string,
    private readonly proto: ModelProto,
    private readonly others: readonly NamedBytes[],
  ) {
    const { initializers, inputs, outputs } = proto.graph;
    this.fail = failAt(file, '');
    this.initializers = new Map(initializers.map((tensor) => [tensor.name, tensor]));
    const open = inputs.filter(({ name }) => !this.initializers.has(name));
    if (open.length !== 1 || outputs.length === 0) {
      this.fail(
        `it has ${open.length} inputs and ${outputs.length} outputs and should have one of each; export a network that takes one tensor`,
      );
    }
    this.outline = outline(proto.graph);
    const { batch, shape } = inputSizes(open[0]!, this.fail);
    this.batch = batch;
    this.network = new Network(shape);
    this.entries.set(open[0]!.name, this.network.value(0, this.fail));
  }

  run(): ImportedModel {
    const { nodes, outputs, initializers } = this.proto.graph;
    const { logits, ending, lossHint } = this.outline;
    if (outputs.length > 1) {
      this.findings.notices.add(
        `The network has ${outputs.length} outputs; the first, ${quoted(outputs[0]!)}, is used.`,
      );
    }
    if (ending !== null) {
      const loss = lossHint === 'ce' ? 'softmax cross-entropy' : 'binary cross-entropy';
      this.findings.notices.add(
        `The ${ending} at the end was left out: ${loss} computes it from the logits.`,
      );
    }
    for (const index of this.outline.nodes) this.runNode(nodes[index]!, index);

    const last = this.entries.get(logits);
    if (last?.kind !== 'value') {
      return this.fail(`its output ${quoted(logits)} does not depend on its input; export it again`);
    }
    if (last.shape.length > 1) {
      this.fail(
        `its output has shape [${last.shape.join(', ')}] per sample, and the losses need [outputs]; flatten it in the network`,
      );
    }
    const settled = last.shape.length === 1 ? this.network.shaped(last) : this.network.settle(last);
    if (settled === 0)
      this.fail('it has no layer between its input and its output; export the network itself');
    const stored = initializers.map(({ name }) => name);
    const model = this.network.model(this.file.replace(/\.onnx$/i, ''), settled, stored);
    return { model, notices: this.notices(), lossHint, batchNormFolded: this.findings.batchNormFolded };
  }

  private runNode(node: NodeProto, index: number): void {
    const fail = failAt(this.file, place(node, index));
    if (node.domain !== '' && node.domain !== 'ai.onnx') this.unknown(node, index);
    if ((node.metadata.get('pkg.onnxscript.rewriter.rule_name') ?? '').includes('FuseBatchNorm')) {
      this.findings.batchNormFolded = true;
    }
    if (node.outputs.length === 0) return;
    const inputs = node.inputs.map((input) => this.entry(input, fail));
    const result =
      node.op === 'If'
        ? this.branch(node, inputs[0] ?? null, index, fail)
        : (this.fold(node, inputs, fail) ?? this.operate(node, index, inputs, fail));
    const results = 'kind' in result ? [result] : result;
    for (const [i, entry] of results.entries()) this.keep(node.outputs[i] ?? '', entry);
  }

  private keep(name: string, entry: Entry): void {
    // What several nodes read is computed once, and no part of it is taken for part of an activation.
    const shared = this.uses(name) > 1;
    if (entry.kind === 'value' && entry.index === null && (shared || entry.depth > MAX_DEPTH)) {
      this.network.settle(entry);
    }
    this.entries.set(name, entry);
  }

  /** One of the branches of an If, whichever the shapes decide; PyTorch writes it around Squeeze. */
  private branch(node: NodeProto, condition: Entry | null, index: number, fail: Fail): Entry {
    const test = condition?.kind === 'known' ? condition.constant.data[0] : undefined;
    if (test === undefined) return fail('it depends on the data; only networks without branches are known');
    const graph = node.attributes.get(test === 0 ? 'else_branch' : 'then_branch')?.graph;
    const output = graph?.outputs[0];
    if (graph === undefined || graph === null || output === undefined) {
      return fail('its branch is missing or holds another branch; export the network again');
    }
    for (const inner of graph.nodes) this.runNode(inner, index);
    return this.entry(output, fail) ?? fail('its branch gives nothing; export the network again');
  }

  private operate(
    node: NodeProto,
    index: number,
    inputs: (Entry | null)[],
    fail: Fail,
  ): Value | readonly Value[] {
    const operator = operators.get(node.op) ?? this.unknown(node, index);
    return operator({
      node,
      inputs,
      fail,
      network: this.network,
      batch: this.batch,
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
  private entry(name: string, fail: Fail): Entry | null {
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

  private read(tensor: TensorProto): Constant {
    const { constant, stored } = readTensor(tensor, this.file, this.others, this.budget);
    if (constant.type === 'float' && stored !== 'float32') this.storedTypes.add(stored);
    return constant;
  }

  /** What a node computes out of constants alone, or null when the network has to run for it. */
  private fold(node: NodeProto, inputs: readonly (Entry | null)[], fail: Fail): Known | null {
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

  private transposed(known: Known, fail: Fail): Known {
    return {
      kind: 'known',
      constant: known.transposed ?? this.transpose(known.constant, fail),
      name: known.name,
      transposed: known.constant,
    };
  }

  private transpose(constant: Constant, fail: Fail): Constant {
    let transposed = this.transposes.get(constant);
    if (transposed === undefined) {
      allow(constant.shape, this.budget, fail);
      transposed = transposeConstant(constant, [1, 0]);
      this.transposes.set(constant, transposed);
    }
    return transposed;
  }

  private uses(name: string): number {
    return this.outline.uses.get(name) ?? 0;
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
function shapeConstant(node: NodeProto, input: Entry | null, fail: Fail): Constant {
  if (input === null) return fail('its input is missing; export the network again');
  const shape = input.kind === 'known' ? input.constant.shape : [NaN, ...input.shape];
  const start = integerAttribute(node, 'start', 0);
  const end = integerAttribute(node, 'end', shape.length);
  const sizes = shape.slice(start, end);
  return { type: 'int', shape: [sizes.length], data: Float64Array.from(sizes) };
}

/** The batch and the shape of a sample; the first axis is the batch. */
function inputSizes({ name, shape }: InputProto, fail: Fail): { batch: number | null; shape: number[] } {
  const [batch, ...rest] = shape ?? [];
  const sizes = rest.map((size) => size ?? NaN);
  if (
    batch === undefined ||
    sizes.length === 0 ||
    !sizes.every((size) => Number.isSafeInteger(size) && size > 0)
  ) {
    fail(
      `its input ${quoted(name)} has shape [${(shape ?? []).map((size) => size ?? '?').join(', ')}] and should have a batch axis and then fixed sizes; export with an example batch and only axis 0 dynamic`,
    );
  }
  return { batch: batch ?? null, shape: sizes };
}
