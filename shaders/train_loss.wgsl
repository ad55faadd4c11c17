// The gradient of a loss by the outputs of each sample, over the number of samples.
#import sigmoid
#import exponential

#struct TrainLossShape

@group(0) @binding(0) var<uniform> shape: TrainLossShape;
@group(0) @binding(1) var<storage, read_write> arena: array<f32>;

override LOSS: u32 = 0u; // as in the stage table: 0 cross-entropy, 1 squared error, 2 binary cross-entropy

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let sample = id.x;
  if (sample >= shape.samples) {
    return;
  }
  let z = shape.logits + sample * shape.outputs;
  let to = shape.output + sample * shape.outputs;
  if (LOSS == 0u) {
    let label = u32(arena[shape.truth + sample]);
    var top = arena[z];
    for (var j = 1u; j < shape.outputs; j++) {
      top = max(top, arena[z + j]);
    }
    // At the label p − 1 would cancel: minus the sum of the others is written instead.
    var others = 0.0;
    var own = 0.0;
    for (var j = 0u; j < shape.outputs; j++) {
      let e = exponential(vec4f(arena[z + j] - top)).x;
      arena[to + j] = e;
      if (j == label) {
        own = e;
      } else {
        others = others + e;
      }
    }
    let share = shape.factor / (others + own);
    for (var j = 0u; j < shape.outputs; j++) {
      arena[to + j] = share * select(arena[to + j], -others, j == label);
    }
    return;
  }
  let share = shape.factor / f32(shape.outputs);
  for (var j = 0u; j < shape.outputs; j++) {
    let value = arena[z + j];
    let truth = arena[shape.truth + sample * shape.outputs + j];
    if (LOSS == 1u) {
      arena[to + j] = 2.0 * share * (value - truth);
    } else {
      let up = logistic(vec4f(value)).x;
      let down = logistic(vec4f(-value)).x;
      arena[to + j] = share * ((1.0 - truth) * up - truth * down);
    }
  }
}
