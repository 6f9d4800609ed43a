import { mediaUrls } from "../../../mixins/redis/media-urls";
import { MemoryVersionedCache } from "../../../mixins/redis/memory-versioned-cache";
import { mediaUrlsConformance } from "./media-urls.conformance";

mediaUrlsConformance("memory", () => ({ urls: mediaUrls(new MemoryVersionedCache(), new MemoryVersionedCache()) }));
