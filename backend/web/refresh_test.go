package web

import (
	"strings"
	"sync"
	"testing"
)

func TestARefreshedSiteIsShownByEveryPageAndNeverInParts(t *testing.T) {
	h := start(t)
	site := func(phone string) Site {
		changed := h.Site
		changed.Announcement = &Both{JA: "phone " + phone, EN: "phone " + phone}
		changed.HelpDesk.Phone = phone
		return changed
	}
	h.Refresh(site("0120-000-001"))
	done := make(chan struct{})
	var changing sync.WaitGroup
	changing.Go(func() {
		for {
			for _, phone := range []string{"0120-000-001", "0120-000-002"} {
				select {
				case <-done:
					return
				default:
				}
				h.Refresh(site(phone))
				h.Recovery.SetPaused(phone == "0120-000-002")
			}
		}
	})
	for range 50 {
		for _, path := range []string{"/", "/recover", "/api/site"} {
			got := send(t, h.base, scenario{Method: "GET", Path: path}).Body
			first, second := strings.Count(got, "0120-000-001"), strings.Count(got, "0120-000-002")
			if (first == 0) == (second == 0) {
				t.Fatalf("%s shows one number %d times and the other %d times: %s", path, first, second, got)
			}
		}
	}
	close(done)
	changing.Wait()
	h.Refresh(site("0120-000-003"))
	for _, path := range []string{"/", "/recover", "/api/site"} {
		if got := send(t, h.base, scenario{Method: "GET", Path: path}).Body; !strings.Contains(got, "phone 0120-000-003") {
			t.Errorf("%s shows the old site: %s", path, got)
		}
	}
}
