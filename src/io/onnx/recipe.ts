/** How to export a network so that its BatchNorm layers survive; both ways were tried with PyTorch 1.13 and 2.15. */

/** `optimize=False` of the dynamo exporter came with this version. */
const DYNAMO_SINCE = [2, 6] as const;

/**
 * The sentence for a network whose BatchNorm layers are gone, with the two lines that keep them.
 * `version` is the exporter's, such as `1.13.1` or `2.15.0+cu132`.
 */
export function exportRecipe(producer: string, version: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const hasDynamo = major > DYNAMO_SINCE[0] || (major === DYNAMO_SINCE[0] && minor >= DYNAMO_SINCE[1]);
  const call = hasDynamo
    ? 'torch.onnx.export(model, (x,), "model.onnx", dynamo=True, optimize=False)'
    : 'torch.onnx.export(model, x, "model.onnx", training=torch.onnx.TrainingMode.PRESERVE)';
  const by = producer === '' ? '' : ` by ${[producer, version].join(' ').trim()}`;
  return (
    `BatchNorm was folded into the weights${by}: they are not those of the state_dict, so directions and ` +
    `checkpoints made from it do not fit. To keep BatchNorm, export with the two lines\nmodel.eval()\n${call}`
  );
}
