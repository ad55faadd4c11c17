/** jax-js on the training that is timed: one compiled function for loss, gradients and update, everything resident. */
import * as jax from '@jax-js/jax';
import { layersOf, oneHot, transposed } from '../page/layers.js';
import { caseProblem, benchCase } from '../../src/cli/bench-cases.js';
import { BATCH, batches, RATE, type Stepper, trainingProblem } from './work.js';

const { numpy: np, nn } = jax;

type Arrays = jax.Array[];

const again = (arrays: Arrays): Arrays => arrays.map((array) => array.ref);

/** The ways to lay out weights and to split the step; `wholeStep` puts the update into the compiled function. */
export function jaxSteppers(): Stepper[] {
  return [false, true].flatMap((outputsFirst) =>
    [false, true].map((wholeStep) => stepper(outputsFirst, wholeStep)),
  );
}

function stepper(outputsFirst: boolean, wholeStep: boolean): Stepper {
  const layers = layersOf(caseProblem(benchCase('b'))).filter((layer) => 'weights' in layer);
  const { data } = trainingProblem();
  const width = data.shape[0]!;
  const fresh = (): Arrays =>
    layers.flatMap(({ weights: [values], shape, bias }) => {
      const [outputs, inputs] = shape as [number, number];
      const weight = outputsFirst
        ? np.array(values, { shape })
        : np.array(transposed(values, outputs, inputs), { shape: [inputs, outputs] });
      return [weight, np.array(bias, { shape: [outputs] })];
    });
  const loss = (parameters: Arrays, x: jax.Array, y: jax.Array): jax.Array => {
    let h = x;
    for (const [i, layer] of layers.entries()) {
      const [w, b] = [parameters[2 * i]!, parameters[2 * i + 1]!];
      h = np.matmul(h, outputsFirst ? np.transpose(w) : w).add(b);
      if (layer.relu) h = nn.relu(h);
    }
    return np.mean(nn.logsumexp(h.ref, -1).sub(np.sum(h.mul(y), -1)));
  };
  const update = (parameters: Arrays, gradients: Arrays): Arrays =>
    parameters.map((values, i) => values.sub(gradients[i]!.mul(RATE)));
  const gradient = jax.valueAndGrad(loss);
  const compiled = jax.jit((parameters: Arrays, x: jax.Array, y: jax.Array): [jax.Array, Arrays] => {
    if (!wholeStep) return gradient(parameters, x, y);
    const [value, gradients] = gradient(again(parameters), x, y);
    return [value, update(parameters, gradients)];
  });
  const updated = jax.jit(update);

  const classes = layers.at(-1)!.bias.length;
  const hot = oneHot(data.labels!, classes);
  const parts = Array.from({ length: batches({ ...trainingProblem() }) }, (_, k) => {
    const rows = data.inputs.slice(k * BATCH * width, (k + 1) * BATCH * width);
    const truth = hot.slice(k * BATCH * classes, (k + 1) * BATCH * classes);
    return {
      x: np.array(rows, { shape: [BATCH, width] }),
      y: np.array(truth, { shape: [BATCH, classes] }),
    };
  });
  let parameters = fresh();
  let next = 0;
  const step = async (): Promise<jax.Array> => {
    const { x, y } = parts[next++ % parts.length]!;
    const [value, result] = wholeStep
      ? compiled(parameters, x.ref, y.ref)
      : compiled(again(parameters), x.ref, y.ref);
    parameters = wholeStep ? result : updated(parameters, result);
    await jax.blockUntilReady(parameters);
    return value;
  };
  return {
    name: `${outputsFirst ? 'out × in' : 'in × out'}, update ${wholeStep ? 'within' : 'after'}`,
    async losses(steps) {
      for (const array of parameters) array.dispose();
      parameters = fresh();
      next = 0;
      const found: number[] = [];
      for (let k = 0; k < steps; k++) found.push((await (await step()).data())[0]!);
      return found;
    },
    async take(steps) {
      for (let k = 0; k < steps; k++) (await step()).dispose();
    },
  };
}
