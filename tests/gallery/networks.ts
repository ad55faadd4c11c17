/** Panels of the reference networks' grids, computed by PyTorch. */
import { readNpz } from '../../src/io/npz.js';
import { formatNumber } from '../../src/plot/format.js';
import type { Panel } from '../../src/plot/spec.js';

export type NetworkName =
  | 'bnmlp10-plain'
  | 'bnmlp10-residual'
  | 'bnmlp20-plain'
  | 'bnmlp20-residual'
  | 'mlp-plain-relu'
  | 'mlp-residual-relu'
  | 'mlp-tanh';

/** One network's landscape as a panel, its centre and lowest point marked. */
export async function networkPanel(
  name: NetworkName,
  title: string,
  quantity: 'loss' | 'error' = 'loss',
): Promise<Panel> {
  const response = await fetch(new URL(`../fixtures/${name}.grid.npz`, import.meta.url));
  const arrays = readNpz(new Uint8Array(await response.arrayBuffer()), name);
  const numbers = (key: string): Float64Array => {
    const array = arrays.get(key);
    if (!(array?.data instanceof Float64Array)) throw new Error(`${name}: no float64 array '${key}'`);
    return array.data;
  };
  const axis = (key: string): Panel['columns'] => {
    const values = numbers(key);
    return { from: values[0]!, to: values.at(-1)!, count: values.length };
  };
  const loss = numbers('loss');
  const accuracy = numbers('accuracy');
  const [columns, rows] = [axis('a'), axis('b')];
  const lowest = loss.indexOf(Math.min(...loss));
  const centre = ((rows.count - 1) / 2) * columns.count + (columns.count - 1) / 2;
  const at = (i: number, { from, to, count }: Panel['columns']): number =>
    from + ((to - from) * i) / (count - 1);
  return {
    title,
    columns,
    rows,
    values: quantity === 'loss' ? loss : accuracy.map((right) => 100 * (1 - right)),
    caption: `loss ${formatNumber(loss[centre]!)} · ${formatNumber(100 * accuracy[centre]!, 3)} % right`,
    marks: [
      { kind: 'centre', a: 0, b: 0 },
      {
        kind: 'minimum',
        a: at(lowest % columns.count, columns),
        b: at(Math.floor(lowest / columns.count), rows),
      },
    ],
  };
}
