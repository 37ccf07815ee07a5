// What node's JSON.parse and its HTTP parser (llhttp) say. Cases and verdicts are those of differ.c, but for the
// verdict on JSON: "-why", or "+" and the value, its members sorted, each number as the bytes of its double. HTTP: the
// target stands in the place of the path, and where llhttp leaves off for another protocol the last line is "upgrade".
const { HTTPParser } = require("_http_common");
const { allMethods } = process.binding("http_parser");
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const double = Buffer.alloc(8);

function put(value) {
	if (typeof value === "number") {
		double.writeDoubleBE(value);
		return double.toString("hex");
	}
	if (value === null || typeof value !== "object") return JSON.stringify(value);
	if (Array.isArray(value)) return "[" + value.map(put).join() + "]";
	return "{" + Object.keys(value).sort().map((name) => JSON.stringify(name) + ":" + put(value[name])).join() + "}";
}

function json(bytes) {
	try {
		return "+" + put(JSON.parse(utf8.decode(bytes)));
	} catch (error) {
		return "-" + error.message;
	}
}

const parser = new HTTPParser();
let messages, message, fields, url;

function take(more, target) {
	fields.push(...more);
	url += target ?? "";
}
const start = () => { fields = []; url = ""; };
parser[HTTPParser.kOnMessageBegin | 0] = start;
parser[HTTPParser.kOnHeaders | 0] = take;
parser[HTTPParser.kOnHeadersComplete | 0] = (major, minor, more, method, target, status, reason, upgrade, keep) => {
	take(more ?? [], target);
	const first = (name) => fields[fields.findIndex((s, i) => i % 2 === 0 && s.toLowerCase() === name) + 1 || -1];
	const known = ["host", "content-type", "authorization"].map((name) => first(name) ?? "");
	message = [allMethods[method], url, String(minor), keep ? "K" : "", "", ...known, []];
	messages.push(message);
	start();
	return 0;
};
parser[HTTPParser.kOnBody | 0] = (bytes) => message[8].push(Buffer.from(bytes));
parser[HTTPParser.kOnMessageComplete | 0] = () => {
	message[4] = "C";
	start();
};

const hex = (s) => Buffer.from(s, "latin1").toString("hex");
function http(bytes) {
	messages = [];
	message = null;
	parser.initialize(HTTPParser.REQUEST, {}, 1 << 20, 0);
	const result = parser.execute(bytes);
	const end = result instanceof Error ? `refused ${result.code} ${result.reason}` :
		result < bytes.length ? "upgrade" : message?.[4] && !message[3] ? "closed" : "more";
	return messages.map((m) => m.map((f, i) => i === 8 ? Buffer.concat(f).toString("hex") : hex(f)).join(" ") + "\n")
		.join("") + end;
}

const judge = { json, http }[process.argv[2]];
const input = require("fs").readFileSync(0);
const output = [];
for (let at = 0; at < input.length; ) {
	const n = input.readUInt32LE(at);
	const verdict = Buffer.from(judge(input.subarray(at + 4, at + 4 + n)));
	const length = Buffer.alloc(4);
	length.writeUInt32LE(verdict.length);
	output.push(length, verdict);
	at += 4 + n;
}
process.stdout.write(Buffer.concat(output));
