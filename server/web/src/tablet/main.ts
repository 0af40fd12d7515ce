import '../app.css';
import { mount } from 'svelte';
import { isKiosk } from '../core/kiosk.js';
import { install } from '../core/update.svelte.js';
import App from './App.svelte';

const target = document.getElementById('app');
if (target) mount(App, { target });

// Without a network the page comes from here. The kiosk is always there.
if ('serviceWorker' in navigator && import.meta.env.PROD && !isKiosk()) void install('tablet').catch(() => undefined);
