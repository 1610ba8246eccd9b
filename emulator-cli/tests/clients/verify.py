"""Verifies tokens as a Python API would.

Arguments: the URL of the keys and the file of the authority to trust. Lines in: name, token, issuer
and audience as JSON; lines out: name and accepted.
"""

import json
import ssl
import sys

import jwt

keys = jwt.PyJWKClient(sys.argv[1], ssl_context=ssl.create_default_context(cafile=sys.argv[2]))


def accepted(case):
    try:
        key = keys.get_signing_key_from_jwt(case["token"])
        jwt.decode(
            case["token"],
            key,
            algorithms=["RS256"],
            issuer=case["issuer"],
            audience=case["audience"],
        )
    # Keys that are a page instead of JSON come as a ValueError.
    except (jwt.PyJWTError, ValueError):
        return False
    return True


for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps({"name": case["name"], "accepted": accepted(case)}), flush=True)
