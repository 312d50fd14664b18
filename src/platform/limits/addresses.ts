import { isIPv6 } from 'node:net';

/** What is counted as one: an IPv4 address, or the /64 of an IPv6 address, because whoever has one has all of those. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return isIPv6(plain) ? `${groupsOf(plain).slice(0, 4).join(':')}::/64` : plain;
}

/** What one customer of a provider may well have all of: the /24 of an IPv4 address, the /48 of an IPv6 address. */
export function siteOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIPv6(plain)) return `${groupsOf(plain).slice(0, 3).join(':')}::/48`;
  return plain.replace(/\.\d+$/, '.0/24');
}

/** All eight, each without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const split = (part: string | undefined) => (part ? part.split(':') : []);
  const [start, end] = [split(head), split(tail)];
  const zeros = tail === undefined ? 0 : 8 - start.length - end.length;
  return [...start, ...Array<string>(Math.max(0, zeros)).fill('0'), ...end].map((group) =>
    group.toLowerCase().replace(/^0+(?=.)/, ''),
  );
}
