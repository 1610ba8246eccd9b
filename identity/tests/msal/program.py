"""Another program that shares our token cache: unmodified msal and azure-identity.

Takes its orders as one JSON object and answers in JSON lines.
"""

import json
import sys

import msal
from azure.identity import AuthenticationRecord, DeviceCodeCredential, TokenCachePersistenceOptions
from azure.identity._persistent_cache import _load_persistent_cache


def say(**answer):
    print(json.dumps(answer), flush=True)


def application(order, cache):
    return msal.PublicClientApplication(
        order["client_id"],
        authority=order["authority"] + "/organizations",
        token_cache=cache,
        instance_discovery=False,
    )


def sign_in(order, cache):
    app = application(order, cache)
    flow = app.initiate_device_flow(order["scopes"])
    say(user_code=flow["user_code"])
    say_token(app.acquire_token_by_device_flow(flow))


def silent(order, cache):
    app = application(order, cache)
    accounts = app.get_accounts()
    say(accounts=accounts)
    say_token(app.acquire_token_silent(order["scopes"], accounts[0]) if accounts else {})


def say_token(result):
    say(token=(result or {}).get("access_token"), error=(result or {}).get("error_description"))


def credential(order, **more):
    return DeviceCodeCredential(
        cache_persistence_options=options(order),
        disable_automatic_authentication=True,
        disable_instance_discovery=True,
        prompt_callback=lambda _, code, __: say(user_code=code),
        **more,
    )


def authenticate(order, _):
    who = credential(order, authority=order["authority"], client_id=order["client_id"])
    say(record=who.authenticate(scopes=order["scopes"]).serialize())


def silent_by_record(order, _):
    record = AuthenticationRecord.deserialize(order["record"])
    say(record=record.serialize())
    say(token=credential(order, authentication_record=record).get_token(*order["scopes"]).token)


def add_accounts(order, cache):
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


def count(_, cache):
    kinds = cache.CredentialType
    found = {"accounts": kinds.ACCOUNT, "tokens": kinds.ACCESS_TOKEN}
    say(**{name: len(list(cache.search(kind))) for name, kind in found.items()})


def keyring(*_):
    from gi.repository import Gio, GLib

    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    name = "org.freedesktop.DBus"
    owner = GLib.Variant("(s)", ("org.freedesktop.secrets",))
    ask = ("/", name, "GetConnectionUnixProcessID", owner, None, Gio.DBusCallFlags.NONE, -1)
    say(pid=bus.call_sync(name, *ask).unpack()[0])


def options(order):
    return TokenCachePersistenceOptions(allow_unencrypted_storage=not order["encrypted"])


def main():
    order = json.loads(sys.argv[1])
    cache = _load_persistent_cache(options(order))
    assert cache.is_encrypted == order["encrypted"], "encrypted when it should not be, or reverse"
    orders = [sign_in, silent, authenticate, silent_by_record, add_accounts, count, keyring]
    {do.__name__: do for do in orders}[order["do"]](order, cache)


main()
