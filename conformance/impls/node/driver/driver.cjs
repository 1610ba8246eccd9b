// Driver for @azure/identity (Node.js), protocol v1. Found through NODE_PATH, hence CommonJS.
"use strict";

const identity = require("@azure/identity");
const { appendFileSync, existsSync, readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { createInterface } = require("node:readline");

const CAN = [
  "credential.client_secret",
  "credential.managed_identity",
  "credential.environment",
  "credential.default",
  "credential.chained",
  "credential.client_certificate",
  "credential.client_assertion",
  "credential.on_behalf_of",
  "credential.authorization_code",
  "credential.device_code",
  "credential.interactive_browser",
  "credential.username_password",
  "credential.workload_identity",
  "credential.azure_pipelines",
  "credential.azure_cli",
  "credential.azure_developer_cli",
  "credential.azure_powershell",
  "credential.visual_studio_code",
  "clock",
  "option.enable_cae",
  "option.require_envvar",
  "option.timeout",
  "proxy",
  "imds.endpoint_override",
  "host.app_service",
  "host.arc",
  "host.azure_ml",
  "host.cloud_shell",
  "host.service_fabric",
  "option.token_proxy",
  "option.tenant_id",
  "option.claims",
  "error.attempts",
  "parallel",
];

class Unsupported extends Error {}

/** The credential a `credential` object describes; the CA file comes by the environment. */
function build(spec) {
  const options = { disableInstanceDiscovery: spec.disable_instance_discovery ?? false };
  if (TOOLS[spec.kind]) return new TOOLS[spec.kind](toolOptions(spec));
  if (spec.kind === "workload_identity") {
    return new identity.WorkloadIdentityCredential({
      ...options,
      ...(spec.tenant_id && { tenantId: spec.tenant_id }),
      ...(spec.client_id && { clientId: spec.client_id }),
      ...(spec.token_file_path && { tokenFilePath: spec.token_file_path }),
      additionallyAllowedTenants: spec.additionally_allowed_tenants ?? [],
      enableAzureProxy: spec.token_proxy ?? false,
    });
  }
  if (spec.kind === "visual_studio_code") {
    return new identity.VisualStudioCodeCredential(spec.tenant_id && { tenantId: spec.tenant_id });
  }
  if (spec.tenant_id && spec.client_id) {
    const common = {
      ...options,
      authorityHost: spec.authority,
      additionallyAllowedTenants: spec.additionally_allowed_tenants ?? [],
    };
    return buildEntra(spec, common);
  }
  switch (spec.kind) {
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
      if (/interactivebrowser/i.test(process.env.AZURE_TOKEN_CREDENTIALS)) tellAddresses();
      if (spec.exclude) throw new Unsupported("option.exclude");
      return new identity.DefaultAzureCredential({
        ...options,
        ...(spec.require_envvar && { requiredEnvVars: ["AZURE_TOKEN_CREDENTIALS"] }),
      });
    case "chained":
      return new identity.ChainedTokenCredential(...spec.credentials.map(build));
    default:
      throw new Unsupported(`credential.${spec.kind}`);
  }
}

const TOOLS = {
  azure_cli: identity.AzureCliCredential,
  azure_developer_cli: identity.AzureDeveloperCliCredential,
  azure_powershell: identity.AzurePowerShellCredential,
};

function toolOptions(spec) {
  return {
    ...(spec.tenant_id && { tenantId: spec.tenant_id }),
    ...(spec.process_timeout_s && { processTimeoutInMs: spec.process_timeout_s * 1000 }),
    additionallyAllowedTenants: spec.additionally_allowed_tenants ?? [],
  };
}

function buildEntra(spec, options) {
  const app = [spec.tenant_id, spec.client_id];
  const named = { tenantId: spec.tenant_id, clientId: spec.client_id };
  switch (spec.kind) {
    case "client_secret":
      return new identity.ClientSecretCredential(...app, spec.client_secret, options);
    case "client_certificate":
      return new identity.ClientCertificateCredential(...app, spec.certificate_path, {
        ...options,
        sendCertificateChain: spec.send_certificate_chain ?? false,
      });
    case "client_assertion":
      return new identity.ClientAssertionCredential(...app, async () => spec.assertion, options);
    case "on_behalf_of":
      return new identity.OnBehalfOfCredential({
        ...options,
        ...named,
        userAssertionToken: spec.user_assertion,
        ...(spec.client_secret && { clientSecret: spec.client_secret }),
        ...(spec.certificate_path && { certificatePath: spec.certificate_path }),
        ...(spec.assertion && { getAssertion: async () => spec.assertion }),
      });
    case "authorization_code": {
      const secret = spec.client_secret ? [spec.client_secret] : [];
      const signIn = [spec.code, spec.redirect_uri];
      return new identity.AuthorizationCodeCredential(...app, ...secret, ...signIn, options);
    }
    case "azure_pipelines": {
      const job = [spec.service_connection_id, spec.system_access_token];
      return new identity.AzurePipelinesCredential(...app, ...job, options);
    }
    case "device_code":
      return new identity.DeviceCodeCredential({
        ...options,
        ...named,
        userPromptCallback: (info) =>
          tell({ prompt: { url: info.verificationUri, user_code: info.userCode } }),
      });
    case "interactive_browser":
      tellAddresses();
      return new identity.InteractiveBrowserCredential({
        ...options,
        ...named,
        loginHint: spec.login_hint,
      });
    case "username_password":
      return new identity.UsernamePasswordCredential(
        ...app,
        spec.username,
        spec.password,
        options,
      );
    default:
      throw new Unsupported(`credential.${spec.kind}`);
  }
}

/**
 * The library opens addresses with a script that honours BROWSER, and that needs the usual
 * commands. Ours appends the address to a file, which is told from here line by line.
 */
function tellAddresses() {
  const file = join(process.env.TMPDIR, "addresses");
  process.env.BROWSER = join(__dirname, "browser.sh");
  process.env.ADDRESSES = file;
  process.env.PATH += ":/usr/bin:/bin";
  if (existsSync(file)) return;
  appendFileSync(file, "");
  let told = 0;
  const look = () => {
    const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
    for (; told < lines.length; told += 1) tell({ prompt: { url: lines[told] } });
  };
  setInterval(look, 20).unref();
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
    case "AbortError": // of our own time limit
      return "timeout";
    case "RestError":
      return "transport";
    default:
      return "config";
  }
}

