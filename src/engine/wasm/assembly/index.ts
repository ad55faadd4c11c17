/** What the module exports; the rows of the stage table in kernels.ts have the same names. */
export {
  clipped_relu,
  elu,
  gelu,
  gelu_tanh,
  hardtanh,
  leaky_relu,
  relu,
  sigmoid,
  silu,
  softplus,
  tanh,
} from './activations';
export { combine } from './combine';
export { conv2d } from './conv2d';
export {
  delta_clipped_relu,
  delta_form,
  delta_interleave,
  delta_hardtanh,
  delta_leaky_relu,
  delta_product,
  delta_product_relu,
  delta_relu,
} from './delta';
export { delta_gelu_tanh, delta_sigmoid, delta_silu } from './delta-logistic';
export { delta_bce, delta_ce, delta_mse } from './delta-losses';
export { delta_affine, delta_max, delta_multiply } from './delta-rows';
export { delta_elu, delta_gelu, delta_softplus, delta_tanh } from './delta-smooth';
export { dense } from './dense';
export { form } from './form';
export {
  jet_clipped_relu,
  jet_elu,
  jet_gelu,
  jet_gelu_tanh,
  jet_hardtanh,
  jet_leaky_relu,
  jet_relu,
  jet_sigmoid,
  jet_silu,
  jet_softplus,
  jet_tanh,
} from './jet-activations';
export { jet_bce, jet_ce, jet_mse } from './jet-losses';
export { jet_finish, jet_max, jet_sums } from './jets';
export { bce, ce, mse } from './losses';
export { peak } from './peak';
export { winograd } from './winograd';
export { add, affine, copy_rows, fill, max_rows, multiply_rows, pad_image, sum_rows } from './rows';
export { wide_add, wide_finish, wide_form, wide_narrow, wide_product, wide_relu, wide_widen } from './wide';
