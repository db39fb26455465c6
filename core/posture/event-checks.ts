import type { EventSubscription, PostureFacts } from "./facts.ts";
import { type Finding, judged, tellerOf } from "./finding.ts";
import { isSameId } from "./role-power.ts";

/** What the subscription must let through, as `infra/event-filter.json` has it. */
export const EVENT_FILTER = {
  eventType: "Microsoft.Storage.BlobCreated",
  subjectBeginsWith: "/blobServices/default/containers/incoming/",
  apis: ["PutBlob", "PutBlockList", "CopyBlob", "FlushWithClose", "SftpCommit"],
} as const;

const GROUP = "Events";
const { check, unknown } = tellerOf(GROUP);
const DEPLOY =
  "az deployment group create --resource-group GROUP --name main --parameters infra/main.bicepparam";

/** Whether new blobs are announced, and nothing waits that nobody looks at. */
export function eventChecks(facts: PostureFacts): readonly Finding[] {
  const { places, inside } = facts;
  const topic = judged(
    facts.topic,
    { group: GROUP, check: "topic", what: "the topic" },
    ({ properties, identity }) => [
      check("topic", {
        holds:
          isSameId(properties.source, places.packagesAccountId) &&
          (identity?.type ?? "").includes("SystemAssigned"),
        good: "The topic tells of the packages account, and has an identity of its own.",
        bad: "The topic tells of another resource, or has no system-assigned identity: nothing is delivered.",
        remedy: DEPLOY,
      }),
    ],
  );
  const subscription = judged(
    facts.subscriptions,
    { group: GROUP, check: "subscription", what: "the topic's subscriptions" },
    ({ value }) => subscriptionChecks(value, facts),
  );
  if (!inside)
    return [...topic, ...subscription, notInside("dead-letters", "Dead letters and poison messages")];
  return [
    ...topic,
    ...subscription,
    ...judged(inside.deadLetters, { group: GROUP, check: "dead-letters", what: "dead letters" }, (count) => [
      check("dead-letters", {
        holds: count === 0,
        good: "No event was given up.",
        bad: `${count} ${count === 1 ? "event was" : "events were"} given up and lie in the container dead-letters.`,
        remedy:
          "Each names its reason. The reconciler finds what they announced; delete them when they are understood.",
        otherwise: "warning",
      }),
    ]),
    ...judged(inside.poisonMessages, { group: GROUP, check: "poison", what: "poison messages" }, (count) => [
      check("poison", {
        holds: count === 0,
        good: "No message failed for good.",
        bad: `${count} ${count === 1 ? "message" : "messages"} failed five times and wait in ${places.eventQueue ?? ""}-poison.`,
        remedy: `az storage message peek --queue-name ${places.eventQueue ?? ""}-poison --num-messages 5 --auth-mode login --account-name ${nameIn(places.hostAccountId)}`,
        otherwise: "warning",
      }),
    ]),
  ];
}

function subscriptionChecks(all: readonly EventSubscription[], { places }: PostureFacts): Finding[] {
  const ours = all.filter((each) => isAboutSubmissions(each));
  const [found] = ours;
  if (!found) {
    return [
      check("subscription", {
        holds: false,
        good: "",
        bad: `No subscription announces blobs of the drop box: none of ${all.length} begins with ${EVENT_FILTER.subjectBeginsWith}.`,
        remedy: DEPLOY,
      }),
    ];
  }
  const { properties } = found;
  const delivery = properties.deliveryWithResourceIdentity;
  const destination = delivery?.destination ?? properties.destination;
  const isQueue = destination?.endpointType === "StorageQueue";
  const reachesQueue =
    destination?.properties?.queueName === places.eventQueue &&
    isSameId(destination?.properties?.resourceId ?? "", places.hostAccountId ?? "");
  return [
    check("subscription", {
      holds: (properties.provisioningState ?? "Succeeded") === "Succeeded",
      good: `The subscription ${found.name} announces blobs of the drop box.`,
      bad: `The subscription ${found.name} is ${properties.provisioningState ?? ""}.`,
      remedy: DEPLOY,
    }),
    check("subscription-filter", {
      holds: EVENT_FILTER.apis.every((api) => lets(found, api)),
      good: "Its filter lets every way of writing a blob through.",
      bad: `Its filter drops ${EVENT_FILTER.apis.filter((api) => !lets(found, api)).join(", ")}: blobs written so are found only by the reconciler.`,
      remedy: DEPLOY,
    }),
    check("subscription-delivery", {
      holds:
        places.eventQueue === undefined ||
        (isQueue && reachesQueue && (delivery?.identity?.type ?? "") !== ""),
      good: "It delivers where the function app listens, by an identity.",
      bad: `It does not deliver to the queue ${places.eventQueue ?? ""} by the topic's identity.`,
      remedy: DEPLOY,
    }),
    check("subscription-dead-letters", {
      holds: (properties.deadLetterWithResourceIdentity ?? properties.deadLetterDestination) != null,
      good: "Events that cannot be delivered are kept.",
      bad: "Events that cannot be delivered are dropped without a trace.",
      remedy: DEPLOY,
      otherwise: "warning",
    }),
  ];
}

function isAboutSubmissions({ properties }: EventSubscription): boolean {
  const { includedEventTypes, subjectBeginsWith } = properties.filter ?? {};
  return (
    EVENT_FILTER.subjectBeginsWith.startsWith(subjectBeginsWith ?? "") &&
    (includedEventTypes?.includes(EVENT_FILTER.eventType) ?? true)
  );
}

function lets({ properties }: EventSubscription, api: string): boolean {
  const { advancedFilters, subjectEndsWith } = properties.filter ?? {};
  if ((subjectEndsWith ?? "") !== "") return false;
  const filters = advancedFilters?.filter(({ key }) => key?.toLowerCase() === "data.api") ?? [];
  return filters.every(({ values }) => values?.includes(api) ?? true);
}

function notInside(name: string, what: string): Finding {
  return unknown(name, `${what} can be seen by the function app only.`, "Ask GET /api/posture.");
}

function nameIn(id: string | undefined): string {
  return id?.split("/").at(-1) ?? "";
}
