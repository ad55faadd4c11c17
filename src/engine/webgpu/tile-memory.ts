/**
 * Remembers chosen tilings by adapter and kernels: within the process, and in IndexedDB where there is one, so that an
 * adapter is measured once. Whatever fails there is as if nothing was remembered.
 */

const DATABASE = 'isoloss-tilings';
const STORE = 'tilings';
/** Part of every key; another one forgets what was measured with other kernels. */
const VERSION = 1;
/** Milliseconds after which a database that does not answer counts as empty. */
const PATIENCE = 200;

/** Shared by all devices of a process. */
const inProcess = new Map<string, number>();

export class TileMemory {
  /** @param adapter name of the adapter whose tilings these are */
  constructor(
    private readonly adapter: string,
    private readonly factory: IDBFactory | undefined = globalThis.indexedDB,
    private readonly known: Map<string, number> = inProcess,
  ) {}

  /** What was chosen for these kernels, or null. */
  async recall(kernels: string): Promise<number | null> {
    const key = this.key(kernels);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const stored = await this.transact<unknown>('readonly', (store) => store.get(key));
    if (typeof stored !== 'number' || !Number.isInteger(stored) || stored < 0) return null;
    this.known.set(key, stored);
    return stored;
  }

  async remember(kernels: string, tiling: number): Promise<void> {
    const key = this.key(kernels);
    this.known.set(key, tiling);
    await this.transact('readwrite', (store) => store.put(tiling, key));
  }

  private key(kernels: string): string {
    return `${VERSION} ${this.adapter} ${kernels}`;
  }

  /** The request's result, or null when there is no database, or one that fails or is silent. */
  private async transact<T>(
    mode: IDBTransactionMode,
    ask: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T | null> {
    const { factory } = this;
    if (!factory) return null;
    const silence = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE, null));
    const answer = new Promise<T | null>((resolve) => {
      const nothing = (): void => resolve(null);
      const opening = factory.open(DATABASE, 1);
      opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(STORE));
      opening.addEventListener('error', nothing);
      opening.addEventListener('success', () => {
        const database = opening.result;
        try {
          const request = ask(database.transaction(STORE, mode).objectStore(STORE));
          request.addEventListener('success', () => resolve(request.result));
          request.addEventListener('error', nothing);
        } catch {
          nothing();
        } finally {
          database.close();
        }
      });
    });
    return Promise.race([answer, silence]).catch(() => null);
  }
}
