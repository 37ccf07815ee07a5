// Creates tokens by packages of npm: fastify, with schemas for its quick way to JSON, and fast-jwt.
// fastify.mjs PORT PROCESSES
import cluster from 'node:cluster'
import { randomBytes } from 'node:crypto'
import fastify from 'fastify'
import { createSigner } from 'fast-jwt'

const sign = createSigner({ key: process.env.BENCH_KEY, algorithm: 'HS512' })
const schema = {
	body: { type: 'object', required: ['user_data'], properties: { user_data: { type: 'string' } } },
	response: { 200: { type: 'object', properties: { 'JWT Token': { type: 'string' } } } }
}

function create({ body }, reply) {
	const now = new Date()
	reply.send({ 'JWT Token': sign({ iat: Math.floor(now / 1000), jti: randomBytes(16).toString('hex'),
		payload: { data: body.user_data, date: now.toISOString().slice(0, 10) } }) })
}

const [port, processes] = process.argv.slice(2).map(Number)
if (cluster.isPrimary) {
	for (let i = 0; i < processes; i++) cluster.fork()
} else {
	const app = fastify()
	app.post('/', { schema }, create)
	app.listen({ port, host: '127.0.0.1', backlog: 4096 })
}
