// Losses of four samples at one point: Σℓ, Σℓ² and hits of those that count. Reads what the importing stage binds as
// `shape`, `logits` and `truth`.
#import bits
#import exponential
#import target

const FLAG_INFINITE = 1u; // some loss is +∞
const FLAG_NAN = 2u; // some loss is NaN
// exp of a difference below this can be summed 10²⁰ times without overflow.
const LARGE_DIFFERENCE = 40.0;

struct Outcome {
  loss: vec4f,
  square: vec4f,
  hits: u32,
  flags: u32,
}

// −log softmax(z)[label] = log1p(Σ_{j≠label} exp(z_j − z_label)), `own` the label's logits, `margin` the largest difference.
fn cross_entropy(at: u32, label: vec4u, own: vec4f, margin: vec4f) -> vec4f {
  let shift = select(vec4f(0.0), margin, margin > vec4f(LARGE_DIFFERENCE));
  var sum = vec4f(0.0);
  for (var j = 0u; j < shape.outputs; j = j + 1u) {
    let term = exponential(logits[at + j * shape.columns] - own - shift);
    sum = sum + select(term, vec4f(0.0), label == vec4u(j));
  }
  // With the shift the label's own exp(−margin) is below 5e-18 beside a sum of at least 1.
  let shifted = shift > vec4f(0.0);
  return shift + log1p_positive(select(sum, sum - 1.0, shifted));
}

fn outcome(point: u32, column: u32) -> Outcome {
  var loss = vec4f(0.0);
  var hit = vec4<bool>(false);
  var bad = vec4<bool>(false);
  var infinite = vec4<bool>(false);

  if (column < shape.columns) {
    let at = point * shape.rows * shape.columns + column;
    let truth_column = shape.truth_first + column;
    var label = vec4u(0u);
    if (LABELS) {
      label = truth[truth_column];
    }
    var own = vec4f(0.0);
    var best = vec4f(-3.4e38);
    var best_index = vec4u(0u);
    var nan_seen = vec4<bool>(false);
    for (var j = 0u; j < shape.outputs; j = j + 1u) {
      let z = logits[at + j * shape.columns];
      let nan = is_nan(z);
      bad = bad | nan;
      let here = label == vec4u(j);
      own = select(own, z, here);
      let overflow = is_infinite(z);
      if (LOSS == 0u) {
        // +∞ anywhere makes ∞ − ∞; −∞ at the label an infinite loss; −∞ elsewhere a class that is ruled out.
        bad = bad | (overflow & !is_negative(z));
        infinite = infinite | (overflow & here);
      } else {
        infinite = infinite | overflow;
      }
      // The first largest one; NaN counts as largest.
      let better = ((z > best) | nan) & !nan_seen;
      nan_seen = nan_seen | nan;
      best = select(best, z, better);
      best_index = select(best_index, vec4u(j), better);
    }

    if (LOSS == 0u) {
      var margin = vec4f(-3.4e38);
      for (var j = 0u; j < shape.outputs; j = j + 1u) {
        let difference = logits[at + j * shape.columns] - own;
        margin = select(max(margin, difference), margin, label == vec4u(j));
      }
      loss = cross_entropy(at, label, own, margin);
    } else {
      for (var j = 0u; j < shape.outputs; j = j + 1u) {
        let z = logits[at + j * shape.columns];
        let t = target_of(j, truth_column, label);
        if (LOSS == 1u) {
          loss = loss + (z - t) * (z - t);
        } else {
          // (1 − t)·z + log(1 + e^(−z)), mirrored for negative z so that its parts do not cancel.
          let linear = select(-t * z, (1.0 - t) * z, z > vec4f(0.0));
          loss = loss + linear + log1p_positive(exponential(-abs(z)));
        }
      }
      loss = loss / f32(shape.outputs);
    }
    if (LABELS) {
      hit = best_index == label;
      if (shape.outputs == 1u && LOSS != 0u) {
        hit = select(vec4u(0u), vec4u(1u), best > vec4f(select(0.0, 0.5, LOSS == 1u))) == label;
      }
    }
  }

  // Samples outside the range count nothing.
  let sample = vec4u(column * 4u) + vec4u(0u, 1u, 2u, 3u);
  let counted = (sample >= vec4u(shape.start)) & (sample < vec4u(shape.end));
  infinite = (infinite | is_infinite(loss)) & counted;
  bad = (bad | is_nan(loss)) & counted;
  let finite = counted & !infinite & !bad;
  loss = select(vec4f(0.0), loss, finite);
  let square = loss * loss;
  let count = select(vec4u(0u), vec4u(1u), hit & counted);
  let flags = select(0u, FLAG_INFINITE, any(infinite)) | select(0u, FLAG_NAN, any(bad));
  return Outcome(loss, square, count.x + count.y + count.z + count.w, flags);
}
