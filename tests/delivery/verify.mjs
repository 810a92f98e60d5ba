// Verifies a signature: { secret, headers, body } on standard input; prints what was signed.
import { createRequire } from "node:module";

const { Webhook } = createRequire(process.env.PACKAGES + "/")("standardwebhooks");
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { secret, headers, body } = JSON.parse(Buffer.concat(chunks).toString());
try {
  process.stdout.write(JSON.stringify(new Webhook(secret).verify(body, headers)));
} catch (error) {
  process.stdout.write(JSON.stringify({ refused: error.message }));
}
