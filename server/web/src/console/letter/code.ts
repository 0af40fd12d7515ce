/** The code of a letter as it is typed: 14 symbols of Crockford's base32, forgivingly read. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SYMBOLS = 14;

export type Typed = { code: string } | { wrong: 'length' | 'symbol'; found: number };

/** What was typed, or what is wrong with it. Nothing that can be no code is sent anywhere: it may be a slip of the ballot. */
export function read(text: string): Typed {
  const symbols = [...text.toUpperCase()]
    .filter((symbol) => !/[\s\-–—_]/u.test(symbol))
    .map((symbol) => (symbol === 'O' ? '0' : symbol === 'I' || symbol === 'L' ? '1' : symbol));
  const strange = symbols.findIndex((symbol) => !ALPHABET.includes(symbol));
  if (strange >= 0) return { wrong: 'symbol', found: strange + 1 };
  if (symbols.length !== SYMBOLS) return { wrong: 'length', found: symbols.length };
  return { code: symbols.join('') };
}
