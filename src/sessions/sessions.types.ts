/** How somebody proved who they are. */
export type SignInMethod = 'password' | 'passkey' | 'sign-in provider' | 'invitation' | 'sign-up';

export interface OpenSession {
  sessionId: string;
  userId: string;
  refreshToken: string;
}

export interface SessionRow {
  id: string;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
  method: string;
  userAgent: string | null;
  address: string | null;
}
