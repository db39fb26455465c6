/** A package or configuration that can be read, wherever it lies. */
export interface PackageSource {
  readonly name: string;
  readonly size: number;
  /** Its SHA-256, where somebody tells it beforehand. */
  readonly sha256?: string;
  readonly warnings: readonly string[];
  open(): Promise<OpenPackage>;
}

/** A package that is being read, once, from its first byte to its last. */
export interface OpenPackage {
  /** Fills `bytes` with what follows what was read before, which ends at `position`. */
  fill(bytes: Buffer, position: number): Promise<void>;
  /** Throws when the source changed while it was read; `sha256` is what the bytes came to. */
  check(sha256: string): Promise<void>;
  close(): Promise<void>;
}
