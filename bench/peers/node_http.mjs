// Creates tokens by what node brings with it: node:http and node:crypto, no framework; at /token, for the clients of the
// file that BENCH_CLIENTS names (RFC 6749 4.4).   node_http.mjs PORT PROCESSES
import cluster from 'node:cluster'
import { createHash, createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const key = createSecretKey(process.env.BENCH_KEY, 'ascii')
const header = Buffer.from('{"typ":"JWT","alg":"HS512"}').toString('base64url')

function create(data) {
	const now = new Date()
	return sign({ iat: Math.floor(now / 1000), jti: randomBytes(16).toString('hex'),
		payload: { data, date: now.toISOString().slice(0, 10) } })
}

function sign(claims) {
	const signed = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
	return `${signed}.${createHmac('sha512', key).update(signed).digest('base64url')}`
}

const clients = new Map()
if (process.env.BENCH_CLIENTS)
	for (const client of JSON.parse(readFileSync(process.env.BENCH_CLIENTS)).clients)
		clients.set(client.client_id, { ...client, digest: Buffer.from(client.secret_sha512, 'hex') })

const decoded = text => decodeURIComponent(text.replaceAll('+', ' '))

function grant(request, body) {
	const shown = Buffer.from(request.headers.authorization.slice('Basic '.length), 'base64').toString()
	const [id, secret] = shown.split(':').map(decoded), form = new URLSearchParams(body), client = clients.get(id)
	if (!timingSafeEqual(client.digest, createHash('sha512').update(secret).digest()) ||
		form.get('grant_type') !== 'client_credentials')
		throw new Error('refused')
	const scope = form.get('scope') ?? client.scope, iat = Math.floor(Date.now() / 1000)
	if (!scope.split(' ').every(word => client.scope.split(' ').includes(word)))
		throw new Error('refused')
	const claims = { sub: id, client_id: id, aud: client.aud, scope, iat, exp: iat + client.expires_in,
		jti: randomBytes(16).toString('hex') }
	return { access_token: sign(claims), token_type: 'Bearer', expires_in: client.expires_in, scope }
}

function serve(request, response) {
	let body = ''
	request.setEncoding('utf8')
	request.on('data', piece => { body += piece })
	request.on('end', () => {
		try {
			const answer = JSON.stringify(request.url === '/token' ? grant(request, body)
				: { 'JWT Token': create(JSON.parse(body).user_data) })
			response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(answer) })
			response.end(answer)
		} catch {
			response.writeHead(400).end()
		}
	})
}

const [port, processes] = process.argv.slice(2).map(Number)
if (cluster.isPrimary)
	for (let i = 0; i < processes; i++) cluster.fork()
else
	createServer(serve).listen({ port, host: '127.0.0.1', backlog: 4096 })
