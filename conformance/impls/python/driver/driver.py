"""Driver for azure-identity (Python), protocol v1. `--aio` drives azure.identity.aio."""

import asyncio
import concurrent.futures
import importlib.metadata
import inspect
import json
import os
import pathlib
import re
import sys
import time
import urllib.parse
import warnings
import webbrowser

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
    "credential.client_certificate",
    "credential.client_assertion",
    "credential.on_behalf_of",
    "credential.authorization_code",
    *([] if AIO else ["credential.device_code"]),
    *([] if AIO else ["credential.interactive_browser"]),
    *([] if AIO else ["credential.username_password"]),
    "credential.workload_identity",
    "credential.azure_pipelines",
    "credential.azure_cli",
    "credential.azure_developer_cli",
    "credential.azure_powershell",
    "credential.shared_token_cache",
    "credential.visual_studio_code",
    "cache.developer_tools",
    "clock",
    "option.enable_cae",
    "option.exclude",
    "option.require_envvar",
    *([] if AIO else ["option.timeout"]),
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
]


def build(spec):
    """The credential a `credential` object describes; the CA file comes by the environment."""
    kind = spec["kind"]
    if kind in TOOLS:
        return build_tool(kind, spec)
    if kind == "workload_identity":
        proxy = spec.get("token_proxy", False)
        return LIBRARY.WorkloadIdentityCredential(
            enable_azure_proxy=proxy, **only(spec, *WORKLOAD)
        )
    if kind in DEVELOPER_CACHES:
        return DEVELOPER_CACHES[kind](**only(spec, *DEVELOPER_CACHE))
    if "tenant_id" in spec:
        return build_entra(kind, spec)
    if kind == "managed_identity":
        if "client_id" in spec:
            return LIBRARY.ManagedIdentityCredential(client_id=spec["client_id"])
        named = {key: spec[key] for key in ("object_id", "resource_id") if key in spec}
        return LIBRARY.ManagedIdentityCredential(identity_config=named or None)
    options = {"disable_instance_discovery": spec.get("disable_instance_discovery", False)}
    if not AIO and "AZURE_AUTHORITY_HOST" in os.environ:
        options["raw_request_hook"] = port_of(os.environ["AZURE_AUTHORITY_HOST"])
    if kind == "environment":
        return LIBRARY.EnvironmentCredential(**options)
    if kind == "default":
        for name in spec.get("exclude", []):
            options[f"exclude_{EXCLUDE[name]}_credential"] = True
        if spec.get("require_envvar"):
            options["require_envvar"] = True
        return LIBRARY.DefaultAzureCredential(**options)
    if kind == "chained":
        return LIBRARY.ChainedTokenCredential(*map(build, spec["credentials"]))
    raise Unsupported("credential." + kind)


def build_entra(kind, spec):
    common = {
        "authority": spec.get("authority"),
        "additionally_allowed_tenants": spec.get("additionally_allowed_tenants", []),
        "disable_instance_discovery": spec.get("disable_instance_discovery", False),
    }
    if kind in ("device_code", "interactive_browser", "username_password"):
        return build_user(kind, spec, common)
    app = spec["tenant_id"], spec["client_id"]
    if kind == "client_secret":
        return LIBRARY.ClientSecretCredential(*app, spec["client_secret"], **common)
    if kind == "client_certificate":
        chain = spec.get("send_certificate_chain", False)
        path = spec["certificate_path"]
        return LIBRARY.CertificateCredential(*app, path, send_certificate_chain=chain, **common)
    if kind == "client_assertion":
        return LIBRARY.ClientAssertionCredential(*app, lambda: spec["assertion"], **common)
    if kind == "azure_pipelines":
        common |= only(spec, "tenant_id", "client_id")
        job = only(spec, "service_connection_id", "system_access_token")
        return LIBRARY.AzurePipelinesCredential(**job, **common)
    if kind == "authorization_code":
        secret = {"client_secret": spec["client_secret"]} if "client_secret" in spec else {}
        sign_in = spec["code"], spec["redirect_uri"]
        return LIBRARY.AuthorizationCodeCredential(*app, *sign_in, **secret, **common)
    if kind == "on_behalf_of":
        proof = {"user_assertion": spec["user_assertion"]}
        if "client_secret" in spec:
            proof["client_secret"] = spec["client_secret"]
        if "certificate_path" in spec:
            proof["client_certificate"] = pathlib.Path(spec["certificate_path"]).read_bytes()
        if "assertion" in spec:
            proof["client_assertion_func"] = lambda: spec["assertion"]
        return LIBRARY.OnBehalfOfCredential(*app, **proof, **common)
    raise Unsupported("credential." + kind)


