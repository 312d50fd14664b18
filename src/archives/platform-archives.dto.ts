import { Name, Text } from '../platform/http/fields.ts';
import { Slug } from '../tenants/tenants.dto.ts';

export { JobResponse, toJobResponse } from '../platform/http/job-response.ts';

export class CloneBody {
  @Slug({ description: 'Of the new tenant' })
  slug: string;
  @Name({ max: 100, optional: true, description: 'As the original when not given' })
  name?: string;
  @Text({ max: 50, optional: true, description: 'That of the original when not given' })
  plan?: string;
  @Text({ max: 100, optional: true, description: 'Only databases of this region' })
  region?: string;
  @Text({ max: 40, optional: true, description: 'This database; chosen by plan, region and load when not given' })
  cluster?: string;
}
