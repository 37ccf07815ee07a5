// Go's own crypto/ed25519 and crypto/x509 for ./keys, which tells the protocol.
package main

import (
	"bufio"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
)

type jwk struct {
	Kty, Crv, Kid, X, D string
}

type question struct {
	Do, Alg, Key, Token, Url string
	Header                   map[string]any
	Claims                   json.RawMessage
}

var url = base64.RawURLEncoding

func public(text string) (ed25519.PublicKey, error) {
	var key jwk
	if block, _ := pem.Decode([]byte(text)); block != nil {
		made, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		return made.(ed25519.PublicKey), nil
	}
	if err := json.Unmarshal([]byte(text), &key); err != nil || key.Kty != "OKP" || key.Crv != "Ed25519" {
		return nil, errors.New("no such JWK")
	}
	return url.DecodeString(key.X)
}

func private(text string) (ed25519.PrivateKey, error) {
	var key jwk
	if block, _ := pem.Decode([]byte(text)); block != nil {
		made, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		return made.(ed25519.PrivateKey), nil
	}
	if err := json.Unmarshal([]byte(text), &key); err != nil {
		return nil, err
	}
	seed, err := url.DecodeString(key.D)
	return ed25519.NewKeyFromSeed(seed), err
}

func mac(key, input string) []byte {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(input))
	return h.Sum(nil)
}

func encoded(kind string, der []byte, err error) string {
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func makeKeys() (any, error) {
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	x := `{"kty":"OKP","crv":"Ed25519","x":"` + url.EncodeToString(pub) + `"`
	pkcs8, err8 := x509.MarshalPKCS8PrivateKey(priv)
	spki, errs := x509.MarshalPKIXPublicKey(pub)
	return [][]string{{x + `,"d":"` + url.EncodeToString(priv.Seed()) + `"}`, x + "}"},
		{encoded("PRIVATE KEY", pkcs8, err8), encoded("PUBLIC KEY", spki, errs)}}, err
}

func sign(q question) (any, error) {
	q.Header["alg"] = q.Alg
	header, _ := json.Marshal(q.Header)
	input := url.EncodeToString(header) + "." + url.EncodeToString(q.Claims)
	if q.Alg == "HS256" {
		return input + "." + url.EncodeToString(mac(q.Key, input)), nil
	}
	key, err := private(q.Key)
	if err != nil {
		return nil, err
	}
	return input + "." + url.EncodeToString(ed25519.Sign(key, []byte(input))), nil
}

func verify(alg, key, token string) (any, error) {
	var header struct{ Alg string }
	parts := strings.Split(token, ".")
	input := parts[0] + "." + parts[1]
	text, _ := url.DecodeString(parts[0])
	signature, err := url.Strict().DecodeString(parts[2])
	if err != nil || json.Unmarshal(text, &header) != nil || header.Alg != alg {
		return nil, errors.New("another alg, or no token")
	}
	claims, err := url.DecodeString(parts[1])
	good := alg == "HS256" && hmac.Equal(signature, mac(key, input))
	if alg == "EdDSA" {
		pub, bad := public(key)
		if bad != nil {
			return nil, bad
		}
		good = ed25519.Verify(pub, []byte(input), signature)
	}
	if !good {
		return nil, errors.New("the signature is wrong")
	}
	return json.RawMessage(claims), err
}

func fetch(q question) (any, error) {
	var set struct{ Keys []jwk }
	var header struct{ Kid string }
	answer, err := http.Get(q.Url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&set); err != nil {
		return nil, err
	}
	text, _ := url.DecodeString(strings.Split(q.Token, ".")[0])
	json.Unmarshal(text, &header)
	for _, key := range set.Keys {
		if key.Kid == header.Kid {
			found, _ := json.Marshal(key)
			return verify("EdDSA", string(found), q.Token)
		}
	}
	return nil, errors.New("no such key")
}

func main() {
	fmt.Println("Go", strings.TrimPrefix(runtime.Version(), "go"))
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var q question
		var yes any
		err := json.Unmarshal(lines.Bytes(), &q)
		switch q.Do {
		case "make":
			yes, err = makeKeys()
		case "sign":
			yes, err = sign(q)
		case "verify":
			yes, err = verify(q.Alg, q.Key, q.Token)
		case "fetch":
			yes, err = fetch(q)
		}
		said, _ := json.Marshal(map[string]any{"yes": yes})
		if err != nil {
			said, _ = json.Marshal(map[string]any{"no": err.Error()})
		}
		fmt.Println(string(said))
	}
}
