import { Problem } from "./problem.ts";

// Azure's documentation: at most 117 letters, digits, dots, dashes and underscores, not ending with a dot. The first
// character is our own rule: a name that starts with a dot or a dash is awkward in paths and on command lines.
/** The form of the name of a VM application. */
export const APPLICATION_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,115}[A-Za-z0-9_-])?$/;

/** The rule for names of VM applications, to be read after the name that breaks it. */
export const APPLICATION_NAME_RULE =
  'is not 1 to 117 letters, digits, ".", "_" or "-" that begin with a letter or digit and do not end with "."';

/** Whether `text` can name a VM application. */
export function isApplicationName(text: string): boolean {
  return text.length <= 117 && APPLICATION_NAME.test(text);
}

/** The application's name that `text` is, or a problem `bad-application`. */
export function applicationNameFrom(text: string): string {
  if (isApplicationName(text)) return text;
  throw new Problem(
    "bad-application",
    `application ${quoted(text)} ${APPLICATION_NAME_RULE}`,
    'Pass the name of the VM application in the gallery, e.g. "flooperapp".',
  );
}

/**
 * Why a name cannot stand for an application, although there is no profile of it: one of `known` is the same to Azure,
 * which does not tell upper from lower case, and its profile may say who may publish.
 */
export function spellingProblem(application: string, known: readonly string[]): Problem | undefined {
  const other = known.find(
    (name) => name !== application && name.toLowerCase() === application.toLowerCase(),
  );
  if (other === undefined) return undefined;
  return new Problem(
    "application-spelling",
    `application ${quoted(application)} is spelt ${quoted(other)} in its profile, and to Azure the two are one`,
    `Use the name ${quoted(other)} everywhere.`,
  );
}

/** `text` in JSON quotes, cut to a length that fits a message. */
export function quoted(text: string): string {
  const shown = text.length > 120 ? `${text.slice(0, 117)}...` : text;
  return JSON.stringify(shown);
}
