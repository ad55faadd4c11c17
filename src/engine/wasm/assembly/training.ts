/** What the module for training exports: the evaluating kernels and those of the way back; training-kernels.ts lists them. */
export * from './index';
export { batchnorm_backward, batchnorm_forward, channel_sums } from './batchnorm';
export { gather, pack, pack_transposed } from './gather';
export { bce_gradient, ce_gradient, mse_gradient } from './loss-gradients';
export { outer } from './outer';
export {
  add_rows,
  dilate_image,
  max_rows_backward,
  multiply_rows_backward,
  scaled,
  sum_rows_backward,
} from './rows-backward';
export {
  clipped_relu_backward,
  elu_backward,
  gelu_backward,
  gelu_tanh_backward,
  hardtanh_backward,
  leaky_relu_backward,
  relu_backward,
  sigmoid_backward,
  silu_backward,
  softplus_backward,
  tanh_backward,
} from './slopes';
