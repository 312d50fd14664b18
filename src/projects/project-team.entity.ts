import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { ProjectRole } from '../platform/access/permissions.ts';

/** A team that was given a project: whoever is in the team has this role there. */
@Entity({ schema: '@tenant', name: 'project_members' })
export class ProjectTeam {
  @PrimaryColumn('uuid', { name: 'project_id' })
  projectId: string;

  @PrimaryColumn('uuid', { name: 'member_id' })
  teamId: string;

  @Column('text', { name: 'member_type' })
  memberType: 'team';

  @Column('text')
  role: ProjectRole;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
