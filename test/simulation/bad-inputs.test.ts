import { badInputs, judgeInputs } from "./bad-inputs.ts";

const seed = Number(process.env["BAD_INPUTS_SEED"] ?? 1);
const each = Number(process.env["BAD_INPUTS_EACH"] ?? 20_000);

describe("bad inputs", () => {
  it.each(badInputs)(`neither crash nor slip through: ${each} $name (seed ${seed})`, async (kind) => {
    const [judged] = await judgeInputs([kind], each, seed);

    expect(judged).toMatchObject({ tried: each, failure: undefined });
  });

  it("are told from good ones, of which each kind but reports has some", async () => {
    const judged = await judgeInputs(
      badInputs.filter(({ name }) => name !== "reports"),
      400,
      seed,
    );

    expect(judged.filter(({ tried, accepted }) => accepted === 0 || accepted === tried)).toEqual([]);
  });

  it("are found when something unsafe is accepted", async () => {
    const [judged] = await judgeInputs([{ ...badInputs[0]!, judge: () => unsafe() }], 10, seed);

    expect(judged?.failure).toContain("unsafe");
  });
});

function unsafe(): never {
  throw new Error("accepted although unsafe");
}
