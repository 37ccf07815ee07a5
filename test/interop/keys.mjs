// jose for ./keys, which tells the protocol.
import { createRequire } from "node:module";
import * as jose from "jose";

const version = createRequire(import.meta.url)("./node_modules/jose/package.json").version;

const key = (text, alg) => text.startsWith("{") ? jose.importJWK(JSON.parse(text), alg)
	: text.includes("PRIVATE") ? jose.importPKCS8(text, alg)
	: text.includes("PUBLIC") ? jose.importSPKI(text, alg) : new TextEncoder().encode(text);

const commands = {
	async make() {
		const pair = await jose.generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
		const jwks = [pair.privateKey, pair.publicKey].map(async (half) => JSON.stringify(await jose.exportJWK(half)));
		return [await Promise.all(jwks), [await jose.exportPKCS8(pair.privateKey), await jose.exportSPKI(pair.publicKey)]];
	},
	async sign({ alg, key: text, header, claims }) {
		return new jose.SignJWT(claims).setProtectedHeader({ ...header, alg }).sign(await key(text, alg));
	},
	async verify({ alg, key: text, token }) {
		return (await jose.jwtVerify(token, await key(text, alg), { algorithms: [alg] })).payload;
	},
	async fetch({ url, token }) {
		return (await jose.jwtVerify(token, jose.createRemoteJWKSet(new URL(url)))).payload;
	},
};

console.log("jose", version);
let rest = "";
for await (const chunk of process.stdin.setEncoding("utf8")) {
	const lines = (rest + chunk).split("\n");
	rest = lines.pop();
	for (const line of lines) {
		const asked = JSON.parse(line);
		const said = await commands[asked.do](asked).then((yes) => ({ yes }))
			.catch((e) => ({ no: `${e.code ?? e.name}: ${e.message}` }));
		console.log(JSON.stringify(said));
	}
}
