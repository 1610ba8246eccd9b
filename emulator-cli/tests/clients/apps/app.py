"""All that a program in Python has to say. Prints who it turned out to be."""

import base64
import json

from azure.identity import DefaultAzureCredential

token = DefaultAzureCredential().get_token("https://vault.azure.net/.default").token
body = token.split(".")[1]
print(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["appid"])
