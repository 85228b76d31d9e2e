package web

import (
	"testing"
	"time"
)

func TestSecurityTxtNamesTheContactOfTheOperator(t *testing.T) {
	missing := start(t)
	h := start(t, func(s *Server) { s.SecurityContact = "mailto:security@example.jp" })
	path := "/.well-known/security.txt"
	run(t, missing.base, []scenario{{Name: "none", Method: "GET", Path: path, Status: 404, Code: "not_found"}})
	run(t, h.base, []scenario{
		{Name: "set", Method: "GET", Path: path, Status: 200, Want: map[string]string{"Content-Type": "text/plain; charset=utf-8"}, Holds: "Contact: mailto:security@example.jp\nExpires: " + now.AddDate(0, 0, 180).Format(time.DateOnly) + "T00:00:00Z\n"},
		{Name: "change-password", Method: "GET", Path: "/.well-known/change-password", Status: 303, Want: map[string]string{"Location": "/member#password"}},
		{Name: "no other", Method: "GET", Path: "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200", Header: map[string]string{"Accept": "text/html"}, Status: 404, Code: "not_found"},
	})
}
