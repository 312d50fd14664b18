import { Registry1763700000000 } from './1763700000000-registry.ts';
import { Fleet1763800000000 } from './1763800000000-fleet.ts';
import { DeletedFrom1763900000000 } from './1763900000000-deleted-from.ts';
import { Mails1764050000000 } from './1764050000000-mails.ts';
import { Operators1764100000000 } from './1764100000000-operators.ts';
import { Addresses1764900000000 } from './1764900000000-addresses.ts';
import { CommandsOnRecord1765000000000 } from './1765000000000-commands-on-record.ts';

export const registryMigrations = [
  Registry1763700000000,
  Fleet1763800000000,
  DeletedFrom1763900000000,
  Mails1764050000000,
  Operators1764100000000,
  Addresses1764900000000,
  CommandsOnRecord1765000000000,
];
