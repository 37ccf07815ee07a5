// Asks for tokens by golang.org/x/oauth2/clientcredentials, for ./machines, which tells the protocol.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

type question struct {
	Way, Issuer, Id, Secret, Scope, Audience, Auth string
	Resource                                       []string
}

var styles = map[string]oauth2.AuthStyle{
	"header": oauth2.AuthStyleInHeader, "params": oauth2.AuthStyleInParams, "detect": oauth2.AuthStyleAutoDetect,
}

// What a client of this module sees of a token: its own type has no members for scope and expires_in.
func members(token *oauth2.Token) map[string]any {
	seen := map[string]any{"access_token": token.AccessToken, "token_type": token.Type()}
	for _, name := range []string{"expires_in", "scope"} {
		if value := token.Extra(name); value != nil {
			seen[name] = value
		}
	}
	return seen
}

func failure(err error) map[string]any {
	var refused *oauth2.RetrieveError
	var body struct{ Error string }
	if errors.As(err, &refused) && json.Unmarshal(refused.Body, &body) == nil {
		return map[string]any{"error": body.Error}
	}
	return map[string]any{"error": err.Error()}
}

func answer(asked question) map[string]any {
	more := url.Values{}
	if asked.Audience != "" {
		more.Set("audience", asked.Audience)
	}
	for _, resource := range asked.Resource {
		more.Add("resource", resource)
	}
	config := clientcredentials.Config{
		ClientID: asked.Id, ClientSecret: asked.Secret, TokenURL: asked.Issuer + "/token",
		Scopes: strings.Fields(asked.Scope), EndpointParams: more, AuthStyle: styles[asked.Way],
	}
	token, err := config.Token(context.Background())
	if err != nil {
		return failure(err)
	}
	used, err := oauth2.NewClient(context.Background(), oauth2.StaticTokenSource(token)).Get(asked.Auth)
	if err != nil {
		return failure(err)
	}
	used.Body.Close()
	return map[string]any{"token": members(token), "auth": used.StatusCode, "subject": used.Header.Get("X-Auth-Subject")}
}

func main() {
	fmt.Println("golang.org/x/oauth2 of Debian,", runtime.Version())
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := json.NewEncoder(os.Stdout).Encode(answer(asked)); err != nil {
			panic(err)
		}
	}
}
