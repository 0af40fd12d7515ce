/**
 * A new version of the page. It waits beside the old one until the team takes it, which is offered on the team's screen
 * alone: nobody's ballot is ever interrupted. The database stays as it is.
 */
let waiting = $state.raw<ServiceWorker>();
let registered: ServiceWorkerRegistration | undefined;

export const update = {
  /** Whether one is here. */
  get ready(): boolean {
    return waiting !== undefined;
  },

  /** Asks the centre for one, where it can be reached. */
  look(): void {
    void registered?.update().catch(() => undefined);
  },

  /** Goes on with the new version. */
  take(): void {
    if (!waiting) return;
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    waiting.postMessage({ type: 'SKIP_WAITING' });
  },
};

/** Keeps the page on this device, so that it opens without a network. */
export async function install(page: 'tablet' | 'trustees'): Promise<void> {
  const own = await navigator.serviceWorker.register(`/${page}/sw.js`, { scope: `/${page}/` });
  registered = own;
  const arrived = () => {
    // The first version of all takes nobody's place.
    if (own.waiting && own.active) waiting = own.waiting;
  };
  arrived();
  own.addEventListener('updatefound', () => own.installing?.addEventListener('statechange', arrived));
}
