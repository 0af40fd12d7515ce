import '../app.css';
import './trustees.css';
import { mount } from 'svelte';
import { install } from '../core/update.svelte.js';
import App from './App.svelte';

const target = document.getElementById('app');
if (target) mount(App, { target });

// Kept on this machine, so that it opens where there is no network.
if ('serviceWorker' in navigator && import.meta.env.PROD) void install('trustees').catch(() => undefined);

// A page that a browser kept as it was left is not gone on with.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
