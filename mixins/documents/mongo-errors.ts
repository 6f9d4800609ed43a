import {
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from "mongodb";
import { UnavailableError } from "../../lib/errors";
import { RunAgainError } from "../../plugins/mongodb-adapter";
import { TookTooLongError } from "./within-time";

const unreachable = [MongoServerSelectionError, MongoNetworkError, MongoNotConnectedError, MongoTopologyClosedError];
/** The driver keeps its class to itself. */
const noConnectionFree = "MongoWaitQueueTimeoutError";
/** The driver's names for what may succeed when it is asked again; it was asked for long enough. */
const passing = ["TransientTransactionError", "UnknownTransactionCommitResult", "RetryableWriteError"];

/** What a caller may try again is unavailable, for the cause that it bears; anything else stays as it is. */
export function asDomainError(error: unknown): unknown {
  return mayPass(error) ? Object.assign(new UnavailableError(), { cause: error }) : error;
}

function mayPass(error: unknown): boolean {
  if (error instanceof RunAgainError || error instanceof TookTooLongError) return true;
  if (!(error instanceof MongoError)) return false;
  if (error.name === noConnectionFree || unreachable.some((kind) => error instanceof kind)) return true;
  return passing.some((label) => error.hasErrorLabel(label));
}
