import type { Document } from "mongodb";

/**
 * Matches entities one of whose fields, written out as text, holds this text in whatever case: what moleculer-db's memory
 * adapter means by `search`. Text, numbers, booleans and lists of them count. No index helps: it reads the whole collection.
 */
export function searchFilter(search: string, fields: readonly string[]): Document {
  const holds = (value: string): Document => ({
    $regexMatch: { input: asText(value), regex: escapeRegex(search), options: "i" },
  });
  if (fields.length > 0) return { $expr: { $or: fields.map((field) => holds(`$${field}`)) } };
  const anyField = { input: { $objectToArray: "$$ROOT" }, as: "field", in: holds("$$field.v") };
  return { $expr: { $anyElementTrue: { $map: anyField } } };
}

function asText(value: string): Document {
  const joined = {
    $reduce: {
      input: value,
      initialValue: "",
      in: { $concat: ["$$value", { $cond: [{ $eq: ["$$value", ""] }, "", ","] }, converted("$$this")] },
    },
  };
  return { $cond: [{ $isArray: value }, joined, converted(value)] };
}

function converted(value: string): Document {
  return { $convert: { input: value, to: "string", onError: "", onNull: "" } };
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
