/** What is kept of runs: one file of JSON for each contender and day, and the day's table as it was printed. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contenders } from './contenders.js';
import { formatPasses } from './passes.js';
import { formatTable, LEGEND, type Row } from './table.js';

/** A row, and how many processes waited for the processor before its case was begun, as the system counts them. */
export interface KeptRow extends Row {
  readonly load: number;
}

/** Engine and adapter stand in it, the machine's name does not. */
interface Kept {
  readonly date: string;
  readonly browser: string;
  /** WebGPU's adapter; null without one. */
  readonly gpu: string | null;
  readonly engine: string;
  readonly rows: readonly KeptRow[];
}

/** Where and when rows were measured. */
export type Circumstances = Pick<Kept, 'date' | 'browser' | 'gpu'>;

/** A case that was measured again on the same day replaces its former row; all others stay. */
export function merged(former: readonly KeptRow[], rows: readonly KeptRow[]): KeptRow[] {
  const measured = new Set(rows.map((row) => row.case));
  const all = [...former.filter((row) => !measured.has(row.case)), ...rows];
  return all.sort((x, y) => x.case.localeCompare(y.case));
}

/** Adds rows to the files of their day in `folder`, and writes the table of that day anew. */
export async function keep(
  folder: string,
  circumstances: Circumstances,
  rows: readonly KeptRow[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { date } = circumstances;
  const fileOf = (engine: string): string => join(folder, `${date}-${engine}.json`);
  for (const engine of new Set(rows.map((row) => row.contender))) {
    const own = rows.filter((row) => row.contender === engine);
    const former = await read(fileOf(engine));
    const record: Kept = { ...circumstances, engine, rows: merged(former?.rows ?? [], own) };
    await writeFile(fileOf(engine), `${JSON.stringify(record, null, 2)}\n`);
  }
  const names = (await readdir(folder)).filter((name) => name.startsWith(date) && name.endsWith('.json'));
  const records = (await Promise.all(names.map((name) => read(join(folder, name))))).filter(
    (record) => record !== null,
  );
  const { browser, gpu } = circumstances;
  const rowsOfDay = inOrder(records.flatMap((record) => record.rows));
  const table = `${formatTable(rowsOfDay)}\n${LEGEND}\n${formatPasses(rowsOfDay)}`;
  await writeFile(join(folder, `${date}.txt`), `${table}\n${browser}, WebGPU adapter: ${gpu ?? 'none'}\n`);
}

/** By case, and within a case as contenders are listed. */
function inOrder(rows: readonly KeptRow[]): KeptRow[] {
  const place = ({ contender }: Row): number => contenders.findIndex(({ id }) => contender.startsWith(id));
  return rows.toSorted((x, y) => x.case.localeCompare(y.case) || place(x) - place(y));
}

async function read(file: string): Promise<Kept | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as Kept);
}
