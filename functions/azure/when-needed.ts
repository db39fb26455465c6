/** An object that is made when something of it is first asked for. */
export function whenNeeded<Made extends object>(make: () => Made): Made {
  let made: Made | undefined;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- an empty object, which the handler stands in for
  const nothingYet: Made = Object.create(null);
  return new Proxy(nothingYet, { get: (_, name): unknown => Reflect.get((made ??= make()), name) });
}
