package web

import (
	"encoding/json"
	"maps"
	"testing"
)

func TestABodyIsDecodedUnchanged(t *testing.T) {
	for body, want := range map[string]values{
		`{"a":"x"}`:                             {"a": "x"},
		" {\r\n\t\"a\" : \"x\" } \n":            {"a": "x"},
		`{"b":"y","a":"x"}`:                     {"a": "x", "b": "y"},
		`{"a":""}`:                              {"a": ""},
		`{"a":" x　"}`:                           {"a": " x　"},
		`{"a":"\ud83d\ude00"}`:                  {"a": "😀"},
		`{"a":"😀"}`:                             {"a": "😀"},
		`{"a":"\\ud800"}`:                       {"a": `\ud800`},
		`{"a":"\\\\ud800\"\u0000"}`:             {"a": "\\\\ud800\"\x00"},
		`{"a":"\ufffd�"}`:                       {"a": "��"},
		`{"\u0061":"\u0041\u212a\u00e9\u0301"}`: {"a": "A\u212aé\u0301"},
	} {
		got, err := bodyFields{"a", "b?"}.decode([]byte(body))
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: got %q, %v, want %q", body, got, err, want)
		}
	}
}

func TestALoneSurrogateIsRefused(t *testing.T) {
	for _, body := range []string{
		`{"a":"\ud800"}`, `{"a":"\udc00"}`, `{"a":"\ud800\ud800"}`, `{"a":"\ud800x"}`, `{"a":"\ud800\n\udc00"}`,
		`{"a":"\\\ud800"}`, `{"a":"\uDBFF\uE000"}`, `{"\ud800":"x","a":"x"}`, `{"a":"x\ud83d`, `{"a":"\ud83d\ude00\ude00"}`,
	} {
		if got, err := (bodyFields{"a"}).decode([]byte(body)); err == nil {
			t.Errorf("%s: got %q, want it refused", body, got)
		}
	}
}

// FuzzBody looks for a body that is accepted and that another JSON parser reads differently.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{
		`{"login_id":"abcd","mail_address":"a@b"}`, `{"login_id":"a","login_id":"b","mail_address":"c"}`, `{"Login_ID":"a"}`,
		`{"login_id":"\ud800","mail_address":""}`, `{"login_id":"\\ud800","mail_address":"","language":"ja"}`, `{}{}`, `[`, "{\"login_id\":\"\xff\"}",
		`{"login_id":"a","mail_address":"b",}`, `{"login_id":"a" "mail_address":"b"}`, `{"login_id":["a"],"mail_address":{}}`, `{"login_id":null,"mail_address":1}`,
	} {
		f.Add([]byte(seed))
	}
	expected := bodyFields{"login_id", "mail_address", "language?"}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := expected.decode(body)
		if err != nil {
			return
		}
		var other map[string]string
		if err := json.Unmarshal(body, &other); err != nil || !maps.Equal(got, values(other)) {
			t.Errorf("%q: got %q, another parser gets %q, %v", body, got, other, err)
		}
		for name := range got {
			if name != "login_id" && name != "mail_address" && name != "language" {
				t.Errorf("%q: got the field %q", body, name)
			}
		}
	})
}
