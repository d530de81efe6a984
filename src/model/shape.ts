/** Whether a value that was parsed from JSON has the shape of T. */
export type Shape = (value: unknown) => boolean;

export const isText: Shape = (value) => typeof value === 'string';
export const isCount: Shape = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
export const isTrue: Shape = (value) => value === true;
export const isAnything: Shape = () => true;

export function isOneOf(...values: readonly unknown[]): Shape {
  return (value) => values.includes(value);
}

export function isList(shape: Shape): Shape {
  return (value) => Array.isArray(value) && value.every(shape);
}

/** An object whose every value has the shape, whatever its keys are. */
export function isRecordOf(shape: Shape): Shape {
  return (value) => isPlainObject(value) && Object.values(value).every(shape);
}

/** A key that ends in `?` may be missing; keys that are not named are let through. */
export function isObject(shapes: Readonly<Record<string, Shape>>): Shape {
  const keys = Object.entries(shapes).map(([key, shape]) => {
    const optional = key.endsWith('?');
    return { key: optional ? key.slice(0, -1) : key, optional, shape };
  });
  return (value) =>
    isPlainObject(value) &&
    keys.every(({ key, optional, shape }) => {
      const found = Object.hasOwn(value, key) ? value[key] : undefined;
      return found === undefined ? optional : shape(found);
    });
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
