import { CONVERSATIONS } from './conversations.ts';
import type { Mutant } from './mutant.ts';
import { PLANS } from './plans.ts';
import { SIGN_INS } from './sign-ins.ts';
import { TENANTS_AND_ROLES } from './tenants-and-roles.ts';
import { TIME } from './time.ts';

/** All walls that `npm run mutation` takes away. */
export const MUTANTS: readonly Mutant[] = [...TENANTS_AND_ROLES, ...SIGN_INS, ...CONVERSATIONS, ...TIME, ...PLANS];
