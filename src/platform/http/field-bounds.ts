/** What is looked at before the checks of a field, and instead of what lies within it. */
export interface FieldBounds {
  /** Entries of a list; those of a longer one are not looked at. */
  most?: number;
  /** The DTO of a nested object, or of each entry of a list. */
  type?: () => new () => object;
  /** The one form that a text is checked and stored in. */
  form?: (text: string) => string;
}

const BOUNDS = Symbol('bounds of a field');

export const Bounds =
  (bounds: FieldBounds): PropertyDecorator =>
  (target, name) =>
    Reflect.defineMetadata(BOUNDS, bounds, target, name);

export function boundsOf(type: new () => object, name: string): FieldBounds | undefined {
  return Reflect.getMetadata(BOUNDS, type.prototype as object, name) as FieldBounds | undefined;
}

/**
 * A text that may be looked into. All checks of a field are made, whatever the others find: what is longer with two units for
 * each character is left to the check of its length.
 */
export const isWithin = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length <= 2 * max;
