import { type ApiOperation, type AppRole, publisherOperations, rolesFor } from "../../core/permission.ts";
import type { Release } from "../../core/naming.ts";
import type { Reason } from "../../core/problem.ts";
import type { Profile } from "../../core/profile.ts";
import { type GithubJob, jobText, publisherOf, type Submitter } from "../../core/submitter.ts";

/** A user, or an application, of Entra's. */
export interface EntraCaller {
  readonly kind: "entra";
  /** What Entra calls the object: a user, or the service principal of an application. */
  readonly objectId: string;
  /** The application that asked for the token. */
  readonly clientId: string;
  readonly roles: readonly AppRole[];
}

/** A job of GitHub Actions. */
export interface GithubCaller {
  readonly kind: "github";
  readonly job: GithubJob;
}

/** Somebody whose token was verified. `kind` says by which issuer; every kind answers the same questions. */
export type Caller = EntraCaller | GithubCaller;

/** Why a request is not served, with the HTTP status that says so. */
export interface Denial {
  readonly status: 401 | 403 | 503;
  readonly reason: Reason;
}

/** Finds out who is calling, by the `Authorization` header alone. */
export type Identify = (
  authorization: string | null,
) => Promise<{ readonly caller: Caller } | { readonly denial: Denial }>;

/** One line that is the same for each request of a caller, and for nobody else's: of GitHub's, for a run's attempt. */
export function callerKey(caller: Caller): string {
  if (caller.kind === "entra") return `entra ${caller.objectId} ${caller.clientId}`;
  const { issuer, repositoryId, runId, runAttempt } = caller.job;
  return `github ${issuer} ${repositoryId} ${runId} ${runAttempt}`;
}

/** One line that is the same for each request that counts against the same share: of GitHub's, for a repository. */
export function shareKey(caller: Caller): string {
  if (caller.kind === "entra") return callerKey(caller);
  return `github ${caller.job.issuer} ${caller.job.repositoryId}`;
}

/** How reports name a caller. */
export function callerText(caller: Caller): string {
  if (caller.kind === "entra") {
    return `the Entra object ${caller.objectId} (application ${caller.clientId})`;
  }
  const { repository, repositoryId, runId, runAttempt } = caller.job;
  return `the GitHub repository ${repository} (id ${repositoryId}), run ${runId}, attempt ${runAttempt}`;
}

/** What a caller's token proves of whoever submits. */
export function submitterOf(caller: Caller): Submitter {
  if (caller.kind === "github") return caller.job;
  return { kind: "entra", objectId: caller.objectId, clientId: caller.clientId };
}

/** Why a caller may not do an operation on any application; undefined when it may on some. */
export function denialOf(caller: Caller, operation: ApiOperation): Denial | undefined {
  const needed = rolesFor(operation);
  const mayDo =
    caller.kind === "github"
      ? publisherOperations.includes(operation)
      : needed.some((role) => caller.roles.includes(role));
  if (mayDo) return undefined;
  return {
    status: 403,
    reason: {
      code: "role-missing",
      message: `the token has no app role that allows to ${operation}; ${needed.join(" or ")} does`,
      nextStep: `Have an administrator assign the app role ${needed[0] ?? ""} of the pipeline's API to the caller, then ask for a new token.`,
    },
  };
}

/** What an application's profile says of its callers. */
export type CallerRulesOfProfile = Pick<Profile, "callers" | "publishers">;

/**
 * Why a caller may not do an operation on this release; undefined when it may. `hidden`: it is not even told whether
 * there is such an application. A job is told what it could be named by, whatever applications there are.
 */
export function objectionTo(
  caller: Caller,
  operation: ApiOperation,
  release: Release,
  profile: CallerRulesOfProfile | undefined,
): Denial | "hidden" | undefined {
  if (caller.kind === "github") {
    const publisher = publisherOf(caller.job, profile?.publishers ?? [], release);
    if (!publisher) return notAPublisher(caller.job, release);
    return operation === "expand" && !publisher.mayExpand ? MAY_NOT_EXPAND : undefined;
  }
  if (!isNamed(caller, profile?.callers)) return "hidden";
  const takesSubmissions = profile?.callers !== undefined || (profile?.publishers ?? []).length > 0;
  return operation === "submit" && !takesSubmissions ? takesNone(release) : undefined;
}

function isNamed(caller: EntraCaller, named: readonly string[] | undefined): boolean {
  if (named === undefined) return true;
  const own = [caller.objectId, caller.clientId].map((id) => id.toLowerCase());
  return named.some((id) => own.includes(id.toLowerCase()));
}

function notAPublisher(job: GithubJob, { application, version }: Release): Denial {
  return {
    status: 403,
    reason: {
      code: "not-a-publisher",
      message: `this job is no trusted publisher of ${application} ${version}: ${jobText(job)}`,
      nextStep: `Compare these with the publishers in the profile of ${application}; each must match to the letter. docs/trusted-publishing.md says how.`,
    },
  };
}

const MAY_NOT_EXPAND: Denial = {
  status: 403,
  reason: {
    code: "may-not-expand",
    message: "this publisher may not bring versions to more regions",
    nextStep:
      "Set mayExpand for the publisher in the application's profile, or ask somebody with Regions.Expand.",
  },
};

function takesNone({ application }: Release): Denial {
  return {
    status: 403,
    reason: {
      code: "no-submissions",
      message: `${application} takes no submissions through the pipeline: its profile names neither publishers nor callers`,
      nextStep: "Name its publishers, or the Entra ids of its callers, in the application's profile.",
    },
  };
}
