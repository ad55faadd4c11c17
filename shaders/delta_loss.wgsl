// Differences of the losses of 256 samples at one point from those at the centre, beyond their linear part ρ·(a·∂α + b·∂β), over ρ²:
// from the remainders R of the outputs, whose differences are ρ·e = ρ·(a·t1 + b·t2 + ρ·R). Summed by a tree of fixed shape;
// the host adds the linear part, which it knows in float64.
#import bits
#import increments

#struct DeltaLossShape

@group(0) @binding(0) var<uniform> shape: DeltaLossShape;
@group(0) @binding(1) var<storage, read> offsets: array<vec4f>; // [point] (a, b, ρ, 0)
@group(0) @binding(2) var<storage, read> logits: array<vec4f>; // [point][output][sample / 4] R
@group(0) @binding(3) var<storage, read> truth: array<vec4u>; // labels [sample / 4]; read with cross-entropy alone
@group(0) @binding(4) var<storage, read> centre: array<vec4f>; // [array][output][sample / 4]: t1, t2 and what the loss keeps
@group(0) @binding(5) var<storage, read_write> partials: array<vec4u>; // [point][block] bits of the sum; flag

override LOSS: u32 = 0; // position in stages.ts' list of losses: ce, mse, bce

const SAMPLE_LANES = 64u; // invocations, 4 samples each
const LARGEST_STEP = 80.0; // of an exponent

struct Change {
  sum: vec4f,
  bad: vec4<bool>, // out of float32's range
}

var<workgroup> sums: array<f32, SAMPLE_LANES>;
var<workgroup> flag: atomic<u32>; // 1 when some difference is no finite number

fn rest(point: u32, output: u32, column: u32) -> vec4f {
  return logits[(point * shape.rows + output) * shape.columns + column];
}

// An output's array number `part` at a column.
fn kept(part: u32, output: u32, column: u32) -> vec4f {
  return centre[shape.kept + part * shape.section + output * shape.centre_row + shape.centre_first + column];
}

// ρ·e_j less that of the label, over ρ; t1 and t2 are kept as such differences.
fn apart(own: vec4f, output: u32, column: u32, moved: vec4f) -> vec4f {
  return own.x * kept(0u, output, column) + own.y * kept(1u, output, column) + own.z * moved;
}

// ln Σ p·e^Δz − Δz_label about the mean m of Δz under the softmax p: Σ p·(R − R_label) + Q·ln(1 + ρ²Q)/(ρ²Q) with
// Q = Σ p·c²·(e^ρc − 1 − ρc)/(ρc)², c = e − m.
fn cross_entropy(point: u32, column: u32, own: vec4f) -> Change {
  let label = truth[shape.truth_first + column];
  var r_label = vec4f(0.0);
  for (var j = 0u; j < shape.outputs; j = j + 1u) {
    r_label = select(r_label, rest(point, j, column), label == vec4u(j));
  }
  var mean = vec4f(0.0);
  var first = vec4f(0.0);
  for (var j = 0u; j < shape.outputs; j = j + 1u) {
    let p = kept(2u, j, column);
    let moved = rest(point, j, column) - r_label;
    first = first + p * moved;
    mean = mean + p * apart(own, j, column, moved);
  }
  var q = vec4f(0.0);
  var largest = vec4f(0.0);
  for (var j = 0u; j < shape.outputs; j = j + 1u) {
    let moved = rest(point, j, column) - r_label;
    let c = apart(own, j, column, moved) - mean;
    let step = own.z * c;
    largest = max(largest, step);
    q = q + kept(2u, j, column) * c * c * exponential_bend(min(step, vec4f(LARGEST_STEP)));
  }
  let grown = own.z * (own.z * q);
  return Change(first + q * logarithm_ratio(grown), largest > vec4f(LARGEST_STEP));
}

// Mean over outputs of 2·(z − target)·R + e².
fn squared_error(point: u32, column: u32, own: vec4f) -> Change {
  var sum = vec4f(0.0);
  for (var j = 0u; j < shape.outputs; j = j + 1u) {
    let moved = rest(point, j, column);
    let e = apart(own, j, column, moved);
    sum = sum + (2.0 * kept(2u, j, column) * moved + e * e);
  }
  return Change(sum / f32(shape.outputs), vec4<bool>(false));
}

// Mean over outputs of (σ(z) − target)·R + e²·m, m what softplus adds beyond its linear part over the step's square: with
// q = σ(−|z|) and s the step ρe, turned where z is positive, (ln(1 + q·(e^s − 1)) − q·s)/s².
fn binary_cross_entropy(point: u32, column: u32, own: vec4f) -> Change {
  var sum = vec4f(0.0);
  var largest = vec4f(0.0);
  for (var j = 0u; j < shape.outputs; j = j + 1u) {
    let moved = rest(point, j, column);
    let e = apart(own, j, column, moved);
    let signed = kept(3u, j, column);
    let q = abs(signed);
    let step = select(own.z * e, -own.z * e, signed > vec4f(0.0));
    largest = max(largest, step);
    let s = min(step, vec4f(LARGEST_STEP));
    let bend = exponential_bend(s);
    let chord = 1.0 + s * bend;
    let x = q * (s * chord);
    let near = q * bend - q * q * (chord * chord) * logarithm_bend(x);
    let far = (log1p_positive(max(x, vec4f(0.0))) - q * s) / (s * s);
    sum = sum + (kept(2u, j, column) * moved + e * e * select(near, far, x > vec4f(1.0)));
  }
  return Change(sum / f32(shape.outputs), largest > vec4f(LARGEST_STEP));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let point = group.y;
  let column = group.x * SAMPLE_LANES + lane;
  let own = offsets[point];
  var change = Change(vec4f(0.0), vec4<bool>(false));
  if (column < shape.columns) {
    if (LOSS == 0u) {
      change = cross_entropy(point, column, own);
    } else if (LOSS == 1u) {
      change = squared_error(point, column, own);
    } else {
      change = binary_cross_entropy(point, column, own);
    }
  }
  // Samples outside the range count nothing.
  let sample = vec4u(column * 4u) + vec4u(0u, 1u, 2u, 3u);
  let counted = (sample >= vec4u(shape.start)) & (sample < vec4u(shape.end));
  let bad = (change.bad | is_nan(change.sum) | is_infinite(change.sum)) & counted;
  let own_sum = select(vec4f(0.0), change.sum, counted & !bad);
  if (lane == 0u) {
    atomicStore(&flag, 0u);
  }
  workgroupBarrier();
  if (any(bad)) {
    atomicOr(&flag, 1u);
  }
  sums[lane] = (own_sum.x + own_sum.y) + (own_sum.z + own_sum.w);
  for (var width = SAMPLE_LANES / 2u; width > 0u; width = width / 2u) {
    workgroupBarrier();
    if (lane < width) {
      sums[lane] = sums[lane] + sums[lane + width];
    }
  }
  workgroupBarrier();
  if (lane == 0u) {
    partials[point * shape.blocks + group.x] = vec4u(bitcast<u32>(sums[0]), atomicLoad(&flag), 0u, 0u);
  }
}
