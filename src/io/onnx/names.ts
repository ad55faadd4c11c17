/** Names out of what the exporters write: `/blocks/blocks.0/fc1/Gemm` is the module `blocks.0.fc1`. */
import type { NodeProto } from './proto.js';

/** Whether a value's name was made up by an exporter and says nothing to the user. */
export function isInternal(name: string): boolean {
  return name === '' || name.includes('::') || /^(\/|val_\d|_?\d+$|node_|const_|ortshared)/.test(name);
}

const SCOPES = 'pkg.torch.onnx.name_scopes';

/** Whether the exporter of the node listed its modules, which is surer than a name. */
export function knowsModule(node: NodeProto): boolean {
  return node.metadata.has(SCOPES);
}

/** The module that a node belongs to, `''` for the network itself or when nothing tells. */
export function moduleOf(node: NodeProto): string {
  // The dynamo exporter lists the modules from the outside in, then the call: ['', 'net', 'net.1', 'linear'].
  const scopes = node.metadata.get(SCOPES);
  if (scopes !== undefined) {
    const names = [...scopes.matchAll(/'([^']*)'/g)].map((match) => match[1]!);
    return names.at(-2) ?? '';
  }
  if (!node.name.startsWith('/')) return '';
  const path = node.name.slice(1).split('/').slice(0, -1);
  // A nested module is spelled with its parent's name before it: /blocks/blocks.0/fc1.
  return path.filter((part, i) => path[i + 1]?.startsWith(`${part}.`) !== true).join('.');
}

/** The part of a parameter's name before its last dot: `blocks.0.fc1` of `blocks.0.fc1.weight`. */
export function moduleOfParameter(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('.')));
}

/** What follows the last dot of a parameter's name. */
export function roleOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** A node's name for tables and errors, when no parameter gives it one. */
export function displayName(node: NodeProto): string {
  const module = moduleOf(node);
  const own = node.name.startsWith('/') ? node.name.slice(node.name.lastIndexOf('/') + 1) : node.name;
  const last = own.replace(/^node_/, '').toLowerCase() || node.op.toLowerCase();
  return module === '' ? last : `${module}.${last}`;
}

/** How an error points at a node. */
export function place(node: NodeProto, index: number): string {
  return `node ${node.name === '' ? `number ${index + 1}` : node.name} (${node.op})`;
}

/** Position of a role among the parameters of its module, as PyTorch's modules declare them. */
export const roles: readonly string[] = ['weight', 'bias', 'running_mean', 'running_var'];

/**
 * Names in the order of `state_dict()` as far as the file tells: modules as their first parameter stands in
 * the file when all of them stand there by name, else as the network uses them; within a module weight,
 * bias, running mean and variance, parameters of the network itself first. `names` comes in the order of use, `stored` in the order of the file.
 */
export function stateOrder(names: readonly string[], stored: readonly string[]): string[] {
  const position = new Map(stored.map((name, index) => [name, index]));
  const modules = new Map<string, number>();
  const used = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    const module = moduleOfParameter(name);
    if (!used.has(module)) used.set(module, index);
    const at = position.get(name);
    if (at !== undefined) modules.set(module, Math.min(at, modules.get(module) ?? Infinity));
  }
  const order = new Map(modules.size === used.size ? modules : used);
  // A module's own parameters come before those of the modules inside it.
  order.set('', -1);
  const rank = (name: string): number => {
    const role = roles.indexOf(roleOf(name));
    return role < 0 ? roles.length : role;
  };
  return [...names].sort(
    (a, b) => order.get(moduleOfParameter(a))! - order.get(moduleOfParameter(b))! || rank(a) - rank(b),
  );
}
