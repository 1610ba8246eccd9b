// Verifies tokens as a Node API would. Arguments: the URL of the keys. Lines in: {name, token,
// issuer, audience}; lines out: {name, accepted}.
import { createInterface } from "node:readline";
import { createRemoteJWKSet, jwtVerify } from "jose";

const keys = createRemoteJWKSet(new URL(process.argv[2]), { cooldownDuration: 0 });

for await (const line of createInterface({ input: process.stdin })) {
  const { name, token, issuer, audience } = JSON.parse(line);
  const rules = { issuer, audience, algorithms: ["RS256"] };
  const accepted = await jwtVerify(token, keys, rules).then(() => true, () => false);
  console.log(JSON.stringify({ name, accepted }));
}
