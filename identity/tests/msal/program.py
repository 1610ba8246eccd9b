"""Another program that shares our token cache: unmodified msal, over the cache of azure-identity.

Takes its orders as one JSON object and answers in JSON lines.
"""

import json
import sys

import msal
from azure.identity import TokenCachePersistenceOptions
from azure.identity._persistent_cache import _load_persistent_cache


def say(**answer):
    print(json.dumps(answer), flush=True)


def sign_in(app, order):
    flow = app.initiate_device_flow(order["scopes"])
    say(user_code=flow["user_code"])
    return app.acquire_token_by_device_flow(flow)


def silent(app, order):
    accounts = app.get_accounts()
    say(accounts=accounts)
    return app.acquire_token_silent(order["scopes"], accounts[0]) if accounts else {}


def add_accounts(cache, order):
    for n in range(order["count"]):
        account = {
            "home_account_id": f"python-{n}",
            "environment": "localhost",
            "realm": "organizations",
            "local_account_id": "local",
            "username": f"python-{n}",
            "authority_type": "MSSTS",
        }
        cache.modify(cache.CredentialType.ACCOUNT, account, account)
    say(added=order["count"])


def count(cache):
    kinds = cache.CredentialType
    found = {"accounts": kinds.ACCOUNT, "tokens": kinds.ACCESS_TOKEN}
    say(**{name: len(list(cache.search(kind))) for name, kind in found.items()})


def main():
    order = json.loads(sys.argv[1])
    options = TokenCachePersistenceOptions(allow_unencrypted_storage=not order["encrypted"])
    cache = _load_persistent_cache(options)
    assert cache.is_encrypted == order["encrypted"], "encrypted when it should not be, or reverse"
    if order["do"] == "add_accounts":
        return add_accounts(cache, order)
    if order["do"] == "count":
        return count(cache)
    app = msal.PublicClientApplication(
        order["client_id"],
        authority=order["authority"],
        token_cache=cache,
        verify=order["ca_file"],
        instance_discovery=False,
    )
    result = {"sign_in": sign_in, "silent": silent}[order["do"]](app, order)
    say(token=(result or {}).get("access_token"), error=(result or {}).get("error_description"))


main()
