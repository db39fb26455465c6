// Windows takes "nul", "nul.txt" and "nul .txt" for the device, in any case.
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d) *(?:\.|$)/i;
/** The characters of a file's name; {@link fileNameFault} knows the exceptions. */
export const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9 ._+@~-]*$/;
const MAX_CHARACTERS = 200;

/**
 * Why a file of this name could leave its folder, or could not be made, on Linux or Windows; undefined when it is safe.
 * VM applications write it as root or SYSTEM, so only plain names pass.
 */
export function fileNameFault(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name.length > MAX_CHARACTERS) return `has ${name.length} characters, more than ${MAX_CHARACTERS}`;
  if (/[/\\:]/.test(name)) return "has a path separator or a colon";
  if (!FILE_NAME.test(name)) {
    return 'may have only the letters a to z, digits, spaces and "._+@~-", and begins with a letter or digit';
  }
  if (/[. ]$/.test(name)) return "ends with a dot or a space";
  if (DEVICE.test(name)) return "is a device name on Windows";
  return undefined;
}

/** The manifest's own name, which no package may have. */
export const MANIFEST_FILE = "manifest.json";

/** Why a package or configuration of this name cannot be submitted; undefined when it can. */
export function packageNameFault(name: string): string | undefined {
  if (isSameFileName(name, MANIFEST_FILE)) return "is the name of the manifest";
  if (name.toLowerCase().endsWith(".sigstore.json")) return "is the name of an attestation";
  return fileNameFault(name);
}

/** Whether one file would overwrite the other in the same folder, on Windows at least. */
export function isSameFileName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
