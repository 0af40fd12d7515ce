import '../app.css';
import { mount } from 'svelte';
import App from './App.svelte';

const target = document.getElementById('app');
if (target) mount(App, { target });

// Without a network the page comes from here. A new version waits until no page is open.
if ('serviceWorker' in navigator && import.meta.env.PROD) {
  void navigator.serviceWorker.register('/tablet/sw.js', { scope: '/tablet/' });
}
