import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

/** Largest that the page for tablets may be, in compressed bytes: it comes over the worst link there is. */
const TABLET_MAX = 600 * 1024;

/**
 * Writes compressed copies beside each file, which the server sends, and says how large everything is. Browsers take Brotli
 * wherever the page can be opened at all; gzip is for whatever stands between.
 */
function compressed(): Plugin {
  return {
    name: 'homphieu-compressed',
    apply: 'build',
    enforce: 'post',
    closeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        let all = 0;
        for (const folder of ['dist/tablet', 'dist/tablet/assets']) {
          for (const name of readdirSync(folder).filter((name) => /\.(html|js|css|svg|wasm|webmanifest)$/.test(name))) {
            const path = join(folder, name);
            const plain = readFileSync(path);
            const bytes = brotliCompressSync(plain, {
              params: { [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
            });
            writeFileSync(`${path}.br`, bytes);
            writeFileSync(`${path}.gz`, gzipSync(plain, { level: constants.Z_BEST_COMPRESSION }));
            all += bytes.length;
            console.log(`${path}: ${statSync(path).size} bytes, ${bytes.length} compressed`);
          }
        }
        console.log(`tablet: ${all} bytes compressed in all, at most ${TABLET_MAX}`);
        if (all > TABLET_MAX) throw new Error('the page for tablets has become too large');
      },
    },
  };
}

export default defineConfig({
  base: '/',
  plugins: [
    svelte(),
    VitePWA({
      // The page says itself when it wants a new one: never while anything is under way.
      registerType: 'prompt',
      injectRegister: false,
      filename: 'tablet/sw.js',
      scope: '/tablet/',
      manifest: false,
      workbox: {
        globPatterns: ['tablet/assets/*.{js,css,wasm}', 'tablet/*.{html,svg,webmanifest}'],
        // Its own place is below the root, and so are theirs.
        modifyURLPrefix: { '': '/' },
        globIgnores: ['**/sw.js'],
        maximumFileSizeToCacheInBytes: 4 * 1024 * 1024,
        navigateFallback: '/tablet/index.html',
        navigateFallbackAllowlist: [/^\/tablet\//],
        directoryIndex: 'index.html',
        inlineWorkboxRuntime: true,
        cleanupOutdatedCaches: true,
        clientsClaim: true,
        sourcemap: false,
      },
    }),
    compressed(),
  ],
  build: {
    // The oldest browsers that old tablets have.
    target: ['chrome109', 'firefox115'],
    modulePreload: false,
    assetsInlineLimit: 0,
    // A worker belongs to the service worker whose scope its own address is in.
    assetsDir: 'tablet/assets',
    rollupOptions: { input: { tablet: 'tablet/index.html' } },
  },
  worker: { format: 'es' },
});
