-- 'http-request lua.jwtd' in haproxy.cfg: asks jwtd what txn.jwtd_ask says, and leaves its status, its challenge and the
-- claims in variables.

local function keep(txn, variable, values)
	if values then
		txn:set_var(variable, values[0])
	end
end

core.register_action("jwtd", { "http-req" }, function(txn)
	-- All that there are: jwtd refuses who shows two. A table of all fields, as req_get_headers() makes it, takes longer.
	local shown = {}
	for i = 1, txn.sf:req_fhdr_cnt("authorization") do
		shown[i] = txn.sf:req_fhdr("authorization", i)
	end
	local answer = core.httpclient():get {
		url = "http://127.0.0.1:5000" .. txn:get_var("txn.jwtd_ask"),
		-- or: url = "http://jwtd" .. txn:get_var("txn.jwtd_ask"), dst = "unix@/run/jwtd/jwtd.sock",
		headers = { authorization = shown },
		timeout = 2000,         -- for each of up to four times: 503 after 8 seconds
	}
	txn:set_var("txn.jwtd_status", answer.status)
	if answer.headers then
		keep(txn, "txn.jwtd_challenge", answer.headers["www-authenticate"])
		keep(txn, "txn.jwtd_subject", answer.headers["x-auth-subject"])
		keep(txn, "txn.jwtd_groups", answer.headers["x-auth-groups"])
	end
end)
