import type { JWK } from 'jose';
import { generateKeyPair, randomBytes, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { SigningAlgorithm } from './signing-keys.types.ts';

/** NIST SP 800-57: 128 bits of security, good beyond 2030. */
const RSA_BITS = 3072;

const generate = promisify(generateKeyPair);

const GENERATORS: Record<SigningAlgorithm, () => Promise<{ publicKey: KeyObject; privateKey: KeyObject }>> = {
  RS256: () => generate('rsa', { modulusLength: RSA_BITS }),
  PS256: () => generate('rsa', { modulusLength: RSA_BITS }),
  ES256: () => generate('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generate('ed25519'),
};

/** A new pair under a new id. The private half is PKCS#8 in PEM, in clear: seal it before it is stored. */
export async function makeKeyPair(algorithm: SigningAlgorithm): Promise<{ kid: string; publicJwk: JWK; pem: string }> {
  const { publicKey, privateKey } = await GENERATORS[algorithm]();
  return {
    kid: randomBytes(8).toString('hex'),
    publicJwk: publicKey.export({ format: 'jwk' }),
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
