import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../lib/project-root";
import { tableRows } from "../../tools/docs-sections";
import { composeFiles, readCompose } from "./compose-file";
import { parseManifests, workloadsOf } from "./manifests";

const read = (path: string) => readFileSync(join(projectRoot, path), "utf8");

/** Every image of others that a container of ours is made from or stands beside, and where it is named. */
function namedImages(): [image: string, file: string][] {
  const based = [...read("Dockerfile").matchAll(/^FROM (\S+)/gm)].map(([, image]) => [image!, "Dockerfile"]);
  const composed = composeFiles.flatMap((file) =>
    Object.values(readCompose(file).services)
      .filter(({ build }) => build === undefined)
      .map(({ image }) => [image, file]),
  );
  const deployed = workloadsOf(parseManifests(read("k8s/emulsion.yaml")))
    .flatMap(({ pod }) => pod.containers)
    .filter(({ image }) => !image.startsWith("emulsion:"))
    .map(({ image }) => [image, "k8s/emulsion.yaml"]);
  return [...based, ...composed, ...deployed] as [string, string][];
}

describe("images", () => {
  const [, ...rows] = tableRows(read("docs/images.md"));
  const listed = rows.map(([image]) => image!.replaceAll("`", ""));

  it("are the same for Compose and for Kubernetes", () => {
    const of = (file: string) =>
      namedImages()
        .filter(([, by]) => by === file)
        .map(([image]) => image);
    for (const image of of("k8s/emulsion.yaml")) expect(of("docker-compose.yml")).toContain(image);
  });

  it("are listed in docs/images.md, each that is used and no other", () => {
    expect([...listed].sort()).toEqual([...new Set(namedImages().map(([image]) => image))].sort());
  });

  it.each(namedImages())("%s (%s) is of one exact version", (image) => {
    expect(image).toMatch(/:(v?\d+\.\d+\.\d+|\d{2}\.\d+|RELEASE\.\d{4}-\d{2}-\d{2}T[\d-]+Z)(-[\w.-]+)?$/);
  });

  it.each(rows.map(([image, from]) => [image!, from!]))("%s says which registry serves it", (image, from) => {
    const hosts: [RegExp, string][] = [
      [/^`ghcr\.io\//, "GitHub"],
      [/^`quay\.io\//, "Quay"],
      [/^`docker\.elastic\.co\//, "Elastic"],
      [/^`[\w/-]+:/, "Docker Hub"],
    ];
    const host = hosts.find(([prefix]) => prefix.test(image))?.[1];
    expect(host).toBeDefined();
    expect(from).toContain(host);
  });

  it("come from no registry that stopped serving them", () => {
    for (const image of listed) expect(image).not.toMatch(/bitnami|^minio\/|^redis:/);
  });
});
