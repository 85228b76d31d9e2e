package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Browser makes calls as a browser does and keeps its cookies, https or not.
type Browser struct {
	// Base is the server that is asked; it may change between two calls.
	Base   string
	Client *http.Client
	// Address is whom the call comes from, as a trusted proxy would say it; empty says nothing.
	Address string

	cookies map[string]string
}

// NewBrowser makes a browser without cookies. Client may be shared; nil is one with a generous timeout.
func NewBrowser(base string, client *http.Client) *Browser {
	if client == nil {
		client = &http.Client{Timeout: 30 * time.Second}
	}
	return &Browser{Base: base, Client: client, cookies: make(map[string]string)}
}

// Answer is what a call brought.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Text is a member of the JSON body that is a string, or empty.
func (a Answer) Text(name string) string {
	var members map[string]any
	_ = json.Unmarshal([]byte(a.Body), &members) // an answer that is no JSON has no members
	text, _ := members[name].(string)
	return text
}

// Call makes a call with the body's members in pairs of name and value. An error means that no whole answer came.
func (b *Browser) Call(method, path string, members ...string) (Answer, error) {
	body := make(map[string]string)
	for pair := range slices.Chunk(members, 2) {
		body[pair[0]] = pair[1]
	}
	sent, err := json.Marshal(body)
	if err != nil {
		return Answer{}, err
	}
	request, err := http.NewRequest(method, b.Base+path, strings.NewReader(string(sent)))
	if err != nil {
		return Answer{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	if b.Address != "" {
		request.Header.Set("X-Forwarded-For", b.Address)
	}
	for name, value := range b.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := b.Client.Do(request)
	if err != nil {
		return Answer{}, err
	}
	got, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return Answer{}, err
	}
	for _, cookie := range response.Cookies() {
		b.cookies[cookie.Name] = cookie.Value
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		}
	}
	return Answer{response.StatusCode, response.Header, string(got)}, nil
}

// Want is Call, and an error when the answer's status is another.
func (b *Browser) Want(status int, method, path string, members ...string) (Answer, error) {
	got, err := b.Call(method, path, members...)
	if err == nil && got.Status != status {
		err = fmt.Errorf("%s %s: got %d %s, want %d", method, path, got.Status, got.Body, status)
	}
	return got, err
}
