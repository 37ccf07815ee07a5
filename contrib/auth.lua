-- 'http-request lua.jwtd' in haproxy.cfg: asks jwtd what txn.jwtd_ask says, and leaves its status, its challenge and the
-- claims in variables.

local function first(headers, name)
	return headers and headers[name] and headers[name][0] or ""
end

core.register_action("jwtd", { "http-req" }, function(txn)
	local ask = txn:get_var("txn.jwtd_ask")
	local answer = core.httpclient():get {
		url = "http://127.0.0.1:5000" .. ask,
		-- or: url = "http://jwtd" .. ask, dst = "unix@/run/jwtd/jwtd.sock",
		headers = { authorization = txn.http:req_get_headers()["authorization"] },
		timeout = 2000,
	}
	txn:set_var("txn.jwtd_status", answer.status)
	txn:set_var("txn.jwtd_challenge", first(answer.headers, "www-authenticate"))
	txn:set_var("txn.jwtd_subject", first(answer.headers, "x-auth-subject"))
	txn:set_var("txn.jwtd_groups", first(answer.headers, "x-auth-groups"))
end)
