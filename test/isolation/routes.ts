import { RequestMethod, VERSION_NEUTRAL } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, VERSION_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { ACCESS, type RouteAccess } from '../../src/platform/access/access.decorators.ts';
import { openApiDocument } from '../../src/platform/http/http-server.ts';
import type { TestApp } from '../support/app.ts';

/** One route of the running server, and what its controller said about it. */
export interface Route {
  /** `GET /api/v1/projects/:id` */
  name: string;
  method: string;
  path: string;
  /** Null when the controller declares nothing. */
  access: RouteAccess | null;
  /** Names in the query string that take an id, and those that take a text. */
  idFilters: string[];
  textFilters: string[];
  /** Fields of the body that hold an id, as `admin.teamId`. */
  bodyIds: string[];
  isPaged: boolean;
  takesIfMatch: boolean;
}

/** The pages that describe the API; they read nothing. */
const DOCUMENTATION = /^\/api\/(docs|openapi\.(json|yaml))(\/|$)/;

/**
 * Every route that the HTTP server answers, from its own table, sorted by path. HEAD twins of GET routes and the
 * preflight are the server's own doing; whatever else has no controller is in `strays`.
 */
export function routesOf(app: TestApp): { routes: Route[]; strays: string[] } {
  const declared = declaredRoutes(app);
  const served = servedRoutes(app).filter(
    ({ method, path }) => method !== 'HEAD' && method !== 'OPTIONS' && !DOCUMENTATION.test(path),
  );
  const names = served.map(({ method, path }) => `${method} ${path}`);
  const strays = [
    ...names.filter((name) => !declared.has(name)).map((name) => `${name} has no controller`),
    ...[...declared.keys()].filter((name) => !names.includes(name)).map((name) => `${name} is not served`),
  ];
  const document = openApiDocument(app.nest);
  const routes = served
    .sort((a, b) => a.path.localeCompare(b.path) || a.method.localeCompare(b.method))
    .map(({ method, path }) => {
      const name = `${method} ${path}`;
      return { name, method, path, access: declared.get(name) ?? null, ...described(document, method, path) };
    });
  return { routes, strays };
}

const BRANCH = /^((?:[│ ] {3})*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?$/;

/** Read from the tree that Fastify prints: it keeps no list. */
function servedRoutes(app: TestApp): { method: string; path: string }[] {
  const fastify = app.nest.getHttpAdapter().getInstance();
  const trail: string[] = [];
  return fastify
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => {
      const [, indent, segment, methods] = BRANCH.exec(line) ?? [];
      if (indent === undefined || segment === undefined) throw new Error(`not a branch of the route tree: ${line}`);
      trail.splice(indent.length / 4, Infinity, segment);
      return (methods ?? '')
        .split(', ')
        .filter(Boolean)
        .map((method) => ({ method, path: trail.join('') }));
    });
}

function declaredRoutes(app: TestApp): Map<string, RouteAccess | null> {
  const routes = new Map<string, RouteAccess | null>();
  const controllers = [...app.nest.get(ModulesContainer).values()].flatMap((module) => [
    ...module.controllers.values(),
  ]);
  for (const { metatype } of controllers) {
    const controller = metatype as new () => Record<string, object>;
    const prefix = Reflect.getMetadata(VERSION_METADATA, controller) === VERSION_NEUTRAL ? '' : '/api/v1';
    for (const key of new MetadataScanner().getAllMethodNames(controller.prototype)) {
      const handler = controller.prototype[key]!;
      const method: unknown = Reflect.getMetadata(METHOD_METADATA, handler);
      if (typeof method !== 'number') continue;
      const access = Reflect.getMetadata(ACCESS, handler) ?? Reflect.getMetadata(ACCESS, controller) ?? null;
      for (const base of asList(Reflect.getMetadata(PATH_METADATA, controller))) {
        for (const path of asList(Reflect.getMetadata(PATH_METADATA, handler))) {
          routes.set(`${RequestMethod[method]} ${joined(prefix, base, path)}`, access);
        }
      }
    }
  }
  return routes;
}

function asList(path: string | string[]): string[] {
  return Array.isArray(path) ? path : [path];
}

function joined(...parts: string[]): string {
  return `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/')}`;
}

type Described = Pick<Route, 'idFilters' | 'textFilters' | 'bodyIds' | 'isPaged' | 'takesIfMatch'>;

function described(document: { paths: object; components?: object }, method: string, path: string): Described {
  const paths = document.paths as Record<string, Record<string, any>>;
  const operation = paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
  const parameters: { name: string; in: string; description?: string }[] = operation?.parameters ?? [];
  const inQuery = (kind: RegExp) =>
    parameters.filter((each) => each.in === 'query' && kind.test(each.description ?? '')).map((each) => each.name);
  const body: unknown = operation?.requestBody?.content?.['application/json']?.schema;
  return {
    idFilters: inQuery(/^A UUID(, or me)?\./),
    textFilters: inQuery(/^(A text|One of the entries)\./),
    bodyIds: idProperties(document, body),
    isPaged: parameters.some((each) => each.name === 'after'),
    takesIfMatch: parameters.some((each) => each.name === 'If-Match'),
  };
}

function idProperties(document: any, schema: any, at = ''): string[] {
  if (!schema) return [];
  if (schema.$ref) return idProperties(document, document.components.schemas[schema.$ref.split('/').at(-1)], at);
  if (schema.format === 'uuid') return [at];
  const inside = [...(schema.allOf ?? []), ...(schema.anyOf ?? [])].flatMap((each) => idProperties(document, each, at));
  const properties = Object.entries(schema.properties ?? {});
  return [
    ...inside,
    ...properties.flatMap(([name, property]) => idProperties(document, property, at ? `${at}.${name}` : name)),
    ...idProperties(document, schema.items, `${at}.0`),
  ];
}
