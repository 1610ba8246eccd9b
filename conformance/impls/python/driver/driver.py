"""Driver for azure-identity (Python), protocol v1. `--aio` drives azure.identity.aio."""

import asyncio
import concurrent.futures
import importlib.metadata
import inspect
import json
import re
import sys

import azure.core.exceptions
import azure.identity
import azure.identity.aio

AIO = "--aio" in sys.argv[1:]
LIBRARY = azure.identity.aio if AIO else azure.identity

CAN = [
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
]


def build(spec):
    """The credential a `credential` object describes; the CA file comes by the environment."""
    kind = spec["kind"]
    if kind == "client_secret":
        return LIBRARY.ClientSecretCredential(
            spec["tenant_id"],
            spec["client_id"],
            spec["client_secret"],
            authority=spec.get("authority"),
            additionally_allowed_tenants=spec.get("additionally_allowed_tenants", []),
            disable_instance_discovery=spec.get("disable_instance_discovery", False),
        )
    if kind == "managed_identity":
        if "client_id" in spec:
            return LIBRARY.ManagedIdentityCredential(client_id=spec["client_id"])
        named = {key: spec[key] for key in ("object_id", "resource_id") if key in spec}
        return LIBRARY.ManagedIdentityCredential(identity_config=named or None)
    discovery = spec.get("disable_instance_discovery", False)
    if kind == "environment":
        return LIBRARY.EnvironmentCredential(disable_instance_discovery=discovery)
    if kind == "default":
        return LIBRARY.DefaultAzureCredential(disable_instance_discovery=discovery)
    if kind == "chained":
        return LIBRARY.ChainedTokenCredential(*map(build, spec["credentials"]))
    raise Unsupported("credential." + kind)


class Unsupported(Exception):
    """Something the protocol knows and this driver does not."""


def failure(error):
    """Maps a library error to the protocol's kinds, once and for all."""
    text = str(error)
    return {
        "kind": kind_of(error, text),
        "aadsts": [int(code) for code in dict.fromkeys(re.findall(r"AADSTS(\d+)", text))],
        "attempts": re.findall(r"^\t(\w+)(?::|$)", text, re.MULTILINE),
        "text": text,
    }


def kind_of(error, text):
    if isinstance(error, azure.identity.AuthenticationRequiredError):
        return "interaction_required"
    if isinstance(error, azure.identity.CredentialUnavailableError):
        return "unavailable"
    if isinstance(error, azure.core.exceptions.ClientAuthenticationError):
        status = getattr(error, "status_code", None) or 0
        cause = error.__cause__ or error.__context__
        network = (
            azure.core.exceptions.ServiceRequestError,
            azure.core.exceptions.ServiceResponseError,
        )
        if status >= 500 or "HTTP Error: 5" in text or isinstance(cause, network):
            return "transport"
        return "rejected"
    if isinstance(error, azure.core.exceptions.AzureError):
        return "transport"
    if isinstance(error, json.JSONDecodeError):
        return "transport"
    if isinstance(error, (ValueError, TypeError)):
        return "config"
    return "transport"


class Driver:
    """Keeps the credential built last."""

    def __init__(self):
        self.credential = None

    def prepare(self, request):
        if "credential" in request:
            self.credential = build(request["credential"])
        options = {key: request[key] for key in ("tenant_id", "claims") if key in request}
        return self.credential, request["scopes"], options

    def hello(self):
        about = {
            "name": "azure-identity" + (".aio" if AIO else ""),
            "version": importlib.metadata.version("azure-identity"),
            "language": "python",
        }
        return {"driver": about, "can": CAN}

    def tokens(self, request, n):
        credential, scopes, options = self.prepare(request)
        with concurrent.futures.ThreadPoolExecutor(n) as pool:
            calls = [pool.submit(credential.get_token, *scopes, **options) for _ in range(n)]
            return [call.result() for call in calls]

    async def tokens_aio(self, request, n):
        credential, scopes, options = self.prepare(request)
        return await asyncio.gather(
            *(credential.get_token(*scopes, **options) for _ in range(n))
        )

    async def answer(self, request):
        do = request["do"]
        if do == "hello":
            return self.hello()
        if do not in ("token", "tokens"):
            return {"unsupported": do}
        n = request.get("n", 1)
        try:
            tokens = await self.tokens_aio(request, n) if AIO else self.tokens(request, n)
        except Unsupported as missing:
            return {"unsupported": str(missing)}
        except Exception as error:  # whatever the library throws is a result
            return {"error": failure(error)}
        tokens = [{"value": each.token, "expires_on": int(each.expires_on)} for each in tokens]
        return {"tokens": tokens} if do == "tokens" else {"token": tokens[0]}

    async def run(self):
        for line in sys.stdin:
            request = json.loads(line)
            reply = {"id": request["id"], **await self.answer(request)}
            print(json.dumps(reply), flush=True)
        closed = self.credential.close() if self.credential else None
        if inspect.isawaitable(closed):
            await closed


asyncio.run(Driver().run())
