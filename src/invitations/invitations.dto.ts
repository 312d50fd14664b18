import { ApiProperty } from '@nestjs/swagger';
import { SignedInResponse } from '../auth/auth.dto.ts';
import { Email, Name, NewPassword, Secret, Texts } from '../platform/http/fields.ts';
import type { ListSpec } from '../platform/http/list-query.ts';
import { INVITATION_STATES, type InvitationRow } from './invitations.types.ts';

export class InviteBody {
  @Email()
  email: string;
  @Texts({
    max: 10,
    length: 50,
    optional: true,
    description: 'Keys of the roles they will have; member when not given',
  })
  roles?: string[];
}

export class PreviewInvitationBody {
  @Secret({ max: 200, description: 'From the mail' })
  token: string;
}

export class AcceptInvitationBody extends PreviewInvitationBody {
  @Name({ max: 100 })
  firstName: string;
  @Name({ max: 100 })
  lastName: string;
  @NewPassword()
  password: string;
}

export const INVITATION_LIST: ListSpec = {
  filters: {
    email: { kind: 'text' },
    state: { kind: 'choice', choices: INVITATION_STATES },
    createdAt: { kind: 'time' },
  },
  sorts: ['createdAt', 'email'],
  defaultSort: '-createdAt',
};

export class InvitationResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'email' })
  email: string;
  @ApiProperty({ type: [String], example: ['member'] })
  roles: string[];
  @ApiProperty({ enum: INVITATION_STATES })
  state: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  invitedBy: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When the last mail went out' })
  sentAt: string | null;
  @ApiProperty({ format: 'date-time' })
  expiresAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  acceptedAt: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

export class InvitationPreviewResponse {
  @ApiProperty({ description: 'Name of the organisation' })
  organisation: string;
  @ApiProperty({ format: 'email' })
  email: string;
  @ApiProperty({ type: [String] })
  roles: string[];
}

export class AcceptedResponse extends SignedInResponse {}

export function toInvitationResponse(invitation: InvitationRow): InvitationResponse {
  const { sentAt, expiresAt, acceptedAt, createdAt, updatedAt, ...rest } = invitation;
  return {
    ...rest,
    sentAt: sentAt?.toISOString() ?? null,
    expiresAt: expiresAt.toISOString(),
    acceptedAt: acceptedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

export { toSignedInResponse as toAcceptedResponse } from '../auth/auth.dto.ts';
