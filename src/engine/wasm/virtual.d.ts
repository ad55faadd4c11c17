/** The compiled kernels, made by plugin.mjs. */
declare module 'virtual:isoloss-kernels/simd128' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

declare module 'virtual:isoloss-kernels/relaxed' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

declare module 'virtual:isoloss-kernels/training-simd128' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

declare module 'virtual:isoloss-kernels/training-relaxed' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
