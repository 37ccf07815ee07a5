// Asks for tokens by clients of npm, for ./machines, which tells the protocol.
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import openid5 from "openid-client-5";
import simple from "simple-oauth2";
import { createInterface } from "node:readline";

// Some take parameters that repeat, others an object.
const wished = ({ scope, audience, resource = [] }) =>
	new URLSearchParams([["scope", scope], ["audience", audience], ...resource.map((value) => ["resource", value])]
		.filter(([, value]) => value));
const members = (asked) => Object.fromEntries(wished(asked));

const metadata = (issuer) => {
	const { origin, pathname } = new URL(issuer);
	return `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, "")}`;
};

const shown = (module, { way, secret }) =>
	way === "basic" ? module.ClientSecretBasic(secret) : module.ClientSecretPost(secret);

const clients = {
	async "openid-client"(asked) {
		const how = { algorithm: "oauth2", execute: [openid.allowInsecureRequests] };
		const { issuer, id, secret, auth } = asked;
		const client = await openid.discovery(new URL(issuer), id, secret, shown(openid, asked), how);
		const token = await openid.clientCredentialsGrant(client, wished(asked));
		const used = await openid.fetchProtectedResource(client, token.access_token, new URL(auth), "GET");
		const seen = asked.introspects && await openid.tokenIntrospection(client, token.access_token);
		return [token, used, seen];
	},
	async oauth4webapi(asked) {
		const how = { algorithm: "oauth2", [oauth.allowInsecureRequests]: true };
		const issuer = new URL(asked.issuer), client = { client_id: asked.id }, secret = shown(oauth, asked);
		const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, how));
		const granted = await oauth.clientCredentialsGrantRequest(server, client, secret, wished(asked), how);
		const token = await oauth.processClientCredentialsResponse(server, client, granted);
		const used = await oauth.protectedResourceRequest(token.access_token, "GET", new URL(asked.auth),
			undefined, undefined, how);
		if (!asked.introspects)
			return [token, used];
		const answer = await oauth.introspectionRequest(server, client, secret, token.access_token, how);
		return [token, used, await oauth.processIntrospectionResponse(server, client, answer)];
	},
	// The version before, which shares no code with the others.
	async "openid-client 5"(asked) {
		const { Client } = await openid5.Issuer.discover(metadata(asked.issuer));
		const method = `client_secret_${asked.way}`;
		const client = new Client({ client_id: asked.id, client_secret: asked.secret,
			token_endpoint_auth_method: method });
		const token = await client.grant({ grant_type: "client_credentials", ...members(asked) });
		const used = await client.requestResource(asked.auth, token.access_token);
		const seen = asked.introspects && await client.introspect(token.access_token);
		const { expires_in } = token;   // its own member is expires_at
		return [{ ...token, expires_in }, { status: used.statusCode, headers: new Headers(used.headers) }, seen];
	},
	async "simple-oauth2"(asked) {
		const client = new simple.ClientCredentials({
			client: { id: asked.id, secret: asked.secret },
			auth: { tokenHost: asked.issuer, tokenPath: "/token" },
			options: {
				authorizationMethod: asked.way === "body" ? "body" : "header",
				credentialsEncodingMode: asked.way === "loose" ? "loose" : "strict",
			},
		});
		const { token } = await client.getToken(members(asked));
		const authorization = `Bearer ${token.access_token}`;
		return [token, await fetch(asked.auth, { headers: { authorization } })];
	},
};

async function answer(asked) {
	const [token, used, introspection] = await clients[asked.client](asked);
	return { token, auth: used.status, subject: used.headers.get("x-auth-subject"), introspection };
}

const failure = (e) => ({
	error: e.error ?? e.data?.payload?.error ?? (Array.isArray(e.cause) ? e.cause : undefined) ?? String(e.stack),
});

const version = async (name) =>
	(await import(`./node_modules/${name}/package.json`, { with: { type: "json" } })).default.version;
const named = ["openid-client", "oauth4webapi", "openid-client-5", "simple-oauth2"];
console.log((await Promise.all(named.map(async (name) => `${name} ${await version(name)}`))).join(", "));
for await (const line of createInterface({ input: process.stdin }))
	console.log(JSON.stringify(await Promise.resolve(JSON.parse(line)).then(answer).catch(failure)));
