import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { projectRoot } from "../../../lib/project-root";
import { until, useNats } from "./use-nats";

const echo = { name: "echo", actions: { say: ({ params }: { params: object }) => ({ heard: params }) } };
const program = ["--import", "tsx", join(projectRoot, "tools", "repl.ts")];

describe("npm run repl on a running fleet", () => {
  const nats = useNats();
  let prompt: ChildProcess;
  let output = "";

  const ask = async (line: string, answer: RegExp): Promise<void> => {
    output = "";
    prompt.stdin!.write(`${line}\n`);
    await until(() => answer.test(output));
  };

  it("joins it: calls its services, shows its nodes and what they serve, and leaves", async () => {
    await nats.node("speaker", [echo]);
    prompt = spawn(process.execPath, program, { cwd: projectRoot, env: { PATH: process.env["PATH"], ...nats.env } });
    for (const stream of [prompt.stdout!, prompt.stderr!]) stream.on("data", (text) => (output += String(text)));
    const ended = once(prompt, "exit");
    await until(() => output.includes("mol $"), 20_000);

    await ask("nodes", /speaker/);
    await ask("services", /echo/);
    await ask("call echo.say --word hello", /heard.*\{[^}]*word.*hello/s);
    prompt.stdin!.write("exit\n");
    expect(await ended).toEqual([0, null]);
  });

  afterAll(() => {
    prompt.kill("SIGKILL");
  });
});
