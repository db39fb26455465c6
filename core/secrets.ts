/** What a text seems to hold that nobody should read, and how sure that is. */
export interface SecretFound {
  readonly what: string;
  /** Whether its form leaves no doubt. */
  readonly isSure: boolean;
}

interface Form {
  readonly what: string;
  readonly pattern: RegExp;
}

// Forms that their issuers publish, so that a leak can be found by its looks.
const SURE: readonly Form[] = [
  { what: "the signature of a SAS", pattern: /[?&]sig=[A-Za-z0-9%+/=]{16,}/gi },
  { what: "a storage account key", pattern: /AccountKey=[A-Za-z0-9+/]{40,}={0,2}/gi },
  { what: "a shared access key", pattern: /SharedAccessKey=[A-Za-z0-9+/]{20,}={0,2}/gi },
  { what: "a private key", pattern: /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----/g },
  { what: "a GitHub token", pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,})/g },
  { what: "an AWS access key", pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { what: "a JSON web token", pattern: /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/g },
  { what: "a Slack token", pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,}/g },
  { what: "an npm token", pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { what: "an Entra client secret", pattern: /(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])/g },
  { what: "a password in an address", pattern: /:\/\/[^\s/:@]{1,100}:[^\s/@$%{]{1,100}@/g },
];

// A word that means a secret and a value that is no variable: probably one, but it may as well be a harmless option.
const WORD = "[\\w-]{0,30}(?:password|passwd|passphrase|secret|token|api[-_]?key|license[-_]?key)[\\w]{0,30}";
const LITERAL = "(?:\"[^\"$%{]{3,}\"|'[^'$%{]{3,}'|[^\\s\"'$%({;|&<>/-][^\\s;|&<>]{2,})";
const LIKELY: readonly Form[] = [
  { what: "a password or key", pattern: new RegExp(`\\b${WORD}\\s{0,3}[=:]\\s{0,3}${LITERAL}`, "gi") },
  { what: "a password or key", pattern: new RegExp(`(?<=^|\\s)(?:--?|/)${WORD}\\s{1,3}${LITERAL}`, "gi") },
];

/** What looks like a secret in a text; the secret itself is not told. */
export function secretsIn(text: string): SecretFound[] {
  const sure = SURE.filter(({ pattern }) => text.search(pattern) >= 0).map(({ what }) => what);
  if (sure.length > 0) return sure.map((what) => ({ what, isSure: true }));
  const likely = LIKELY.some(({ pattern }) => text.search(pattern) >= 0);
  return likely ? [{ what: "a password or key", isSure: false }] : [];
}

/** The text with everything left out whose form leaves no doubt that it is a secret. */
export function withoutSureSecrets(text: string): string {
  return SURE.reduce((left, { pattern }) => left.replace(pattern, "***"), text);
}

/** The text with everything left out that looks like a secret. */
export function withoutSecrets(text: string): string {
  return [...SURE, ...LIKELY].reduce((left, { pattern }) => left.replace(pattern, "***"), text);
}
