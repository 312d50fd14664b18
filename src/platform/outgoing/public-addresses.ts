import { isIPv4, isIPv6 } from 'node:net';

type Network = readonly [bytes: readonly number[], bits: number];

/** What is not an address of somebody on the internet (IANA special-purpose registry). */
const NOT_PUBLIC_V4: readonly Network[] = [
  [[0, 0, 0, 0], 8],
  [[10, 0, 0, 0], 8],
  [[100, 64, 0, 0], 10],
  [[127, 0, 0, 0], 8],
  // Link-local, with the metadata services of clouds.
  [[169, 254, 0, 0], 16],
  [[172, 16, 0, 0], 12],
  [[192, 0, 0, 0], 24],
  [[192, 0, 2, 0], 24],
  [[192, 88, 99, 0], 24],
  [[192, 168, 0, 0], 16],
  [[198, 18, 0, 0], 15],
  [[198, 51, 100, 0], 24],
  [[203, 0, 113, 0], 24],
  [[224, 0, 0, 0], 4],
  [[240, 0, 0, 0], 4],
];

/** Global unicast; everything else is local, mapped, multicast or nothing yet. */
const GLOBAL_V6: Network = [[0x20], 3];
const NOT_PUBLIC_V6: readonly Network[] = [
  // Protocol assignments, Teredo among them.
  [[0x20, 0x01, 0x00], 23],
  [[0x20, 0x01, 0x0d, 0xb8], 32],
  // 6to4: an IPv4 address in other clothes.
  [[0x20, 0x02], 16],
  [[0x3f, 0xff, 0x00], 20],
];
/** NAT64: on a network without IPv4 it is how the rest of the internet is reached, so what it embeds decides. */
const NAT64: Network = [[0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], 96];

/** Whether an address belongs to somebody on the internet, decided by its bytes and not by how it is written. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return isPublicV4(bytesOfV4(address));
  // A zone names an interface of this machine.
  if (!isIPv6(address) || address.includes('%')) return false;
  const bytes = bytesOfV6(address);
  if (isIn(bytes, NAT64)) return isPublicV4(bytes.slice(12));
  return isIn(bytes, GLOBAL_V6) && !NOT_PUBLIC_V6.some((network) => isIn(bytes, network));
}

function isPublicV4(bytes: number[]): boolean {
  return !NOT_PUBLIC_V4.some((network) => isIn(bytes, network));
}

function isIn(bytes: number[], [network, bits]: Network): boolean {
  return network.every((byte, i) => {
    const mask = (0xff << (8 - Math.max(0, Math.min(8, bits - i * 8)))) & 0xff;
    return (bytes[i]! & mask) === (byte & mask);
  });
}

function bytesOfV4(address: string): number[] {
  return address.split('.').map(Number);
}

function bytesOfV6(address: string): number[] {
  const tail = /[^:]*\.[^:]*$/.exec(address)?.[0];
  const groups = tail ? address.slice(0, -tail.length) + groupsOfV4(tail) : address;
  const [head = '', rest] = groups.split('::');
  const [left, right] = [split(head), split(rest ?? '')];
  const zeros = rest === undefined ? [] : Array<number>(8 - left.length - right.length).fill(0);
  return [...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 0xff]);
}

function groupsOfV4(address: string): string {
  const [a, b, c, d] = bytesOfV4(address) as [number, number, number, number];
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function split(groups: string): number[] {
  return groups === '' ? [] : groups.split(':').map((group) => parseInt(group, 16));
}
