/**
 * What the tablet keeps: one value a name in IndexedDB, written in transactions with strict durability.
 *
 * Values with names or secrets lie under an AES-GCM key that the browser gives to no script. No value has a time or a
 * running number.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';

/** A value under the platform's key. */
interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  sealed: ArrayBuffer;
}

interface Schema extends DBSchema {
  values: { key: string; value: Uint8Array<ArrayBuffer> | Sealed };
  platform: { key: string; value: CryptoKey };
}

/** Name, bytes (none: it is destroyed), and whether it must lie under the platform's key. */
export type Change = [name: string, bytes: Uint8Array | null, secret: boolean];

/** The database is not as this page makes it. */
export class Changed extends Error {}

const NAME = 'homphieu';
const VERSION = 1;
const KEY = 'values';
const BOX = 'box~';
const BOX_KEY = 'boxkey~';
const STRICT = { durability: 'strict' } as const;

export class Kept {
  private constructor(
    private readonly db: IDBPDatabase<Schema>,
    /** None: it is lost, and so is everything under it. */
    private readonly key: CryptoKey | undefined,
  ) {}

  /** Whether a tablet can be opened over it. */
  get whole(): boolean {
    return this.key !== undefined;
  }

  /** `gone` is told when the browser takes the database away while it is open. */
  static async open(gone: () => void): Promise<Kept> {
    const db = await openDB<Schema>(NAME, VERSION, {
      upgrade(fresh) {
        fresh.createObjectStore('values');
        fresh.createObjectStore('platform');
      },
      terminated: gone,
    }).catch((error: unknown) => {
      throw error instanceof DOMException && error.name === 'VersionError' ? new Changed() : error;
    });
    const stores = db.objectStoreNames;
    if (!stores.contains('values') || !stores.contains('platform')) throw new Changed();
    let key = await db.get('platform', KEY);
    // A new key would read nothing of what is here.
    if (!key && (await db.count('values')) === 0) {
      key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
      const write = db.transaction('platform', 'readwrite', STRICT);
      await write.store.put(key, KEY);
      await write.done;
    }
    return new Kept(db, key);
  }

  /** Every value. One that cannot be read any more is empty: the core names it, and saves the others. */
  async all(): Promise<[string, Uint8Array][]> {
    const read = this.db.transaction('values', 'readonly');
    const [names, values] = await Promise.all([read.store.getAllKeys(), read.store.getAll()]);
    await read.done;
    const opened = await Promise.all(
      names.map(async (name, place): Promise<[string, Uint8Array]> => {
        const value = values[place];
        if (value instanceof Uint8Array) return [name, value];
        return [name, value ? await this.unsealed(name, value) : new Uint8Array()];
      }),
    );
    // A box and its key come and go in one transaction here, so a key alone means that the box was lost.
    const boxes = names.filter((name) => name.startsWith(BOX_KEY)).map((name) => BOX + name.slice(BOX_KEY.length));
    return [...opened, ...boxes.filter((box) => !names.includes(box)).map((box): [string, Uint8Array] => [box, new Uint8Array()])];
  }

  /** Makes changes durable, all or none. */
  async commit(changes: Change[]): Promise<void> {
    // The browser ends a transaction that waits for something else, so everything is sealed before it begins.
    const key = this.key;
    if (!key) throw new Changed();
    const ready = await Promise.all(
      changes.map(async ([name, bytes, secret]) => {
        if (!bytes) return { name, value: null };
        const own = new Uint8Array(bytes);
        return { name, value: secret ? await sealed(key, name, own) : own };
      }),
    );
    const write = this.db.transaction('values', 'readwrite', STRICT);
    const steps = ready.map(({ name, value }) =>
      value ? write.store.put(value, name) : write.store.delete(name),
    );
    await Promise.all([...steps, write.done]);
  }

  private async unsealed(name: string, value: Sealed): Promise<Uint8Array> {
    if (!this.key) return new Uint8Array();
    try {
      return new Uint8Array(await crypto.subtle.decrypt(bound(name, value.iv), this.key, value.sealed));
    } catch {
      return new Uint8Array();
    }
  }
}

async function sealed(key: CryptoKey, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, sealed: await crypto.subtle.encrypt(bound(name, iv), key, bytes) };
}

function bound(name: string, iv: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(name) };
}
