/** Line breaks, other control characters, and what turns the direction of the text around it. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
/**
 * `evil.example`, `www.evil.example/path`, `somebody@evil.example`: what mail programs make a link of. Two characters before the
 * dot stand for all of the label: whatever looks back for its beginning costs the square of a long text.
 */
const DOMAIN =
  /[\p{L}\p{N}-]{2}\.\p{L}{2}|(?<![\p{L}\p{N}])[\p{L}\p{N}]\.(?:\p{L}{2}|com|net|org|xyz|app|dev)(?![\p{L}\p{N}])/iu;
const SCHEME = /[a-z0-9+.-]:\/\/|(?<![\p{L}\p{N}])www\./iu;

/** Whether the text is one line that shows what it is. */
export function isOneLine(text: string): boolean {
  return !CONTROL.test(text);
}

/**
 * Whether mail programs would find an address of the web in it. Names stand in mails that go to strangers, in our words: who
 * may write one there writes what he likes in our name.
 */
export function hasWebAddress(text: string): boolean {
  // Wide letters and other dots are read as the plain ones by people, and by some programs.
  const plain = text.normalize('NFKC').replace(/[\u3002\u2024]/g, '.');
  return SCHEME.test(plain) || DOMAIN.test(plain);
}
