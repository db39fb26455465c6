import { quoted } from "../core/application.ts";
import { Problem } from "../core/problem.ts";

/** One of the choices that an input has, or a problem that names them. */
export function oneOf<Choice extends string>(name: string, text: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  const known = choices.map((choice) => `"${choice}"`).join(" or ");
  throw new Problem("bad-input", `input ${name} ${quoted(text)} is not ${known}`, `Pass ${known}.`);
}

/** A yes or no as YAML's core schema writes it, which GitHub's own getBooleanInput takes too; "" is no. */
export function flagFrom(name: string, text: string): boolean {
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE|)$/.test(text)) return false;
  throw new Problem(
    "bad-input",
    `input ${name} ${quoted(text)} is not "true" or "false"`,
    'Pass "true" or "false".',
  );
}

/** A whole number of minutes, as seconds. */
export function secondsFromMinutes(name: string, text: string, usual: string): number {
  const minutes = Number(text);
  if (/^\d{1,5}$/.test(text) && minutes >= 1 && minutes <= 7200) return minutes * 60;
  throw new Problem(
    "bad-input",
    `input ${name} ${quoted(text)} is no whole number of minutes between 1 and 7200`,
    `Pass minutes, e.g. "${usual}".`,
  );
}

/** An input that is not there and must be. */
export function missingInput(name: string, nextStep: string): Problem {
  return new Problem("missing-input", `input ${name} is missing`, nextStep);
}
