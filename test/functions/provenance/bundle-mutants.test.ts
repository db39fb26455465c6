import { randomInt } from "node:crypto";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toTrustMaterial } from "@sigstore/verify";
import { verifyBundle } from "../../../functions/provenance/bundle-verification.ts";
import { startSigstore } from "./a-sigstore.ts";

const MUTANTS = 2000;

/** Random numbers that a seed repeats (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const CHARACTERS = 'ABCxyz0189+/={}[]",:\\ -_\u0000é';

/** The text with a character replaced, taken out, put in or moved, or a piece of it twice. */
function mutant(text: string, random: (below: number) => number): string {
  const at = random(text.length);
  const character = CHARACTERS[random(CHARACTERS.length)] ?? "";
  switch (random(5)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + character + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at, at + 1 + random(40)) + text.slice(at);
    default:
      return text.slice(0, at) + character + text.slice(at + 1);
  }
}

it(`never reads another digest or identity out of ${MUTANTS} bundles with a fault`, async () => {
  const seed = Number(process.env["SEED"] ?? randomInt(2 ** 31));
  console.log(`SEED=${seed}`);
  const random = randomFrom(seed);
  const sigstore = await startSigstore();
  const trusted = toTrustMaterial(TrustedRoot.fromJSON(sigstore.trustedRoot));
  const bundle = await sigstore.attest({ sha256: "a".repeat(64) });
  const good = verifyBundle(bundle, "public-good", trusted);
  expect(good).toHaveProperty("attestation");

  let accepted = 0;
  for (let number = 0; number < MUTANTS; number++) {
    const verdict = verifyBundle(mutant(bundle, random), "public-good", trusted);
    if ("fault" in verdict) continue;
    accepted++;
    expect(verdict).toEqual(good);
  }
  console.log(`${accepted} of ${MUTANTS} accepted, saying the same`);
  // Some places bind nothing, such as the last bits of Base64; most do.
  expect(accepted).toBeLessThan(MUTANTS / 4);
}, 180_000);
