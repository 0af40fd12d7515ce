/** Does something once the browser has nothing else to do, unless the function that it gives is called before. */
export function idle(work: () => void): () => void {
  // Not every browser says when that is.
  if (!('requestIdleCallback' in globalThis)) {
    const waiting = setTimeout(work);
    return () => clearTimeout(waiting);
  }
  const waiting = requestIdleCallback(work);
  return () => cancelIdleCallback(waiting);
}
