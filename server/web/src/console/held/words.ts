/** What is held or missing, in words. */
import type { FactView, HeldView, NewProposal, OtherView } from '../api/client.js';
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

/** A held envelope by its tablet, number and ballots. */
export const envelope = (one: HeldView): string =>
  t('held.envelope', { tablet: one.label ?? t('held.centre'), number: one.number, count: one.ballots });

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

/** What a proposal is about, as the centre names it; `held` is the envelope, if it is one that is held. */
export function about(subject: string, held: HeldView | undefined, label: (device: string) => string): string {
  const [kind, id = ''] = subject.split(':');
  switch (kind) {
    case 'envelope':
      return held ? envelope(held) : t('held.gone', { id: short(id) });
    case 'unit':
      return t('held.whole_unit');
    case 'tablet':
      return t('held.unheard', { tablet: label(id) });
    default:
      return gap(subject, label);
  }
}

type Obstacle = { code: string; device?: string | null };

/** What two people may decide about what stands in the way of a round's end, as the centre names it. */
export function matter({ code, device }: Obstacle): { subject: string; verdict: NewProposal['verdict'] } | undefined {
  if (code === 'unpublished') return { subject: 'unit', verdict: 'leave_unpublished' };
  return code === 'unheard_tablet' && device ? { subject: `tablet:${device}`, verdict: 'go_on_without' } : undefined;
}

export const isDecided = (obstacle: Obstacle): boolean => matter(obstacle) !== undefined;
