import { delimiter } from "node:path";
import { findFfmpeg } from "../../services/media/find-ffmpeg";

describe("findFfmpeg", () => {
  it("falls back to the npm packages where PATH leads nowhere", () => {
    // A file is no folder: looking below it fails with another error than that of a missing entry.
    const searchPath = [__filename, "/nowhere", ""].join(delimiter);
    expect(findFfmpeg(searchPath)).toMatchObject({ isBundled: true });
  });
});
