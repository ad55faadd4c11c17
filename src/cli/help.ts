export const HELP = `Loss landscapes of neural networks.

  isoloss eval     loss and accuracy on a grid of the plane θ* + α·d1 + β·d2
  isoloss train    steps of an optimizer, kept as a run
  isoloss inspect  the network as a table
  isoloss bench    how fast one engine is on one of five cases
  isoloss shaders  the WGSL that a case needs, as files

The network
  --preset NAME          a bundled network, e.g. bnmlp10-residual
  --model FILE.onnx      any small network; repeat for files with external data
  --weights F.safetensors  other weights for it, by parameter name, or a run (k/NAME for step k)
  --step K               which step of the run (default the last, or the third one that --plane names)

The data (default: the preset's own)
  --data F.npz           arrays x and y
  --divide N --mean N --std N
                         applied to x in this order; one number, or one per channel: 0.49,0.48,0.45
  --samples N            the first N only

The plane
  --plane random|pca|steps:I,J[,K]
                         drawn (default); or of a run: its principal components, or through two or three of
                         its steps; α and β are then distances, and the grid fits the run unless it is given
  --run F.safetensors    the run, whose last step (or --step K) is the centre; repeat for a series of files.
                         It is projected on whichever plane by least squares
  --about centre|mean    what the components are of: distances from the centre (default) or from the mean
  --states               batch norm's running statistics move along with the steps
  --d1 F.safetensors --d2 F.safetensors
                         directions by parameter name; a name left out stands still
  --seed N               or draw them (default 1)
  --norm filter|layer|weight|none
                         how drawn directions are scaled to the weights (default filter)
  --bias ignore|scale    whether biases and batch norm move (default ignore)
  --a=FROM:TO:COUNT --b=FROM:TO:COUNT
                         the grid, both ends included (default -1:1:51)
  --around=A,B --half-width R --grid N
                         or N × N points around a centre (N odd, default 51); R may be as small as 1e-12

What is computed
  --loss ce|mse|bce      cross-entropy, mean squared error, binary cross-entropy (default what
                         the network's end and the labels suggest, ce mostly)
  --engine reference|wasm|webgpu
                         float64 in TypeScript, WebAssembly, the GPU (default wasm)
  --delta                also L − L(centre of the window), from differences and not by subtraction
  --gradient             also ∂L/∂α and ∂L/∂β
  --curvature            also ∂²L/∂α², ∂²L/∂α∂β, ∂²L/∂β²
  --out F.npz            where a, b, loss, accuracy, delta, da, db, daa, dab, dbb go, float64, loss[β, α]; of a
                         run, one number a step: run_steps, run_a, run_b, run_off_plane (distance to the plane),
                         run_distance (from the centre), run_loss (true), run_plane_loss; and explained

Training (in batch norm's training mode; the run has the running statistics too)
  --optimizer gd|momentum|nesterov|adagrad|rmsprop|adam|adamw
                         as PyTorch defines them (default gd)
  --lr X                 (default 0.001; adagrad and rmsprop 0.01)
  --momentum X --weight-decay X --beta1 X --beta2 X --eps X --alpha X
                         PyTorch's defaults; 0.9 is the momentum of momentum and nesterov
  --batch N              samples of a step (default all)
  --seed N               shuffles the samples anew for every epoch (default 1)
  --order F.npy          or takes them in this sequence of indices, from its start again when it ends
  --steps N
  --every N              keep every Nth step, the first and the last (default 1: all)
  --engine reference|wasm|webgpu
                         float64 in TypeScript; float32 in WebAssembly on one core, or on the GPU (default
                         wasm); the same seed gives the same bits on one engine
  --out F.safetensors    where the run goes: the parameter NAME of step k is k/NAME, float64 from the
                         reference, float32 from the others

The benchmark (random weights, data and directions, the same every time)
  --case a|b|c|d|e       a: MLP 784-128-128-10, b: MLP 64-64-64-64-10, c: ResNet-20,
                         d: 20 residual blocks with batch norm, e: MLP 2-32-32-2
  --engine reference|wasm|webgpu
                         (default wasm)
  --simd auto|relaxed|plain
                         which build of the wasm engine (default auto)
  --points N             (default as many as a second or two allow)
  --passes               time differences from a centre, gradient and curvature too, as multiples of the plain pass
  --json                 one line of JSON instead of a sentence

The shaders
  --case a|b|c|d|e       as above
  --out DIR              one .wgsl for each pipeline, and beside it a .json with its entry point and constants

eval prints one line of JSON: engine, adapter, points, samples, seconds of the evaluation alone, flop, of a run
offPlane, √(Σ off-plane distance² / Σ distance²), and of components explained, the share of squares along each;
train: loss and accuracy over all samples, in evaluation mode, at its start and end.
Exit code: 0 done, 1 an error, 2 a command typed wrong.
`;
