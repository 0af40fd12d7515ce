import '../app.css';
import './console.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { route } from './route.svelte.js';
import { fetchAhead } from './views.js';

// It comes while the centre is asked who is here.
fetchAhead(route.now);
const target = document.getElementById('app');
if (target) mount(App, { target });
