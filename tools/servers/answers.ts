import { connect } from "node:net";

const TIMEOUT_MS = 1_000;

/** Whether something takes connections on this loopback port. */
export async function accepts(port: number): Promise<boolean> {
  return (await talk(port, undefined, () => true)) !== undefined;
}

/** Whether something on this loopback port answers to these words with what is expected, whatever stands around it. */
export async function answers(port: number, words: string, expected: string): Promise<boolean> {
  return (await talk(port, words, (said) => said.includes(expected))) !== undefined;
}

function talk(
  port: number,
  words: string | undefined,
  isEnough: (said: string) => boolean,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let said = "";
    const end = (result: string | undefined): void => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(TIMEOUT_MS, () => end(undefined));
    socket.once("error", () => end(undefined));
    socket.once("close", () => end(undefined));
    socket.once("connect", () => (words === undefined ? end("") : socket.write(words)));
    socket.on("data", (chunk) => {
      said += chunk.toString();
      if (isEnough(said)) end(said);
    });
  });
}
