/** A hash as people compare it (`sync_core::fingerprint`): six groups of five digits, five bytes of the hash each. */
export function digits(hash: string): string {
  const groups = hash.match(/.{10}/g) ?? [];
  return groups.slice(0, 6).map((bytes) => String(Number.parseInt(bytes, 16) % 100_000).padStart(5, '0')).join(' ');
}
