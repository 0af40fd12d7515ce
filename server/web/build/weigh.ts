import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';

const SERVED = /\.(html|js|css|svg|wasm|webmanifest)$/;

/** As browsers take it wherever a page can be opened at all. */
function compressed(content: Uint8Array | string): Uint8Array {
  const plain = typeof content === 'string' ? Buffer.from(content) : content;
  return brotliCompressSync(plain, {
    params: { [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
  });
}

/** Writes compressed copies beside each file of these folders, which the server sends: Brotli, and gzip for whatever stands between. What they have in all. */
export function compress(folders: string[]): number {
  let all = 0;
  for (const folder of folders) {
    for (const name of readdirSync(folder).filter((name) => SERVED.test(name))) {
      const path = join(folder, name);
      const plain = readFileSync(path);
      const bytes = compressed(plain);
      writeFileSync(`${path}.br`, bytes);
      writeFileSync(`${path}.gz`, gzipSync(plain, { level: constants.Z_BEST_COMPRESSION }));
      all += bytes.length;
      console.log(`${path}: ${statSync(path).size} bytes, ${bytes.length} compressed`);
    }
  }
  return all;
}

/** Compresses a page when it is built, and breaks off if it has become larger in all than `most` bytes. */
export function inAll(page: string, folders: string[], most: number): Plugin {
  return {
    name: 'homphieu-in-all',
    apply: 'build',
    enforce: 'post',
    closeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        const all = compress(folders);
        console.log(`${page}: ${all} bytes compressed in all, at most ${most}`);
        if (all > most) throw new Error(`the page ${page} has become too large`);
      },
    },
  };
}

/**
 * Compresses a page whose views come when they are opened, and breaks off if any of them needs more than `most` bytes until
 * it is painted: the page itself, the entry, the view, and what both import.
 */
export function firstPaint(page: string, folders: string[], most: number): Plugin {
  return {
    name: 'homphieu-first-paint',
    apply: 'build',
    enforce: 'post',
    writeBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((part) => part.type === 'chunk');
      const needed = (chunk: Rolldown.OutputChunk, found = new Set<string>()): Set<string> => {
        if (found.has(chunk.fileName)) return found;
        found.add(chunk.fileName);
        chunk.viteMetadata?.importedCss.forEach((name) => found.add(name));
        for (const name of chunk.imports) {
          const part = bundle[name];
          if (part?.type === 'chunk') needed(part, found);
        }
        return found;
      };
      const size = (name: string) => {
        const part = bundle[name];
        if (!part) throw new Error(`${name} was not built`);
        return compressed(part.type === 'chunk' ? part.code : part.source).length;
      };
      const entries = chunks.filter((chunk) => chunk.isEntry);
      const html = Object.keys(bundle).filter((name) => name.endsWith('.html'));
      if (entries.length !== 1 || html.length !== 1) throw new Error('a page has one entry');
      const base = [...html, ...entries.flatMap((entry) => [...needed(entry)])];
      const views = [undefined, ...chunks.filter((chunk) => chunk.isDynamicEntry)];
      for (const view of views) {
        const parts = new Set([...base, ...(view ? needed(view) : [])]);
        const bytes = [...parts].map(size).reduce((sum, one) => sum + one, 0);
        console.log(`${page}, ${view?.name ?? 'entry'}: ${bytes} bytes compressed until the first paint, at most ${most}`);
        if (bytes > most) throw new Error(`the view ${view?.name ?? 'entry'} of ${page} has become too large`);
      }
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        compress(folders);
      },
    },
  };
}
