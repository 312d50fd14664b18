import { Work1763700000000 } from './1763700000000-work.ts';
import { Audit1764000000000 } from './1764000000000-audit.ts';
import { SignIn1764050000000 } from './1764050000000-sign-in.ts';
import { RolesAndTeams1764100000000 } from './1764100000000-roles-and-teams.ts';
import { ApiKeys1764200000000 } from './1764200000000-api-keys.ts';
import { SignInProviders1764300000000 } from './1764300000000-sign-in-providers.ts';
import { People1764400000000 } from './1764400000000-people.ts';
import { Calendars1764500000000 } from './1764500000000-calendars.ts';
import { Planning1764600000000 } from './1764600000000-planning.ts';
import { Dependencies1764610000000 } from './1764610000000-dependencies.ts';
import { Time1764620000000 } from './1764620000000-time.ts';
import { Resources1764625000000 } from './1764625000000-resources.ts';
import { Conversations1764630000000 } from './1764630000000-conversations.ts';
import { Search1764640000000 } from './1764640000000-search.ts';
import { Writing1764650000000 } from './1764650000000-writing.ts';
import { WholeTextsInSearch1764700000000 } from './1764700000000-whole-texts-in-search.ts';
import { Addresses1764900000000 } from './1764900000000-addresses.ts';
import { LettersInSearch1765100000000 } from './1765100000000-letters-in-search.ts';

/** In the order of their timestamps. A released migration never changes; the next step is a new one. */
export const tenantMigrations = [
  Work1763700000000,
  Audit1764000000000,
  SignIn1764050000000,
  RolesAndTeams1764100000000,
  ApiKeys1764200000000,
  SignInProviders1764300000000,
  People1764400000000,
  Calendars1764500000000,
  Planning1764600000000,
  Dependencies1764610000000,
  Time1764620000000,
  Resources1764625000000,
  Conversations1764630000000,
  Search1764640000000,
  Writing1764650000000,
  WholeTextsInSearch1764700000000,
  Addresses1764900000000,
  LettersInSearch1765100000000,
];
