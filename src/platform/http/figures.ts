import { createHash } from 'node:crypto';

const FIGURES = new WeakMap<object, string>();

/**
 * Marks what a resource shows besides what its version covers, such as a progress: its ETag then depends on both, so that
 * nobody is told "not modified" about figures that did change, and If-Match still asks for the version alone.
 */
export function withFigures<T extends object>(resource: T, figures: unknown): T {
  FIGURES.set(resource, createHash('sha256').update(JSON.stringify(figures)).digest('base64url').slice(0, 12));
  return resource;
}

/** The part of the ETag that stands for the figures; undefined where there are none. */
export function figuresOf(resource: object): string | undefined {
  return FIGURES.get(resource);
}
