/** Whether something is under way that would be lost, and the question before it is. */
let busy = $state(false);
let asking = $state(false);
let held = '';

export const guard = {
  /** Shares or a bundle are here. */
  get busy(): boolean {
    return busy;
  },
  get asking(): boolean {
    return asking;
  },
  begin(): void {
    busy = true;
    held = location.hash;
  },
  /** It is done, or given up. */
  end(): void {
    busy = asking = false;
  },
  stay(): void {
    asking = false;
  },
  ask(): void {
    asking = true;
  },
  /** Whether the way to another view is free; if not, the address goes back and the question stands. */
  free(): boolean {
    if (!busy || location.hash === held) return !busy;
    history.replaceState(null, '', held);
    asking = true;
    return false;
  },
};

// Browsers ask in words of their own.
addEventListener('beforeunload', (event) => {
  if (busy) event.preventDefault();
});
