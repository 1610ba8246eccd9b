// Driver for @azure/identity (Node.js), protocol v1. Found through NODE_PATH, hence CommonJS.
"use strict";

const identity = require("@azure/identity");
const { readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { createInterface } = require("node:readline");

const CAN = [
  "credential.client_secret",
  "credential.managed_identity",
  "credential.environment",
  "credential.default",
  "credential.chained",
  "imds.endpoint_override",
  "option.tenant_id",
  "option.claims",
  "error.attempts",
  "parallel",
];

class Unsupported extends Error {}

/** The credential a `credential` object describes; the CA file comes by the environment. */
function build(spec) {
  const options = { disableInstanceDiscovery: spec.disable_instance_discovery ?? false };
  switch (spec.kind) {
    case "client_secret":
      return new identity.ClientSecretCredential(
        spec.tenant_id,
        spec.client_id,
        spec.client_secret,
        {
          ...options,
          authorityHost: spec.authority,
          additionallyAllowedTenants: spec.additionally_allowed_tenants ?? [],
        },
      );
    case "managed_identity":
      if (spec.client_id) return new identity.ManagedIdentityCredential({ clientId: spec.client_id });
      if (spec.object_id) return new identity.ManagedIdentityCredential({ objectId: spec.object_id });
      if (spec.resource_id) {
        return new identity.ManagedIdentityCredential({ resourceId: spec.resource_id });
      }
      return new identity.ManagedIdentityCredential();
    case "environment":
      return new identity.EnvironmentCredential(options);
    case "default":
      return new identity.DefaultAzureCredential(options);
    case "chained":
      return new identity.ChainedTokenCredential(...spec.credentials.map(build));
    default:
      throw new Unsupported(`credential.${spec.kind}`);
  }
}

/** Maps a library error to the protocol's kinds, once and for all. */
function failure(error) {
  const text = String(error?.message ?? error);
  const members = error?.errors ?? [];
  return {
    kind: kindOf(error, text),
    aadsts: codesOf(text),
    attempts: members.flatMap((each) => /\b(\w+Credential)\b/.exec(each.message)?.[1] ?? []),
    text,
  };
}

/** `AADSTS7000215` in a description, or the bare number msal-node puts after `Error(s):`. */
function codesOf(text) {
  const found = [...text.matchAll(/AADSTS(\d+)|Error\(s\): (\d+)/g)];
  return [...new Set(found.map((match) => Number(match[1] ?? match[2])))];
}

function kindOf(error, text) {
  switch (error?.name) {
    case "AggregateAuthenticationError": {
      const other = error.errors.find((each) => each.name !== "CredentialUnavailableError");
      return other ? kindOf(other, String(other.message)) : "unavailable";
    }
    case "CredentialUnavailableError":
      return "unavailable";
    case "AuthenticationRequiredError":
      // The library's word for every answer of the token service; its cause says which it was.
      if (error.cause?.name === "InteractionRequiredAuthError") return "interaction_required";
      if (/^(network_error|server_error|unknown_error|client_error)/.test(text)) return "transport";
      return "rejected";
    case "AuthenticationError":
      return error.statusCode >= 500 ? "transport" : "rejected";
    case "RestError":
      return "transport";
    default:
      return "config";
  }
}

let credential;

async function answer(request) {
  if (request.do === "hello") {
    return { driver: { name: "@azure/identity", version: version(), language: "node" }, can: CAN };
  }
  if (request.do !== "token" && request.do !== "tokens") return { unsupported: request.do };
  try {
    if (request.credential) credential = build(request.credential);
    const options = { tenantId: request.tenant_id, claims: request.claims };
    const calls = Array.from({ length: request.n ?? 1 }, () =>
      credential.getToken(request.scopes, options),
    );
    const tokens = (await Promise.all(calls)).map((token) => ({
      value: token.token,
      expires_on: Math.floor(token.expiresOnTimestamp / 1000),
    }));
    return request.do === "tokens" ? { tokens } : { token: tokens[0] };
  } catch (error) {
    if (error instanceof Unsupported) return { unsupported: error.message };
    return { error: failure(error) };
  }
}

/** Of the installed package, which does not export its package.json. */
function version() {
  let folder = dirname(require.resolve("@azure/identity"));
  for (;;) {
    try {
      const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      if (about.name === "@azure/identity") return about.version;
    } catch {
      // no package.json on this level
    }
    folder = dirname(folder);
  }
}

async function main() {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    const reply = { id: request.id, ...(await answer(request)) };
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}

main();
