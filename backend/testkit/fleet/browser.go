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

// Browser sends requests as a browser does. It keeps cookies, also over HTTP without TLS.
type Browser struct {
	// Base is the URL of the server. It may change between two calls.
	Base   string
	Client *http.Client
	// Address is the client's address in X-Forwarded-For. Empty sends no such header.
	Address string

	cookies map[string]string
}

// NewBrowser returns a browser without cookies. Several browsers may share a client. nil makes a new one.
func NewBrowser(base string, client *http.Client) *Browser {
	if client == nil {
		client = &http.Client{Timeout: 30 * time.Second}
	}
	return &Browser{Base: base, Client: client, cookies: make(map[string]string)}
}

// Answer is the response to a call.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Text returns a text in the JSON body, or "".
func (a Answer) Text(name string) string {
	var fields map[string]any
	_ = json.Unmarshal([]byte(a.Body), &fields) // another body has no fields
	text, _ := fields[name].(string)
	return text
}

// Call sends a request with a JSON body. fields holds names and values by turns. An error means that there was no complete
// response.
func (b *Browser) Call(method, path string, fields ...string) (Answer, error) {
	body := make(map[string]string)
	for pair := range slices.Chunk(fields, 2) {
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

// Want is Call, but returns an error if the response has another status.
func (b *Browser) Want(status int, method, path string, fields ...string) (Answer, error) {
	got, err := b.Call(method, path, fields...)
	if err == nil && got.Status != status {
		err = fmt.Errorf("%s %s: got %d %s, want %d", method, path, got.Status, got.Body, status)
	}
	return got, err
}
