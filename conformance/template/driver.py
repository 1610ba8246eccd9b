#!/usr/bin/env python3
"""A driver for identity-conformance, to be made into one for your library.

The class `Library` is a stand-in that gets tokens with Python's standard library alone. Replace it by
calls to your own; the functions below it are the protocol and can stay as they are.
"""

import json
import os
import re
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

# What the library can do, in the words of PROTOCOL.md. A case that needs more does not apply.
CAN = [
    "credential.client_secret",
    "credential.managed_identity",
    "imds.endpoint_override",
    "error.oauth",
]


class LibraryError(Exception):
    """An error of the library, with the one of the protocol's six kinds that it means."""

    def __init__(self, kind, text, oauth=None):
        super().__init__(text)
        self.kind = kind
        self.oauth = oauth


class Library:
    """A credential of the library: replace this class."""

    def __init__(self, described):
        self.described = described
        self.tokens = {}

    def get_token(self, scopes):
        """Returns a token and the time it expires, in seconds since 1970."""
        if not scopes:
            raise LibraryError("config", "a scope is missing")
        key = tuple(scopes)
        cached = self.tokens.get(key)
        # A token that is about to expire would not survive the way to the API.
        if not cached or cached[1] < time.time() + 300:
            cached = self.tokens[key] = self.fetch(scopes)
        return cached

    def fetch(self, scopes):
        if self.described["kind"] == "client_secret":
            return self.client_secret(scopes)
        return self.managed_identity(scopes)

    def client_secret(self, scopes):
        described = self.described
        form = {
            "grant_type": "client_credentials",
            "client_id": described["client_id"],
            "client_secret": described["client_secret"],
            "scope": " ".join(scopes),
        }
        url = f"{described['authority']}/{described['tenant_id']}/oauth2/v2.0/token"
        body = urllib.parse.urlencode(form).encode()
        return self.send(urllib.request.Request(url, body))

    def managed_identity(self, scopes):
        # The metadata service knows resources, which are scopes without their last part.
        query = {"api-version": "2018-02-01", "resource": scopes[0].removesuffix("/.default")}
        names = {"client_id": "client_id", "object_id": "object_id", "resource_id": "msi_res_id"}
        for name, parameter in names.items():
            if self.described.get(name):
                query[parameter] = self.described[name]
        host = os.environ.get("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://169.254.169.254")
        url = f"{host}/metadata/identity/oauth2/token?{urllib.parse.urlencode(query)}"
        return self.send(urllib.request.Request(url, headers={"Metadata": "true"}))

    def send(self, request):
        context = ssl.create_default_context(cafile=self.described.get("ca_file"))
        try:
            with urllib.request.urlopen(request, context=context, timeout=20) as response:
                answer = json.load(response)
            return answer["access_token"], int(time.time()) + int(answer["expires_in"])
        except urllib.error.HTTPError as error:
            raise self.refused(error) from None
        except (OSError, ValueError, KeyError) as error:
            raise LibraryError("transport", f"no token: {error!r}") from None

    @staticmethod
    def refused(error):
        text = error.read().decode(errors="replace")
        try:
            answer = json.loads(text)
            return LibraryError("rejected", answer["error_description"], answer["error"])
        except (ValueError, KeyError, TypeError):
            return LibraryError("transport", f"the service answered {error.code}")


# The protocol.

credential = None


def hello(_request):
    driver = {"name": "template", "version": "0", "language": "python"}
    return {"driver": driver, "can": CAN}


def token(request):
    global credential
    if "credential" in request:
        described = request["credential"]
        need = f"credential.{described['kind']}"
        if need not in CAN:
            return {"unsupported": need}
        credential = Library(described)
    try:
        value, expires_on = credential.get_token(request["scopes"])
    except LibraryError as error:
        return {"error": failure(error)}
    return {"token": {"value": value, "expires_on": expires_on}}


def failure(error):
    """The library's error in the words of the protocol."""
    text = str(error)
    told = {"kind": error.kind, "text": text}
    told["aadsts"] = [int(number) for number in re.findall(r"AADSTS(\d+)", text)]
    if error.oauth:
        told["oauth"] = error.oauth
    return told


def main():
    answers = {"hello": hello, "token": token}
    for line in sys.stdin:
        request = json.loads(line)
        answer = answers.get(request["do"], lambda request: {"unsupported": request["do"]})
        # An exception that is no error of the library ends the driver: its traceback is shown.
        reply = {"id": request["id"], **answer(request)}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
