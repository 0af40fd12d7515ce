/** Keeps a line of links moved so far that the one of what is open can be seen; the page itself stays where it is. */
export function nearby(nav: HTMLElement): () => void {
  const move = () => {
    const here = nav.querySelector<HTMLElement>('[aria-current]');
    if (here) nav.scrollLeft = here.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
  };
  move();
  window.addEventListener('resize', move);
  return () => window.removeEventListener('resize', move);
}
