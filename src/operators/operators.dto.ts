import { ApiProperty } from '@nestjs/swagger';
import { renderSVG } from 'uqr';
import type { Operator } from '../platform/access/operator.ts';
import type { Enrolment } from '../platform/crypto/one-time-codes.ts';
import { Email, Name, NewPassword, Pattern, Secret, Text } from '../platform/http/fields.ts';
import type { ListSpec } from '../platform/http/list-query.ts';
import type { SignedInOperator } from './operator-sessions.service.ts';
import type { OperatorEventRow } from './operators.queries.ts';

const Code = () => Pattern(/^\d{6}$/, 'code must be the six digits that the authenticator shows.', { min: 6, max: 6 });

/** What an account is made of, by a command. */
export class CreateOperatorBody {
  @Email()
  email: string;
  @Name({ max: 100 })
  name: string;
}

export class EnrolBody {
  @Secret({ max: 200, description: 'As printed by projectflow operator create' })
  token: string;
  @NewPassword({ description: 'At least 12 characters, and hard to guess' })
  password: string;
}

export class ConfirmEnrolmentBody {
  @Secret({ max: 200 })
  token: string;
  @Code()
  code: string;
}

export class OperatorLoginBody {
  @Text({ max: 255 })
  email: string;
  @Secret({ max: 128 })
  password: string;
  @Code()
  code: string;
}

export class EnrolmentResponse {
  @ApiProperty({ description: 'Base32, to be typed where no camera is' })
  secret: string;
  @ApiProperty({ example: 'otpauth://totp/...' })
  uri: string;
  @ApiProperty({ description: 'The same as a QR code, in SVG' })
  qrCode: string;
}

export class OperatorResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  email: string;
  @ApiProperty()
  name: string;
}

export class SignedInOperatorResponse {
  @ApiProperty({ type: OperatorResponse })
  operator: OperatorResponse;
  @ApiProperty({ description: 'JWT, sent as Authorization: Bearer' })
  accessToken: string;
  @ApiProperty({ description: 'Seconds until it has to be signed in again', example: 3600 })
  expiresIn: number;
}

export class OperatorEventResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'date-time' })
  at: string;
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'null for a command, and for somebody unknown',
  })
  operatorId: string | null;
  @ApiProperty({ type: String, nullable: true })
  operatorEmail: string | null;
  @ApiProperty({ example: 'tenant.suspend' })
  action: string;
  @ApiProperty({ enum: ['begun', 'done', 'refused', 'failed'], description: 'begun: at work, or it died on the way' })
  outcome: string;
  @ApiProperty({ type: String, nullable: true })
  targetType: string | null;
  @ApiProperty({ type: String, nullable: true })
  targetId: string | null;
  @ApiProperty({ type: Object, nullable: true })
  details: object | null;
  @ApiProperty({ type: String, nullable: true })
  address: string | null;
  @ApiProperty({ type: String, nullable: true })
  userAgent: string | null;
  @ApiProperty()
  requestId: string;
  @ApiProperty({ type: String, nullable: true, description: 'Of a command: who ran it, as the operating system says' })
  osUser: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Of a command: the machine that it ran on' })
  osHost: string | null;
}

export const OPERATOR_EVENT_LIST: ListSpec = {
  filters: {
    at: { kind: 'time' },
    operatorId: { kind: 'id' },
    action: { kind: 'text' },
    outcome: { kind: 'choice', choices: ['begun', 'done', 'refused', 'failed'] },
    targetType: { kind: 'text' },
    targetId: { kind: 'text' },
    osUser: { kind: 'text' },
  },
  sorts: ['at'],
  defaultSort: '-at',
};

export function toEnrolmentResponse({ secret, uri }: Enrolment): EnrolmentResponse {
  return { secret, uri, qrCode: renderSVG(uri) };
}

export function toOperatorResponse({ id, email, name }: Pick<Operator, 'id' | 'email' | 'name'>): OperatorResponse {
  return { id, email, name };
}

export function toSignedInOperatorResponse(signedIn: SignedInOperator): SignedInOperatorResponse {
  const { operator, accessToken, expiresIn } = signedIn;
  return { operator: toOperatorResponse(operator), accessToken, expiresIn };
}

export function toOperatorEventResponse(row: OperatorEventRow): OperatorEventResponse {
  const { id, at, operatorId, operatorEmail, action, outcome, targetType, targetId } = row;
  const { details, address, userAgent, requestId, osUser, osHost } = row;
  return {
    id,
    at: at.toISOString(),
    operatorId,
    operatorEmail,
    action,
    outcome,
    targetType,
    targetId,
    details,
    address,
    userAgent,
    requestId,
    osUser,
    osHost,
  };
}
