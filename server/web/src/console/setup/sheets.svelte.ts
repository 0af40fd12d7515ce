/** The cells of a roster while somebody mends them, and what the centre says is wrong with them. */
import { api, ask, type Grid, type GridCell, type RosterCheck, type RosterProblem } from '../api/client.js';
import { Deed } from '../api/loaded.svelte.js';

export type ListName = 'units' | 'officials' | 'voters' | 'team';

export class Sheets {
  tables = $state<Grid[]>([]);
  check = $state.raw<RosterCheck>();
  /** Which table is in sight, and from which of its rows on. */
  shown = $state(0);
  first = $state(0);
  onlyWrong = $state(false);
  /** Whether cells were changed that are stored nowhere yet. */
  unsaved = $state(false);
  /** Whether the check is about earlier cells. */
  stale = $state(false);
  readonly deed = new Deed();
  /** How many files were read, of how many; nothing while none is. */
  reading = $state.raw<{ done: number; of: number }>();
  private checking: Promise<void> | undefined;
  private again = false;

  get complete(): boolean {
    return this.check?.sum !== undefined && this.check.sum !== null && !this.stale;
  }

  get problems(): RosterProblem[] {
    return this.check?.problems ?? [];
  }

  get count(): number {
    return this.problems.length + (this.check?.more ?? 0);
  }

  list(table: string): ListName | undefined {
    return (this.check?.lists.find((list) => list.table === table)?.list ?? undefined) as ListName | undefined;
  }

  /** Takes what files hold in the place of everything else. */
  take = async (files: Iterable<File>): Promise<boolean> => {
    try {
      return await this.deed.attempt(() => this.read([...files]));
    } finally {
      this.reading = undefined;
    }
  };

  private async read(files: File[]): Promise<void> {
    const found: Grid[] = [];
    for (const [done, file] of files.entries()) {
      this.reading = { done, of: files.length };
      const read = await ask(
        api.POST('/api/v1/rosters/reading', {
          params: { query: { name: file.name } },
          headers: { 'content-type': 'application/octet-stream' },
          // The document calls it what it is: bytes.
          body: (await file.arrayBuffer()) as unknown as string,
          bodySerializer: (body) => body as unknown as BodyInit,
        }),
      );
      if (read.tables.length === 0) {
        [this.tables, this.check, this.stale] = [[], read.check, false];
        return;
      }
      found.push(...read.tables.map((table) => ({ ...table, name: fresh(table.name, found) })));
    }
    this.reading = undefined;
    this.unsaved = true;
    await this.show(found);
  }

  /** Shows tables that the centre has. */
  async show(tables: Grid[]): Promise<void> {
    [this.tables, this.check, this.shown, this.first, this.onlyWrong] = [tables, undefined, 0, 0, false];
    await this.checkNow();
  }

  forget(): void {
    [this.tables, this.check, this.unsaved, this.stale] = [[], undefined, false, false];
  }

  /** Changes a cell and has everything checked again. */
  set(table: number, row: number, column: number, text: string): void {
    const cells = this.tables[table]?.rows.find(({ number }) => number === row)?.cells;
    if (!cells) return;
    while (cells.length <= column) cells.push(null as unknown as GridCell);
    cells[column] = text;
    void this.changed();
  }

  remove(table: number, row: number): void {
    const of = this.tables[table];
    if (of) of.rows = of.rows.filter(({ number }) => number !== row);
    void this.changed();
  }

  /** Adds an empty row below the last one: its number. */
  add(table: number): number {
    const of = this.tables[table];
    const number = (of?.rows.at(-1)?.number ?? 0) + 1;
    of?.rows.push({ number, cells: [''] });
    this.unsaved = true;
    return number;
  }

  changed = async (): Promise<void> => {
    [this.unsaved, this.stale] = [true, true];
    await this.deed.attempt(() => this.checkNow());
    // What was changed while the answer was on its way.
    if (this.stale && this.again) await this.changed();
  };

  private async checkNow(): Promise<void> {
    if (this.checking) {
      this.again = true;
      return this.checking;
    }
    do {
      this.again = false;
      this.stale = true;
      this.checking = ask(api.POST('/api/v1/rosters/check', { body: { tables: $state.snapshot(this.tables) as Grid[] } })).then((check) => {
        this.check = check;
      });
      try {
        await this.checking;
      } finally {
        this.checking = undefined;
      }
    } while (this.again);
    this.stale = false;
  }
}

/** A name that no other table has. */
function fresh(name: string, others: Grid[]): string {
  let [free, number] = [name, 2];
  while (others.some((other) => other.name === free)) free = `${name} (${number++})`;
  return free;
}

/** The cell as a person reads it. */
export function text(cell: GridCell | null | undefined): string {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number') return String(cell);
  return '';
}

/** Column letters as spreadsheets show them. */
export function letter(place: number): string {
  return (place >= 26 ? letter(Math.floor(place / 26) - 1) : '') + String.fromCharCode(65 + (place % 26));
}

/** What is being mended, so that leaving the view and coming back loses nothing: by round, or `new`. */
const kept = new Map<string, Sheets>();
export function sheetsOf(what: string): Sheets {
  const known = kept.get(what) ?? new Sheets();
  kept.set(what, known);
  return known;
}

addEventListener('beforeunload', (event) => {
  if ([...kept.values()].some((sheets) => sheets.unsaved)) event.preventDefault();
});
