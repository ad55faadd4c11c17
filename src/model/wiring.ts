import type { ActivationName, Node } from './graph.js';

/** PyTorch's defaults. */
const batchNormEpsilon = 1e-5;
const leakySlope = 0.01;
const eluAlpha = 1;

/**
 * Lists nodes one after another, as a `forward` method reads. Every method takes the numbers of the values
 * it reads and returns that of the value it makes; 0 is the network's input. Parameters are named after
 * the node, as PyTorch's modules name them.
 */
export class Wiring {
  readonly nodes: Node[] = [];

  dense(name: string, input: number, bias: boolean): number {
    return this.push({
      op: 'dense',
      name,
      inputs: [input],
      weight: `${name}.weight`,
      bias: bias ? `${name}.bias` : null,
    });
  }

  /** Square kernel, "same" padding for odd kernels. */
  conv2d(name: string, input: number, kernel: number, stride: number, bias = false): number {
    const padding = (kernel - 1) / 2;
    return this.push({
      op: 'conv2d',
      name,
      inputs: [input],
      weight: `${name}.weight`,
      bias: bias ? `${name}.bias` : null,
      stride: [stride, stride],
      padding: [padding, padding, padding, padding],
      dilation: [1, 1],
      groups: 1,
    });
  }

  batchnorm(name: string, input: number): number {
    return this.push({
      op: 'batchnorm',
      name,
      inputs: [input],
      scale: `${name}.weight`,
      shift: `${name}.bias`,
      mean: `${name}.running_mean`,
      variance: `${name}.running_var`,
      epsilon: batchNormEpsilon,
    });
  }

  activation(name: string, input: number, fn: ActivationName): number {
    const slope = fn === 'elu' ? eluAlpha : leakySlope;
    return this.push({ op: 'activation', name, inputs: [input], fn, slope });
  }

  add(name: string, left: number, right: number): number {
    return this.push({ op: 'add', name, inputs: [left, right] });
  }

  mean(name: string, input: number, axes: readonly number[]): number {
    return this.push({ op: 'mean', name, inputs: [input], axes, keepAxes: false });
  }

  private push(node: Node): number {
    return this.nodes.push(node);
  }
}
