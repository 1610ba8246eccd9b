// All that a program in Node has to say. Prints who it turned out to be.
const { DefaultAzureCredential } = require("@azure/identity");

new DefaultAzureCredential().getToken("https://vault.azure.net/.default").then(({ token }) => {
  const [, body] = token.split(".");
  console.log(JSON.parse(Buffer.from(body, "base64url")).appid);
});
