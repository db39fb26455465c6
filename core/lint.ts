import { quoted } from "./application.ts";
import { regionHint } from "./known-regions.ts";
import { secretsIn } from "./secrets.ts";
import type { Settings } from "./settings.ts";

/** Something about a release that Azure would take but its maker would regret. */
export interface Finding {
  /** The field that it is about, as in a manifest: `["targetRegions", 0]`. */
  readonly path: readonly (string | number)[];
  /** An error stops the release: what it tells of could not be taken back. */
  readonly level: "error" | "warning";
  readonly text: string;
}

/** The names of a release's files in the drop box. */
export interface FileNames {
  readonly package: string;
  readonly configuration?: string;
}

type Command = readonly [path: readonly (string | number)[], text: string];

/** What is doubtful about the settings of a release with these files. Whatever a schema refuses is not repeated here. */
export function findingsOf(settings: Settings, files: FileNames): Finding[] {
  return [
    ...commandsOf(settings).flatMap(([path, text]) => [
      ...secretFindings(path, text),
      ...pathFindings(path, text, files),
    ]),
    ...fileNameFindings(settings, files.package),
    ...regionFindings(settings),
  ];
}

function commandsOf(settings: Settings): Command[] {
  const commands = (["install", "remove", "update"] as const).flatMap((field): Command[] => {
    const text = settings[field];
    return text === undefined ? [] : [[[field], text]];
  });
  const actions = (settings.customActions ?? []).map(({ script }, index): Command => [
    ["customActions", index, "script"],
    script,
  ]);
  return [...commands, ...actions];
}

function secretFindings(path: Finding["path"], text: string): Finding[] {
  return secretsIn(text).map(({ what, isSure }) => ({
    path,
    level: isSure ? "error" : "warning",
    text: `${nameOf(path)} ${isSure ? "has" : "seems to have"} ${what} in it; everyone who may read the gallery can read commands, so fetch it on the machine, e.g. from Key Vault with the machine's identity`,
  }));
}

// Folders of build machines and of the machine's own agent: nothing in them is where an author saw it.
const FOREIGN_FOLDERS = [
  /(?<![\w.])\/var\/lib\/waagent\b[^\s"';|&]*/,
  /(?<![\w.])\/home\/runner\/[^\s"';|&]*/,
  /(?<![\w.])\/github\/workspace\b[^\s"';|&]*/,
  /\b[A-Z]:\\Packages\\Plugins\b[^\s"';|&]*/i,
  /\bD:\\a\\[^\s"';|&]*/i,
];

function pathFindings(path: Finding["path"], text: string, files: FileNames): Finding[] {
  const foreign = FOREIGN_FOLDERS.map((pattern) => pattern.exec(text)?.[0]).find(
    (found) => found !== undefined,
  );
  const absolute = foreign ?? absolutePathOfFile(text, files);
  if (absolute === undefined) return [];
  return [
    {
      path,
      level: "warning",
      text: `${nameOf(path)} names ${quoted(absolute)}; commands run in the folder that holds the package, so name files without a folder, e.g. "./${files.package}"`,
    },
  ];
}

// A file of the release that is only ever named with a folder before it: there it will not be. Where it is also named
// plainly, the absolute path is where a command copies it to.
function absolutePathOfFile(text: string, files: FileNames): string | undefined {
  const words = text.match(/"[^"]*"|'[^']*'|[^\s"';|&()<>=]+/g) ?? [];
  const plain = words.map((word) => word.replace(/^["']|["']$/g, ""));
  for (const name of [files.package, files.configuration]) {
    if (name === undefined) continue;
    const named = plain.filter(
      (word) => word === name || (/[\\/]/.test(word.at(-name.length - 1) ?? "") && word.endsWith(name)),
    );
    const isAbsolute = (word: string): boolean => /^(?:\/|[A-Za-z]:[\\/])/.test(word);
    if (named.length > 0 && named.every(isAbsolute)) return named[0];
  }
  return undefined;
}

// Windows decides by the extension how to run a file, and a name with the version in it changes with every release.
function fileNameFindings(settings: Settings, packageName: string): Finding[] {
  const extension = /\.(?:msi|exe)$/i.exec(packageName)?.[0].toLowerCase();
  if (extension === undefined) return [];
  const { packageFileName } = settings;
  if (packageFileName === undefined) {
    if (settings.install?.includes(packageName)) return [];
    return [
      {
        path: ["package"],
        level: "warning",
        text: `machines get ${quoted(packageName)} under just this name, which install does not mention; set packageFileName to the name that install expects, e.g. "setup${extension}"`,
      },
    ];
  }
  if (packageFileName.toLowerCase().endsWith(extension)) return [];
  return [
    {
      path: ["packageFileName"],
      level: "warning",
      text: `packageFileName ${quoted(packageFileName)} has no ${extension}, so Windows will not run the file as what it is`,
    },
  ];
}

function regionFindings({ targetRegions = [] }: Settings): Finding[] {
  return targetRegions.flatMap(({ name }, index): Finding[] => {
    const hint = regionHint(name);
    return hint === undefined
      ? []
      : [{ path: ["targetRegions", index], level: "warning", text: `target region ${hint}` }];
  });
}

function nameOf(path: Finding["path"]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : part))
    .join(".")
    .replaceAll(".[", "[");
}
