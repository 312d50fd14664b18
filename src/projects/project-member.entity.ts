import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { ProjectRole } from '../platform/access/permissions.ts';

/** A person who is in a project by name. */
@Entity({ schema: '@tenant', name: 'project_members' })
export class ProjectMember {
  @PrimaryColumn('uuid', { name: 'project_id' })
  projectId: string;

  @PrimaryColumn('uuid', { name: 'member_id' })
  userId: string;

  /** Apart from the rows of teams, which are in the same table (ProjectTeam). */
  @Column('text', { name: 'member_type', default: 'user' })
  memberType: 'user';

  @Column('text')
  role: ProjectRole;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
