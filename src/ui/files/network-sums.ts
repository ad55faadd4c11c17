/** A network in three numbers. */
import { multiplyAdds } from '../../model/cost.js';
import type { Model } from '../../model/graph.js';

export interface NetworkSums {
  readonly layers: number;
  /** Numbers in all weights, those that no direction moves too. */
  readonly parameters: number;
  /** Numbers of BatchNorm's running statistics. */
  readonly statistics: number;
  /** For one sample. */
  readonly multiplyAdds: number;
}

export function sumsOf(model: Model): NetworkSums {
  const of = (kind: 'weight' | 'statistic') =>
    [...model.parameters.values()]
      .filter((parameter) => parameter.kind === kind)
      .reduce((sum, { data }) => sum + data.length, 0);
  return {
    layers: model.nodes.length,
    parameters: of('weight'),
    statistics: of('statistic'),
    multiplyAdds: multiplyAdds(model),
  };
}
