import http, { type ClientRequest, type IncomingMessage } from "node:http";
import https from "node:https";
import { UnavailableError } from "../../lib/errors";

export interface TimeLimits {
  connectMs: number;
  /** From the connection to the first byte of the answer: a part of some megabytes is sent and written to a disk meanwhile. */
  answerMs: number;
  /** So long the server sends nothing of a body that its reader waits for. */
  silenceMs: number;
}

export const timeLimits: TimeLimits = { connectMs: 3_000, answerMs: 15_000, silenceMs: 30_000 };

/** Requests that end in a bounded time when nobody answers: the client of MinIO would wait for ever. */
export function timedTransport(isTls: boolean, limits: TimeLimits): Pick<typeof http, "request"> {
  const { request } = isTls ? https : http;
  const timed = (options: https.RequestOptions, answered: (response: IncomingMessage) => void) =>
    limited(request(options, answered), isTls ? "secureConnect" : "connect", limits);
  return { request: timed as typeof http.request };
}

function limited(request: ClientRequest, connected: "connect" | "secureConnect", limits: TimeLimits): ClientRequest {
  const giveUp = () => request.destroy(new UnavailableError());
  let timer = setTimeout(giveUp, limits.connectMs);
  const awaitAnswer = () => {
    clearTimeout(timer);
    timer = setTimeout(giveUp, limits.answerMs);
  };
  request.once("socket", (socket) => {
    if (socket.connecting) socket.once(connected, awaitAnswer);
    else awaitAnswer();
  });
  request.once("response", (response) => {
    clearTimeout(timer);
    endWhenSilent(response, limits.silenceMs);
  });
  request.once("close", () => clearTimeout(timer));
  return request;
}

/** A body whose reader is slow is not silent: what it has not taken yet waits in the stream. */
function endWhenSilent(response: IncomingMessage, silenceMs: number): void {
  const { socket } = response;
  let seen = socket.bytesRead;
  const timer = setInterval(() => {
    if (socket.bytesRead === seen && response.readableLength === 0) response.destroy(new UnavailableError());
    seen = socket.bytesRead;
  }, silenceMs).unref();
  response.once("close", () => clearInterval(timer));
}
