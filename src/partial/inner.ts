import type { OptionalMethods } from "./interfaces.js";

/**
 * Where a wrapper keeps the object that it wraps, so that the optional methods of that are found. The four extenders have it;
 * other wrappers that change nothing of what an object is may have it too.
 */
export const inner: unique symbol = Symbol.for("varve.partial.inner");

/** What wraps another object. */
export interface Wrapper {
  readonly [inner]: object;
}

/** The object inside any number of wrappers; the object itself, if it is none. */
export function unwrap(object: object): object {
  let innermost = object;
  while (isWrapper(innermost)) {
    innermost = innermost[inner];
  }
  return innermost;
}

/** An optional method of the outermost object that has it, ready to be called; undefined if none has. */
export function optionalMethod<Name extends keyof OptionalMethods>(
  object: object,
  name: Name,
): OptionalMethods[Name] | undefined {
  for (
    let each: object | undefined = object;
    each !== undefined;
    each = isWrapper(each) ? each[inner] : undefined
  ) {
    const method: unknown = Reflect.get(each, name);
    if (typeof method === "function") {
      return method.bind(each) as OptionalMethods[Name];
    }
  }
  return undefined;
}

function isWrapper(object: object): object is Wrapper {
  return inner in object;
}
