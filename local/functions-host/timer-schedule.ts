// NCRONTAB: "second minute hour day month weekday", in UTC, with *, numbers, lists, ranges and steps.
const fields = [
  { name: "second", first: 0, last: 59 },
  { name: "minute", first: 0, last: 59 },
  { name: "hour", first: 0, last: 23 },
  { name: "day", first: 1, last: 31 },
  { name: "month", first: 1, last: 12 },
  { name: "weekday", first: 0, last: 6 },
] as const;

type Field = (typeof fields)[number];

/** Times of a day and days of a year on which a timer fires. */
export type Schedule = Readonly<Record<Field["name"], ReadonlySet<number>>>;

/** Reads an NCRONTAB expression. Throws for anything else that Azure takes, such as names and time spans. */
export function scheduleFrom(expression: string): Schedule {
  const texts = expression.trim().split(/\s+/);
  if (texts.length !== fields.length) {
    throw new Error(`schedule "${expression}" has ${texts.length} fields; this host knows those with 6.`);
  }
  const [second, minute, hour, day, month, weekday] = fields.map((field, index) =>
    valuesOf(texts[index] ?? "", field, expression),
  );
  if (!second || !minute || !hour || !day || !month || !weekday) throw new Error("a field is missing");
  return { second, minute, hour, day, month, weekday };
}

/** The first time after `from` that the schedule has, in milliseconds since the epoch. */
export function nextOccurrence(schedule: Schedule, from: number): number {
  const next = new Date(Math.floor(from / 1000) * 1000 + 1000);
  const limit = from + 5 * 366 * 86_400_000;
  while (next.getTime() < limit) {
    if (!isDay(schedule, next)) {
      next.setUTCHours(24, 0, 0, 0);
    } else if (!schedule.hour.has(next.getUTCHours())) {
      next.setUTCHours(next.getUTCHours() + 1, 0, 0, 0);
    } else if (!schedule.minute.has(next.getUTCMinutes())) {
      next.setUTCMinutes(next.getUTCMinutes() + 1, 0, 0);
    } else if (!schedule.second.has(next.getUTCSeconds())) {
      next.setUTCSeconds(next.getUTCSeconds() + 1, 0);
    } else {
      return next.getTime();
    }
  }
  throw new Error("the schedule never comes true");
}

function isDay(schedule: Schedule, date: Date): boolean {
  return (
    schedule.month.has(date.getUTCMonth() + 1) &&
    schedule.day.has(date.getUTCDate()) &&
    schedule.weekday.has(date.getUTCDay())
  );
}

function valuesOf(text: string, field: Field, expression: string): ReadonlySet<number> {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const found = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    if (found === null) throw new Error(`schedule "${expression}": "${part}" is not a ${field.name}.`);
    const [, from, to, step] = found;
    const first = from === undefined ? field.first : Number(from);
    const single = from !== undefined && step === undefined ? first : field.last;
    const last = to === undefined ? single : Number(to);
    if (first < field.first || last > field.last || Number(step ?? 1) < 1) {
      throw new Error(`schedule "${expression}": "${part}" is out of range for a ${field.name}.`);
    }
    for (let value = first; value <= last; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}
