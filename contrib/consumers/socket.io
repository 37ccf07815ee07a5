socket.io 4.8.4

    Takes       HS512 HS256 EdDSA
    Wants       sub, exp
    Key         text, JWK, JWK Set
    Let in      hello alice
    Refused     not authorized
    Shown by    test/interop/consumers

README has the commands for the key, for jwtd and for TOKEN.

A token is judged when a client connects, by jose. socket.io does not look at it
again: the line setTimeout ends the connection when the token expires.

What stands behind 'or HS256:' or 'or EdDSA:' takes the place of the line above
them where the key is of that algorithm. With EdDSA the application holds no
secret: jose asks jwtd for the public keys, and again for a kid that it has not
seen.

[install]
    npm install socket.io@4.8.4 jose@6.2.18 socket.io-client@4.8.4

[server.mjs]
    import { readFileSync } from "node:fs";
    import { createRemoteJWKSet, importJWK, jwtVerify } from "jose";
    import { Server } from "socket.io";

    const key = new TextEncoder().encode(readFileSync("key", "utf8").trim()), alg = "HS512";
    // or HS256: const key = await importJWK(JSON.parse(readFileSync("key.json"))), alg = "HS256";
    // or EdDSA: const key = createRemoteJWKSet(new URL("http://127.0.0.1:5000/.well-known/jwks.json")), alg = "EdDSA";

    const server = new Server();
    server.use((socket, next) => {
    	const rules = { algorithms: [alg], requiredClaims: ["sub", "exp"] };
    	jwtVerify(socket.handshake.auth.token, key, rules).then(({ payload }) => {
    		socket.data.name = payload.sub;
    		setTimeout(() => socket.disconnect(true), payload.exp * 1000 - Date.now()).unref();
    		next();
    	}, () => next(new Error("not authorized")));
    });
    server.on("connection", (socket) => socket.emit("hello", socket.data.name));
    server.listen(3000, { host: "127.0.0.1" });

[client.mjs]
    import { io } from "socket.io-client";
    const socket = io("http://127.0.0.1:3000", { auth: { token: process.env.TOKEN }, reconnection: false });
    const end = (text, status) => { console.log(text); process.exit(status); };
    socket.on("hello", (name) => end(`hello ${name}`, 0));
    socket.on("connect_error", (error) => end(error.message, 1));

[run]
    node server.mjs

[claims]
    {"sub": "alice"}

[prove]
    TOKEN=$TOKEN node client.mjs