let credential;
let requestId;

/** The library has no time limit of its own; a caller brings a signal. */
function timeLimit({ credential: spec }) {
  return spec?.timeout_s ? { abortSignal: AbortSignal.timeout(spec.timeout_s * 1000) } : {};
}

/** What the library takes for the time, put forward. */
let ahead = 0;
function putForward(seconds) {
  ahead += seconds * 1000;
  if (globalThis.Date.isAhead) return;
  const Real = globalThis.Date;
  globalThis.Date = class extends Real {
    static isAhead = true;
    constructor(...given) {
      super(...(given.length ? given : [Real.now() + ahead]));
    }
    static now() {
      return Real.now() + ahead;
    }
  };
}

/** One line about the request being answered. */
function tell(members) {
  process.stdout.write(`${JSON.stringify({ id: requestId, ...members })}\n`);
}

async function answer(request) {
  if (request.do === "hello") {
    return { driver: { name: "@azure/identity", version: version(), language: "node" }, can: CAN };
  }
  if (request.do === "later") {
    putForward(request.seconds);
    return {};
  }
  if (request.do !== "token" && request.do !== "tokens") return { unsupported: request.do };
  try {
    if (request.credential) credential = build(request.credential);
    const limit = timeLimit(request);
    const options = {
      tenantId: request.tenant_id,
      claims: request.claims,
      ...(request.enable_cae && { enableCae: true }),
      ...limit,
    };
    const calls = Array.from({ length: request.n ?? 1 }, () =>
      credential.getToken(request.scopes, options),
    );
    const tokens = (await Promise.all(calls)).map((token) => ({
      value: token.token ?? "",
      expires_on: Math.floor(token.expiresOnTimestamp / 1000) || 0,
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
    requestId = request.id;
    tell(await answer(request));
  }
}

main();
