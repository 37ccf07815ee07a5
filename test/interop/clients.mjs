// Asks /introspect by clients of npm, for ./clients. A question is a line of JSON; so are the answers, in order:
//
//     {client, way, id, secret, token, parameters}
//     {active: …}                                  what the client gives back
//     {client, way, id, secret, token, parameters, issuer}
//     {}                                           it has that token revoked where the issuer's metadata say
//     {name, code, status, error, challenges}      of what it throws
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import openid5 from "openid-client-5";

const server = { issuer: "https://a.example", introspection_endpoint: process.argv[2] };

// The ways to show a secret, as both modules call them. The last one is ours (RFC 7662 2.1).
const ways = {
	default: () => undefined,
	post: (module, secret) => module.ClientSecretPost(secret),
	basic: (module, secret) => module.ClientSecretBasic(secret),
	jwt: (module, secret) => module.ClientSecretJwt(secret),
	none: (module) => module.None(),
	bearer: (_, secret) => (_server, _client, _body, headers) => {
		headers.set("authorization", `Bearer ${secret}`);
	},
};

const clients = {
	"openid-client"({ way, id, secret, token, parameters }) {
		const client = new openid.Configuration(server, id, secret, ways[way](openid, secret));
		openid.allowInsecureRequests(client);
		return openid.tokenIntrospection(client, token, parameters);
	},
	async oauth4webapi({ way, id, secret, token, parameters }) {
		const client = { client_id: id };
		const options = { additionalParameters: parameters, [oauth.allowInsecureRequests]: true };
		const shown = ways[way](oauth, secret);
		const response = await oauth.introspectionRequest(server, client, shown, token, options);
		return oauth.processIntrospectionResponse(server, client, response);
	},
	// The version before, which shares no code with the others.
	"openid-client 5"({ way, id, secret, token, parameters }) {
		const method = { post: "client_secret_post", none: "none" }[way];
		const how = method && { introspection_endpoint_auth_method: method };
		const { Client } = new openid5.Issuer(server);
		const client = new Client({ client_id: id, client_secret: secret, ...how });
		return client.introspect(token, undefined, { introspectBody: Object.fromEntries(parameters) });
	},
};

const revoking = {
	async "openid-client"({ issuer, way, id, secret, token, parameters }) {
		const options = { algorithm: "oauth2", execute: [openid.allowInsecureRequests] };
		const client = await openid.discovery(new URL(issuer), id, secret, ways[way](openid, secret), options);
		return openid.tokenRevocation(client, token, parameters);
	},
	async oauth4webapi({ issuer, way, id, secret, token, parameters }) {
		const insecure = { [oauth.allowInsecureRequests]: true };
		const found = await oauth.discoveryRequest(new URL(issuer), { algorithm: "oauth2", ...insecure });
		const server = await oauth.processDiscoveryResponse(new URL(issuer), found);
		const options = { additionalParameters: parameters, ...insecure };
		const response = await oauth.revocationRequest(server, { client_id: id }, ways[way](oauth, secret), token, options);
		return oauth.processRevocationResponse(response);
	},
	async "openid-client 5"({ issuer, way, id, secret, token, parameters }) {
		const method = { post: "client_secret_post", none: "none" }[way];
		const { Client } = await openid5.Issuer.discover(`${issuer}/.well-known/oauth-authorization-server`);
		const how = method && { token_endpoint_auth_method: method, revocation_endpoint_auth_method: method };
		const client = new Client({ client_id: id, client_secret: secret, ...how });
		return client.revoke(token, undefined, { revokeBody: Object.fromEntries(parameters) });
	},
};

const failure = (e) => ({
	name: e.name,
	code: e.code,
	status: e.status ?? e.response?.statusCode,
	error: e.error,
	challenges: Array.isArray(e.cause) ? e.cause.map((one) => [one.scheme, one.parameters]) : undefined,
});

let questions = "";
for await (const chunk of process.stdin.setEncoding("utf8"))
	questions += chunk;
for (const line of questions.trimEnd().split("\n")) {
	const question = JSON.parse(line);
	const asked = (question.issuer ? revoking : clients)[question.client];
	const answer = await Promise.resolve(question).then(asked).catch(failure);
	console.log(JSON.stringify(answer ?? {}));
}
