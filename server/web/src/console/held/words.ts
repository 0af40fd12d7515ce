/** What is held or missing, in words. */
import type { FactView, OtherView } from '../api/client.js';
import { moment, number, t } from '../texts/texts.svelte.js';

/** The beginning of an id or a hash: enough to compare by eye. */
export const short = (id: string | null | undefined): string => (id ?? '').slice(0, 8);

const list = (others: OtherView[]): string =>
  others
    .map(({ envelope, number: place, ballots, closing_total: total }) =>
      total === null || total === undefined
        ? t('held.other', { id: short(envelope), number: place, ballots: number(ballots) })
        : t('held.other_closes', { id: short(envelope), number: place, ballots: number(ballots), total: number(total) }),
    )
    .join('; ');

const replaced = (fact: Extract<FactView, { reason: 'replaced_sheet' }>) => ({
  number: fact.replacement ?? '',
  why: fact.why ?? '',
  sheet: short(fact.replaced_by),
});

/** What a reason rests on. */
export function evidence(fact: FactView): string {
  switch (fact.reason) {
    case 'revoked_device':
      return t('held.evidence.revoked_device', { why: fact.revocation });
    case 'late':
      return fact.close
        ? t('held.evidence.late', { who: fact.close.by, at: moment(fact.close.at * 1000) })
        : t('held.evidence.late_unknown');
    case 'cloned_tablet':
      return t('held.evidence.cloned_tablet', { others: list(fact.twins) });
    case 'beyond_close':
      return t('held.evidence.beyond_close', { others: list(fact.closes) });
    case 'replaced_sheet':
      if (fact.replacement === null || fact.replacement === undefined) return t('held.evidence.replaced_unknown');
      return fact.new_slips ? t('held.evidence.replaced_slips', replaced(fact)) : t('held.evidence.replaced_sheet', replaced(fact));
    case 'unknown_sheet':
      return t('held.evidence.unknown_sheet', { sheet: short(fact.holds) });
    case 'out_of_scope':
      return fact.units.length === 0
        ? t('held.evidence.courier')
        : t('held.evidence.out_of_scope', { units: fact.units.join(', ') });
    case 'ballot_length':
      return t('held.evidence.ballot_length', { found: fact.found, expected: fact.expected ?? '–' });
    case 'broken_chain':
      return t('held.evidence.broken_chain', { others: list(fact.before) });
    case 'orphan':
      return fact.story === null || fact.story === undefined
        ? t('held.evidence.orphan_unknown')
        : t('held.evidence.orphan', { tablet: fact.label ?? short(fact.tablet), who: fact.taken_by ?? '', story: fact.story });
  }
}

/** What is missing, as the centre names it: `number:DEVICE:N`, `close:DEVICE`, `total:DEVICE:STATED:FOUND`. */
export function gap(name: string, label: (device: string) => string): string {
  const [kind, device = '', first = '', second = ''] = name.split(':');
  const tablet = label(device);
  switch (kind) {
    case 'number':
      return t('held.gap.number', { tablet, number: first });
    case 'close':
      return t('held.gap.close', { tablet });
    case 'total':
      return t('held.gap.total', { tablet, stated: first, found: second });
    default:
      return name;
  }
}
