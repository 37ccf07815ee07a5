// jose, jsonwebtoken or fast-jwt, as the argument says, for ./makers, which tells the protocol.
import { createRequire } from "node:module";
import { createSigner, createVerifier } from "fast-jwt";
import * as jose from "jose";
import jsonwebtoken from "jsonwebtoken";

const name = process.argv[2];
const version = createRequire(import.meta.url)(`./node_modules/${name}/package.json`).version;
const both = (header, claims) => [JSON.stringify(header), JSON.stringify(claims)];

const makers = {
	jose: {
		async sign(alg, key, header, claims) {
			if (alg === "none")
				return [new jose.UnsecuredJWT(claims).encode()];
			const crit = Object.fromEntries((header.crit ?? []).map((extension) => [extension, true]));
			const token = new jose.SignJWT(claims).setProtectedHeader({ ...header, alg });
			return [await token.sign(await this.key(key), { crit })];
		},
		async verify(key, audience, token) {
			const options = { algorithms: ["HS512"], ...(audience && { audience }) };
			const { protectedHeader, payload } = await jose.jwtVerify(token, await this.key(key), options);
			return both(protectedHeader, payload);
		},
		key(text) {
			return text.startsWith("{") ? jose.importJWK(JSON.parse(text)) : new TextEncoder().encode(text);
		},
		async makeKey() {
			const jwk = await jose.exportJWK(await jose.generateSecret("HS512", { extractable: true }));
			const kid = await jose.calculateJwkThumbprint(jwk);
			return [JSON.stringify({ ...jwk, kid, key_ops: ["sign", "verify"] })];
		},
	},
	jsonwebtoken: {
		sign(algorithm, key, header, claims) {
			const options = { algorithm, header, noTimestamp: !("iat" in claims) };
			return [jsonwebtoken.sign(claims, algorithm === "none" ? null : key, options)];
		},
		verify(key, audience, token) {
			const options = { algorithms: ["HS512"], complete: true, ...(audience && { audience }) };
			const { header, payload } = jsonwebtoken.verify(token, key, options);
			return both(header, payload);
		},
	},
	"fast-jwt": {
		sign(algorithm, secret, header, claims) {
			const key = algorithm === "none" ? undefined : secret;
			const signer = createSigner({ algorithm, key, header, noTimestamp: !("iat" in claims) });
			return [signer(claims)];
		},
		verify(key, audience, token) {
			const judged = audience && { allowedAud: audience, requiredClaims: ["aud"] };
			const verifier = createVerifier({ key, algorithms: ["HS512"], complete: true, ...judged });
			const { header, payload } = verifier(token);
			return both(header, payload);
		},
	},
};

const maker = makers[name];

async function answer(command, fields) {
	if (command === "key")
		return maker.makeKey();
	if (command === "verify")
		return maker.verify(...fields);
	const [alg, key, header, claims] = fields;
	return maker.sign(alg, key, JSON.parse(header), JSON.parse(claims));
}

console.log(name, version);
let rest = "";
for await (const chunk of process.stdin.setEncoding("utf8")) {
	const lines = (rest + chunk).split("\n");           // node:readline would also split at U+2028
	rest = lines.pop();
	for (const line of lines) {
		const [command, ...fields] = line.split("\t");
		const said = await answer(command, fields).then((all) => ["yes", ...all])
			.catch((e) => ["no", `${e.code ?? e.name}: ${e.message}`.replace(/\s+/g, " ")]);
		console.log(said.join("\t"));
	}
}
