import { problemOfGrant } from '../platform/access/grants.ts';
import { conditionsOf, type Grant, type Permission } from '../platform/access/permissions.ts';
import { GrantsRefused } from './roles.errors.ts';

/**
 * The grants of a role of an organisation's own, each once.
 *
 * @throws GrantsRefused naming each that the catalogue does not know, or whose condition does not fit
 */
export function grantsFrom(texts: readonly string[]): Grant[] {
  const details = texts.flatMap((text, i) => {
    const code = problemOfGrant(text);
    if (code === null) return [];
    const message =
      code === 'unknown_permission'
        ? `There is no permission ${text}.`
        : `${text} has a condition that ${fitting(text)}`;
    return [{ pointer: `/grants/${i}`, code, message }];
  });
  if (details.length > 0) throw new GrantsRefused(details);
  return [...new Set(texts)] as Grant[];
}

function fitting(text: string): string {
  const permission = text.split(':')[0]!;
  const conditions = conditionsOf(permission as Permission);
  return conditions.length === 0
    ? `does not fit: ${permission} takes none.`
    : `does not fit: ${permission} takes ${conditions.join(', ')}.`;
}
