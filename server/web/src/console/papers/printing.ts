/** Pages for paper that stand nowhere on the screen: they are there while the browser prints, and gone after it. */

/** Puts pages beside the application, where print styles find them alone. */
export function onPaper(node: HTMLElement): { destroy: () => void } {
  document.body.append(node);
  document.body.classList.add('on-paper');
  return {
    destroy() {
      node.remove();
      document.body.classList.remove('on-paper');
    },
  };
}

/** Lets the browser print what is on paper now. It is over when its dialog is closed, whatever was chosen there. */
export function printNow(): Promise<void> {
  return new Promise((over) => {
    addEventListener('afterprint', () => over(), { once: true });
    print();
  });
}

/** Bytes of hexadecimal digits. */
export function bytes(digits: string): Uint8Array {
  return new Uint8Array((digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
}
