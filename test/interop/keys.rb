# Ruby's jwt (which takes Ed25519 from rbnacl) for ./keys, which tells the protocol. It reads neither JWK nor PEM of
# such keys: what stands in them is taken out here, and judged by ruby-ed25519 as well.
Encoding.default_external = Encoding.default_internal = "UTF-8"
begin
  require "rbnacl"
  require "ed25519"
  require "jwt"
  require "net/http"
rescue LoadError
  abort "missing"
end

Nacl = RbNaCl::Signatures::Ed25519

def raw(jwk, part)
  Base64.urlsafe_decode64(JSON.parse(jwk)[part])
end

def make(_)
  key = Nacl::SigningKey.generate
  d, x = [key.to_s, key.verify_key.to_s].map { |bytes| Base64.urlsafe_encode64(bytes, padding: false) }
  jwk = { kty: "OKP", crv: "Ed25519", x: x }
  [[JSON.generate(jwk.merge(d: d)), JSON.generate(jwk)]]
end

def sign(asked)
  key = asked["alg"] == "EdDSA" ? Nacl::SigningKey.new(raw(asked["key"], "d")) : asked["key"]
  JWT.encode(asked["claims"], key, asked["alg"], asked["header"])
end

def judge(jwk, token)
  input, _, signature = token.rpartition(".")
  Ed25519::VerifyKey.new(raw(jwk, "x")).verify(Base64.urlsafe_decode64(signature), input)
  JWT.decode(token, Nacl::VerifyKey.new(raw(jwk, "x")), true, algorithm: "EdDSA").first
end

def verify(asked)
  return judge(asked["key"], asked["token"]) if asked["alg"] == "EdDSA"
  JWT.decode(asked["token"], asked["key"], true, algorithm: asked["alg"]).first
end

def fetch(asked)
  kid = JWT.decode(asked["token"], nil, false).last["kid"]
  key = JSON.parse(Net::HTTP.get(URI(asked["url"])))["keys"].find { |one| one["kid"] == kid }
  judge(JSON.generate(key), asked["token"])
end

$stdout.sync = true
puts "ruby-jwt #{JWT::VERSION::STRING}"
$stdin.each_line(chomp: true) do |line|
  asked = JSON.parse(line)
  begin
    answer = { yes: send(asked["do"], asked) }
  rescue StandardError => e
    answer = { no: "#{e.class}: #{e.message}" }
  end
  puts JSON.generate(answer)
end
