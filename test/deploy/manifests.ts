import { parseAllDocuments } from "yaml";

/** As much of Kubernetes' objects as the tests ask of them. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Labels };
  spec?: {
    selector?: { matchLabels?: Labels } & Labels;
    template?: { metadata: { labels: Labels }; spec: PodSpec };
    serviceName?: string;
    replicas?: number;
    ports?: { name: string; port: number; targetPort: string | number }[];
    podSelector?: LabelSelector;
    ingress?: { from?: { podSelector?: LabelSelector }[]; ports?: { port: string | number }[] }[];
    volumeClaimTemplates?: { metadata: { name: string } }[];
    scaleTargetRef?: { kind: string; name: string };
    ttlSecondsAfterFinished?: number;
  };
  data?: Record<string, string>;
  stringData?: Record<string, string>;
}

export type Labels = Record<string, string>;
export interface LabelSelector {
  matchLabels?: Labels;
  matchExpressions?: { key: string; operator: "In" | "NotIn"; values: string[] }[];
}

export interface PodSpec {
  enableServiceLinks?: boolean;
  automountServiceAccountToken?: boolean;
  serviceAccountName?: string;
  terminationGracePeriodSeconds?: number;
  securityContext?: { runAsNonRoot?: boolean; seccompProfile?: { type: string } };
  containers: Container[];
  initContainers?: Container[];
  volumes?: {
    name: string;
    configMap?: { name: string };
    secret?: { secretName: string; items?: { key: string }[] };
    emptyDir?: object;
  }[];
}

interface Probe {
  httpGet?: { path: string; port: string | number };
  tcpSocket?: { port: string | number };
  exec?: object;
}

export interface Container {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  env?: {
    name: string;
    value?: string;
    valueFrom?: { secretKeyRef?: { name: string; key: string }; configMapKeyRef?: { name: string; key: string } };
  }[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  ports?: { name: string; containerPort: number }[];
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  resources?: { requests?: Labels; limits?: Labels };
  securityContext?: {
    allowPrivilegeEscalation?: boolean;
    readOnlyRootFilesystem?: boolean;
    capabilities?: { drop?: string[] };
  };
  volumeMounts?: { name: string; mountPath: string }[];
}

export interface Workload {
  name: string;
  kind: string;
  labels: Labels;
  selector: Labels | undefined;
  pod: PodSpec;
  manifest: Manifest;
}

export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return document.toJS() as Manifest;
  });
}

/** Everything that makes pods. */
export function workloadsOf(manifests: readonly Manifest[]): Workload[] {
  return manifests.flatMap((manifest) => {
    const { kind, metadata, spec } = manifest;
    if (spec?.template === undefined) return [];
    const { metadata: pod, spec: podSpec } = spec.template;
    return [
      { name: metadata.name, kind, labels: pod.labels, selector: spec.selector?.matchLabels, pod: podSpec, manifest },
    ];
  });
}

export function matches(labels: Labels, { matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => values.includes(labels[key] ?? "") === (operator === "In"))
  );
}

/** What a container has in its environment, by the ConfigMaps and Secrets of the same manifests. */
export function environmentOf({ env = [], envFrom = [] }: Container, manifests: readonly Manifest[]): Labels {
  const valuesOf = (kind: string, name: string): Labels => {
    const found = manifests.find((one) => one.kind === kind && one.metadata.name === name);
    if (found === undefined) throw new Error(`There is no ${kind} ${name}.`);
    return kind === "Secret" ? (found.stringData ?? {}) : (found.data ?? {});
  };
  const whole = envFrom.map(({ configMapRef, secretRef }) =>
    configMapRef === undefined ? valuesOf("Secret", secretRef!.name) : valuesOf("ConfigMap", configMapRef.name),
  );
  const single = env.map(({ name, value, valueFrom }) => {
    const secret = valueFrom?.secretKeyRef;
    const taken = secret === undefined ? value : valuesOf("Secret", secret.name)[secret.key];
    if (taken === undefined) throw new Error(`${name} has no value.`);
    return { [name]: taken };
  });
  return Object.assign({}, ...whole, ...single) as Labels;
}
