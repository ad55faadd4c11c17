/**
 * The messages of ONNX that matter here, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
 * Functions, sparse tensors, training information and branches inside branches are not read, so nesting is
 * at most nine deep (model, graph, node, attribute, graph, node, attribute, tensor, entry) whatever the file says.
 */
import { failAt } from '../errors.js';
import { readWire, type Wire } from './wire.js';

/** A tensor as stored: one of the data fields, or a place in another file. */
export interface TensorProto {
  name: string;
  dims: number[];
  dataType: number;
  raw: Uint8Array | null;
  /** float_data and double_data. */
  floats: number[];
  /** int32_data, int64_data and uint64_data. */
  integers: number[];
  external: Map<string, string> | null;
}

export interface Attribute {
  name: string;
  float: number;
  integer: number;
  text: string;
  tensor: TensorProto | null;
  /** A branch of an If; not read inside another branch. */
  graph: GraphProto | null;
  floats: number[];
  integers: number[];
}

export interface NodeProto {
  name: string;
  op: string;
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: Map<string, Attribute>;
  /** `pkg.torch.onnx.name_scopes` and the like, of the dynamo exporter. */
  metadata: Map<string, string>;
}

/** An input of the graph; a size is null when it is free, the shape null when it is not stated. */
export interface InputProto {
  name: string;
  shape: (number | null)[] | null;
}

export interface GraphProto {
  nodes: NodeProto[];
  initializers: TensorProto[];
  inputs: InputProto[];
  outputs: string[];
}

export interface ModelProto {
  producer: string;
  /** Of the producer. */
  version: string;
  /** Version of ONNX's own operator set. */
  opset: number;
  graph: GraphProto;
}

/** A ResNet-110 with option-A shortcuts spelled out has about 3,000 nodes. */
const MAX_NODES = 20_000;
const MAX_TENSORS = 20_000;
/** Of one node, and of the graph; a DenseNet's widest concat has some dozens. */
const MAX_LINKS = 4096;

/** Reads a model. Throws FileError. */
export function readModelProto(bytes: Uint8Array, file: string): ModelProto {
  const fail = failAt(file, '');
  const graph = emptyGraph();
  const model: ModelProto = { producer: '', version: '', opset: 0, graph };
  let graphs = 0;
  let nodes = 0;
  const bound: Bound = (count, limit, what) => {
    // Branches have lists of their own, so nodes are counted over all of them.
    if ((what === 'nodes' ? ++nodes : count) > limit) {
      fail(`it has more than ${limit} ${what}; export a smaller network`);
    }
  };
  readWire(bytes, file, (wire) =>
    wire.fields((tag) => {
      if (tag === 2) model.producer = wire.text();
      else if (tag === 3) model.version = wire.text();
      else if (tag === 7) {
        graphs++;
        readGraph(wire, graph, bound, false);
      } else if (tag === 8) {
        const { domain, version } = readOpset(wire);
        if (domain === '' || domain === 'ai.onnx') model.opset = version;
      }
    }),
  );
  if (graphs !== 1 || graph.nodes.length === 0) {
    fail('it holds no network in ONNX format; choose a file written by torch.onnx.export');
  }
  return model;
}

function emptyGraph(): GraphProto {
  return { nodes: [], initializers: [], inputs: [], outputs: [] };
}

type Bound = (count: number, limit: number, what: string) => void;

function readGraph(wire: Wire, graph: GraphProto, bound: Bound, nested: boolean): void {
  wire.message((tag) => {
    if (tag === 1) bound(graph.nodes.push(readNode(wire, bound, nested)), MAX_NODES, 'nodes');
    else if (tag === 5) bound(graph.initializers.push(readTensor(wire)), MAX_TENSORS, 'tensors');
    else if (tag === 11) bound(graph.inputs.push(readInput(wire)), MAX_TENSORS, 'inputs');
    else if (tag === 12) bound(graph.outputs.push(readInput(wire).name), MAX_LINKS, 'outputs');
  });
}

