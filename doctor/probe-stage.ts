import { BlobServiceClient } from "@azure/storage-blob";
import { type Made, making } from "./clean-up.ts";
import type { Patient } from "./patient.ts";
import { type ProbeGallery, probeGallery } from "./probe-gallery.ts";
import { notAllowed, textIn, writeArm } from "./write-arm.ts";

/** What a probe does to Azure. Whatever it makes is noted in `made`. */
export interface ProbeStage {
  /** Puts 1 KB into a container of its own, in the packages account; its address. */
  putPackage(made: Made[]): Promise<string>;
  /** A gallery with an identity that no other candidate had, so that no earlier role helps. */
  createGallery(number: number, made: Made[]): Promise<ProbeGallery>;
  /** Ends with an error when the probe is stopped. */
  readonly wait: (seconds: number) => Promise<void>;
  /** Waits even then: for taking things away. */
  readonly waitAlways: (seconds: number) => Promise<void>;
}

/** Where a probe takes place. */
export interface ProbePlace {
  readonly packagesAccountId: string;
  readonly packagesEndpoint: string;
  readonly galleryId: string;
  readonly galleryApiVersion: string;
  /** What everything is named after. */
  readonly name: string;
}

/** The stage in Azure, or in a local one, until it is stopped. */
export function probeStage(patient: Patient, place: ProbePlace, stopped: AbortSignal): ProbeStage {
  const arm = writeArm(patient.credential, patient.arm);
  const account = place.packagesAccountId.split("/").at(-1) ?? "";
  const service = new BlobServiceClient(place.packagesEndpoint, patient.credential, {
    retryOptions: { maxTries: 2 },
  });
  const container = service.getContainerClient(place.name);
  const options = { abortSignal: stopped };
  const wait = async (seconds: number): Promise<void> => {
    await patient.wait(seconds, stopped);
    stopped.throwIfAborted();
  };
  return {
    wait,
    waitAlways: (seconds) => patient.wait(seconds),

    async putPackage(made) {
      const blob = container.getBlockBlobClient("probe.txt");
      const byHand = `az storage container delete --account-name ${account} --name ${place.name} --auth-mode login`;
      const remove = async () => (await container.deleteIfExists(), true);
      await making(made, { byHand, remove }, async () => {
        try {
          await container.create(options);
          await blob.upload("x".repeat(1024), 1024, options);
        } catch (error) {
          stopped.throwIfAborted();
          throw notAllowed(`make the container ${place.name} in ${account}`, codeIn(error), error);
        }
      });
      return blob.url;
    },

    async createGallery(number, made) {
      const path = `${place.galleryId}?api-version=${place.galleryApiVersion}`;
      const { body } = await arm.send("GET", path, undefined, stopped);
      const name = `${place.name.replaceAll("-", "_")}_${number}`;
      const id = place.galleryId.replace(/[^/]+$/, name);
      const gallery = probeGallery({ arm, place, wait, stopped, id, location: textIn(body, "location") });
      await gallery.create(made);
      return gallery;
    },
  };
}

function codeIn(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
