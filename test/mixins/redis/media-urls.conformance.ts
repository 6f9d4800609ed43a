import { newId } from "../../../lib/ids";
import type { MediaUrls } from "../../../mixins/redis/media-urls";

export interface MediaUrlsUnderTest {
  urls: MediaUrls<{ text: string }>;
  close?(): Promise<void> | void;
}

/** What every side of `MediaUrls` promises. */
export function mediaUrlsConformance(name: string, open: () => MediaUrlsUnderTest | Promise<MediaUrlsUnderTest>): void {
  describe(`media URLs in ${name}`, () => {
    let under: MediaUrlsUnderTest;
    let urls: MediaUrls<{ text: string }>;
    beforeAll(async () => {
      under = await open();
      ({ urls } = under);
    });
    afterAll(() => under.close?.());

    it("keep uploads and objects, each under its own name", async () => {
      const [one, other] = [newId(), newId()];
      await urls.keepUpload(one, { text: "one" });
      await urls.keepObject(one, { sizeBytes: 5, etag: "e" });
      expect(await urls.uploads([other, one])).toEqual([undefined, { text: "one" }]);
      expect(await urls.object(one)).toEqual({ sizeBytes: 5, etag: "e" });
      expect(await urls.object(other)).toBeUndefined();
    });

    it("forget what was changed, and take it from nobody who read it before", async () => {
      const [one, other] = [newId(), newId()];
      await urls.keepUpload(one, { text: "old" });
      await urls.keepUpload(other, { text: "other" });
      await urls.forgetUpload(one);
      await urls.keepUpload(one, { text: "old" });
      expect(await urls.uploads([one, other])).toEqual([undefined, { text: "other" }]);
    });
  });
}
