# Ruby's jwt for ./makers, which tells the protocol.
Encoding.default_external = Encoding.default_internal = "UTF-8"
begin
  require "jwt"
rescue LoadError
  abort "missing"
end

ALG = "HS512"

def sign(alg, key, header, claims)
  [JWT.encode(JSON.parse(claims), alg == "none" ? nil : key, alg, JSON.parse(header))]
end

def verify(key, audience, token)
  judged = audience.empty? ? {} : { verify_aud: true, aud: audience }
  claims, header = JWT.decode(token, key, true, algorithm: ALG, **judged)
  [JSON.generate(header), JSON.generate(claims)]
end

$stdout.sync = true
puts "ruby-jwt #{JWT::VERSION::STRING}"
$stdin.each_line(chomp: true) do |line|
  command, *fields = line.split("\t", -1)
  begin
    answer = ["yes", *(command == "sign" ? sign(*fields) : verify(*fields))]
  rescue StandardError => e
    answer = ["no", "#{e.class}: #{e.message}".split.join(" ")]
  end
  puts answer.join("\t")
end
