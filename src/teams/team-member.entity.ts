import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { TeamRole } from './team.types.ts';

@Entity({ schema: '@tenant', name: 'team_members' })
export class TeamMember {
  @PrimaryColumn('uuid', { name: 'team_id' })
  teamId: string;

  @PrimaryColumn('uuid', { name: 'user_id' })
  userId: string;

  @Column('text')
  role: TeamRole;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
