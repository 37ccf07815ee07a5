// validate.mjs FILE: judges each document of a manifest by the schemas of Kubernetes' own API, as kubernetes-models has
// them compiled. These pass over fields that they do not know, and so would not find a misspelt one: what no schema has
// looked at is called unknown here. A line for each fault.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseAllDocuments } from "yaml";

const KINDS = {
	"apps/v1 Deployment": "AppsV1Deployment",
	"v1 PersistentVolumeClaim": "CoreV1PersistentVolumeClaim",
	"v1 Service": "CoreV1Service",
	"policy/v1 PodDisruptionBudget": "PolicyV1PodDisruptionBudget",
};
const require = createRequire(import.meta.url);
const schemas = require.resolve("kubernetes-models").replace(/index\.m?js$/, "_schemas");

// The same, and in `unread` the path of each field that nobody has read.
function watched(value, path, unread) {
	if (value === null || typeof value !== "object")
		return value;
	const inner = Array.isArray(value) ? [] : {};
	for (const [name, member] of Object.entries(value)) {
		unread.add(`${path}/${name}`);
		inner[name] = watched(member, `${path}/${name}`, unread);
	}
	return new Proxy(inner, {
		get(target, name) {
			unread.delete(`${path}/${String(name)}`);
			return target[name];
		},
	});
}

for (const document of parseAllDocuments(readFileSync(process.argv[2], "utf8"))) {
	const object = document.toJS(), kind = `${object.apiVersion} ${object.kind}`;
	const say = (fault) => console.log(`${kind}: ${fault}`);
	document.errors.forEach((error) => say(error.message));
	if (!(kind in KINDS)) {
		say("such a kind is not expected here");
		continue;
	}
	const { validate } = require(`${schemas}/IoK8sApi${KINDS[kind]}.js`);
	const unread = new Set();
	if (!validate(watched(object, "", unread)))
		validate.errors.forEach((error) => say(`${error.instancePath} ${error.keyword} ${JSON.stringify(error.params)}`));
	unread.forEach((path) => say(`${path} is unknown`));
}
