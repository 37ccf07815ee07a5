// Creates tokens by Go's standard library alone: net/http, encoding/json, crypto/hmac.   gohttp PORT
package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"log"
	"net/http"
	"os"
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
	body, err := json.Marshal(claims{now.Unix(), hex.EncodeToString(nonce), payload{data, now.Format("2006-01-02")}})
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

func main() {
	http.HandleFunc("/", serve)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
