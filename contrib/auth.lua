-- 'http-request lua.jwtd' in haproxy.cfg: asks jwtd, and leaves its status, its challenge and the claim in variables.

local function first(headers, name)
	return headers and headers[name] and headers[name][0] or ""
end

core.register_action("jwtd", { "http-req" }, function(txn)
	local answer = core.httpclient():get {
		url = "http://127.0.0.1:5000/auth",
		-- or: url = "http://jwtd/auth", dst = "unix@/run/jwtd/jwtd.sock",
		headers = { authorization = txn.http:req_get_headers()["authorization"] },
		timeout = 2000,
	}
	txn:set_var("txn.jwtd_status", answer.status)
	txn:set_var("txn.jwtd_challenge", first(answer.headers, "www-authenticate"))
	txn:set_var("txn.jwtd_subject", first(answer.headers, "x-auth-subject"))
end)
