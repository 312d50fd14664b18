export const INVITATION_STATES = ['open', 'accepted', 'revoked', 'expired'] as const;

export interface InvitationRow {
  id: string;
  email: string;
  /** Keys. */
  roles: string[];
  invitedBy: string | null;
  state: (typeof INVITATION_STATES)[number];
  createdAt: Date;
  updatedAt: Date;
  sentAt: Date | null;
  expiresAt: Date;
  acceptedAt: Date | null;
  version: number;
}
