// Creates tokens by Go's standard library alone: net/http, encoding/json, crypto/hmac; at /token, for the clients of the
// file that BENCH_CLIENTS names (RFC 6749 4.4).   gohttp PORT
package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

type payload struct {
	Data string `json:"data"`
	Date string `json:"date"`
}

type claims struct {
	Iat     int64   `json:"iat"`
	Jti     string  `json:"jti"`
	Payload payload `json:"payload"`
}

var (
	key       = []byte(os.Getenv("BENCH_KEY"))
	base64url = base64.RawURLEncoding
	header    = base64url.EncodeToString([]byte(`{"typ":"JWT","alg":"HS512"}`))
)

func create(data string) (string, error) {
	now := time.Now().UTC()
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil {
		return "", err
	}
	return sign(claims{now.Unix(), hex.EncodeToString(nonce), payload{data, now.Format("2006-01-02")}})
}

func sign(claims any) (string, error) {
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed := header + "." + base64url.EncodeToString(body)
	mac := hmac.New(sha512.New, key)
	mac.Write([]byte(signed))
	return signed + "." + base64url.EncodeToString(mac.Sum(nil)), nil
}

func serve(w http.ResponseWriter, r *http.Request) {
	var question struct {
		UserData string `json:"user_data"`
	}
	if r.Method != "POST" || json.NewDecoder(r.Body).Decode(&question) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	token, err := create(question.UserData)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]string{"JWT Token": token})
}

type client struct {
	ID        string `json:"client_id"`
	Secret    string `json:"secret_sha512"`
	Scope     string `json:"scope"`
	Aud       string `json:"aud"`
	ExpiresIn int64  `json:"expires_in"`
	digest    []byte
}

type grantClaims struct {
	Sub      string `json:"sub"`
	ClientID string `json:"client_id"`
	Aud      string `json:"aud"`
	Scope    string `json:"scope"`
	Iat      int64  `json:"iat"`
	Exp      int64  `json:"exp"`
	Jti      string `json:"jti"`
}

type granted struct {
	Token     string `json:"access_token"`
	Type      string `json:"token_type"`
	ExpiresIn int64  `json:"expires_in"`
	Scope     string `json:"scope"`
}

var clients = map[string]*client{}

func readClients(path string) error {
	var list struct {
		Clients []*client `json:"clients"`
	}
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	for _, c := range list.Clients {
		if c.digest, err = hex.DecodeString(c.Secret); err != nil {
			return err
		}
		clients[c.ID] = c
	}
	return err
}

// authenticated tells which client shows itself by Basic, each half with the encoding of a form.
func authenticated(r *http.Request) *client {
	id, secret, _ := r.BasicAuth()
	id, _ = url.QueryUnescape(id)
	secret, _ = url.QueryUnescape(secret)
	c, digest := clients[id], sha512.Sum512([]byte(secret))
	if c == nil || subtle.ConstantTimeCompare(c.digest, digest[:]) != 1 {
		return nil
	}
	return c
}

func hasAll(scope, asked string) bool {
	have := strings.Split(scope, " ")
words:
	for _, word := range strings.Split(asked, " ") {
		for _, h := range have {
			if h == word {
				continue words
			}
		}
		return false
	}
	return true
}

func grant(w http.ResponseWriter, r *http.Request) {
	c := authenticated(r)
	if c == nil || r.PostFormValue("grant_type") != "client_credentials" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	scope := r.PostFormValue("scope")
	if scope == "" {
		scope = c.Scope
	}
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil || !hasAll(c.Scope, scope) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	now := time.Now().Unix()
	token, err := sign(grantClaims{c.ID, c.ID, c.Aud, scope, now, now + c.ExpiresIn, hex.EncodeToString(nonce)})
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(granted{token, "Bearer", c.ExpiresIn, scope})
}

func main() {
	if path := os.Getenv("BENCH_CLIENTS"); path != "" {
		if err := readClients(path); err != nil {
			log.Fatal(err)
		}
	}
	http.HandleFunc("/token", grant)
	http.HandleFunc("/", serve)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
