import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { ToolError } from "../run-tool";

/** Where a pod finds its API server, and what it may say there of itself. */
export interface Cluster {
  url: string;
  /** Holds `token`, `ca.crt` and `namespace`, as Kubernetes mounts them. */
  accountFolder: string;
}

const ownCluster: Cluster = {
  url: "https://kubernetes.default.svc",
  accountFolder: "/var/run/secrets/kubernetes.io/serviceaccount",
};

/** Creates a Secret in this pod's namespace. False: there is one of that name already, and it stays as it is. */
export async function createSecret(
  name: string,
  values: Record<string, string>,
  { url, accountFolder }: Cluster = ownCluster,
): Promise<boolean> {
  const [token, ca, namespace] = await Promise.all(
    ["token", "ca.crt", "namespace"].map((file) => readFile(join(accountFolder, file), "utf8")),
  );
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name }, stringData: values };
  const { status, body } = await post(new URL(`/api/v1/namespaces/${namespace}/secrets`, url), token!, ca!, secret);
  if (status === 201) return true;
  if (status === 409) return false;
  throw new ToolError(`The API server refused the Secret ${name} (${status}): ${body}`);
}

/** By node:https, which takes the cluster's own certificate authority for one request. */
function post(
  url: URL,
  token: string,
  ca: string,
  body: object,
): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const sent = request(url, { method: "POST", ca, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, body: text }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(JSON.stringify(body));
  });
}
