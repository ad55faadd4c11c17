// Derivatives of the losses of 256 samples at one point from the jets of their logits, summed by a tree of fixed shape; the
// host finishes the sums in float64. Formulas are those of src/model/loss-derivatives.ts.
#import bits
#import exponential
#import jet
#import sigmoid
#import target

#struct LossShape

@group(0) @binding(0) var<uniform> shape: LossShape;
@group(0) @binding(1) var<storage, read> logits: array<vec4f>; // [point][lane][output][sample / 4]
@group(0) @binding(2) var<storage, read> truth: array<vec4u>; // labels [sample / 4], or targets' bits [output][sample / 4]
@group(0) @binding(3) var<storage, read_write> partials: array<vec4u>; // [point][block][2] bits of Σ∂α, Σ∂β, Σ∂α², Σ∂α∂β, Σ∂β²; flag

const SAMPLE_LANES = 64u; // invocations, 4 samples each

var<workgroup> firsts: array<vec4f, SAMPLE_LANES>; // ∂α, ∂β, ∂α², ∂α∂β
var<workgroup> lasts: array<f32, SAMPLE_LANES>; // ∂β²
var<workgroup> flag: atomic<u32>; // 1 when some derivative is no finite number

fn logit(at: u32, lane: u32) -> vec4f {
  return logits[at + lane * shape.rows * shape.columns];
}

// The jet of the logit at `at`; its value is not read.
fn along(at: u32) -> Jet {
  var jet = still(vec4f(0.0));
  if (ORDER == 1u) {
    jet.a = logit(at, 1u);
    jet.b = logit(at, 2u);
  } else {
    jet.aa = logit(at, 1u);
    jet.ab = logit(at, 2u);
    jet.bb = logit(at, 3u);
    jet.a = logit(at, 4u);
    jet.b = logit(at, 5u);
  }
  return jet;
}

// Of log1p(Σ_{j≠label} exp u_j), u_j = z_j − z_label: the mean of ∂u under the softmax, and with the second order of ∂²u,
// and the covariance of ∂u.
fn cross_entropy(at: u32, label: vec4u) -> Jet {
  var top = logits[at];
  var own = still(vec4f(0.0));
  for (var j = 0u; j < shape.outputs; j = j + 1u) {
    let place = at + j * shape.columns;
    top = max(top, logits[place]);
    let here = label == vec4u(j);
    let jet = along(place);
    own.a = select(own.a, jet.a, here);
    own.b = select(own.b, jet.b, here);
    own.aa = select(own.aa, jet.aa, here);
    own.ab = select(own.ab, jet.ab, here);
    own.bb = select(own.bb, jet.bb, here);
  }
  var total = vec4f(0.0);
  var out = still(vec4f(0.0));
  for (var j = 0u; j < shape.outputs; j = j + 1u) {
    let place = at + j * shape.columns;
    let e = decay(top - logits[place]);
    let jet = along(place);
    total = total + e;
    out.a = out.a + e * (jet.a - own.a);
    out.b = out.b + e * (jet.b - own.b);
    out.aa = out.aa + e * (jet.aa - own.aa);
    out.ab = out.ab + e * (jet.ab - own.ab);
    out.bb = out.bb + e * (jet.bb - own.bb);
  }
  out.a = out.a / total;
  out.b = out.b / total;
  if (ORDER == 2u) {
    for (var j = 0u; j < shape.outputs; j = j + 1u) {
      let place = at + j * shape.columns;
      let e = decay(top - logits[place]);
      let jet = along(place);
      let off_a = jet.a - own.a - out.a;
      let off_b = jet.b - own.b - out.b;
      out.aa = out.aa + e * off_a * off_a;
      out.ab = out.ab + e * off_a * off_b;
      out.bb = out.bb + e * off_b * off_b;
    }
    out.aa = out.aa / total;
    out.ab = out.ab / total;
    out.bb = out.bb / total;
  }
  return out;
}

// Of a mean over outputs of squared errors or binary cross-entropies.
fn mean_of_outputs(at: u32, truth_column: u32, label: vec4u) -> Jet {
  let share = 1.0 / f32(shape.outputs);
  var out = still(vec4f(0.0));
  for (var j = 0u; j < shape.outputs; j = j + 1u) {
    let place = at + j * shape.columns;
    let z = logits[place];
    let t = target_of(j, truth_column, label);
    let jet = along(place);
    var steep = 2.0 * (z - t) * share;
    var curved = vec4f(2.0 * share);
    if (LOSS == 2u) {
      let yes = logistic(z);
      let no = logistic(-z);
      steep = ((1.0 - t) * yes - t * no) * share;
      curved = yes * no * share;
    }
    out.a = out.a + steep * jet.a;
    out.b = out.b + steep * jet.b;
    out.aa = out.aa + (steep * jet.aa + curved * jet.a * jet.a);
    out.ab = out.ab + (steep * jet.ab + curved * jet.a * jet.b);
    out.bb = out.bb + (steep * jet.bb + curved * jet.b * jet.b);
  }
  return out;
}

// The sum of those that count, and whether any of them is no finite number.
fn counted_sum(x: vec4f, counted: vec4<bool>) -> vec2f {
  let bad = (is_nan(x) | is_infinite(x)) & counted;
  let kept = select(vec4f(0.0), x, counted & !bad);
  return vec2f((kept.x + kept.y) + (kept.z + kept.w), select(0.0, 1.0, any(bad)));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let point = group.y;
  let column = group.x * SAMPLE_LANES + lane;
  var jet = still(vec4f(0.0));
  if (column < shape.columns) {
    let at = point * LANES * shape.rows * shape.columns + column;
    var label = vec4u(0u);
    if (LABELS) {
      label = truth[shape.truth_first + column];
    }
    if (LOSS == 0u) {
      jet = cross_entropy(at, label);
    } else {
      jet = mean_of_outputs(at, shape.truth_first + column, label);
    }
  }
  // Samples outside the range count nothing.
  let sample = vec4u(column * 4u) + vec4u(0u, 1u, 2u, 3u);
  let counted = (sample >= vec4u(shape.start)) & (sample < vec4u(shape.end));
  let a = counted_sum(jet.a, counted);
  let b = counted_sum(jet.b, counted);
  let aa = counted_sum(jet.aa, counted);
  let ab = counted_sum(jet.ab, counted);
  let bb = counted_sum(jet.bb, counted);
  if (lane == 0u) {
    atomicStore(&flag, 0u);
  }
  workgroupBarrier();
  if (a.y + b.y + aa.y + ab.y + bb.y > 0.0) {
    atomicOr(&flag, 1u);
  }
  firsts[lane] = vec4f(a.x, b.x, aa.x, ab.x);
  lasts[lane] = bb.x;
  for (var width = SAMPLE_LANES / 2u; width > 0u; width = width / 2u) {
    workgroupBarrier();
    if (lane < width) {
      firsts[lane] = firsts[lane] + firsts[lane + width];
      lasts[lane] = lasts[lane] + lasts[lane + width];
    }
  }
  workgroupBarrier();
  if (lane == 0u) {
    let to = 2u * (point * shape.blocks + group.x);
    partials[to] = bitcast<vec4u>(firsts[0]);
    partials[to + 1u] = vec4u(bitcast<u32>(lasts[0]), atomicLoad(&flag), 0u, 0u);
  }
}
