// What an output is to be. Reads what the importing stage binds as `shape` and `truth`.

override LOSS: u32 = 0; // position in stages.ts' list of losses: ce, mse, bce
override LABELS: bool = true; // truth holds class indices

fn target_of(output: u32, column: u32, label: vec4u) -> vec4f {
  if (!LABELS) {
    return bitcast<vec4f>(truth[output * shape.truth_row + column]);
  }
  if (shape.outputs == 1u) {
    return vec4f(label);
  }
  return select(vec4f(0.0), vec4f(1.0), label == vec4u(output));
}
