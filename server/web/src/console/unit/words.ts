/** What a unit's record names by codes, in words. */
import type { RecordPerson } from '../api/client.js';
import { coded, still, t } from '../texts/texts.svelte.js';

export const who = ({ id, name }: RecordPerson): string => still(name ?? '') || t('unit.unnamed', { id: id.slice(0, 8) });

/** What the centre itself wrote carries no tablet's name. */
export const place = (label: string): string => (label === 'centre' ? t('unit.centre') : still(label));

/** `figure:present`, `tablet:ID` or `committee`, as the record names what people note. */
export function topic(subject: string, label: (device: string) => string): string {
  const [kind = '', name = ''] = subject.split(':');
  if (kind === 'figure') return coded(`unit.figure.${name}`, name);
  if (kind === 'tablet') return t('unit.total_of', { tablet: label(name) });
  return kind === 'committee' ? t('unit.committee') : subject;
}

/** A committee comes as posts and names. */
export function value(subject: string, text: string): string {
  if (subject !== 'committee') return still(text);
  return still(text).replace(/(^|; )([a-z_]+): /g, (_, before: string, post: string) => `${before}${coded(`unit.post.${post}`, post)}: `);
}
