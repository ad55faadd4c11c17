/** ONNX files made by hand, for what no exporter writes. */
import { PbfWriter } from 'pbf';

export interface HandTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** TensorProto.DataType: 1 float32, 7 int64. */
  readonly type?: number;
  readonly raw?: Uint8Array;
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
  /** external_data's entries. */
  readonly external?: Readonly<Record<string, string>>;
}

export type HandAttribute = number | readonly number[] | string | { readonly float: number } | HandTensor;

export interface HandNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, HandAttribute>>;
}

export interface HandGraph {
  readonly nodes: readonly HandNode[];
  readonly tensors?: readonly HandTensor[];
  /** Sizes of the inputs by name; null is a free size. */
  readonly inputs: Readonly<Record<string, readonly (number | null)[]>>;
  readonly outputs: readonly string[];
}

/** The bytes of a model with this graph, opset 17. */
export function onnxBytes(graph: HandGraph): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, 8);
  pbf.writeStringField(2, 'hand');
  pbf.writeMessage(7, writeGraph, graph);
  pbf.writeMessage(8, (version: number, to: PbfWriter) => to.writeVarintField(2, version), 17);
  return pbf.finish();
}

/** Such a file as readOnnx takes it. */
export function onnxFile(graph: HandGraph, name = 'hand.onnx'): { name: string; bytes: Uint8Array } {
  return { name, bytes: onnxBytes(graph) };
}

/** A float32 initializer. */
export function floats(name: string, dims: readonly number[], values: readonly number[]): HandTensor {
  return { name, dims, floats: values };
}

/** An int64 initializer of one axis. */
export function ints(name: string, ...values: number[]): HandTensor {
  return { name, dims: [values.length], type: 7, ints: values };
}

function writeGraph({ nodes, tensors = [], inputs, outputs }: HandGraph, pbf: PbfWriter): void {
  for (const node of nodes) pbf.writeMessage(1, writeNode, node);
  for (const tensor of tensors) pbf.writeMessage(5, writeTensor, tensor);
  for (const [name, sizes] of Object.entries(inputs)) pbf.writeMessage(11, writeInput, { name, sizes });
  for (const name of outputs) pbf.writeMessage(12, writeInput, { name, sizes: [] });
}

function writeNode(
  { op, inputs, outputs, name = '', domain = '', attributes = {} }: HandNode,
  pbf: PbfWriter,
): void {
  for (const input of inputs) pbf.writeStringField(1, input);
  for (const output of outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(3, name);
  pbf.writeStringField(4, op);
  for (const [key, value] of Object.entries(attributes)) pbf.writeMessage(5, writeAttribute, { key, value });
  pbf.writeStringField(7, domain);
}

function writeAttribute({ key, value }: { key: string; value: HandAttribute }, pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  if (typeof value === 'number') pbf.writeVarintField(3, value);
  else if (typeof value === 'string') pbf.writeStringField(4, value);
  else if (Array.isArray(value)) pbf.writePackedVarint(8, [...(value as readonly number[])]);
  else if ('float' in value) pbf.writeFloatField(2, value.float);
  else pbf.writeMessage(5, writeTensor, value as HandTensor);
}

function writeTensor(
  { name, dims, type = 1, raw, floats: reals, ints: whole, external }: HandTensor,
  pbf: PbfWriter,
): void {
  pbf.writePackedVarint(1, [...dims]);
  pbf.writeVarintField(2, type);
  if (reals !== undefined) pbf.writePackedFloat(4, [...reals]);
  if (whole !== undefined) pbf.writePackedVarint(7, [...whole]);
  pbf.writeStringField(8, name);
  if (raw !== undefined) pbf.writeBytesField(9, raw);
  if (external === undefined) return;
  for (const [key, value] of Object.entries(external)) {
    pbf.writeMessage(
      13,
      (_: null, to: PbfWriter) => {
        to.writeStringField(1, key);
        to.writeStringField(2, value);
      },
      null,
    );
  }
  pbf.writeVarintField(14, 1);
}

function writeInput(
  { name, sizes }: { name: string; sizes: readonly (number | null)[] },
  pbf: PbfWriter,
): void {
  pbf.writeStringField(1, name);
  const writeSize = (size: number | null, to: PbfWriter): void => {
    if (size !== null) to.writeVarintField(1, size);
  };
  const writeShape = (_: null, to: PbfWriter): void => {
    for (const size of sizes) to.writeMessage(1, writeSize, size);
  };
  const writeTensorType = (_: null, to: PbfWriter): void => {
    to.writeVarintField(1, 1);
    to.writeMessage(2, writeShape, null);
  };
  pbf.writeMessage(2, (_: null, to: PbfWriter) => to.writeMessage(1, writeTensorType, null), null);
}
