import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { inAll } from './build/weigh.ts';

/** Largest that the page for trustees may be, in compressed bytes: it is taken along to a machine without network. */
const TRUSTEES_MAX = 450 * 1024;

// A build of its own, with a core of its own: it shares no file with the other pages, so none grows with another.
export default defineConfig({
  base: '/',
  publicDir: false,
  plugins: [
    svelte(),
    VitePWA({
      registerType: 'prompt',
      injectRegister: false,
      filename: 'trustees/sw.js',
      scope: '/trustees/',
      manifest: false,
      workbox: {
        globPatterns: ['trustees/assets/*.{js,css,wasm}', 'trustees/*.{html,svg,webmanifest}'],
        modifyURLPrefix: { '': '/' },
        globIgnores: ['**/sw.js'],
        maximumFileSizeToCacheInBytes: 4 * 1024 * 1024,
        navigateFallback: '/trustees/index.html',
        navigateFallbackAllowlist: [/^\/trustees\//],
        directoryIndex: 'index.html',
        inlineWorkboxRuntime: true,
        cleanupOutdatedCaches: true,
        clientsClaim: true,
        sourcemap: false,
      },
    }),
    inAll('trustees', ['dist/trustees', 'dist/trustees/assets'], TRUSTEES_MAX),
  ],
  build: {
    target: ['chrome109', 'firefox115'],
    modulePreload: false,
    assetsInlineLimit: 0,
    emptyOutDir: false,
    assetsDir: 'trustees/assets',
    rollupOptions: { input: { trustees: 'trustees/index.html' } },
  },
  worker: { format: 'es' },
});
