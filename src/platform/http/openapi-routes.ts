import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { RouteAccess } from '../access/access.decorators.ts';
import {
  declaredAccess,
  isForPeople,
  isOpenDuringEnrolment,
  wantsFreshSignIn,
  type DeclaredRoute,
} from '../access/route-access.ts';
import { IDEMPOTENCY_KEY, isRepeatable, KEY, OPERATOR_TOKEN, TOKEN } from './openapi.ts';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;
type Parameter = NonNullable<Operation['parameters']>[number];

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
/** A handler with several paths has one operation for each: `Health_ready[1]`. */
const ALIAS = /\[(\d+)\]$/;

export function operationId(controller: string, method: string): string {
  return `${controller.replace(/Controller$/, '')}_${method}`;
}

/** Adds to each operation what the code knows of its route: what it asks of the caller, and how its parameters look. */
export function describeRoutes(document: OpenAPIObject, app: NestFastifyApplication): void {
  const routes = declaredRoutes(app);
  const reflector = app.get(Reflector);
  const firstPaths = new Map<string, string>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      const name = operation.operationId!.replace(ALIAS, '');
      const route = routes.get(name);
      if (!route) throw new Error(`the documentation has ${name}, and no controller has it`);
      const demands = demandsOf(reflector, route, method);
      operation.description = [operation.description, demands.text].filter(Boolean).join('\n\n');
      if (demands.security.length > 0) operation.security = demands.security;
      operation.parameters?.forEach(sayWhatIsAnId);
      if (method === 'post' && isRepeatable(path, operation))
        operation.parameters = [...(operation.parameters ?? []), IDEMPOTENCY_KEY];
      const firstPath = firstPaths.get(name);
      if (firstPath) operation.summary += ` (the same as ${firstPath})`;
      else firstPaths.set(name, path);
    }
  }
}

function declaredRoutes(app: NestFastifyApplication): Map<string, DeclaredRoute> {
  const routes = new Map<string, DeclaredRoute>();
  const scanner = new MetadataScanner();
  for (const module of app.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      const controller = metatype as ReturnType<DeclaredRoute['getClass']>;
      const handlers = controller.prototype as Record<string, ReturnType<DeclaredRoute['getHandler']>>;
      for (const key of scanner.getAllMethodNames(handlers))
        routes.set(operationId(controller.name, key), { getClass: () => controller, getHandler: () => handlers[key]! });
    }
  }
  return routes;
}

/** What a route asks of the caller, in words and as a requirement of the document. */
function demandsOf(
  reflector: Reflector,
  route: DeclaredRoute,
  method: string,
): { text: string; security: Record<string, string[]>[] } {
  const access = declaredAccess(reflector, route);
  if (!access) return { text: 'Closed to everybody.', security: [] };
  if (access.kind === 'public') return { text: ofPublic(access), security: [] };
  if (access.kind === 'operator')
    return { text: 'For operators of the installation.', security: [{ [OPERATOR_TOKEN]: [] }] };
  const forPeople = isForPeople(reflector, route, method.toUpperCase());
  const sentences = [
    access.kind === 'requires' ? `Needs \`${access.permission}\`.` : 'For anybody who is signed in.',
    wantsFreshSignIn(reflector, route) && 'Takes a sign-in of the last five minutes.',
    isOpenDuringEnrolment(reflector, route) && 'Open also to those who still have to set up a second factor.',
    keysOf(access, forPeople),
  ];
  return {
    text: sentences.filter(Boolean).join(' '),
    security: forPeople ? [{ [TOKEN]: [] }] : [{ [TOKEN]: [] }, { [KEY]: [] }],
  };
}

function ofPublic({ tenant }: Extract<RouteAccess, { kind: 'public' }>): string {
  if (tenant === false) return 'Open to everybody; belongs to no organisation.';
  if (tenant === 'optional')
    return 'Open to everybody. The organisation need not be named: what the request carries says it.';
  return 'Open to everybody. The request names its organisation.';
}

function keysOf({ kind }: RouteAccess, forPeople: boolean): string {
  if (forPeople) return 'Not for API keys.';
  return kind === 'requires' ? 'API keys need it among their scopes.' : 'API keys may call it.';
}

/** Path parameters that are called so are taken by `IdParam`, which takes nothing but a UUID. */
function sayWhatIsAnId(parameter: Parameter): void {
  if ('$ref' in parameter || parameter.in !== 'path' || !/^id$|Id$/.test(parameter.name)) return;
  parameter.schema = { type: 'string', format: 'uuid' };
}
