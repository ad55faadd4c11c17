/** One declaration of a uniform struct that both prints its WGSL and packs its bytes. */

export type ScalarType = 'u32' | 'i32' | 'f32';
export type Fields = Readonly<Record<string, ScalarType>>;

export interface UniformStruct<F extends Fields = Fields> {
  readonly name: string;
  readonly fields: F;
  /** The struct's declaration. */
  readonly wgsl: string;
  /** Size in bytes, a multiple of 16. */
  readonly size: number;
  /** Writes the fields at byte `offset` of `view`, little-endian as WebGPU asks. */
  pack(values: Readonly<Record<keyof F, number>>, view: DataView, offset: number): void;
}

/**
 * Declares a struct of 32-bit scalars; their WGSL offsets are 0, 4, 8, … in the order of `fields`.
 *
 * @throws RangeError from `pack` when an integer field gets something else than such an integer
 */
export function uniform<const F extends Fields>(name: string, fields: F): UniformStruct<F> {
  const entries = Object.entries(fields);
  const wgsl = `struct ${name} {\n${entries.map(([field, type]) => `  ${field}: ${type},`).join('\n')}\n}`;
  const size = Math.ceil((entries.length * 4) / 16) * 16;
  const pack: UniformStruct<F>['pack'] = (values, view, offset) => {
    entries.forEach(([field, type], i) => {
      const value = values[field]!;
      const at = offset + 4 * i;
      if (type === 'f32') {
        view.setFloat32(at, value, true);
        return;
      }
      const fits = type === 'u32' ? value >>> 0 === value : (value | 0) === value;
      if (!fits) throw new RangeError(`${name}.${field} must be ${type}, got ${value}`);
      if (type === 'u32') view.setUint32(at, value, true);
      else view.setInt32(at, value, true);
    });
  };
  return { name, fields, wgsl, size, pack };
}