TOOLS = {
    "azure_cli": LIBRARY.AzureCliCredential,
    "azure_developer_cli": LIBRARY.AzureDeveloperCliCredential,
    "azure_powershell": LIBRARY.AzurePowerShellCredential,
}
DEVELOPER_CACHES = {
    "shared_token_cache": LIBRARY.SharedTokenCacheCredential,
    "visual_studio_code": LIBRARY.VisualStudioCodeCredential,
}
DEVELOPER_CACHE = (
    "username",
    "tenant_id",
    "authority",
    "additionally_allowed_tenants",
    "disable_instance_discovery",
)
EXCLUDE = {
    "EnvironmentCredential": "environment",
    "WorkloadIdentityCredential": "workload_identity",
    "ManagedIdentityCredential": "managed_identity",
    "SharedTokenCacheCredential": "shared_token_cache",
    "VisualStudioCodeCredential": "visual_studio_code",
    "AzureCliCredential": "cli",
    "AzurePowerShellCredential": "powershell",
    "AzureDeveloperCliCredential": "developer_cli",
    "InteractiveBrowserCredential": "interactive_browser",
}
WORKLOAD = (
    "tenant_id",
    "client_id",
    "token_file_path",
    "additionally_allowed_tenants",
    "disable_instance_discovery",
)


def only(spec, *names):
    return {name: spec[name] for name in names if name in spec}


def build_tool(kind, spec):
    options = only(spec, "tenant_id", "additionally_allowed_tenants")
    if "process_timeout_s" in spec:
        options["process_timeout"] = spec["process_timeout_s"]
    return TOOLS[kind](**options)


def build_user(kind, spec, common):
    common |= {"tenant_id": spec["tenant_id"], "client_id": spec["client_id"]}
    if AIO:
        raise Unsupported("credential." + kind)
    limit = {"timeout": spec["timeout_s"]} if "timeout_s" in spec else {}
    if kind == "device_code":

        def prompt(uri, code, _expires):
            tell({"prompt": {"url": uri, "user_code": code}})

        return LIBRARY.DeviceCodeCredential(prompt_callback=prompt, **limit, **common)
    if kind == "interactive_browser":
        hint = spec.get("login_hint")
        return LIBRARY.InteractiveBrowserCredential(login_hint=hint, **limit, **common)
    warnings.simplefilter("ignore", DeprecationWarning)
    user = {"username": spec["username"], "password": spec["password"]}
    return LIBRARY.UsernamePasswordCredential(raw_request_hook=port_of(spec["authority"]), **user, **common)


def port_of(authority):
    """MSAL asks the authority's host for the user's realm on port 443, whatever port it has: in
    place of a machine that listens there, the request goes to the port it should go to."""
    authority = urllib.parse.urlsplit(authority)

    def hook(request):
        url = urllib.parse.urlsplit(request.http_request.url)
        if url.netloc == authority.hostname:
            request.http_request.url = url._replace(netloc=authority.netloc).geturl()

    return hook


class Browser(webbrowser.BaseBrowser):
    """Tells the address instead of opening it."""

    def open(self, url, new=0, autoraise=True):
        tell({"prompt": {"url": url}})
        return True


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
    if isinstance(error, (ValueError, TypeError, FileNotFoundError)):
        return "config"
    return "transport"


class Clock:
    """What the library takes for the time, put forward."""

    real = time.time
    ahead = 0

    @classmethod
    def put_forward(cls, seconds):
        cls.ahead += seconds
        time.time = lambda: cls.real() + cls.ahead


def tell(members):
    """One line about the request being answered."""
    print(json.dumps({"id": Driver.request_id, **members}), flush=True)


class Driver:
    """Keeps the credential built last."""

    request_id = 0

    def __init__(self):
        self.credential = None

    def prepare(self, request):
        if "credential" in request:
            self.credential = build(request["credential"])
        options = only(request, "tenant_id", "claims", "enable_cae")
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
        if do == "later":
            Clock.put_forward(request["seconds"])
            return {}
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
            Driver.request_id = request["id"]
            tell(await self.answer(request))
        closed = self.credential.close() if self.credential else None
        if inspect.isawaitable(closed):
            await closed


webbrowser.register("conformance", None, Browser(), preferred=True)
asyncio.run(Driver().run())
