/** When a device was last heard, in words. */
import type { DeviceView } from '../api/client.js';
import { moment, t } from '../texts/texts.svelte.js';

const told = (at: number | null | undefined): at is number => at !== null && at !== undefined;

/** Since which moment it is silent, and whether that is its last contact or the start of the centre; else the last contact. */
export function heard({ heard: last, silent_since: since }: DeviceView): string {
  if (told(since)) return told(last) ? t('devices.silent_heard', { at: moment(since * 1000) }) : t('devices.silent_start', { at: moment(since * 1000) });
  return told(last) ? moment(last * 1000) : t('devices.silent');
}
