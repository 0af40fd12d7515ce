/** Puts the focus on a new view's heading, so that screen readers and keyboards begin there. */
export function heading(node: HTMLElement): void {
  node.tabIndex = -1;
  node.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}
