/**
 * What is chosen, with one more or one less, in the order of the codes. Rows that are not on the page keep what they are:
 * only the box that somebody touched says anything.
 */
export function chosenWith(chosen: readonly string[], code: string, wanted: boolean): string[] {
  const others = chosen.filter((one) => one !== code);
  return wanted ? [...others, code].sort() : others;
}
