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

/** Lays pages out part by part: between two of them the browser shows how far it is, and does what somebody clicks. */
export async function inParts(of: number, show: (laid: number) => Promise<void>): Promise<void> {
  for (let laid = 1; laid <= of; laid += 1) {
    await show(laid);
    await new Promise<void>((go) => {
      // Unlike a timer it is not held back where nobody looks at the page.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        go();
      };
      port2.postMessage(0);
    });
  }
}

/** Bytes of hexadecimal digits. */
export function bytes(digits: string): Uint8Array {
  return new Uint8Array((digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
}
