/** How numbers and moments are written. Making a format takes far longer than using it, so each is made once. */
const numbers = new Map<string, Intl.NumberFormat>();
const moments = new Map<string, Intl.DateTimeFormat>();

/** Numbers as a language writes them. */
export function numberFormat(locale: string): Intl.NumberFormat {
  const known = numbers.get(locale) ?? new Intl.NumberFormat(locale);
  numbers.set(locale, known);
  return known;
}

/** Days and moments as a language writes them; `name` tells one format of a language from its others. */
export function momentFormat(locale: string, name: string, format: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${name}`;
  const known = moments.get(key) ?? new Intl.DateTimeFormat(locale, format);
  moments.set(key, known);
  return known;
}
