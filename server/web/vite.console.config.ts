import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { firstPaint } from './build/weigh.ts';

/** Largest that a view of the console may be until its first paint, in compressed bytes. */
const VIEW_MAX = 200 * 1024;

// A build of its own: the page for tablets shares no file with it, so neither grows with the other.
export default defineConfig({
  base: '/',
  publicDir: false,
  // Its texts are read as JSON, which takes a fraction of the time of reading them as a program.
  json: { stringify: true },
  plugins: [svelte(), firstPaint('console', ['dist/console', 'dist/console/assets'], VIEW_MAX)],
  build: {
    target: ['chrome109', 'firefox115'],
    // What the entry imports is asked for with it, not after it. Every browser that this is built for knows how.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    emptyOutDir: false,
    assetsDir: 'console/assets',
    rollupOptions: { input: { console: 'console/index.html' } },
  },
});
