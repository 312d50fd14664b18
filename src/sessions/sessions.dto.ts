import { ApiProperty } from '@nestjs/swagger';
import Bowser from 'bowser';
import type { SessionRow } from './sessions.types.ts';

export class SessionResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ description: 'Whether it is the session of this request' })
  current: boolean;
  @ApiProperty({ type: String, nullable: true, example: 'Firefox on Linux', description: 'What the client said it is' })
  device: string | null;
  @ApiProperty({ type: String, nullable: true })
  userAgent: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Where it was opened' })
  address: string | null;
  @ApiProperty({ example: 'password', description: 'How it was opened' })
  method: string;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  lastUsedAt: string;
  @ApiProperty({ format: 'date-time', description: 'When it ends, however much it is used' })
  expiresAt: string;
}

export function toSessionResponse(session: SessionRow, currentId: string | null): SessionResponse {
  const { id, userAgent, address, method, createdAt, lastUsedAt, expiresAt } = session;
  return {
    id,
    current: id === currentId,
    device: deviceOf(userAgent),
    userAgent,
    address,
    method,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}

function deviceOf(userAgent: string | null): string | null {
  if (!userAgent) return null;
  const { browser, os } = Bowser.parse(userAgent);
  if (!browser.name) return null;
  return os.name ? `${browser.name} on ${os.name}` : browser.name;
}
