import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { inAll } from './build/weigh.ts';

/** Largest that the page for tablets may be, in compressed bytes: it comes over the worst link there is. */
const TABLET_MAX = 600 * 1024;

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
    inAll('tablet', ['dist/tablet', 'dist/tablet/assets'], TABLET_MAX),
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
