// Loads a point's jets from two values, fixed ones among them. Reads what the importing stage binds as `shape`, `source`
// and `residual`.
#import jet

override STILL: bool = false; // no direction moves the source
override RESIDUAL_STILL: bool = false; // nor the residual

fn source_jet(point: u32, row: u32, column: u32) -> Jet {
  let base = shape.source_first + row * shape.source_row + column;
  if (STILL) {
    return still(source[base]);
  }
  let lane = shape.source_point;
  let at = base + point * LANES * lane;
  if (ORDER == 1u) {
    var jet = still(source[at]);
    jet.a = source[at + lane];
    jet.b = source[at + 2u * lane];
    return jet;
  }
  return Jet(
    source[at],
    source[at + 4u * lane],
    source[at + 5u * lane],
    source[at + lane],
    source[at + 2u * lane],
    source[at + 3u * lane],
  );
}

fn residual_jet(point: u32, row: u32, column: u32) -> Jet {
  let base = shape.residual_first + row * shape.residual_row + column;
  if (RESIDUAL_STILL) {
    return still(residual[base]);
  }
  let lane = shape.residual_point;
  let at = base + point * LANES * lane;
  if (ORDER == 1u) {
    var jet = still(residual[at]);
    jet.a = residual[at + lane];
    jet.b = residual[at + 2u * lane];
    return jet;
  }
  return Jet(
    residual[at],
    residual[at + 4u * lane],
    residual[at + 5u * lane],
    residual[at + lane],
    residual[at + 2u * lane],
    residual[at + 3u * lane],
  );
}
