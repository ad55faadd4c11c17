/** A short explanation for every group of settings, in the words of a lecture; loaded when one is first asked for. */
import type { Topic } from './topics.js';

/** Paragraphs of each. */
export const explanations: Readonly<Record<Topic, readonly string[]>> = {
  networks: [
    'Both panels show a trained network. Its weights θ* sit in the middle of the picture; every other point is the same network with other weights.',
    'The pairs that come with the page differ in one thing: one network adds the input of each block to its output (a skip connection), the other does not. Both were trained the same way on the same data.',
    'Your own: save a PyTorch network with torch.onnx.export and open the .onnx file here, or drop it anywhere on the page. A .safetensors file replaces the weights of a network on show, or brings directions. Nothing leaves this machine.',
  ],
  data: [
    'The loss at a point is the mean over the first so many samples. More samples take proportionally longer.',
    'Input scaling is what is done to the numbers of the file before they enter the network: divide, subtract the mean, divide by the standard deviation. It has to be what the network was trained with, or its loss at the centre is poor.',
    'Your own data: arrays x and y from numpy.savez, a pair of .npy files, MNIST’s pair of IDX files, CIFAR batches, or a table (.csv) with a header.',
    'Cross-entropy is what the networks here were trained with; ten classes guessed at random give ln 10 ≈ 2.30.',
  ],
  directions: [
    'A network has thousands of weights; the picture is a flat cut through that space. It is spanned by two random directions d1 and d2: the point (α, β) has the weights θ* + α·d1 + β·d2.',
    'Normalised per filter means: each row of every weight matrix of a direction is scaled to the length of the same row of the network. Without this, networks with large weights look flatter than they are (Li et al. 2018).',
    'The cosine says how parallel the two directions are: 0 is a right angle. Above 0.2 the axes tell nearly the same story; draw again, or orthogonalise.',
    'The seed decides the draw. The same seed gives the same picture on every machine.',
    'A run of training, opened as k/NAME in one .safetensors file or as a series of them, brings planes of its own. Its principal components are the two orthogonal directions that hold most of the squared distances of its steps from the centre, its last step or the one chosen, rather than from their mean (Li et al. 2018); “explain” says which share each holds. Or the plane goes through the centre and two steps. α and β are then distances between weights.',
    'Every step is drawn at the point of the plane that is nearest to it. How far off the plane it really lies is read below the picture, with its true loss beside the plane’s. A drawn plane has next to nothing of a run: two directions of thousands.',
  ],
  grid: [
    'The whole picture runs from −range to +range in α and β. At range 1 a direction changes each filter by as much as its own length, which is far from the minimum; small ranges show the neighbourhood of θ*.',
    'The loss is computed at points × points places, coarse first and then finer. Twice as many points per side take four times as long.',
    'Zoom with the wheel, two fingers, a rectangle (Shift and drag) or + and −; drag to move; double-click or Home for the whole. Alt with the left and right arrow goes back and forward through the views. Every view is computed anew, a quarter of its points are those of the one before. Views halve the range exactly, down to 2⁻⁴⁰ of it.',
  ],
  show: [
    'Loss is the mean over the samples; error is the share of samples that are classified wrong.',
    'Δ is the loss less that of the middle of the view, propagated through the network instead of subtracted. ‖∇L‖ is the length of (∂L/∂α, ∂L/∂β), the slope within the picture. Curvature is the sign of the two eigenvalues λ of the second derivatives by α and β: bowl (both up), dome (both down), saddle (one of each), flat (neither); |λ| up to the value below the panel, a hundredth of its median or ten times its rounding, counts as none, so a valley with one flat direction is a bowl. Gradient and curvature come from derivatives carried through the network, and take five to ten times as long as the loss in WebAssembly, far longer where they are computed in float64.',
    'Downhill draws where gradient descent on the weights goes, as far as it can be seen in the picture: the way of steepest descent in the space of the weights, whose distances follow from the lengths of the directions and the angle between them, and not that of the picture. With directions of equal length at right angles both are the same, and lines cross the contours at right angles. It comes from the derivatives of the network. Arrows are longer where it is steeper, by the logarithm of the slope; streamlines keep apart by a twenty-fourth of the width and end where they would come closer than half of that, or at a minimum.',
    'On a log scale equal steps of colour are equal factors. Symlog is log for large values and linear near zero. Contours join points of equal value.',
    'Noise, at the colour bar, is the standard deviation of the rounding from point to point, in the middle of the view: estimated from a few values so close together that what is shown cannot bend between them. The bracket is as long on the scale. A close view that varies by less than ten times as much says so. Where its loss varies by less than a thousand times as much, it is drawn as the loss of its middle plus differences from it, which keep their digits at any depth.',
    'With one scale for both panels the same colour means the same value. Limits can also be dragged at the ends of the colour bar; an arrow there says that values lie beyond.',
  ],
  plateaus: [
    'A plateau is a connected part of the view where ‖∇L‖, the length of (∂L/∂α, ∂L/∂β), is at most the first number, and which nowhere comes closer to the lowest loss found, in either panel, than the second: a flat part that does is the basin of the minimum. Automatic is the slope below which a tenth of the points of the view lie, and a tenth of the loss of the best answer that is the same for every sample. Parts of fewer than four points are left out.',
    'A click shows a plateau and says how many steps plain gradient descent takes to cross it: the diameter of a circle of its area, divided by the learning rate times the mean slope. Both are lengths in the space of the weights, where a step is taken, and the slope is that within the picture: the part of the gradient that leads out of it is not counted.',
    'The derivatives are those of the network, computed for the view on show on a coarse grid; with the quantity ‖∇L‖ or curvature they are those of every point.',
  ],
  engine: [
    'What does the arithmetic: WebGPU runs on the graphics card, WebAssembly on all processor cores, and the reference is a slow float64 calculation to compare with. All three compute the same numbers; the fast ones to about six digits.',
    'Everything happens on this machine; nothing is uploaded.',
  ],
};
