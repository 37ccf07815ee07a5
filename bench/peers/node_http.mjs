// Creates tokens by what node brings with it: node:http and node:crypto, no framework.   node_http.mjs PORT PROCESSES
import cluster from 'node:cluster'
import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'

const key = createSecretKey(process.env.BENCH_KEY, 'ascii')
const header = Buffer.from('{"typ":"JWT","alg":"HS512"}').toString('base64url')

function create(data) {
	const now = new Date()
	const claims = { iat: Math.floor(now / 1000), jti: randomBytes(16).toString('hex'),
		payload: { data, date: now.toISOString().slice(0, 10) } }
	const signed = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
	return `${signed}.${createHmac('sha512', key).update(signed).digest('base64url')}`
}

function serve(request, response) {
	let body = ''
	request.setEncoding('utf8')
	request.on('data', piece => { body += piece })
	request.on('end', () => {
		try {
			const answer = JSON.stringify({ 'JWT Token': create(JSON.parse(body).user_data) })
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
