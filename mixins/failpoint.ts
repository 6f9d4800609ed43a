type Action = () => void | Promise<void>;

const armed = new Map<string, Action>();

/** A named place between two steps where a test may end or hold the process. Does nothing unless armed. */
export async function failpoint(name: string): Promise<void> {
  await armed.get(name)?.();
}

/** Runs `action` whenever the place of this name is passed, until the function that it answers is called. */
export function armFailpoint(name: string, action: Action): () => void {
  armed.set(name, action);
  return () => {
    if (armed.get(name) === action) armed.delete(name);
  };
}
