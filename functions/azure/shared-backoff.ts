import { type Access, AzureRefusal, type Gallery } from "../ports.ts";

/** Until when, in milliseconds since 1970, Azure asked everybody to wait, for each kind of request. */
interface Waits {
  reads: number;
  writes: number;
}

/** Lets requests share what Azure answered to one of them: when it asks one to slow down, the others wait as well. */
export interface SharedBackoff {
  gallery(gallery: Gallery): Gallery;
  access(access: Access): Access;
}

/** Azure names a time nearly always. */
const USUAL_SECONDS = 10;
/** After so long one request finds out anew, whatever Azure said. */
const MOST_SECONDS = 900;

/**
 * A shared back-off, which an instance of the function app has one of. Azure counts reads and writes apart, for each
 * service. What is held back is answered as Azure would: throttled, with the rest of the pause.
 */
export function sharedBackoff(now: () => number = Date.now): SharedBackoff {
  const waits = { gallery: { reads: 0, writes: 0 }, access: { reads: 0, writes: 0 } };
  const of = (service: keyof typeof waits) => ({
    reading: <Result>(request: () => Promise<Result>) => held(service, waits[service], "reads", request),
    writing: <Result>(request: () => Promise<Result>) => held(service, waits[service], "writes", request),
  });

  async function held<Result>(
    service: keyof typeof waits,
    until: Waits,
    kind: keyof Waits,
    request: () => Promise<Result>,
  ): Promise<Result> {
    const left = Math.ceil((until[kind] - now()) / 1000);
    if (left > 0) throw heldBack(service, left);
    try {
      return await request();
    } catch (error) {
      if (error instanceof AzureRefusal && error.answer.status === 429) {
        const seconds = Math.min(error.answer.retryAfterSeconds ?? USUAL_SECONDS, MOST_SECONDS);
        until[kind] = Math.max(until[kind], now() + seconds * 1000);
      }
      throw error;
    }
  }

  return {
    gallery(gallery) {
      const { reading, writing } = of("gallery");
      return {
        read: () => reading(() => gallery.read()),
        regions: () => reading(() => gallery.regions()),
        hasApplication: (application) => reading(() => gallery.hasApplication(application)),
        createApplication: (...all) => writing(() => gallery.createApplication(...all)),
        versionId: (release) => gallery.versionId(release),
        readVersion: (release) => reading(() => gallery.readVersion(release)),
        versionNames: (application) => reading(() => gallery.versionNames(application)),
        putVersion: (...all) => writing(() => gallery.putVersion(...all)),
        updateRegions: (...all) => writing(() => gallery.updateRegions(...all)),
        whyFailed: (operation) => reading(() => gallery.whyFailed(operation)),
      };
    },
    access(access) {
      const { reading, writing } = of("access");
      return {
        grant: (principalId) => writing(() => access.grant(principalId)),
        revoke: (principalId) => writing(() => access.revoke(principalId)),
        assignmentName: (principalId) => access.assignmentName(principalId),
        granted: () => reading(() => access.granted()),
      };
    },
  };
}

function heldBack(service: "gallery" | "access", retryAfterSeconds: number): AzureRefusal {
  const message = "it asked another request of this pipeline to wait, so this one was not sent";
  return new AzureRefusal({ service, status: 429, code: "HeldBack", message, retryAfterSeconds });
}
