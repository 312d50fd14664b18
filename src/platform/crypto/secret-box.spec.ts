import { describe, expect, it } from '@jest/globals';
import { SecretBox } from './secret-box.ts';

const key = Buffer.alloc(32, 1).toString('base64');
const otherKey = Buffer.alloc(32, 2).toString('base64');

describe('a sealed secret', () => {
  it('opens in its place with its key', () => {
    const box = new SecretBox(key);
    expect(box.open(box.seal('Grüße', 'keys/1'), 'keys/1')).toBe('Grüße');
  });

  it('never looks the same twice', () => {
    const box = new SecretBox(key);
    expect(box.seal('a', 'keys/1')).not.toBe(box.seal('a', 'keys/1'));
  });

  it('does not open in another place', () => {
    const box = new SecretBox(key);
    const sealed = box.seal('a', 'keys/1');
    expect(() => box.open(sealed, 'keys/2')).toThrow();
  });

  it('names the key when another one is tried', () => {
    const sealed = new SecretBox(key).seal('a', 'keys/1');
    expect(() => new SecretBox(otherKey).open(sealed, 'keys/1')).toThrow(/another ENCRYPTION_KEY/);
  });

  it('does not open after a change of one character', () => {
    const box = new SecretBox(key);
    const parts = box.seal('a long enough secret', 'keys/1').split('.');
    parts[3] = `${parts[3]!.startsWith('A') ? 'B' : 'A'}${parts[3]!.slice(1)}`;
    expect(() => box.open(parts.join('.'), 'keys/1')).toThrow();
  });

  it('opens with either key while keys are changed, and is sealed with the new one', () => {
    const box = new SecretBox(otherKey, key);
    expect(box.open(new SecretBox(key).seal('a', 'keys/1'), 'keys/1')).toBe('a');
    expect(new SecretBox(otherKey).open(box.seal('b', 'keys/1'), 'keys/1')).toBe('b');
    expect(box.deriveAll('purpose', 'text')).toEqual([
      new SecretBox(otherKey).derive('purpose', 'text'),
      new SecretBox(key).derive('purpose', 'text'),
    ]);
  });
});
