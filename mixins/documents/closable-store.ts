import type { DocumentStore } from "./document-store";

export type ClosableStore = DocumentStore & { close(): Promise<void> };
