import { releaseFileFrom } from "../../core/release-file.ts";

describe("releaseFileFrom", () => {
  it("reads settings and where the files are", () => {
    const value = {
      application: "flooperapp",
      package: "dist/*.deb",
      install: "i",
      targetRegions: ["East US"],
    };

    expect(releaseFileFrom(value)).toEqual({ file: { ...value, targetRegions: [{ name: "eastus" }] } });
    expect(releaseFileFrom({})).toEqual({ file: {} });
  });

  it("tells where in the document each fault stands", () => {
    expect(releaseFileFrom({ instal: "x", targetRegions: ["eastus", { name: "!" }, { nam: "x" }] })).toEqual({
      faults: [
        {
          path: ["targetRegions", 1, "name"],
          text: 'targetRegions[1].name is not a region such as "eastus2" or "East US 2" (got "!")',
        },
        { path: ["targetRegions", 2, "name"], text: "targetRegions[2].name is missing" },
        { path: ["targetRegions", 2, "nam"], text: "targetRegions[2].nam is no known field (meant: name?)" },
        { path: ["instal"], text: "instal is no known field (meant: install?)" },
      ],
    });
  });

  it("refuses what is no object", () => {
    expect(releaseFileFrom("install")).toEqual({
      faults: [{ path: [], text: 'the document must be an object (got "install")' }],
    });
  });
});
