import { BUILT_IN_ROLES, type RoleSeed } from './roles.ts';

/** Statements that bring a tenant's built-in roles to what this version knows. Safe to repeat. */
export function tenantSeed(): string[] {
  return BUILT_IN_ROLES.map(roleStatement);
}

function roleStatement({ key, name, level, grants }: RoleSeed): string {
  const list = grants.map((grant) => `'${grant}'`).join(', ');
  return `INSERT INTO "@tenant".roles (key, name, level, built_in, grants)
    VALUES ('${key}', '${name}', ${level}, true, ARRAY[${list}]::text[])
    ON CONFLICT (key) DO UPDATE SET name = excluded.name, level = excluded.level, built_in = true, grants = excluded.grants,
        updated_at = now(), version = roles.version + 1
      WHERE (roles.name, roles.level, roles.grants) IS DISTINCT FROM (excluded.name, excluded.level, excluded.grants)`;
}