function readOpset(wire: Wire): { domain: string; version: number } {
  const opset = { domain: '', version: 0 };
  wire.message((tag) => {
    if (tag === 1) opset.domain = wire.text();
    else if (tag === 2) opset.version = wire.integer();
  });
  return opset;
}

function readNode(wire: Wire, bound: Bound, nested: boolean): NodeProto {
  const node: NodeProto = {
    name: '',
    op: '',
    domain: '',
    inputs: [],
    outputs: [],
    attributes: new Map(),
    metadata: new Map(),
  };
  wire.message((tag) => {
    if (tag === 1) bound(node.inputs.push(wire.text()), MAX_LINKS, 'inputs of one node');
    else if (tag === 2) bound(node.outputs.push(wire.text()), MAX_LINKS, 'outputs of one node');
    else if (tag === 3) node.name = wire.text();
    else if (tag === 4) node.op = wire.text();
    else if (tag === 5) {
      const attribute = readAttribute(wire, bound, nested);
      node.attributes.set(attribute.name, attribute);
    } else if (tag === 7) node.domain = wire.text();
    else if (tag === 9) readEntry(wire, node.metadata);
  });
  return node;
}

function readAttribute(wire: Wire, bound: Bound, nested: boolean): Attribute {
  const attribute: Attribute = {
    name: '',
    float: 0,
    integer: 0,
    text: '',
    tensor: null,
    graph: null,
    floats: [],
    integers: [],
  };
  wire.message((tag) => {
    if (tag === 1) attribute.name = wire.text();
    else if (tag === 2) attribute.float = wire.float();
    else if (tag === 3) attribute.integer = wire.integer();
    else if (tag === 4) attribute.text = wire.text();
    else if (tag === 5) attribute.tensor = readTensor(wire);
    else if (tag === 6 && !nested) {
      attribute.graph = emptyGraph();
      readGraph(wire, attribute.graph, bound, true);
    } else if (tag === 7) wire.floats(attribute.floats);
    else if (tag === 8) wire.integers(attribute.integers);
  });
  return attribute;
}

function readTensor(wire: Wire): TensorProto {
  const tensor: TensorProto = {
    name: '',
    dims: [],
    dataType: 0,
    raw: null,
    floats: [],
    integers: [],
    external: null,
  };
  let isExternal = false;
  const entries = new Map<string, string>();
  wire.message((tag) => {
    if (tag === 1) wire.integers(tensor.dims);
    else if (tag === 2) tensor.dataType = wire.integer();
    else if (tag === 4) wire.floats(tensor.floats);
    else if (tag === 5 || tag === 7 || tag === 11) wire.integers(tensor.integers);
    else if (tag === 8) tensor.name = wire.text();
    else if (tag === 9) tensor.raw = wire.bytes();
    else if (tag === 10) wire.doubles(tensor.floats);
    else if (tag === 13) readEntry(wire, entries);
    else if (tag === 14) isExternal = wire.integer() === 1;
  });
  if (isExternal) tensor.external = entries;
  return tensor;
}

/** A key and its text; one too long to be looked at (a stack trace) is left out. */
function readEntry(wire: Wire, into: Map<string, string>): void {
  let key = '';
  let value = new Uint8Array();
  wire.message((tag) => {
    if (tag === 1) key = wire.text();
    else if (tag === 2) value = wire.bytes() as Uint8Array<ArrayBuffer>;
  });
  if (value.length <= 1024) into.set(key, new TextDecoder().decode(value));
}

function readInput(wire: Wire): InputProto {
  const input: InputProto = { name: '', shape: null };
  const readDimension = (): void => {
    let size: number | null = null;
    wire.message((tag) => {
      if (tag === 1) size = wire.integer();
    });
    (input.shape ??= []).push(size);
  };
  const readShape = (): void => {
    input.shape ??= [];
    wire.message((tag) => {
      if (tag === 1) readDimension();
    });
  };
  const readTensorType = (): void => wire.message((tag) => tag === 2 && readShape());
  const readType = (): void => wire.message((tag) => tag === 1 && readTensorType());
  wire.message((tag) => {
    if (tag === 1) input.name = wire.text();
    else if (tag === 2) readType();
  });
  return input;
}
