// Stores a jet in the lanes of its point. Writes what the importing stage binds as `shape` and `output`.
#import jet

fn store(point: u32, row: u32, column: u32, jet: Jet) {
  let lane = shape.rows * shape.columns;
  let to = point * LANES * lane + row * shape.columns + column;
  output[to] = jet.v;
  if (ORDER == 1u) {
    output[to + lane] = jet.a;
    output[to + 2u * lane] = jet.b;
    output[to + 3u * lane] = jet.v;
    output[to + 4u * lane] = jet.v;
  } else {
    output[to + lane] = jet.aa;
    output[to + 2u * lane] = jet.ab;
    output[to + 3u * lane] = jet.bb;
    output[to + 4u * lane] = jet.a;
    output[to + 5u * lane] = jet.b;
    output[to + 6u * lane] = jet.v + jet.a;
    output[to + 7u * lane] = jet.v + jet.b;
    output[to + 8u * lane] = jet.a + jet.b;
  }
}
